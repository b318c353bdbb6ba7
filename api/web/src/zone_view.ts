/** The results of a zone: its bounds in words, its area, its proof, what it holds, how sure it is. */

import { type Child, el } from "./dom";
import { fixed, number, percent, quantity } from "./format";
import { language, t, term } from "./i18n";
import { cautionList, chip } from "./notices";
import { layerTitle } from "./places";
import { reportButton } from "./report_button";
import { sourceList } from "./sources";
import type { Surface } from "./surface_types";
import type { Lang } from "./types";
import type { World } from "./world";
import { BAND_COLOUR, BAND_OPACITY } from "./zone_layer";
import type { DelineatedZone, Held, ZoneDocument, ZoneOdds } from "./zone_types";

export interface ZoneActions {
  zoom(zone: DelineatedZone): void;
  /** Shows or hides the bands on the map. */
  bands(shown: boolean): void;
  /** Asks for the same zone in the reader's language. */
  again(): void;
  /** Orders the report of the zone; resolves to the address of the finished page. */
  report(): Promise<string>;
}

export interface ZoneShown {
  zone: ZoneDocument;
  /** The language that its sentences are in. */
  lang: Lang;
  /** Whether something has been changed since. */
  stale: boolean;
  bands: boolean;
}

const mu = (area: number | null): string => quantity(area && Math.round(area), t("unit.mu"));

function figure(label: string, value: string, note = ""): HTMLElement {
  return el(
    "div",
    { class: "figure" },
    el("dt", {}, label),
    el("dd", {}, value, note ? el("small", {}, ` ${note}`) : null),
  );
}

function areas(zone: DelineatedZone): HTMLElement {
  return el(
    "p",
    { class: "big-figure zone-area" },
    el("b", {}, number(zone.area_mu, 0)),
    el("span", {}, t("unit.mu")),
    el("b", {}, number(zone.area_ha, 2)),
    el("span", {}, t("unit.ha")),
    el("span", {}, t("zone.suitability", { value: fixed(zone.suitability, 3) })),
  );
}

/** In units that the objective is meant in: m² of suitability 1, or a share. */
function worth(value: number | null, kind: ZoneDocument["objective_kind"]): string {
  if (value === null) return t("value.none");
  return kind === "mean" ? fixed(value, 4) : quantity(value, t("zone.worthUnit"));
}

function proof(zone: DelineatedZone, kind: ZoneDocument["objective_kind"]): HTMLElement {
  const proven = zone.status === "optimal";
  return el(
    "div",
    { class: "proof" },
    el(
      "p",
      { class: "proof-line" },
      chip(term("status", zone.status), proven ? "accent" : "caution"),
      zone.objective === null ? null : ` ${t(proven ? "zone.proven" : "zone.notProven")}`,
    ),
    el(
      "dl",
      { class: "figures" },
      figure(t("plan.objective"), worth(zone.objective, kind)),
      figure(t("plan.bound"), worth(zone.bound, kind)),
      figure(t("plan.gap"), percent(zone.gap, 2)),
      figure(t("plan.rootGap"), percent(zone.root_gap, 2)),
      figure(t("plan.nodes"), number(zone.nodes, 0)),
      figure(t("plan.solver"), `${fixed(zone.seconds, 1)} ${t("unit.s")}`, zone.solver),
    ),
  );
}

function section(title: string, name: string, ...inside: Child[]): HTMLElement {
  return el("section", { class: "zone-part", "data-part-of": name }, el("h4", {}, title), ...inside);
}

function boundsInWords(zone: DelineatedZone, lang: Lang): HTMLElement | null {
  const here = language();
  if (!zone.four_bounds) return null;
  if (lang === here && zone.bounds.length > 0) {
    return section(
      t("zone.bounds"),
      "bounds",
      el(
        "ul",
        { class: "four-bounds" },
        ...zone.bounds.map((one) => el("li", {}, one.sentence)),
      ),
    );
  }
  return section(t("zone.bounds"), "bounds", el("p", {}, zone.four_bounds[here]));
}

