/** Words on the map: the districts' names, and the bands of ranks of what is ranked. */

import L from "leaflet";

import { el, setText } from "./dom";
import { markAt } from "./layers";
import { reference } from "./map";
import { bandText } from "./odds";
import { placeLabels } from "./placement";
import { briefName } from "./places";
import type { Standing } from "./standing";
import type { Feature } from "./types";
import type { World } from "./world";

const NUMBERED = 5;
const HEIGHT = 16;
/** A label's width: its padding, and so much for each character. */
const PADDING = 9;
const CHARACTER = 7;

interface Label {
  feature: Feature;
  name: HTMLElement;
  rank: HTMLElement;
}

interface Numbered {
  at: L.Marker;
  text: HTMLElement;
}

/** The band of a site, nothing until it has been drawn. */
function bandOf(standing: Standing | null, id: string): string {
  const band = standing?.alternatives.get(id)?.rank_band;
  return band ? bandText(band) : "";
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
  readonly #numbers: Numbered[] = [];
  #shown: Numbered[] = [];

  constructor(
    readonly map: L.Map,
    public world: World,
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
    map.on("zoomend", () => this.#place());
  }

  /** District names, with the bands of `standing` where it ranks districts. */
  nameDistricts(standing: Standing | null): void {
    for (const { feature, name, rank } of this.#districts) {
      setText(name, briefName(feature.properties));
      setText(rank, bandOf(standing, feature.id));
    }
  }

  /** Puts the bands of the first places of `standing` beside them; nothing until they are drawn. */
  numberBest(standing: Standing | null): void {
    this.#shown = [];
    this.#numbers.forEach((number, i) => {
      const place = standing?.placed[i];
      const entry = place ? this.world.index.get(place.id) : undefined;
      const band = place?.rank && entry ? bandOf(standing, place.id) : "";
      if (!entry || band === "") {
        number.at.remove();
        return;
      }
      setText(number.text, band);
      number.at.setLatLng(markAt(entry.feature));
      if (!this.map.hasLayer(number.at)) number.at.addTo(this.map);
      this.#shown.push(number);
    });
    this.#place();
  }

  /** Moves the bands apart. */
  #place(): void {
    const spots = this.#shown.map(({ at, text }) => ({
      ...this.map.latLngToLayerPoint(at.getLatLng()),
      width: PADDING + CHARACTER * (text.textContent?.length ?? 0),
    }));
    placeLabels(spots, HEIGHT).forEach(({ dx, dy }, i) => {
      const text = this.#shown[i]?.text;
      if (text) text.style.translate = `${dx}px ${dy}px`;
    });
  }
}
