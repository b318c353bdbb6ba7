/** The shapes of imports, exports, revisions and edits. */

import type { Fault, Feature, Value } from "./types";

export interface DatumVerdict {
  sentence: string;
  evidence: string[];
  contradicted: boolean;
}

export interface Repair {
  row: string;
  id: string | null;
  reason: string;
  area_before_m2: number;
  area_after_m2: number;
  share: number;
}

/** What an import or its dry run came to. */
export interface ImportReport {
  layer: string;
  title: string;
  new_layer: boolean;
  dry_run: boolean;
  written: boolean;
  revision: number | null;
  inserted: number;
  updated: number;
  unchanged: number;
  deleted: number;
  file: string;
  rows: number;
  headline: string;
  columns: { column: string; field: string }[];
  left_out: string[];
  faults: Fault[];
  warnings: Fault[];
  repairs: Repair[];
  notes: string[];
  datum: DatumVerdict | null;
  report: string | null;
}

export interface Counts {
  inserted: number;
  updated: number;
  deleted: number;
}

export interface Revision {
  revision: number;
  /** UTC, ISO 8601. */
  made: string;
  author: string | null;
  reason: string | null;
  kind: string;
  kind_words: string;
  layers: Record<string, Counts>;
}

export interface FieldChange {
  field: string;
  before: Value;
  after: Value;
}

export interface FeatureDifference {
  layer: string;
  id: string;
  change: "inserted" | "updated" | "deleted";
  fields: FieldChange[];
  geometry: {
    before_mu: number | null;
    after_mu: number | null;
    moved_degrees: number | null;
  } | null;
}

export interface Undone extends Counts {
  undone: number;
  revision: number | null;
}

/** A feature with the tag of its version. */
export interface Tagged {
  feature: Feature;
  tag: string;
}

export interface EditedFeature extends Feature {
  revision: number | null;
  overlaps: { id: string; area_mu: number }[];
  notes: string[];
  warnings: string[];
}
