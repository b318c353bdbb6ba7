/** Naming where something is, and the second line under its name. */

import { quantity } from "./format";
import { nameOf, t } from "./i18n";
import type { Describe } from "./table";
import type { Feature } from "./types";
import type { World } from "./world";

/** A district's name without its rank, where English spells the rank out. */
export function briefName(named: { name_zh?: unknown; name_en?: unknown }): string {
  return nameOf(named).replace(/ (District|County|City)$/, "");
}

/** A district by its name, whether it is given by name or by code; other text as it stands. */
export function districtName(world: World, given: unknown): string {
  if (given === null || given === undefined || given === "") return t("value.none");
  const text = String(given);
  const known = (world.items.get("districts") ?? []).find(
    (one) => one.id === text || one.properties["name_zh"] === text,
  );
  return known ? briefName(known.properties) : briefName({ name_zh: text, name_en: text });
}

export function layerTitle(world: World, layer: string): string {
  return world.layers.find((one) => one.id === layer)?.title ?? layer;
}

function zoneArea(feature: Feature | undefined): string {
  return quantity(feature ? Number(feature.properties["area_mu"]) : null, t("unit.mu"));
}

/** The line under a site's name: its district and area, or a district's residents. */
export function describer(world: World, layer: string): Describe {
  return (site) => {
    const feature = world.index.get(site.id)?.feature;
    if (layer === "districts") {
      const residents = feature?.properties["population"];
      return quantity(typeof residents === "number" ? residents : null, t("unit.person"));
    }
    const place = districtName(world, site.district);
    return layer === "zones" ? `${place} · ${zoneArea(feature)}` : place;
  };
}

/** The names of sites, by id, listed. */
export function namesOf(world: World, ids: readonly string[]): string {
  const names = ids.map((id) => {
    const entry = world.index.get(id);
    return entry ? nameOf(entry.feature.properties) : id;
  });
  return names.join(t("list.comma"));
}
