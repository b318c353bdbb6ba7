/** Who moved between two rankings, and how far. */

import type { Contrast, ContrastedAlternative } from "./contrast_types";

/** Places gained by id, of those ranked in both. */
export function gainsOf({ alternatives }: Contrast): Map<string, number> {
  const gains = new Map<string, number>();
  for (const { id, places_gained: gain } of alternatives) if (gain !== null) gains.set(id, gain);
  return gains;
}

/** The greatest number of places that anyone gained or lost. */
export function greatestMove(found: Contrast): number {
  return Math.max(0, ...[...gainsOf(found).values()].map(Math.abs));
}

/** Ids of those that are ranked in one of the two alone, or in neither. */
export function outsiders({ alternatives }: Contrast): Set<string> {
  return new Set(
    alternatives.filter((one) => one.places_gained === null).map((one) => one.id),
  );
}

/**
 * Those whose rank differs, the farthest moved first, then those ranked in one of the two alone;
 * equal moves stand by their rank in B.
 */
export function movers({ alternatives }: Contrast): ContrastedAlternative[] {
  const far = (one: ContrastedAlternative): number => Math.abs(one.places_gained ?? 0);
  const last = (one: ContrastedAlternative): number => one.rank_b ?? one.rank_a ?? 0;
  return alternatives
    .filter((one) => (one.places_gained ?? 1) !== 0 && (one.rank_a ?? one.rank_b) !== null)
    .sort((a, b) => far(b) - far(a) || last(a) - last(b));
}
