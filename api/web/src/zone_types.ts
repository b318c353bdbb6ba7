/** The shapes of a delineated zone, and of what is asked for it. */

import type { MultiPolygon, Polygon } from "geojson";

import type { Lang, Source } from "./types";

export type Objective = "total" | "mean";

/** What is asked; what is left out stays as the server has it. */
export interface ZoneRequest {
  min_mu: number;
  max_mu: number;
  objective?: Objective;
  perimeter_price?: number;
  time_limit_s?: number;
  draws?: number;
  seed?: number;
  weights?: Record<string, number>;
  cut_offs?: Record<string, number>;
}

export interface Held {
  layer: string;
  id: string;
  name: string;
  /** The share of the zone's area, null for a point inside. */
  share: number | null;
}

/** One zone with its proof; where there is none its keys are null. */
export interface DelineatedZone {
  status: string;
  objective: number | null;
  bound: number | null;
  gap: number | null;
  root_gap: number | null;
  nodes: number;
  seconds: number;
  solver: string;
  infeasible_because: string | null;
  nearest_mu: number | null;
  area_mu: number | null;
  area_ha: number | null;
  suitability: number | null;
  geometry: Polygon | MultiPolygon | null;
  four_bounds: Record<Lang, string> | null;
  bounds: { side: string; sentence: string }[];
  holds: Held[];
}

/** How sure the zone is when weights and places are drawn. */
export interface ZoneOdds {
  draws: number;
  seed: number;
  /** The mean share of a draw's zone that lies in the best zone; null where no draw found one. */
  agreement: number | null;
  /** The area that is in the zone of every draw. */
  core_mu: number;
  bands: { share: number; area_mu: number; geometry: Polygon | MultiPolygon }[];
  sentence: string;
  drawn: string[];
}

/** How much of a kind of ground there is; null where none is imported, so it was not checked. */
export interface Overlap {
  layer: string;
  kind: string;
  name: string;
  /** No zone may have any of it. */
  closed: boolean;
  checked: boolean;
  zone_mu: number | null;
  searched_mu: number | null;
}

export interface ZoneDocument extends DelineatedZone {
  scenario: string;
  kind: "zone";
  title: string;
  as_of: string;
  clause: string | null;
  heading: string | null;
  objective_kind: Objective;
  min_mu: number;
  max_mu: number;
  criteria: { id: string; name: string; unit: string | null; weight: number; mean: number | null }[];
  left_out: string[];
  cell_m: number;
  searched_mu: number;
  reduction: { cells: number; kept: number; sentence: string };
  ledger: { rule: string; name?: string; cells: number; area_mu: number; alone_mu?: number }[];
  overlaps?: Overlap[];
  barrier?: { sentence: string } | null;
  runner_up: DelineatedZone | null;
  odds?: ZoneOdds | null;
  assumptions: string[];
  warnings: string[];
  sources: Source[];
}
