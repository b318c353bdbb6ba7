/** The shapes the server answers with. */

import type { Feature as GeoFeature, Geometry, Polygon } from "geojson";

export type Lang = "zh" | "en";

export interface Health {
  status: string;
  version: string;
  city: { zh: string; en: string };
  workspace_hash: string;
  boundaries: string;
  base_map: { url: string; attribution: string } | null;
}

export interface Field {
  name: string;
  title: string;
  unit: string | null;
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
  kind: "siting" | "location";
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

export interface Facility {
  id: string;
  name_zh: string;
  name_en: string;
  district: string | null;
  lon: number;
  lat: number;
  load: number;
  demand_points: number;
}

export interface Plan {
  reading: string;
  title?: string;
  clause?: string | null;
  model: string;
  status: string;
  objective: number | null;
  objective_unit: string;
  bound: number | null;
  gap: number | null;
  seconds: number;
  solver: string;
  proof: string;
  facilities: Facility[];
  assignment: Record<string, string>;
  unserved: { id: string; name_zh: string; reason: string }[];
  mean_distance_m: number | null;
  max_distance_m: number | null;
  decomposes: string | null;
}

export interface LocationRun extends Plan {
  scenario: string;
  kind: "location";
  title: string;
  as_of: string;
  assumptions: string[];
  conflict: string | null;
  readings: Plan[];
  warnings: string[];
  sources: Source[];
}

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

export interface Job {
  id: string;
  status: "running" | "done" | "failed";
  result: { href: string } | null;
  error: { detail?: string; title?: string } | string | null;
}

export type DrawnPolygon = GeoFeature<Polygon>;
