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
  siteSymbol,
  type Symbol,
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
  layer: string;
  feature: Feature;
  mark: ShapeMarker | null;
  shape: L.GeoJSON | null;
}

/** The corners of an area, of its first part where it has several. */
function corners(geometry: Geometry | null): Position[] {
  if (geometry?.type === "Polygon") return geometry.coordinates[0] ?? [];
  return geometry?.type === "MultiPolygon" ? (geometry.coordinates[0]?.[0] ?? []) : [];
}

/** Whether there is a point that a mark can stand on. */
function isPlaced({ properties }: Feature): boolean {
  return typeof properties["ref_lat"] === "number" && typeof properties["ref_lon"] === "number";
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
  readonly #drawn = new Map<string, Drawn[]>();
  readonly #largest: number;
  #painted: string | null = null;
  #painter: Painter = () => PLAIN_PAINT;

  constructor(
    readonly map: L.Map,
    readonly store: Store,
    world: World,
  ) {
    this.#largest = Math.max(
      0,
      ...(world.items.get("demand") ?? []).map((one) => Number(one.properties["demand_weight"])),
    );
    for (const layer of new Set([...DRAWN, ...world.items.keys()])) {
      const group = L.layerGroup();
      const features = world.items.get(layer) ?? [];
      this.#drawn.set(
        layer,
        features.map((feature) => this.#draw(layer, feature, group)),
      );
      this.#groups.set(layer, group);
    }
    map.on("zoomend", this.#sizeMarks);
  }

  /** Takes everything off the map for good. */
  remove(): void {
    this.map.off("zoomend", this.#sizeMarks);
    for (const group of this.#groups.values()) group.remove();
  }

  /** Shows exactly these layers. */
  show(layers: ReadonlySet<string>): void {
    for (const [layer, group] of this.#groups) {
      if (layers.has(layer)) group.addTo(this.map);
      else group.remove();
    }
  }

  /** Paints the features of one layer; those painted before are plain again. */
  paint(layer: string | null, painter: Painter): void {
    const before = this.#painted;
    this.#painter = painter;
    this.#painted = layer;
    if (before !== layer) {
      this.#raise(before, false);
      this.#raise(layer, true);
      for (const drawn of this.#drawn.get(before ?? "") ?? []) this.#style(drawn, PLAIN_PAINT);
    }
    for (const drawn of this.#drawn.get(layer ?? "") ?? []) {
      this.#style(drawn, painter(drawn.feature));
    }
  }

  /** Lifts the points of a layer above the others while they are ranked. */
  #raise(layer: string | null, up: boolean): void {
    const pane = layer === null ? undefined : this.map.getPane(layer);
    if (layer !== "districts") pane?.classList.toggle("is-ranked", up);
  }

  #style({ layer, feature, mark, shape }: Drawn, paint: Paint): void {
    mark?.setSymbol(this.#symbol(layer, feature, paint));
    shape?.setStyle(layer === "districts" ? districtStyle(paint) : footprintStyle(paint));
  }

  #symbol(layer: string, { properties }: Feature, paint: Paint): Symbol {
    if (layer === "zones") return this.#sized(zoneSymbol(properties, paint));
    const symbol = siteSymbol(layer, properties, paint);
    if (layer !== "demand" || paint.kind !== "plain") return symbol;
    return {
      ...symbol,
      radius: demandRadius(Number(properties["demand_weight"]), this.#largest),
    };
  }

  #draw(layer: string, feature: Feature, group: L.LayerGroup): Drawn {
    const drawn: Drawn = { layer, feature, mark: null, shape: null };
    const area = corners(feature.geometry).length > 0;
    const line = /LineString$|Collection$/.test(feature.geometry?.type ?? "");
    if (area || line) {
      const pane: Pane = layer === "districts" ? "districts" : "footprints";
      const style = layer === "districts" ? districtStyle : footprintStyle;
      drawn.shape = L.geoJSON(feature, { pane, style: () => style(PLAIN_PAINT) });
      this.#listen(drawn.shape, feature, layer !== "districts");
      group.addLayer(drawn.shape);
    }
    if ((layer === "zones" || !(area || line)) && isPlaced(feature)) {
      drawn.mark = new ShapeMarker(markAt(feature), this.#symbol(layer, feature, PLAIN_PAINT), {
        pane: this.map.getPane(layer) ? layer : "places",
      });
      this.#listen(drawn.mark, feature, true);
      group.addLayer(drawn.mark);
    }
    return drawn;
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

  /** Zones alone change with the zoom. */
  readonly #sizeMarks = (): void => {
    for (const drawn of this.#drawn.get("zones") ?? []) {
      const { feature, mark } = drawn;
      const paint = this.#painted === "zones" ? this.#painter(feature) : PLAIN_PAINT;
      mark?.setSymbol(this.#symbol("zones", feature, paint));
    }
  };
}
