/** Two languages, one set of keys. */

import { en } from "./texts_en";
import { zh } from "./texts_zh";
import type { Lang } from "./types";

export type Key = keyof typeof zh;
export type Texts = Record<Key, string>;
export const texts: Record<Lang, Texts> = { zh, en };

let current: Lang = "zh";

export function language(): Lang {
  return current;
}

/** Fills `{name}` places of a text; a place without a value keeps its name. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill(texts[current][key], values);
}

/** A text for a code that the server sends; the code itself where no text stands for it. */
export function term(prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return key in texts[current] ? texts[current][key as Key] : code;
}

export function setLanguage(lang: Lang): void {
  current = lang;
}

/** A feature's name in the current language. */
export function nameOf(named: { name_zh?: unknown; name_en?: unknown; id?: unknown }): string {
  const [first, second] =
    current === "zh" ? [named.name_zh, named.name_en] : [named.name_en, named.name_zh];
  return String(first || second || named.id || "");
}
