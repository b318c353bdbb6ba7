/** The shapes the server answers with. */

import type { Feature as GeoFeature, Geometry, Polygon } from "geojson";

export type Lang = "zh" | "en";

export interface Health {
  status: string;
  version: string;
  city: { zh: string; en: string };
  workspace_hash: string;
  boundaries: string;
  /** The language the server was started in. */
  lang: Lang;
  base_map: { url: string; attribution: string } | null;
  /** Why nothing can be changed here; null where it can. */
  read_only: string | null;
}

export interface Field {
  name: string;
  title: string;
  unit: string | null;
  type: "text" | "real" | "integer" | "boolean" | "date" | "datetime";
}

/** One fault of what was sent: its row and field where it has them. */
export interface Fault {
  row: number | string | null;
  field: string | null;
  value: string;
  expected: string;
}

export interface LayerInfo {
  id: string;
  title: string;
  title_zh: string;
  title_en: string;
  features: number;
  empty: boolean;
  note: string | null;
  fields: Field[];
}

export type Value = string | number | boolean | null;

export interface Properties {
  [name: string]: Value;
}

export type Feature = GeoFeature<Geometry, Properties> & { id: string };

export interface FeatureCollection {
  type: "FeatureCollection";
  features: Feature[];
}

export interface ScenarioInfo {
  id: string;
  kind: "siting" | "location" | "allocation";
  title: string;
  as_of: string;
  saved: boolean;
}

export interface Source {
  id: string;
  title: string;
  note: string | null;
  number?: string | null;
  valid_from?: string | null;
  valid_to?: string | null;
}

export interface Site {
  id: string;
  name_zh: string;
  name_en: string;
  district: string | null;
  lon: number;
  lat: number;
}

export interface Facility extends Site {
  existing: boolean;
  load: number;
  reach_m: number | null;
  demand_points: number;
  /** In what share of the draws it is chosen; null where none were made. */
  chosen_share: number | null;
}

export interface Unserved {
  id: string;
  name_zh: string;
  name_en: string;
  code: string | null;
  reason: string;
}

/** One choice of sites with its proof. */
export interface SiteChoice {
  status: string;
  objective: number | null;
  bound: number | null;
  gap: number | null;
  root_gap: number | null;
  nodes: number;
  seconds: number;
  solver: string;
  facilities: Facility[];
  assignment: Record<string, string>;
  unserved: Unserved[];
  mean_distance_m: number | null;
  max_distance_m: number | null;
}

/** One of the best plans, and how its sites differ from the best. */
export interface Alternative extends SiteChoice {
  rank: number;
  worse_by: number | null;
  added: string[];
  dropped: string[];
}

/** How often each candidate is chosen when demand, positions and ways are drawn. */
export interface SelectionOdds {
  draws: number;
  /** What the draws say of the plan, and what was drawn. */
  sentence: string;
  drawn: string;
  candidates: (Site & { share: number | null; half_width: number | null; in_plan: boolean })[];
}

export interface Tier {
  id: string;
  title: string;
  facilities: (Site & { load: number; served_by: string | null })[];
}

export interface Plan extends SiteChoice {
  reading: string;
  title?: string;
  clause?: string | null;
  model: string;
  model_name: string;
  model_sentence: string;
  objective_unit: string;
  proof: string;
  decomposes: string | null;
  infeasible_because: string | null;
  conflicting_demands: string[];
  least_relaxations: string[];
  alternatives: Alternative[];
  selection: SelectionOdds | null;
  /** Facilities tier on tier, the lowest first, which `facilities` are too. */
  tiers: { sentence: string; tiers: Tier[] } | null;
}

export interface LocationRun extends Plan, HubRunHead {
  kind: "location";
  title: string;
  readings: Plan[];
}

/** A town with its number of facilities. */
export interface Recipient {
  id: string;
  name_zh: string;
  name_en: string;
  district: string | null;
  quota: number;
  units: number;
  range: [number, number] | null;
}

/** Facilities shared out: how many for each town, no sites. */
export interface Shares {
  reading: string;
  title?: string;
  clause?: string | null;
  p_facilities: number;
  status: string;
  objective: number | null;
  objective_unit: string;
  proof: string;
  infeasible_because: string | null;
  allocation: Recipient[];
  by_district: { district: string | null; units: number; quota: number }[];
}

/** What every run of the hub tab has. */
interface HubRunHead {
  scenario: string;
  title: string;
  as_of: string;
  assumptions: string[];
  conflict: string | null;
  warnings: string[];
  sources: Source[];
}

export interface AllocationRun extends Shares, HubRunHead {
  kind: "allocation";
  title: string;
  readings: Shares[];
}

export type HubRun = LocationRun | AllocationRun;

export interface Measures {
  area_m2: number;
  area_mu: number;
  area_ha: number;
  area_km2: number;
  area_acre: number;
  plane_area_m2: number;
  perimeter_m: number;
}

export interface AreaAnswer {
  total: Measures;
}

export interface CoverageAnswer {
  share: number | null;
  covered: number;
  uncovered: number;
  unit: string | null;
  interval: [number | null, number | null] | null;
  by_district: {
    district: string | null;
    share: number | null;
    covered: number;
    uncovered: number;
  }[];
  sentence: string;
  assumptions: string[];
  /** What a drawn polygon touches; absent for a radius. */
  features?: InsideFeature[];
}

export interface InsideFeature {
  id: string;
  name_zh: string;
  name_en: string;
  point_inside: boolean;
  inside_mu: number;
}

export interface JobProgress {
  seconds: number;
  incumbent: number | null;
  bound: number | null;
  gap: number | null;
  nodes: number;
  about: string | null;
}

export interface Job {
  id: string;
  status: "running" | "done" | "failed" | "cancelled";
  cancelled: boolean;
  progress: JobProgress | null;
  result: { href: string } | null;
  error: { detail?: string; title?: string } | string | null;
}

export type DrawnPolygon = GeoFeature<Polygon>;