function holdings(world: World, holds: readonly Held[]): HTMLElement | null {
  if (holds.length === 0) return null;
  const layers = [...new Set(holds.map((one) => one.layer))];
  const said = (one: Held): string =>
    one.share === null ? one.name : `${one.name} ${percent(one.share, 1)}`;
  return section(
    t("zone.holds"),
    "holds",
    el(
      "dl",
      { class: "holds" },
      ...layers.flatMap((layer) => [
        el("dt", {}, layerTitle(world, layer)),
        el(
          "dd",
          {},
          holds
            .filter((one) => one.layer === layer)
            .map(said)
            .join(t("list.comma")),
        ),
      ]),
    ),
  );
}

function criteria(zone: ZoneDocument, surface: Surface): HTMLElement {
  const names = new Map(surface.criteria.map((one) => [one.id, one]));
  return section(
    t("zone.criteria"),
    "criteria",
    el(
      "table",
      { class: "compact zone-means" },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, t("readout.criterion")),
          el("th", { scope: "col", class: "num" }, t("weights.title")),
          el("th", { scope: "col", class: "num" }, t("zone.mean")),
        ),
      ),
      el(
        "tbody",
        {},
        ...zone.criteria.map((one) => {
          const here = names.get(one.id) ?? one;
          return el(
            "tr",
            {},
            el("th", { scope: "row" }, here.name),
            el("td", { class: "num" }, percent(one.weight, 2)),
            el("td", { class: "num" }, quantity(one.mean, here.unit)),
          );
        }),
      ),
    ),
  );
}

function ledger(zone: ZoneDocument, surface: Surface): HTMLElement {
  const names = new Map(surface.rules.map((one) => [one.id, one.name]));
  return section(
    t("zone.searched"),
    "searched",
    el("p", {}, zone.reduction.sentence),
    el(
      "p",
      { class: "hint" },
      t("zone.cells", {
        area: number(zone.searched_mu, 0),
        cell: number(zone.cell_m, 0),
        kept: number(zone.reduction.kept, 0),
      }),
    ),
    zone.barrier ? el("p", { class: "hint" }, zone.barrier.sentence) : null,
    zone.ledger.length === 0
      ? el("p", { class: "hint" }, t("surface.noRules"))
      : el(
          "ul",
          { class: "plain-list ledger" },
          ...zone.ledger.map((one) =>
            el(
              "li",
              {},
              el("span", {}, one.name ?? names.get(one.rule) ?? one.rule),
              el("span", { class: "num" }, mu(one.area_mu)),
            ),
          ),
        ),
  );
}

/** Control lines and land use: what was checked, and how much of each lies inside. */
function overlaps(zone: ZoneDocument): HTMLElement | null {
  if (!zone.overlaps || zone.overlaps.length === 0) return null;
  return section(
    t("zone.overlaps"),
    "overlaps",
    el(
      "ul",
      { class: "plain-list ledger" },
      ...zone.overlaps.map((one) =>
        el(
          "li",
          { "data-kind": one.kind },
          el("span", {}, one.name, one.closed ? ` ${t("zone.closed")}` : ""),
          one.checked
            ? el("span", { class: "num" }, mu(one.zone_mu))
            : chip(t("zone.unchecked"), "caution"),
        ),
      ),
    ),
  );
}

function runnerUp(
  zone: ZoneDocument,
  next: DelineatedZone,
  lang: Lang,
  actions: ZoneActions,
): HTMLElement {
  const worse =
    zone.objective && next.objective !== null ? 1 - next.objective / zone.objective : null;
  return section(
    t("zone.runnerUp"),
    "runner-up",
    el(
      "p",
      {},
      t("zone.next", {
        mu: number(next.area_mu, 0),
        ha: number(next.area_ha, 2),
        objective: worth(next.objective, zone.objective_kind),
        worse: percent(worse, 2),
      }),
      " ",
      zoomButton(next, actions),
    ),
    el(
      "details",
      { class: "fold" },
      el("summary", {}, t("zone.nextMore")),
      boundsInWords(next, lang),
      proof(next, zone.objective_kind),
    ),
  );
}

