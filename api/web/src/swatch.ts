/** Small pictures of map symbols, drawn from the symbols themselves. */

import { svg } from "./dom";
import { shapePath, type Symbol } from "./symbols";

const SIZE = 18;

export function swatch(...children: SVGElement[]): SVGElement {
  return svg(
    "svg",
    {
      class: "swatch",
      viewBox: `0 0 ${SIZE} ${SIZE}`,
      width: SIZE,
      height: SIZE,
      "aria-hidden": "true",
    },
    ...children,
  );
}

export function drawn(symbol: Symbol): SVGElement {
  return svg("path", {
    d: shapePath(symbol.shape, SIZE / 2, SIZE / 2, symbol.radius),
    fill: symbol.fillColor,
    "fill-opacity": symbol.fillOpacity,
    stroke: symbol.color,
    "stroke-width": symbol.weight,
    "stroke-dasharray": symbol.dashArray,
    "fill-rule": "evenodd",
  });
}

export function box(fill: string, stroke: string, dash: string | null = null): SVGElement {
  return svg("rect", {
    x: 2.5,
    y: 4.5,
    width: 13,
    height: 9,
    fill,
    stroke,
    "stroke-width": 1.2,
    "stroke-dasharray": dash,
  });
}
