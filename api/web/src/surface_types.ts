/** The shapes of a suitability surface and of what it holds at a place. */

import type { Source } from "./types";

export interface SurfaceCriterion {
  id: string;
  name: string;
  unit: string | null;
  direction: "benefit" | "cost";
  sentence: string;
  proxy_for: string | null;
  /** Of 10,000; all add up to it. */
  weight: number;
  /** The performance at value 0 and at value 1, where there is one of each. */
  least: number | null;
  most: number | null;
}

export interface SurfaceRule {
  /** The bit of the flags, from 1. */
  number: number;
  id: string;
  name: string;
}

export interface RuleTaken {
  rule: string;
  cells: number;
  area_mu: number;
  /** What it takes and no other rule does. */
  alone_mu?: number | null;
}

export interface Surface {
  scenario: string;
  kind: "surface";
  title: string;
  as_of: string;
  clause: string | null;
  heading: string | null;
  hash: string;
  crs: string;
  cell_m: number;
  rows: number;
  columns: number;
  /** West, south, east, north in degrees. */
  extent: [west: number, south: number, east: number, north: number];
  cells: number;
  searched_mu: number;
  criteria: SurfaceCriterion[];
  left_out: { id: string; name: string }[];
  rules: SurfaceRule[];
  ledger: RuleTaken[];
  level_rule: string;
  tiles: string;
  /** The last zoom that tiles are cut for. */
  deepest: number;
  assumptions: string[];
  warnings: string[];
  sources: Source[];
}

/** The exact values at the cell of a place. */
export interface PlaceAnswer {
  inside: boolean;
  eligible: boolean;
  rules: string[];
  criteria: {
    id: string;
    name: string;
    unit: string | null;
    performance: number | null;
    value: number | null;
    level: number;
  }[];
}
