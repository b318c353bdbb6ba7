/** A zone on the map: the best as a strong line, the next best dashed, how sure it is as bands. */

import L from "leaflet";

import { fitClear } from "./map";
import { SELECT } from "./palette";
import type { DelineatedZone, ZoneDocument, ZoneOdds } from "./zone_types";

const CASING = "#fff";
const NEXT = "#5a2433";
/** The least band is the palest; all lie on one another, and grow on the deep of a good site. */
export const BAND_OPACITY = 0.36;
export const BAND_COLOUR = "#ff9d2e";
const BAND_EDGE = "#ffd9a0";
const CLOSEST = 13.5;

export class ZoneLayer {
  readonly #outlines = L.layerGroup();
  readonly #bands = L.layerGroup();
  #odds: ZoneOdds | null = null;

  constructor(readonly map: L.Map) {}

  /** Draws a document's zones; null takes them off the map. */
  draw(zone: ZoneDocument | null): void {
    this.#outlines.clearLayers();
    this.#odds = zone?.odds ?? null;
    this.#bands.clearLayers();
    if (!zone) {
      this.#outlines.remove();
      return;
    }
    this.#outlines.addTo(this.map);
    if (zone.runner_up) this.#outline(zone.runner_up, "runner-up");
    this.#outline(zone, "best");
  }

  /** Shows or hides how sure the zone is. */
  bands(shown: boolean): void {
    this.#bands.clearLayers();
    if (!shown || !this.#odds) {
      this.#bands.remove();
      return;
    }
    this.#bands.addTo(this.map);
    for (const band of this.#odds.bands) {
      if (band.geometry.coordinates.length === 0) continue;
      const shape = L.geoJSON(band.geometry, {
        pane: "bands",
        interactive: false,
        style: () => ({
          stroke: true,
          color: BAND_EDGE,
          weight: 0.8,
          opacity: 0.8,
          fillColor: BAND_COLOUR,
          fillOpacity: BAND_OPACITY,
          className: "odds-band",
        }),
      });
      this.#bands.addLayer(shape);
    }
  }

  /** Fits the map to zones, with some ground around them. */
  zoomTo(...zones: (DelineatedZone | null)[]): void {
    const drawn = zones.flatMap((one) => (one?.geometry ? [L.geoJSON(one.geometry)] : []));
    const bounds = L.latLngBounds([]);
    for (const one of drawn) bounds.extend(one.getBounds());
    if (bounds.isValid()) fitClear(this.map, bounds.pad(0.25), CLOSEST);
  }

  #outline(zone: DelineatedZone, which: "best" | "runner-up"): void {
    if (!zone.geometry) return;
    const best = which === "best";
    const lines: L.PathOptions[] = [
      { color: CASING, weight: best ? 5.5 : 3.6, opacity: 0.85, className: "zone-casing" },
      best
        ? { color: SELECT, weight: 3, className: "zone-best" }
        : { color: NEXT, weight: 1.6, dashArray: "5 4", className: "zone-runner-up" },
    ];
    for (const line of lines) {
      const style = { ...line, fill: false, lineJoin: "miter" as const };
      const options = { pane: "bounds", interactive: false, style: () => style };
      this.#outlines.addLayer(L.geoJSON(zone.geometry, options));
    }
  }
}
