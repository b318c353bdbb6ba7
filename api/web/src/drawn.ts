/** The card of a drawn plot: acreage, zones and demand inside, each with its caution. */

import { el } from "./dom";
import { distance, fixed, number, percent, quantity } from "./format";
import { nameOf, t } from "./i18n";
import { fault, heading } from "./notices";
import type { AreaAnswer, CoverageAnswer, InsideFeature, Measures } from "./types";
import type { Outcome } from "./outcome";

export interface Drawing {
  area: Outcome<AreaAnswer>;
  /** Demand and zones inside; null where there is no area to hold them. */
  inside: [demand: Outcome<CoverageAnswer>, zones: Outcome<CoverageAnswer>] | null;
}

export interface CardActions {
  clear(): void;
  edit(): void;
  close(): void;
}

/** The acreage in one short text. */
export function acreageText(answer: AreaAnswer): string {
  return `${fixed(answer.total.area_mu, 1)} ${t("unit.mu")}`;
}

function pair(label: string, value: string): HTMLElement {
  return el("div", { class: "pair" }, el("dt", {}, label), el("dd", {}, value));
}

function acreage(total: Measures): HTMLElement {
  return el(
    "section",
    { class: "acreage" },
    el(
      "p",
      { class: "big-figure" },
      el("b", { "data-figure": "mu" }, fixed(total.area_mu, 1)),
      el("span", {}, t("unit.mu")),
    ),
    el(
      "dl",
      { class: "pairs" },
      pair(t("draw.hectares"), `${fixed(total.area_ha, 2)} ${t("unit.ha")}`),
      pair(t("draw.squareKm"), `${fixed(total.area_km2, 4)} ${t("unit.km2")}`),
      pair(t("draw.perimeter"), distance(total.perimeter_m)),
    ),
    el("p", { class: "hint" }, t("draw.ellipsoid")),
  );
}

function insideRow(zone: InsideFeature): HTMLElement {
  return el(
    "li",
    {},
    el(
      "span",
      {},
      nameOf(zone),
      zone.point_inside ? null : el("span", { class: "muted" }, ` ${t("draw.pointOutside")}`),
    ),
    el("span", { class: "num" }, `${number(zone.inside_mu, 1)} ${t("unit.mu")}`),
  );
}

function zonesInside(answer: CoverageAnswer): HTMLElement {
  const touched = answer.features ?? [];
  const count = touched.filter((zone) => zone.point_inside).length;
  return el(
    "section",
    {},
    el("h4", {}, t("draw.zones", { count, area: quantity(answer.covered, answer.unit) })),
    el("ul", { class: "inside" }, ...touched.map(insideRow)),
    el("p", { class: "hint" }, t("draw.byPoint")),
  );
}

function demandInside(answer: CoverageAnswer): HTMLElement {
  return el(
    "section",
    {},
    el("h4", {}, t("draw.demand")),
    el(
      "p",
      { class: "figure-line" },
      el("b", {}, number(answer.covered, 0)),
      ` ${t("unit.person")} · ${t("draw.ofCity", { share: percent(answer.share, 2) })}`,
    ),
    el("ul", { class: "cautions" }, ...answer.assumptions.map((one) => el("li", {}, one))),
  );
}

function part<T>(outcome: Outcome<T>, show: (value: T) => HTMLElement): HTMLElement {
  return outcome.fault === undefined ? show(outcome.value) : fault(outcome.fault);
}

export function drawnCard(
  drawing: Drawing,
  caution: string | null,
  actions: CardActions,
): HTMLElement {
  const { area, inside } = drawing;
  const rest = inside ? [part(inside[1], zonesInside), part(inside[0], demandInside)] : [];
  return el(
    "article",
    { class: "panel card", "aria-label": t("draw.title"), "aria-live": "polite" },
    el(
      "div",
      { class: "panel-head with-three" },
      el("h3", {}, t("draw.title")),
      el(
        "button",
        {
          type: "button",
          class: "button quiet small",
          "data-action": "edit-plot",
          click: actions.edit,
        },
        t("draw.edit"),
      ),
      el(
        "button",
        {
          type: "button",
          class: "button quiet small",
          "data-action": "clear-plot",
          click: actions.clear,
        },
        t("draw.clear"),
      ),
      el(
        "button",
        {
          type: "button",
          class: "button quiet small",
          "aria-label": t("panel.close"),
          click: actions.close,
        },
        "✕",
      ),
    ),
    part(area, (one) => acreage(one.total)),
    caution && area.fault === undefined ? heading(caution) : null,
    ...rest,
  );
}
