/** The stored layers on the map: drawn, painted by score, hovered, selected. */

import type { Geometry, Position } from "geojson";
import L from "leaflet";

import { el } from "./dom";
import { nameOf } from "./i18n";
import { type Pane, reference } from "./map";
import { ShapeMarker } from "./shape_marker";
import type { Store } from "./store";
import {
  demandRadius,
  districtStyle,
  footprintStyle,
  type Paint,
  PLAIN_PAINT,
  pointSymbol,
  zoneSymbol,
} from "./symbols";
import type { Feature } from "./types";
import type { World } from "./world";

export type Painter = (feature: Feature) => Paint;

/** Layers from bottom to top; the legend lists them the other way round. */
export const DRAWN = [
  "districts",
  "towns",
  "demand",
  "places",
  "clusters",
  "hubs",
  "zones",
] as const;

/** The zoom from which a zone's footprint, not its mark, tells its size. */
const FOOTPRINT_ZOOM = 13;
const SMALL_MARK = 4;

interface Drawn {
  feature: Feature;
  mark: ShapeMarker | null;
  shape: L.GeoJSON | null;
}

function corners(geometry: Geometry): Position[] {
  return geometry.type === "Polygon" ? (geometry.coordinates[0] ?? []) : [];
}

/** Where a feature's mark stands: the middle of a footprint, else the reference point. */
export function markAt(feature: Feature): L.LatLng {
  const ring = corners(feature.geometry);
  if (feature.properties["geometry_kind"] === "indicative" && ring.length > 0) {
    return L.latLngBounds(ring.map(([lon, lat]) => L.latLng(lat ?? 0, lon ?? 0))).getCenter();
  }
  return reference(feature);
}

export class Layers {
  readonly #groups = new Map<string, L.LayerGroup>();
  readonly #drawn = new Map<string, Drawn>();
  #painter: Painter = () => PLAIN_PAINT;

  constructor(
    readonly map: L.Map,
    readonly store: Store,
    world: World,
  ) {
    const largest = Math.max(
      0,
      ...(world.items.get("demand") ?? []).map((one) => Number(one.properties["demand_weight"])),
    );
    for (const layer of DRAWN) {
      const group = L.layerGroup();
      for (const feature of world.items.get(layer) ?? [])
        this.#draw(layer, feature, group, largest);
      this.#groups.set(layer, group);
    }
    map.on("zoomend", () => this.#sizeMarks());
  }

  /** Shows exactly these layers. */
  show(layers: ReadonlySet<string>): void {
    for (const [layer, group] of this.#groups) {
      if (layers.has(layer)) group.addTo(this.map);
      else group.remove();
    }
  }

  /** Paints zones and districts anew. */
  paint(painter: Painter): void {
    this.#painter = painter;
    for (const { feature, mark, shape } of this.#drawn.values()) {
      const paint = painter(feature);
      if (mark && shape) {
        mark.setSymbol(this.#sized(zoneSymbol(feature.properties, paint)));
        shape.setStyle(footprintStyle(paint));
      } else if (shape) {
        shape.setStyle(districtStyle(paint));
      }
    }
  }

  #draw(layer: string, feature: Feature, group: L.LayerGroup, largest: number): void {
    const drawn: Drawn = { feature, mark: null, shape: null };
    if (layer === "districts" || layer === "zones") {
      const pane: Pane = layer === "districts" ? "districts" : "footprints";
      const style = layer === "districts" ? districtStyle : footprintStyle;
      drawn.shape = L.geoJSON(feature, { pane, style: () => style(PLAIN_PAINT) });
      this.#listen(drawn.shape, feature, layer !== "districts");
      group.addLayer(drawn.shape);
    }
    if (layer === "zones") {
      drawn.mark = new ShapeMarker(markAt(feature), zoneSymbol(feature.properties, PLAIN_PAINT), {
        pane: "zones",
      });
    } else if (layer !== "districts") {
      drawn.mark = this.#point(layer, feature, largest);
    }
    if (drawn.mark) {
      this.#listen(drawn.mark, feature, true);
      group.addLayer(drawn.mark);
    }
    if (drawn.shape) this.#drawn.set(feature.id, drawn);
  }

  #point(layer: string, feature: Feature, largest: number): ShapeMarker {
    const symbol = pointSymbol(layer, feature.properties);
    const radius =
      layer === "demand"
        ? demandRadius(Number(feature.properties["demand_weight"]), largest)
        : symbol.radius;
    return new ShapeMarker(reference(feature), { ...symbol, radius }, { pane: layer });
  }

  #listen(target: L.Layer, feature: Feature, named: boolean): void {
    if (named) {
      target.bindTooltip(() => el("span", {}, nameOf(feature.properties)), {
        sticky: true,
        direction: "top",
        offset: [0, -8],
        className: "name-tip",
      });
    }
    target.on("mouseover", () => this.store.set({ hovered: feature.id }));
    target.on("mouseout", () => this.store.set({ hovered: null }));
    target.on("click", (event: L.LeafletMouseEvent) => {
      if (this.map.pm.globalDrawModeEnabled()) return;
      L.DomEvent.stopPropagation(event);
      this.store.set({ selected: feature.id });
    });
  }

  #sized<T extends { radius: number }>(symbol: T): T {
    const close = this.map.getZoom() >= FOOTPRINT_ZOOM;
    return close ? { ...symbol, radius: Math.min(symbol.radius, SMALL_MARK) } : symbol;
  }

  #sizeMarks(): void {
    for (const { feature, mark } of this.#drawn.values()) {
      mark?.setSymbol(this.#sized(zoneSymbol(feature.properties, this.#painter(feature))));
    }
  }
}
