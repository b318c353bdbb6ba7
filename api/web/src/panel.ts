/** Everything known of the selected feature: its standing, its attributes, where they come from. */

import { type Child, el } from "./dom";
import { distance, fixed, quantity } from "./format";
import { language, nameOf, t, term } from "./i18n";
import { chip, shortCaution } from "./notices";
import { bandText } from "./odds";
import { districtName, layerTitle } from "./places";
import { sourceTitle } from "./sources";
import type { Alternative, Excluded, SitingRun } from "./siting_types";
import type { Standing } from "./standing";
import { surenessSection } from "./sureness";
import type { Feature, Field, Value } from "./types";
import { whySection } from "./why";
import type { Entry, World } from "./world";
import { changeSection } from "./would_change";

/** Columns that the panel shows elsewhere than among the attributes. */
const ELSEWHERE = new Set([
  "id",
  "name_zh",
  "name_en",
  "source",
  "as_of",
  "accuracy_m",
  "geometry_kind",
  "ref_lon",
  "ref_lat",
  "basis",
  "basis_kind",
  "doubt_fields",
  "doubt_zh",
  "doubt_en",
]);
const DISTRICTS = new Set(["district", "host_district"]);

export interface PanelActions {
  close(): void;
  zoom(): void;
  edit(): void;
}

/** Districts come from the boundary package and are changed nowhere else. */
const FROM_PACKAGE = "districts";

function shown(world: World, field: Field, value: Value): string {
  if (value === null || value === "") return t("value.none");
  if (DISTRICTS.has(field.name)) return districtName(world, value);
  if (field.name === "named_by") return sourceTitle(world, String(value));
  if (typeof value === "number") return field.unit ? quantity(value, field.unit) : String(value);
  return term("code", String(value));
}

function definition(label: string, value: string, doubt = false): HTMLElement {
  const missing = value === t("value.none");
  return el(
    "div",
    { class: doubt ? "pair doubted" : "pair" },
    el("dt", {}, label),
    el(
      "dd",
      { class: missing ? "none" : null },
      value,
      doubt ? chip(t("panel.doubt"), "caution") : null,
    ),
  );
}

function attributes(world: World, entry: Entry): HTMLElement {
  const fields = world.layers.find((one) => one.id === entry.layer)?.fields ?? [];
  const { properties } = entry.feature;
  const doubted = new Set(String(properties["doubt_fields"] ?? "").split(";"));
  return el(
    "section",
    {},
    el("h4", {}, t("panel.attributes")),
    el(
      "dl",
      { class: "pairs" },
      ...fields
        .filter((field) => !ELSEWHERE.has(field.name))
        .map((field) =>
          definition(
            field.title,
            shown(world, field, properties[field.name] ?? null),
            doubted.has(field.name),
          ),
        ),
    ),
  );
}

function origin(world: World, { properties }: Feature): HTMLElement {
  const accuracy = properties["accuracy_m"];
  const text = (name: string): string => String(properties[name] ?? "") || t("value.none");
  const lon = fixed(Number(properties["ref_lon"]), 4);
  const lat = fixed(Number(properties["ref_lat"]), 4);
  return el(
    "section",
    {},
    el("h4", {}, t("panel.origin")),
    el(
      "dl",
      { class: "pairs" },
      definition(t("panel.source"), sourceTitle(world, text("source"))),
      definition(t("panel.asOf"), text("as_of")),
      definition(t("panel.kind"), term("geometry", text("geometry_kind"))),
      definition(t("panel.point"), `${lon}°E, ${lat}°N`),
      definition(
        t("panel.accuracy"),
        typeof accuracy === "number"
          ? t("panel.within", { radius: distance(accuracy) })
          : t("value.none"),
      ),
      "basis_kind" in properties
        ? definition(t("panel.basisKind"), term("basis", text("basis_kind")))
        : null,
      "basis" in properties ? definition(t("panel.basis"), text("basis")) : null,
    ),
  );
}

function doubtOf({ properties }: Feature): HTMLElement | null {
  const doubt = properties[language() === "zh" ? "doubt_zh" : "doubt_en"];
  return doubt
    ? el("p", { class: "caution-text" }, chip(t("panel.doubt"), "caution"), ` ${String(doubt)}`)
    : null;
}

