/** The ring around what is hovered or selected, with the circle in which the true place lies. */

import L from "leaflet";

import { markAt } from "./layers";
import { reference } from "./map";
import { SELECT } from "./palette";
import { ShapeMarker } from "./shape_marker";
import type { Symbol } from "./symbols";
import type { Entry } from "./world";

const RING: Symbol = {
  shape: "circle",
  radius: 12,
  color: SELECT,
  weight: 2.5,
  opacity: 1,
  fillColor: SELECT,
  fillOpacity: 0,
};
const CROSS: Symbol = { ...RING, radius: 2.2, weight: 1, fillOpacity: 1 };
const UNLABELLED = { pane: "selection", interactive: false } as const;

function outline(entry: Entry, weight: number, opacity = 1): L.GeoJSON {
  return L.geoJSON(entry.feature, {
    ...UNLABELLED,
    style: {
      color: SELECT,
      weight,
      fillOpacity: 0,
      opacity,
      ...(entry.layer === "districts" ? {} : { dashArray: "4 3" }),
    },
  });
}

/** The marks of one feature; `full` adds the accuracy circle and the reference point. */
function marks(entry: Entry, full: boolean): L.Layer[] {
  const { feature, layer } = entry;
  if (layer === "districts") return [full ? outline(entry, 2.5) : outline(entry, 1.5, 0.55)];
  const parts: L.Layer[] = [new ShapeMarker(markAt(feature), RING, UNLABELLED)];
  if (!full) return parts;
  if (feature.geometry.type !== "Point") parts.push(outline(entry, 2));
  const accuracy = feature.properties["accuracy_m"];
  if (typeof accuracy === "number" && accuracy > 0) {
    parts.push(
      L.circle(reference(feature), {
        ...UNLABELLED,
        radius: accuracy,
        color: SELECT,
        weight: 1,
        dashArray: "3 4",
        fillColor: SELECT,
        fillOpacity: 0.05,
      }),
      new ShapeMarker(reference(feature), CROSS, UNLABELLED),
    );
  }
  return parts;
}

export class Selection {
  readonly #selected = L.layerGroup();
  readonly #hovered = L.layerGroup();

  constructor(map: L.Map) {
    this.#selected.addTo(map);
    this.#hovered.addTo(map);
  }

  select(entry: Entry | null): void {
    this.#selected.clearLayers();
    for (const mark of entry ? marks(entry, true) : []) this.#selected.addLayer(mark);
  }

  hover(entry: Entry | null): void {
    this.#hovered.clearLayers();
    for (const mark of entry ? marks(entry, false) : []) this.#hovered.addLayer(mark);
  }
}
