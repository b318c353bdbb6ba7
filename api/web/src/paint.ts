/** From a standing to the colours of the features it ranks. */

import type { Painter } from "./layers";
import type { Standing } from "./standing";
import { type Paint, PLAIN_PAINT } from "./symbols";

/** Lowest and highest score. */
export function scoreRange(standing: Standing): [low: number, high: number] {
  const scores = standing.placed.map((place) => place.score).filter(Number.isFinite);
  return scores.length > 0 ? [Math.min(...scores), Math.max(...scores)] : [0, 1];
}

/** Colours the features that a standing ranks; the rest stay plain. */
export function painter(standing: Standing): Painter {
  const [low, high] = scoreRange(standing);
  const excluded = new Set(standing.run.excluded.map((one) => one.id));
  return (feature): Paint => {
    const score = standing.places.get(feature.id)?.score;
    if (score !== undefined && Number.isFinite(score)) {
      return { kind: "score", share: high > low ? (score - low) / (high - low) : 1 };
    }
    return excluded.has(feature.id) ? { kind: "excluded" } : PLAIN_PAINT;
  };
}

/** Colours features by the places they gain (below 0: lose) where two rankings are compared. */
export function differencePainter(
  gains: ReadonlyMap<string, number>,
  most: number,
  excluded: ReadonlySet<string>,
): Painter {
  return (feature): Paint => {
    const gain = gains.get(feature.id);
    if (gain !== undefined) return { kind: "difference", share: most > 0 ? gain / most : 0 };
    return excluded.has(feature.id) ? { kind: "excluded" } : PLAIN_PAINT;
  };
}
