/** A value function as a small picture, with the site's own place on it. */

import { el, svg } from "./dom";
import { fixed, quantity } from "./format";
import { t } from "./i18n";
import type { Alternative, Criterion, ValueFunction } from "./siting_types";

export interface Size {
  width: number;
  height: number;
}

type Curve = ValueFunction["curve"];

const SIZE: Size = { width: 180, height: 48 };

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Where a performance and its value stand in the picture; one off the curve stands at its end. */
export function pointOn(
  { performance }: Curve,
  at: number,
  value: number,
  { width, height }: Size,
): [x: number, y: number] {
  const [low, high] = [Math.min(...performance), Math.max(...performance)];
  const share = high > low ? (Math.min(high, Math.max(low, at)) - low) / (high - low) : 0.5;
  return [round(width * share), round(height * (1 - value))];
}

/** The curve as SVG path data: value 0 at the bottom, 1 at the top. */
export function curvePath(curve: Curve, size: Size): string {
  return curve.performance
    .map((at, i) => pointOn(curve, at, curve.value[i] ?? 0, size))
    .map(([x, y], i) => `${i === 0 ? "M" : "L"}${x},${y}`)
    .join("");
}

function place(one: Criterion, site: Alternative): SVGElement[] {
  const value = site.values[one.id];
  const at = site.performance[one.id];
  if (value === null || value === undefined) return [];
  const { curve } = one.value_function;
  if (typeof at !== "number") {
    const y = pointOn(curve, 0, value, SIZE)[1];
    return [svg("path", { class: "curve-missing", d: `M0,${y}H${SIZE.width}` })];
  }
  const [x, y] = pointOn(curve, at, value, SIZE);
  return [
    svg("path", { class: "curve-drop", d: `M${x},${SIZE.height}V${y}H0` }),
    svg("circle", { class: "curve-own", cx: x, cy: y, r: 3.5 }),
  ];
}

function picture(one: Criterion, site: Alternative): HTMLElement {
  const { curve, turns } = one.value_function;
  const drawing = svg(
    "svg",
    {
      class: "curve",
      viewBox: `-4 -5 ${SIZE.width + 8} ${SIZE.height + 10}`,
      "aria-hidden": "true",
    },
    svg("path", { class: "curve-axis", d: `M0,0V${SIZE.height}H${SIZE.width}` }),
    svg("path", { class: "curve-line", d: curvePath(curve, SIZE) }),
    ...place(one, site),
  );
  const first = turns[0] ?? curve.performance[0];
  const last = turns.at(-1) ?? curve.performance.at(-1);
  return el(
    "div",
    { class: "curve-figure" },
    drawing,
    el(
      "p",
      { class: "curve-ends" },
      el("span", {}, quantity(first, one.unit)),
      first === last ? null : el("span", {}, quantity(last, one.unit)),
    ),
  );
}

function categories(one: Criterion, site: Alternative, names: readonly string[]): HTMLElement {
  const { value } = one.value_function.curve;
  return el(
    "ul",
    { class: "curve-categories" },
    ...names.map((name, i) => {
      const bar = el("i");
      bar.style.width = `${100 * (value[i] ?? 0)}%`;
      return el(
        "li",
        { class: site.performance[one.id] === name ? "is-own" : null },
        el("span", {}, name),
        el("span", { class: "track", "aria-hidden": "true" }, bar),
        el("span", { class: "num" }, fixed(value[i], 2)),
      );
    }),
  );
}

/** The function in words and as a curve; categories as a list of their values. */
export function valueCurve(one: Criterion, site: Alternative): HTMLElement {
  const { categories: names, sentence } = one.value_function;
  return el(
    "div",
    { class: "curve-block", title: t("curve.title") },
    names ? categories(one, site, names) : picture(one, site),
    el("p", { class: "hint" }, sentence),
  );
}
