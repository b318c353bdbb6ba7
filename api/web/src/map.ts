/** The map itself: extent, panes, scale, base map if there is one. */

import L from "leaflet";

import { t, term } from "./i18n";
import type { Feature, Health } from "./types";

/** Panes from bottom to top. */
const PANES = [
  "graticule",
  "districts",
  "surface",
  "borders",
  "plot",
  "footprints",
  "bands",
  "bounds",
  "links",
  "towns",
  "demand",
  "places",
  "clusters",
  "hubs",
  "zones",
  "labels",
  "facilities",
  "selection",
] as const;
export type Pane = (typeof PANES)[number];

const SILENT: readonly Pane[] = [
  "graticule",
  "surface",
  "borders",
  "bands",
  "bounds",
  "links",
  "labels",
  "selection",
];

export function createMap(container: HTMLElement): L.Map {
  const map = L.map(container, {
    zoomControl: false,
    attributionControl: false,
    zoomSnap: 0.25,
    zoomDelta: 0.5,
    minZoom: 7,
    maxZoom: 17,
    fadeAnimation: false,
  });
  PANES.forEach((name, i) => {
    const pane = map.createPane(name);
    pane.style.zIndex = String(400 + i * 5);
    if (SILENT.includes(name)) pane.classList.add("is-silent");
  });
  map.on("layeradd", ({ layer }) => keepOutOfTabOrder(layer));
  return map;
}

/**
 * A tooltip listens for the focus of its shape, and Chromium takes an SVG shape that is listened to
 * into the tab order: hundreds of stops, while the table carries the keyboard.
 */
function keepOutOfTabOrder(layer: L.Layer): void {
  if (layer instanceof L.Path) layer.getElement()?.setAttribute("tabindex", "-1");
}

/** The width that the cards at the left take. */
const CARDS = 232;

/** Fits the map to these features. */
export function showWhole(map: L.Map, features: readonly Feature[]): void {
  const bounds = L.geoJSON(features as Feature[]).getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [14, 14], animate: false });
  else map.setView([28, 120.7], 9);
}

/** Keeps the map near these features. */
export function keepNear(map: L.Map, features: readonly Feature[]): void {
  const bounds = L.geoJSON(features as Feature[]).getBounds();
  if (bounds.isValid()) map.setMaxBounds(bounds.pad(0.8));
}

export function addBaseMap(map: L.Map, health: Health): void {
  if (health.base_map) L.tileLayer(health.base_map.url, { className: "base-tiles" }).addTo(map);
}

let attribution: L.Control.Attribution | null = null;
let zoom: L.Control.Zoom | null = null;
let scale: L.Control.Scale | null = null;

/** The controls that carry words; called again when the language changes. */
export function captionMap(map: L.Map, health: Health): void {
  attribution?.remove();
  zoom?.remove();
  scale?.remove();
  zoom = L.control
    .zoom({ position: "topright", zoomInTitle: t("map.zoomIn"), zoomOutTitle: t("map.zoomOut") })
    .addTo(map);
  attribution = L.control.attribution({ prefix: false, position: "bottomleft" }).addTo(map);
  attribution.addAttribution(
    escaped(t("map.boundaries", { source: term("boundaries", health.boundaries) })),
  );
  if (health.base_map) attribution.addAttribution(escaped(health.base_map.attribution));
  scale = L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
}

/** Leaflet's attribution takes markup; ours is always plain text. */
function escaped(text: string): string {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}

/** Leaves room for the cards at the left where the map is wide enough. */
function room(map: L.Map): { paddingTopLeft: L.PointTuple; paddingBottomRight: L.PointTuple } {
  const left = map.getSize().x > 2.5 * CARDS ? CARDS + 16 : 32;
  return { paddingTopLeft: [left, 40], paddingBottomRight: [64, 40] };
}

/** Fits the map to these bounds, clear of the cards, no closer than `maxZoom`. */
export function fitClear(map: L.Map, bounds: L.LatLngBounds, maxZoom: number): void {
  if (bounds.isValid()) map.fitBounds(bounds, { ...room(map), maxZoom, animate: false });
}

const CLOSEST = 14;

/** Fits the map to one feature and the point it is measured from. */
export function zoomTo(map: L.Map, feature: Feature): void {
  const bounds = L.geoJSON(feature).getBounds().extend(reference(feature));
  map.fitBounds(bounds.pad(0.2), { ...room(map), maxZoom: CLOSEST });
}

/** Brings a point into the part of the map that no card covers. */
export function bringIntoView(map: L.Map, at: L.LatLngExpression): void {
  map.panInside(at, room(map));
}

/** The point from which distances to a feature are measured. */
export function reference(feature: Feature): L.LatLng {
  return L.latLng(Number(feature.properties["ref_lat"]), Number(feature.properties["ref_lon"]));
}
