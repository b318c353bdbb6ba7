/** The shapes of two rankings side by side, and of a ranking at other resolutions. */

export interface ContrastSide {
  scenario: string;
  title: string;
  method: string;
  ranked: number;
  excluded: number;
  leaders: string[];
}

export type Standing = "ranked" | "excluded" | "absent";

export interface ContrastedAlternative {
  id: string;
  name_zh: string;
  name_en: string;
  district: string | null;
  standing_a: Standing;
  standing_b: Standing;
  rank_a: number | null;
  rank_b: number | null;
  tied_a: boolean;
  tied_b: boolean;
  /** Rank in A less rank in B; null unless ranked in both. */
  places_gained: number | null;
  cause: { kind: string };
  sentence: string;
}

export interface Contrast {
  a: ContrastSide;
  b: ContrastSide;
  sentence: string;
  changes_leader: boolean;
  changes_first_five: boolean;
  common: number;
  agreement: string;
  differences: string[];
  alternatives: ContrastedAlternative[];
}

export interface Variation {
  title: string;
  kendall: number | null;
  changes_leader: boolean;
  changes_first_five: boolean;
  /** The most places that any alternative moves. */
  greatest_change: number;
  sentence: string;
}

/** The same scenario at other radii and on coarser layers. */
export interface Audit {
  sentence: string;
  notes: string[];
  variations: Variation[];
  /** What could not be run, and why. */
  failed: { title: string; sentence: string }[];
}
