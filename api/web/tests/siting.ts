/** Small rankings for tests, in the shape the server gives. */

import type { Alternative, Criterion, SitingRun } from "../src/siting_types";

export function alternative(id: string, values: Record<string, number>): Alternative {
  return {
    id,
    name_zh: id,
    name_en: id,
    district: null,
    rank: 0,
    tied_with: [],
    score: 0,
    score_interval: null,
    contributions: {},
    values,
    performance: values,
    method_ranks: {},
    dominated_by: [],
    accuracy_m: null,
    indicative: true,
    shares_point_with: [],
    in_leading: false,
    rank_in_leading: null,
    group: null,
    rank_in_group: null,
    chosen: null,
    doubt: null,
    rank_acceptability: null,
    rank_band: null,
    first_share: null,
    among_first_five_share: null,
    first_in_group_share: null,
    confidence_factor: null,
    central_weights: null,
    moved_most_by: null,
    rank_spread: null,
    odds_sentence: null,
  };
}

export function criterion(id: string, weight = 0.5): Criterion {
  return {
    id,
    name: id,
    group: "g",
    subgroup: null,
    unit: null,
    direction: "benefit",
    weight,
    sentence: "",
    proxy_for: null,
    as_of: null,
    missing: null,
    missing_count: 0,
    value_function: {
      kind: "linear",
      sentence: "",
      turns: [0, 1],
      curve: { performance: [0, 1], value: [0, 1] },
      categories: null,
    },
  };
}

export function sitingRun(part: Partial<SitingRun>): SitingRun {
  const criteria = part.criteria ?? [];
  return {
    scenario: "s",
    kind: "siting",
    title: "s",
    as_of: "2023-01-01",
    clause: "",
    heading: null,
    layer: "zones",
    method: { id: "weighted_sum", name: "", sentence: "", additive: true },
    methods: {
      methods: [],
      kendall: [],
      changes_leader: false,
      changes_leading: false,
      leading_size: 5,
      sentence: "",
      left_out: [],
    },
    weighting: {
      method: "equal",
      changed: false,
      sentences: [],
      consistency: null,
      stakeholders: [],
    },
    alternatives: [],
    alternatives_total: part.alternatives?.length ?? 0,
    odds: null,
    changes: null,
    contrast: null,
    audit: null,
    per_group: null,
    excluded: [],
    excluded_total: 0,
    criteria,
    groups: [
      { id: "g", title: "g", weight: 1, criteria: criteria.map(({ id }) => id), groups: [] },
    ],
    rules: [],
    first_stage: null,
    warnings: [],
    sources: [],
    ...part,
  };
}
