/** A polygon from points, and points from text. */

import type { Position } from "geojson";

import type { DrawnPolygon } from "./types";

export type Point = readonly [lon: number, lat: number];

/**
 * Points from text, one "lon, lat" a line; blank lines are passed over.
 * Returns the number of the first line that is not two numbers, or 0 for fewer than three points.
 */
export function readPoints(text: string): Point[] | number {
  const points: Point[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const parts = line.trim().split(/[\s,，;；]+/);
    const [lon, lat] = parts.map(Number);
    if (parts.length !== 2 || !Number.isFinite(lon) || !Number.isFinite(lat)) return i + 1;
    points.push([lon as number, lat as number]);
  }
  return points.length < 3 ? 0 : points;
}

/** A closed GeoJSON polygon of these points. */
export function polygonOf(points: readonly Point[]): DrawnPolygon {
  const ring = points.map(([lon, lat]): Position => [lon, lat]);
  const [first] = ring;
  const last = ring.at(-1);
  if (first && last && (first[0] !== last[0] || first[1] !== last[1])) ring.push([...first]);
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}
