/** How a feature is drawn: shape, size, colour, line pattern. The legend draws the same symbols. */

import { BORDER, diverging, EXCLUDED, INK, LAND, PLAIN, ramp } from "./palette";
import type { Properties } from "./types";

export type Shape = "circle" | "diamond" | "square" | "triangle" | "target";

export interface Symbol {
  shape: Shape;
  radius: number;
  color: string;
  weight: number;
  opacity: number;
  fillColor: string;
  fillOpacity: number;
  dashArray?: string;
}

/**
 * What a siting run says of a feature: a place on the ramp (0–1), a change of rank (-1 to 1), left
 * out, or nothing.
 */
export type Paint =
  | { kind: "score"; share: number }
  | { kind: "difference"; share: number }
  | { kind: "excluded" }
  | { kind: "plain" };

export const PLAIN_PAINT: Paint = { kind: "plain" };
export const HATCH = "url(#hatch)";

const POINTS: Record<string, Symbol> = {
  towns: point("circle", 1.7, "#7f8a89", 0),
  demand: { ...point("circle", 5, "#4f77a0", 0.8), fillOpacity: 0.28, color: "#4f77a0" },
  places: point("triangle", 4.2, "#6f6a7c", 0.8),
  clusters: point("diamond", 6, "#b0741c", 1.1),
  hubs: point("square", 4.8, "#2f5680", 1.1),
};

function point(shape: Shape, radius: number, fill: string, weight: number): Symbol {
  return { shape, radius, color: "#fff", weight, opacity: 1, fillColor: fill, fillOpacity: 1 };
}

/** Positions from memory are hollow, planned and unlocated things pale. */
function qualified(symbol: Symbol, properties: Properties): Symbol {
  if (properties["basis_kind"] === "recalled") {
    return { ...symbol, color: symbol.fillColor, weight: 1.7, fillColor: "#fff", fillOpacity: 0.9 };
  }
  const status = properties["status"];
  if (status === "planned" || status === "not_located") {
    return { ...symbol, color: symbol.fillColor, fillOpacity: 0.35 };
  }
  return symbol;
}

/** Area in proportion to the weight; the largest circle has a radius of 15 pixels. */
export function demandRadius(weight: number, largest: number): number {
  return largest > 0 ? Math.max(1.5, 15 * Math.sqrt(Math.max(0, weight) / largest)) : 1.5;
}

export function pointSymbol(layer: string, properties: Properties): Symbol {
  const symbol = POINTS[layer] ?? point("circle", 4, INK, 1);
  return layer === "towns" || layer === "demand" ? symbol : qualified(symbol, properties);
}

/** The colour of a paint, `plain` where nothing is said. */
function fillOf(paint: Paint, plain: string): string {
  if (paint.kind === "score") return ramp(paint.share);
  if (paint.kind === "difference") return diverging(paint.share);
  return paint.kind === "excluded" ? HATCH : plain;
}

export function zoneRadius(areaMu: number): number {
  return 4 + Math.sqrt(Math.max(0, areaMu)) / 10;
}

/** A mark of this radius painted; a recalled position is hollow, an excluded site hatched. */
function painted(shape: Shape, radius: number, properties: Properties, paint: Paint): Symbol {
  const recalled = properties["basis_kind"] === "recalled";
  const fill = fillOf(paint, PLAIN);
  if (paint.kind === "excluded") {
    const excluded: Symbol = { ...point(shape, radius, fill, 1), color: EXCLUDED };
    return recalled ? { ...excluded, dashArray: "2 2" } : excluded;
  }
  if (!recalled) return { ...point(shape, radius, fill, 1), color: INK };
  return { ...point(shape, radius - 0.5, "#fff", 3), color: fill, fillOpacity: 0.9 };
}

export function zoneSymbol(properties: Properties, paint: Paint): Symbol {
  return painted("circle", zoneRadius(Number(properties["area_mu"] ?? 0)), properties, paint);
}

/** The least radius of a point that is ranked, so that its colour can be seen. */
const RANKED = 5.5;

/** A point of any other layer; one that is ranked grows and takes its colour. */
export function siteSymbol(layer: string, properties: Properties, paint: Paint): Symbol {
  const plain = pointSymbol(layer, properties);
  if (paint.kind === "plain") return plain;
  const radius = paint.kind === "excluded" ? 4 : Math.max(RANKED, plain.radius);
  return painted(plain.shape, radius, properties, paint);
}

/** The indicative footprint: always dashed. */
export function footprintStyle(paint: Paint): Omit<Symbol, "shape" | "radius"> {
  return {
    color: paint.kind === "excluded" ? EXCLUDED : INK,
    weight: 1.2,
    opacity: 0.9,
    dashArray: "4 3",
    fillColor: fillOf(paint, PLAIN),
    fillOpacity: 0.55,
  };
}

export function districtStyle(paint: Paint): Omit<Symbol, "shape" | "radius"> {
  return {
    color: BORDER,
    weight: 1.2,
    opacity: 1,
    fillColor: fillOf(paint, LAND),
    fillOpacity: paint.kind === "plain" ? 1 : 0.85,
  };
}

/** The outline of a shape around a point, as SVG path data. */
export function shapePath(shape: Shape, x: number, y: number, r: number): string {
  const circle = (size: number): string =>
    `M${x - size},${y}a${size},${size} 0 1,0 ${size * 2},0a${size},${size} 0 1,0 ${-size * 2},0`;
  if (shape === "diamond") return `M${x},${y - r}L${x + r},${y}L${x},${y + r}L${x - r},${y}Z`;
  if (shape === "square") return `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`;
  if (shape === "triangle")
    return `M${x},${y - r}L${x + r},${y + r * 0.8}L${x - r},${y + r * 0.8}Z`;
  if (shape === "target") return `${circle(r)}${circle(r * 0.4)}`;
  return circle(r);
}
