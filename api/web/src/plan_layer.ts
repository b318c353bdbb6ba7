/** A hub plan on the map: the chosen places and a line from every demand point to the one that serves it. */

import L from "leaflet";

import { el } from "./dom";
import { nameOf } from "./i18n";
import { reference } from "./map";
import { LINK } from "./palette";
import { ShapeMarker } from "./shape_marker";
import type { Store } from "./store";
import type { Symbol } from "./symbols";
import type { Plan, Site, Tier } from "./types";
import type { World } from "./world";

export const FACILITY: Symbol = {
  shape: "target",
  radius: 8,
  color: "#fff",
  weight: 1.6,
  opacity: 1,
  fillColor: LINK,
  fillOpacity: 1,
};
/** How wide a link between two tiers is drawn. */
const TRUNK = 2.2;
const at = (one: Site): L.LatLng => L.latLng(one.lat, one.lon);
const FAINT = 0.45;
const STRONG = 0.95;

export class PlanLayer {
  readonly #group = L.layerGroup();
  readonly #links = new Map<string, { link: L.Polyline; weight: number }[]>();

  constructor(
    map: L.Map,
    readonly store: Store,
    public world: World,
  ) {
    this.#group.addTo(map);
  }

  draw(plan: Plan | null): void {
    this.#group.clearLayers();
    this.#links.clear();
    if (!plan) return;
    const places = new Map(plan.facilities.map((one) => [one.id, at(one)]));
    for (const [demand, facility] of Object.entries(plan.assignment)) {
      const to = places.get(facility);
      const from = this.world.index.get(demand);
      if (to && from) this.#link(facility, reference(from.feature), to);
    }
    for (const one of plan.facilities) this.#facility(one);
    if (plan.tiers) this.#tiers(plan.tiers.tiers);
  }

  /** The tiers above the lowest: larger marks, and stronger links to what they serve. */
  #tiers(tiers: readonly Tier[]): void {
    const sites = new Map<string, Site>();
    for (const tier of tiers) for (const one of tier.facilities) sites.set(one.id, one);
    for (const tier of tiers) {
      for (const one of tier.facilities) {
        const above = one.served_by === null ? undefined : sites.get(one.served_by);
        if (above) this.#link(above.id, at(one), at(above), TRUNK);
      }
    }
    for (const [step, tier] of tiers.slice(1).entries()) {
      for (const one of tier.facilities) this.#facility(one, FACILITY.radius + 4 * (step + 1));
    }
  }

  /** Stresses the links of one facility. */
  stress(facility: string | null): void {
    for (const [id, links] of this.#links) {
      for (const { link, weight } of links) {
        link.setStyle({
          opacity: id === facility ? STRONG : FAINT,
          weight: id === facility ? 1.8 * weight : weight,
        });
      }
    }
  }

  #link(facility: string, from: L.LatLng, to: L.LatLng, weight = 1): void {
    const link = L.polyline([from, to], {
      pane: "links",
      interactive: false,
      color: LINK,
      weight,
      opacity: FAINT,
    });
    this.#group.addLayer(link);
    const links = this.#links.get(facility) ?? [];
    links.push({ link, weight });
    this.#links.set(facility, links);
  }

  #facility(one: Site, radius = FACILITY.radius): void {
    const mark = new ShapeMarker(at(one), { ...FACILITY, radius }, { pane: "facilities" });
    mark.bindTooltip(() => el("span", {}, nameOf(one)), {
      direction: "top",
      offset: [0, -8],
      className: "name-tip",
    });
    mark.on("mouseover", () => this.store.set({ hovered: one.id }));
    mark.on("mouseout", () => this.store.set({ hovered: null }));
    mark.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.store.set({ selected: one.id });
    });
    this.#group.addLayer(mark);
  }
}
