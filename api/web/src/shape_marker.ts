/** A point on the map in one of our shapes, of constant size on the screen. */

import L from "leaflet";

import { type Shape, type Symbol, shapePath } from "./symbols";

interface Drawing {
  _renderer: { _setPath(layer: L.Layer, path: string): void };
  _point: L.Point;
  _radius: number;
  _empty(): boolean;
}

/** Leaflet 1.9 draws a CircleMarker through `_updatePath`; only the outline differs here. */
export class ShapeMarker extends L.CircleMarker {
  #shape: Shape = "circle";

  constructor(at: L.LatLngExpression, symbol: Symbol, options: L.CircleMarkerOptions = {}) {
    super(at, { ...options, ...symbol });
    this.#shape = symbol.shape;
  }

  setSymbol(symbol: Symbol): void {
    this.#shape = symbol.shape;
    this.setStyle({ dashArray: "", ...symbol });
    this.setRadius(symbol.radius);
  }

  protected _updatePath(): void {
    const drawing = this as unknown as Drawing;
    const { x, y } = drawing._point;
    const path = drawing._empty() ? "M0 0" : shapePath(this.#shape, x, y, drawing._radius);
    drawing._renderer._setPath(this, path);
  }
}
