/** The shape of a ranking: a siting scenario run by the server. */

import type { Audit, Contrast } from "./contrast_types";
import type { Source } from "./types";

export type Doubt = "weights" | "values" | "positions";
export type Band = [first: number, last: number];

export interface ValueFunction {
  kind: string;
  sentence: string;
  /** Where the function bends, in the criterion's unit. */
  turns: number[];
  curve: { performance: number[]; value: number[] };
  /** Names in the place of the curve's performances; null for numbers. */
  categories: string[] | null;
}

export interface Criterion {
  id: string;
  name: string;
  /** The top group; `subgroup` is the one inside that it stands in, if any. */
  group: string;
  subgroup: string | null;
  unit: string | null;
  direction: "benefit" | "cost";
  weight: number;
  sentence: string;
  proxy_for: string | null;
  as_of: string | null;
  missing: string | null;
  missing_count: number | null;
  value_function: ValueFunction;
}

export interface Group {
  id: string;
  title: string;
  weight: number;
  /** Every criterion below, those of the groups inside with them. */
  criteria: string[];
  groups: Group[];
}

/** How sure an alternative's rank is; all null until odds are drawn. */
export interface Likelihood {
  rank_acceptability: number[] | null;
  rank_band: Band | null;
  first_share: number | null;
  among_first_five_share: number | null;
  first_in_group_share: number | null;
  confidence_factor: number | null;
  /** In the order of the criteria; null where the alternative is never first. */
  central_weights: (number | null)[] | null;
  moved_most_by: Doubt | null;
  rank_spread: Record<Doubt, number> | null;
  odds_sentence: string | null;
}

export interface Alternative extends Likelihood {
  id: string;
  name_zh: string;
  name_en: string;
  district: string | null;
  rank: number;
  tied_with: string[];
  score: number;
  score_interval: [number, number] | null;
  contributions: Record<string, number>;
  values: Record<string, number | null>;
  performance: Record<string, number | string | null>;
  method_ranks: Record<string, number>;
  dominated_by: string[];
  accuracy_m: number | null;
  indicative: boolean;
  shares_point_with: string[];
  in_leading: boolean;
  rank_in_leading: number | null;
  group: string | null;
  rank_in_group: number | null;
  chosen: boolean | null;
  doubt: string | null;
}

export interface Margin {
  rule: string;
  margin: number | null;
  sentence: string | null;
}

export interface Excluded {
  id: string;
  name_zh: string;
  name_en: string;
  district: string | null;
  excluded_by: string[];
  reasons: string[];
  margins: Margin[];
  single_rule: boolean;
  /** Its rank if it alone were let in; null where a value is missing. */
  would_rank: number | null;
}

export interface Rule {
  id: string;
  sentence: string;
  assumption: string | null;
  clause: string | null;
  excluded: number | null;
}

export interface Odds {
  draws: number;
  seed: number;
  /** Sampling error of a share, at 95 %. */
  half_width: number;
  /** The share of draws that a band of ranks holds. */
  band_share: number;
  sentence: string;
  moved_most_by: Doubt | null;
  spread: Record<Doubt, number>;
}

export interface Method {
  id: string;
  name: string;
  sentence: string;
  additive: boolean;
}

export interface Methods {
  methods: { id: string; name: string; sentence: string; leaders: string[] }[];
  /** Correlations in the order of `methods`; null where all tie. */
  kendall: (number | null)[][];
  changes_leader: boolean;
  changes_leading: boolean;
  leading_size: number;
  sentence: string;
  left_out: string[];
}

export interface Consistency {
  ratio: number;
  acceptable: boolean;
  missing_pairs: number;
  sentence: string;
}

export interface Stakeholder {
  id: string;
  name: string;
  say: number;
  weights: Record<string, number>;
  consistency: Consistency | null;
  ranks: Record<string, number>;
}

export interface Weighting {
  method: string;
  changed: boolean;
  sentences: string[];
  consistency: Consistency | null;
  stakeholders: Stakeholder[];
}

export interface Overtaking {
  ahead: string;
  behind: string;
  sentence: string;
  weights: { distance: number; weights: Record<string, number> } | null;
  values: { criterion: string; value: number; increase: number; performance: number | null }[];
}

export interface Changes {
  leader: string;
  /** The change of weights up to which the leader stays first; null: nobody can overtake it. */
  radius: number | null;
  challengers: string[];
  sentence: string;
  stable_weights: Record<string, [low: number, high: number]>;
  asked: Overtaking | null;
  overtakings: Overtaking[];
}

export interface StageAlternative {
  id: string;
  name_zh: string;
  name_en: string | null;
  rank: number;
  score: number;
  rank_band: Band | null;
  first_share: number | null;
  odds_sentence: string | null;
}

export interface SitingRun {
  scenario: string;
  kind: "siting";
  title: string;
  as_of: string;
  clause: string;
  heading: string | null;
  /** The layer whose features are the alternatives. */
  layer: string;
  method: Method;
  methods: Methods;
  weighting: Weighting;
  alternatives: Alternative[];
  alternatives_total: number;
  odds: Odds | null;
  changes: Changes | null;
  /** Beside another run, where that was asked. */
  contrast: Contrast | null;
  /** Beside itself at other resolutions, where that was asked. */
  audit: Audit | null;
  per_group: { field: string; choose: number; sentence: string } | null;
  excluded: Excluded[];
  excluded_total: number;
  criteria: Criterion[];
  groups: Group[];
  rules: Rule[];
  first_stage: {
    scenario: string;
    leading: string[];
    alternatives: StageAlternative[];
  } | null;
  warnings: string[];
  sources: Source[];
}
