/** What the reader asks of a scenario: weights and method other than it declares. */

import type { SitingOptions } from "./api";
import type { SitingRun } from "./siting_types";
import type { Weights } from "./weights";

export interface Choice {
  /** Slider positions; null while the run's own weights hold. */
  raw: Weights | null;
  /** The ranking method; null while the scenario's own holds. */
  method: string | null;
  /** The attitude to risk of the ordered weighted average, 0–1; null for the server's own. */
  attitude: number | null;
}

export const AS_DECLARED: Choice = { raw: null, method: null, attitude: null };

/** The method whose arithmetic this page does itself. */
export const ADDITIVE = "weighted_sum";
/** The method that takes an attitude. */
export const OWA = "owa";
export const NEUTRAL = 0.5;

export const METHODS = ["weighted_sum", "weighted_product", "topsis", "promethee_ii", OWA] as const;

/** The method that ranks: the chosen one, else the run's own. */
export function methodOf(run: SitingRun, choice: Choice): string {
  return choice.method ?? run.method.id;
}

/** Whether nothing differs from what the scenario declares. */
export function isDeclared(run: SitingRun, { raw, method, attitude }: Choice): boolean {
  return raw === null && (method === null || method === run.method.id) && attitude === null;
}

/** What to ask the server for, so that it ranks as the reader does. */
export function optionsOf({ raw, method, attitude }: Choice): SitingOptions {
  return {
    ...(raw ? { weights: raw } : {}),
    ...(method ? { method } : {}),
    ...(attitude !== null && method === OWA ? { attitude } : {}),
  };
}
