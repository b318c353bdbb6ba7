/** The geometry of one feature under the pointer: a mark to drag, or vertices. */

import type { Geometry } from "geojson";
import L from "leaflet";
import "@geoman-io/leaflet-geoman-free";

import { SELECT } from "./palette";
import type { Feature } from "./types";

/** Degrees are stored to about a centimetre. */
const DECIMALS = 7;
/** More vertices than these are no work for the hand. */
const MOST_VERTICES = 2_000;
const STYLE: L.PathOptions = { color: SELECT, weight: 2, fillOpacity: 0.12, pane: "plot" };
const KINDS = new Set(["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]);

function vertices(part: unknown): number {
  if (!Array.isArray(part)) return 0;
  if (typeof part[0] === "number") return 1;
  return part.reduce<number>((sum, one) => sum + vertices(one), 0);
}

/** Whether a geometry can be changed by hand. */
export function canBeDrawn(geometry: Geometry | null): boolean {
  if (!geometry || geometry.type === "GeometryCollection" || !KINDS.has(geometry.type)) return false;
  return vertices(geometry.coordinates) <= MOST_VERTICES;
}

/** A geometry on the map that follows the pointer until it is removed. */
export class ShapeEditor {
  readonly #layer: L.Marker | L.Polyline;

  constructor(map: L.Map, feature: Feature, geometry: Geometry) {
    const [layer] = L.geoJSON({ ...feature, geometry } as Feature, {
      style: () => STYLE,
      pointToLayer: (_, at) =>
        L.marker(at, {
          draggable: true,
          keyboard: false,
          icon: L.divIcon({ className: "shape-handle", iconSize: [18, 18] }),
        }),
    }).getLayers();
    this.#layer = layer as L.Marker | L.Polyline;
    this.#layer.addTo(map);
    if (!(this.#layer instanceof L.Marker)) {
      this.#layer.pm.enable({ allowSelfIntersection: true, snappable: false });
    }
  }

  /** The geometry as it is drawn now. */
  get geometry(): Geometry {
    return this.#layer.toGeoJSON(DECIMALS).geometry;
  }

  remove(): void {
    if (!(this.#layer instanceof L.Marker)) this.#layer.pm.disable();
    this.#layer.remove();
  }
}