function zoomButton(zone: DelineatedZone, actions: ZoneActions): HTMLElement {
  return el(
    "button",
    { type: "button", class: "button quiet small", click: () => actions.zoom(zone) },
    t("panel.zoom"),
  );
}

function oddsPart(odds: ZoneOdds, shown: boolean, actions: ZoneActions): HTMLElement {
  const input = el("input", { type: "checkbox", name: "zone-bands", checked: shown });
  input.addEventListener("change", () => actions.bands(input.checked));
  return section(
    t("zone.odds"),
    "odds",
    el("p", {}, odds.sentence),
    el("label", { class: "choice" }, input, el("span", {}, t("zone.bandsShown"))),
    el(
      "ul",
      { class: "odds-bands" },
      ...odds.bands.map((band, i) => {
        const fill = el("b");
        const swatch = el("i", { class: "band-swatch", "aria-hidden": "true" }, fill);
        fill.style.background = BAND_COLOUR;
        fill.style.opacity = String(1 - (1 - BAND_OPACITY) ** (i + 1));
        return el(
          "li",
          { "data-band": band.share },
          swatch,
          el("span", {}, t("zone.band", { share: percent(band.share, 0) })),
          el("span", { class: "num" }, mu(band.area_mu)),
        );
      }),
    ),
    el(
      "details",
      { class: "fold" },
      el("summary", {}, t("odds.how")),
      ...odds.drawn.map((one) => el("p", { class: "hint" }, one)),
    ),
  );
}

function infeasible(zone: ZoneDocument): HTMLElement {
  return el(
    "div",
    { class: "infeasible" },
    el("p", { class: "caution-text" }, zone.infeasible_because),
    zone.nearest_mu === null
      ? null
      : el("p", {}, t("zone.nearest", { area: number(zone.nearest_mu, 0) })),
  );
}

/** Everything that is said of a zone. */
export function zoneView(
  world: World,
  surface: Surface,
  { zone, lang, stale, bands }: ZoneShown,
  actions: ZoneActions,
): HTMLElement {
  const said = new Set([...zone.assumptions, zone.heading]);
  const other = lang !== language();
  return el(
    "article",
    { class: "zone-answer", "data-zone": zone.status },
    el(
      "div",
      { class: "zone-title" },
      el("h3", {}, t("zone.title")),
      reportButton(
        { action: "report-zone", label: t("zone.report"), class: "button quiet small" },
        () => actions.report(),
      ),
      zone.geometry ? zoomButton(zone, actions) : null,
    ),
    el("p", { class: "stale-note caution-text", role: "note", hidden: !stale }, t("zone.stale")),
    other
      ? el(
          "p",
          { class: "hint other-language" },
          t("zone.otherLanguage"),
          " ",
          el(
            "button",
            {
              type: "button",
              class: "button quiet small",
              "data-action": "again",
              click: () => actions.again(),
            },
            t("zone.again"),
          ),
        )
      : null,
    zone.geometry ? el("p", { class: "sketch-caution" }, chip(t("zone.sketch"), "caution"), ` ${t("zone.sketchMore")}`) : null,
    zone.geometry ? areas(zone) : infeasible(zone),
    boundsInWords(zone, lang),
    section(
      t("zone.proof"),
      "proof",
      el(
        "p",
        { class: "hint" },
        t(`zone.asked.${zone.objective_kind}`, {
          min: number(zone.min_mu, 0),
          max: number(zone.max_mu, 0),
        }),
      ),
      proof(zone, zone.objective_kind),
    ),
    zone.odds ? oddsPart(zone.odds, bands, actions) : null,
    holdings(world, zone.holds),
    zone.geometry ? overlaps(zone) : null,
    zone.geometry ? criteria(zone, surface) : null,
    zone.runner_up ? runnerUp(zone, zone.runner_up, lang, actions) : null,
    ledger(zone, surface),
    section(t("plan.assumptions"), "assumptions", cautionList(zone.assumptions)),
    section(
      t("caution.title"),
      "warnings",
      cautionList(zone.warnings.filter((one) => !said.has(one))),
    ),
    sourceList(zone.sources, zone.as_of),
  );
}
