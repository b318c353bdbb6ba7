/** Numbers as planners read them: grouped, with a unit, "not given" where there is none. */

import { language, t } from "./i18n";

const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;
const formats = new Map<string, Intl.NumberFormat>();

function formatter(digits: number, fixed: boolean): Intl.NumberFormat {
  const locale = LOCALES[language()];
  const key = `${locale}/${digits}/${fixed}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, {
      minimumFractionDigits: fixed ? digits : 0,
      maximumFractionDigits: digits,
    });
    formats.set(key, format);
  }
  return format;
}

/** At most `digits` decimals, trailing zeros dropped. */
export function number(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return t("value.none");
  return formatter(digits, false).format(value);
}

/** Exactly `digits` decimals. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return t("value.none");
  return formatter(digits, true).format(value);
}

export function percent(share: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return t("value.none");
  return `${formatter(digits, true).format(share * 100)}%`;
}

/** Metres below one kilometre, kilometres above. */
export function distance(metres: number | null | undefined): string {
  if (metres === null || metres === undefined || !Number.isFinite(metres)) return t("value.none");
  if (Math.abs(metres) < 1000) return `${number(metres, 0)} ${t("unit.m")}`;
  return `${number(metres / 1000, Math.abs(metres) < 1e5 ? 2 : 1)} ${t("unit.km")}`;
}

function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (size >= 1e5) return 0;
  if (size >= 1000) return 1;
  if (size >= 1) return 2;
  return size >= 0.1 ? 3 : 4;
}

function large(value: number): string {
  if (Math.abs(value) < 1e8) return number(value, decimalsFor(value));
  return language() === "zh" ? `${number(value / 1e8, 2)} 亿` : `${number(value / 1e6, 1)} million`;
}

const METRES = new Set(["m", "米"]);
const SQUARE_METRES = new Set(["m²", "平方米"]);
const SQUARE_KM_FROM = 1e6;

/** A value with its unit; metres and square metres move to the larger unit where that reads better. */
export function quantity(value: number | null | undefined, unit: string | null): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return t("value.none");
  if (unit === null || unit === "") return large(value);
  if (METRES.has(unit)) return distance(value);
  if (SQUARE_METRES.has(unit) && Math.abs(value) >= SQUARE_KM_FROM) {
    return `${number(value / SQUARE_KM_FROM, 2)} ${t("unit.km2")}`;
  }
  return `${large(value)} ${unit}`;
}