/** The band first, then the rank by the present weights and the score. */
function verdict(site: Alternative, standing: Standing): HTMLElement {
  const place = standing.places.get(site.id);
  const interval = standing.intervals.get(site.id);
  const count = standing.placed.length;
  const part = (label: string, figure: HTMLElement | null, ...notes: Child[]): HTMLElement =>
    el("p", {}, el("span", { class: "muted" }, label), figure, ...notes);
  return el(
    "div",
    { class: "verdict" },
    part(
      t("panel.band"),
      el("b", { "data-figure": "band" }, site.rank_band ? bandText(site.rank_band) : "…"),
      el(
        "span",
        { "data-figure": "rank" },
        t("panel.now", { rank: place?.rank ?? t("value.none"), count }),
      ),
      place && place.tiedWith.length > 0
        ? chip(t("panel.tied", { count: place.tiedWith.length }), "accent")
        : null,
    ),
    part(
      t("panel.score"),
      el("b", { class: "small-figure", "data-figure": "score" }, fixed(place?.score, 3)),
      interval
        ? el(
            "span",
            { class: "muted", "data-figure": "interval", title: t("interval.title") },
            t("panel.interval", { low: fixed(interval[0], 3), high: fixed(interval[1], 3) }),
          )
        : null,
    ),
    standing.run.heading ? shortCaution(standing.run.heading) : null,
  );
}

function sharedPoint(world: World, site: Alternative): HTMLElement | null {
  if (site.shares_point_with.length === 0) return null;
  const names = site.shares_point_with.map((id) => {
    const entry = world.index.get(id);
    return entry ? nameOf(entry.feature.properties) : id;
  });
  return el(
    "p",
    { class: "caution-text" },
    t("panel.sharedPoint", { names: names.join(t("list.comma")) }),
  );
}

/** Which rules took it out, by how much, and the rank it would have had. */
function leftOut(site: Excluded, run: SitingRun): HTMLElement {
  const rules = new Map(run.rules.map((one) => [one.id, one]));
  return el(
    "section",
    { class: "left-out" },
    el("h4", {}, chip(t("panel.excluded"), "caution"), ` ${t("panel.excludedBy")}`),
    el(
      "ul",
      { class: "margins" },
      ...site.reasons.map((reason, i) => {
        const margin = site.margins[i];
        const clause = margin ? rules.get(margin.rule)?.clause : null;
        return el(
          "li",
          {},
          reason,
          margin?.sentence ? el("b", {}, ` ${margin.sentence}`) : null,
          clause ? el("span", { class: "muted clause" }, ` ${clause}`) : null,
        );
      }),
    ),
    el(
      "p",
      { "data-figure": "would-rank" },
      site.would_rank === null
        ? t("panel.wouldNot")
        : t("panel.would", { rank: site.would_rank, count: run.alternatives_total + 1 }),
    ),
  );
}

function editButton(world: World, actions: PanelActions): HTMLElement {
  const why = world.health.read_only;
  return el(
    "button",
    {
      type: "button",
      class: "button quiet small",
      "data-action": "edit",
      disabled: why !== null,
      title: why,
      click: actions.edit,
    },
    t("edit.edit"),
  );
}

function headline(world: World, entry: Entry, actions: PanelActions): HTMLElement {
  const { properties } = entry.feature;
  return el(
    "div",
    { class: entry.layer === FROM_PACKAGE ? "panel-head" : "panel-head with-three" },
    el(
      "div",
      {},
      el(
        "p",
        { class: "eyebrow" },
        layerTitle(world, entry.layer),
        properties["geometry_kind"] === "indicative"
          ? chip(t("panel.indicative"), "caution", t("panel.indicativeTitle"))
          : null,
        properties["basis_kind"] === "recalled"
          ? chip(t("panel.recalled"), "caution", t("legend.recalled"))
          : null,
      ),
      el("h3", {}, nameOf(properties)),
    ),
    entry.layer === FROM_PACKAGE ? null : editButton(world, actions),
    el(
      "button",
      { type: "button", class: "button quiet small", "data-action": "zoom", click: actions.zoom },
      t("panel.zoom"),
    ),
    el(
      "button",
      {
        type: "button",
        class: "button quiet small",
        "data-action": "close",
        "aria-label": t("panel.close"),
        click: actions.close,
      },
      "✕",
    ),
  );
}

/** What a ranking says of a site: how sure, what would change it, why it scored so. */
function reasons(world: World, site: Alternative, standing: Standing): Child[] {
  if (!standing.places.has(site.id)) return [sharedPoint(world, site)];
  return [
    surenessSection(world, site, standing),
    changeSection(world, site, standing),
    sharedPoint(world, site),
    whySection(site, standing),
  ];
}

/** The panel for `entry`; `standing` is the ranking it may stand in. */
export function featurePanel(
  world: World,
  entry: Entry,
  standing: Standing | null,
  actions: PanelActions,
): HTMLElement {
  const { id } = entry.feature;
  const site = standing?.alternatives.get(id);
  const said = standing?.answer ?? standing?.run;
  const excluded = said?.excluded.find((one) => one.id === id);
  return el(
    "article",
    { class: "panel", "aria-label": nameOf(entry.feature.properties), "data-feature": id },
    headline(world, entry, actions),
    site && standing ? verdict(site, standing) : null,
    excluded && said ? leftOut(excluded, said) : null,
    doubtOf(entry.feature),
    ...(site && standing ? reasons(world, site, standing) : []),
    attributes(world, entry),
    origin(world, entry.feature),
  );
}
