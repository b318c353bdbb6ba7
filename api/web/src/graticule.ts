/** Meridians and parallels with their degrees at the map's edges. */

import L from "leaflet";

import { el } from "./dom";

/** Spacing in degrees, from the lowest zoom up. */
const SPACING: readonly (readonly [zoom: number, degrees: number])[] = [
  [14, 0.02],
  [12.5, 0.05],
  [11, 0.1],
  [10, 0.25],
  [0, 0.5],
];

const LINE: L.PolylineOptions = {
  pane: "graticule",
  interactive: false,
  color: "#b9c8cc",
  weight: 0.8,
};

function label(at: L.LatLng, text: string, kind: string): L.Marker {
  return L.marker(at, {
    pane: "labels",
    interactive: false,
    keyboard: false,
    icon: L.divIcon({ className: `degree ${kind}`, html: el("span", {}, text), iconSize: [0, 0] }),
  });
}

function steps(from: number, to: number, by: number): number[] {
  const first = Math.ceil(from / by);
  const count = Math.max(0, Math.floor(to / by) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * by);
}

function degrees(value: number, by: number): string {
  return `${value.toFixed(by < 0.1 ? 2 : by === 0.25 ? 2 : 1)}°`;
}

export function addGraticule(map: L.Map): void {
  const group = L.layerGroup().addTo(map);
  const draw = (): void => {
    group.clearLayers();
    const bounds = map.getBounds();
    const wide = bounds.pad(0.3);
    const by = SPACING.find(([zoom]) => map.getZoom() >= zoom)?.[1] ?? 0.5;
    for (const lon of steps(wide.getWest(), wide.getEast(), by)) {
      group.addLayer(
        L.polyline(
          [
            [wide.getSouth(), lon],
            [wide.getNorth(), lon],
          ],
          LINE,
        ),
      );
      group.addLayer(label(L.latLng(bounds.getSouth(), lon), `${degrees(lon, by)}E`, "meridian"));
    }
    for (const lat of steps(wide.getSouth(), wide.getNorth(), by)) {
      group.addLayer(
        L.polyline(
          [
            [lat, wide.getWest()],
            [lat, wide.getEast()],
          ],
          LINE,
        ),
      );
      group.addLayer(label(L.latLng(lat, bounds.getEast()), `${degrees(lat, by)}N`, "parallel"));
    }
  };
  map.on("moveend", draw);
}
