/** Words on the map: the districts' names with their rank, and the numbers of the best zones. */

import L from "leaflet";

import { el, setText } from "./dom";
import { markAt } from "./layers";
import { reference } from "./map";
import { briefName } from "./places";
import type { Standing } from "./standing";
import type { Feature } from "./types";
import type { World } from "./world";

const NUMBERED = 5;

interface Label {
  feature: Feature;
  name: HTMLElement;
  rank: HTMLElement;
}

function marker(at: L.LatLng, className: string, content: HTMLElement): L.Marker {
  return L.marker(at, {
    pane: "labels",
    interactive: false,
    keyboard: false,
    icon: L.divIcon({ className, html: content, iconSize: [0, 0] }),
  });
}

/** The middle of a district's towns, where its people are, rather than of its sea. */
function seat(district: Feature, towns: readonly Feature[]): L.LatLng {
  const own = towns.filter((town) => isIn(town, district));
  if (own.length === 0) return reference(district);
  const mean = (key: string): number =>
    own.reduce((sum, town) => sum + Number(town.properties[key]), 0) / own.length;
  return L.latLng(mean("ref_lat"), mean("ref_lon"));
}

function isIn(town: Feature, district: Feature): boolean {
  const place = town.properties["district"];
  return place === district.properties["name_zh"] || place === district.id;
}

export class Labels {
  readonly #districts: Label[] = [];
  readonly #numbers: { at: L.Marker; text: HTMLElement }[] = [];

  constructor(
    readonly map: L.Map,
    readonly world: World,
  ) {
    const towns = world.items.get("towns") ?? [];
    for (const feature of world.items.get("districts") ?? []) {
      const name = el("span", { class: "district-name" });
      const rank = el("span", { class: "district-rank" });
      marker(seat(feature, towns), "district-label", el("span", {}, name, rank)).addTo(map);
      this.#districts.push({ feature, name, rank });
    }
    for (let i = 0; i < NUMBERED; i += 1) {
      const text = el("span");
      this.#numbers.push({ at: marker(L.latLng(0, 0), "zone-number", text), text });
    }
  }

  /** District names, numbered by `standing` where it ranks districts. */
  nameDistricts(standing: Standing | null): void {
    for (const { feature, name, rank } of this.#districts) {
      setText(name, briefName(feature.properties));
      setText(rank, String(standing?.places.get(feature.id)?.rank ?? ""));
    }
  }

  /** Puts the first numbers beside the best zones of `standing`. */
  numberZones(standing: Standing | null): void {
    this.#numbers.forEach(({ at, text }, i) => {
      const place = standing?.placed[i];
      const entry = place ? this.world.index.get(place.id) : undefined;
      if (!place?.rank || !entry) {
        at.remove();
        return;
      }
      setText(text, String(place.rank));
      at.setLatLng(markAt(entry.feature));
      if (!this.map.hasLayer(at)) at.addTo(this.map);
    });
  }
}
