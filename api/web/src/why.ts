/** Why a site scored what it did: each criterion's part, and the arithmetic behind it. */

import { valueCurve } from "./curve";
import { el } from "./dom";
import { fixed, percent, quantity } from "./format";
import { t, term } from "./i18n";
import { chip } from "./notices";
import { groupColour } from "./palette";
import type { Alternative, Criterion, Group } from "./siting_types";
import { isAdditive, type Standing } from "./standing";

/** A performance in its unit; a category by its name. */
export function natural(one: Criterion, value: number | string | null | undefined): string {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? t("value.none") : quantity(value, one.unit);
}

function explanation(
  one: Criterion,
  site: Alternative,
  weight: number,
  part: number | null,
): HTMLElement {
  const value = site.values[one.id];
  const missing = site.performance[one.id] === null && one.missing;
  return el(
    "div",
    { class: "why-more" },
    el("p", {}, one.sentence),
    valueCurve(one, site),
    one.proxy_for
      ? el(
          "p",
          { class: "caution-text" },
          chip(t("proxy.short"), "caution"),
          ` ${t("proxy.for", { what: one.proxy_for })}`,
        )
      : null,
    missing
      ? el("p", { class: "caution-text" }, t("why.missing", { rule: term("missing", missing) }))
      : null,
    el(
      "p",
      { class: "sum" },
      part === null
        ? t("why.value", { value: fixed(value, 3), weight: percent(weight, 2) })
        : t("why.sum", {
            value: fixed(value, 3),
            weight: percent(weight, 2),
            part: fixed(part, 4),
          }),
    ),
    one.as_of ? el("p", { class: "muted" }, t("why.asOf", { day: one.as_of })) : null,
  );
}

function criterionRow(
  one: Criterion,
  site: Alternative,
  standing: Standing,
  heaviest: number,
): HTMLElement {
  const weight = standing.weights[one.id] ?? 0;
  const value = site.values[one.id] ?? NaN;
  const part = isAdditive(standing)
    ? (standing.places.get(site.id)?.contributions[one.id] ?? NaN)
    : null;
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("i"));
  bar.style.width = `${heaviest > 0 ? (100 * weight) / heaviest : 0}%`;
  (bar.firstElementChild as HTMLElement).style.width = `${weight > 0 ? 100 * value : 0}%`;
  return el(
    "details",
    { class: "why-row", "data-criterion": one.id },
    el(
      "summary",
      {},
      el(
        "span",
        { class: "why-name" },
        one.name,
        one.proxy_for ? chip(t("proxy.short"), "caution", one.proxy_for) : null,
      ),
      el("span", { class: "why-natural" }, natural(one, site.performance[one.id])),
      el("span", { class: "why-bar" }, bar),
      el("span", { class: "why-part" }, fixed(part ?? value, part === null ? 2 : 3)),
    ),
    explanation(one, site, weight, part),
  );
}

/** A group's criteria, then the groups inside, each under its name. */
function groupRows(
  group: Group,
  site: Alternative,
  standing: Standing,
  heaviest: number,
): HTMLElement[] {
  const inside = new Set(group.groups.flatMap((one) => one.criteria));
  const own = standing.run.criteria.filter(
    (one) => group.criteria.includes(one.id) && !inside.has(one.id),
  );
  return [
    ...own.map((one) => criterionRow(one, site, standing, heaviest)),
    ...group.groups.flatMap((one) => [
      el("p", { class: "why-subgroup" }, one.title),
      ...groupRows(one, site, standing, heaviest),
    ]),
  ];
}

function groupBlock(
  group: Group,
  index: number,
  site: Alternative,
  standing: Standing,
  heaviest: number,
): HTMLElement {
  const parts = standing.places.get(site.id)?.contributions ?? {};
  const sum = group.criteria.reduce((held, id) => held + (parts[id] ?? 0), 0);
  const block = el(
    "div",
    { class: "why-group" },
    el(
      "div",
      { class: "why-group-head" },
      el("i", { class: "dot" }),
      group.title,
      isAdditive(standing) ? el("b", {}, fixed(sum, 3)) : null,
    ),
    ...groupRows(group, site, standing, heaviest),
  );
  block.style.setProperty("--group", groupColour(index));
  return block;
}

/**
 * A bar per criterion: its track is the weight, its filling the value reached. The parts add up to
 * the score of the weighted sum alone; for another method the values stand in their place.
 */
export function whySection(site: Alternative, standing: Standing): HTMLElement {
  const { run, weights } = standing;
  const heaviest = Math.max(...run.criteria.map((one) => weights[one.id] ?? 0));
  return el(
    "section",
    { class: "why" },
    el("h4", {}, t("why.title")),
    el("p", { class: "hint" }, t(isAdditive(standing) ? "why.hint" : "why.notAdditive")),
    ...run.groups.map((group, i) => groupBlock(group, i, site, standing, heaviest)),
  );
}
