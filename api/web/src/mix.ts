/** What the reader asks of a surface: weights, least values, rules that are not to count. */

import { LEAST, levelOf, type Recipe, wholeWeights } from "./levels";
import type { Surface } from "./surface_types";
import { positions, type Weights } from "./weights";

export interface Mix {
  /** Slider positions; null while the surface's own weights hold. */
  raw: Weights | null;
  /** The least value, above 0 and to 1, that will do, by criterion. */
  cutOffs: Readonly<Record<string, number>>;
  /** Rules that are not in force, by id. */
  off: readonly string[];
}

export const AS_BUILT: Mix = { raw: null, cutOffs: {}, off: [] };

/** Whole weights of 10,000 in the order of the criteria; null where all sliders stand at 0. */
export function weightsOf({ criteria }: Surface, { raw }: Mix): number[] | null {
  if (raw === null) return criteria.map((one) => one.weight);
  return wholeWeights(criteria.map((one) => raw[one.id] ?? 0));
}

/** Slider positions as they stand. */
export function standing(surface: Surface, { raw }: Mix): Weights {
  return raw ?? positions(surface.criteria);
}

/** What the tiles are recombined by; null where no weights can be made. */
export function recipeOf(surface: Surface, mix: Mix): Recipe | null {
  const weights = weightsOf(surface, mix);
  if (weights === null) return null;
  const cutOffs = surface.criteria.map((one) => {
    const value = mix.cutOffs[one.id] ?? 0;
    return value > 0 ? levelOf(value) : LEAST;
  });
  const rules = surface.rules.filter((one) => !mix.off.includes(one.id));
  return { weights, cutOffs, rules: rules.map((one) => one.number) };
}

/** Whether nothing differs from the surface as it was built. */
export function isAsBuilt({ raw, cutOffs, off }: Mix): boolean {
  return raw === null && Object.keys(cutOffs).length === 0 && off.length === 0;
}
