/** Why a site scored what it did: each criterion's part, and the arithmetic behind it. */

import { el } from "./dom";
import { fixed, percent, quantity } from "./format";
import { t, term } from "./i18n";
import { chip } from "./notices";
import { groupColour } from "./palette";
import type { Standing } from "./standing";
import type { Alternative, Criterion } from "./types";

function natural(one: Criterion, site: Alternative): string {
  const value = site.performance[one.id];
  return value === null || value === undefined ? t("value.none") : quantity(value, one.unit);
}

function explanation(one: Criterion, site: Alternative, weight: number, part: number): HTMLElement {
  const value = site.values[one.id];
  const missing = site.performance[one.id] === null && one.missing;
  return el(
    "div",
    { class: "why-more" },
    el("p", {}, one.sentence),
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
      t("why.sum", { value: fixed(value, 3), weight: percent(weight, 2), part: fixed(part, 4) }),
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
  const place = standing.places.get(site.id);
  const weight = standing.weights[one.id] ?? 0;
  const part = place?.contributions[one.id] ?? NaN;
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("i"));
  bar.style.width = `${heaviest > 0 ? (100 * weight) / heaviest : 0}%`;
  (bar.firstElementChild as HTMLElement).style.width = `${weight > 0 ? (100 * part) / weight : 0}%`;
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
      el("span", { class: "why-natural" }, natural(one, site)),
      el("span", { class: "why-bar" }, bar),
      el("span", { class: "why-part" }, fixed(part, 3)),
    ),
    explanation(one, site, weight, part),
  );
}

/** The contribution bars; a bar's track is the criterion's weight, its filling the value reached. */
export function whySection(site: Alternative, standing: Standing): HTMLElement {
  const { run, weights } = standing;
  const heaviest = Math.max(...run.criteria.map((one) => weights[one.id] ?? 0));
  const groups = run.groups.map((group, i) => {
    const criteria = run.criteria.filter((one) => one.group === group.id);
    const sum = criteria.reduce(
      (held, one) => held + (standing.places.get(site.id)?.contributions[one.id] ?? 0),
      0,
    );
    const block = el(
      "div",
      { class: "why-group" },
      el(
        "div",
        { class: "why-group-head" },
        el("i", { class: "dot" }),
        group.title,
        el("b", {}, fixed(sum, 3)),
      ),
      ...criteria.map((one) => criterionRow(one, site, standing, heaviest)),
    );
    block.style.setProperty("--group", groupColour(i));
    return block;
  });
  return el(
    "section",
    { class: "why" },
    el("h4", {}, t("why.title")),
    el("p", { class: "hint" }, t("why.hint")),
    ...groups,
  );
}
