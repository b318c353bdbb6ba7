/** From a standing to the colours of zones and districts. */

import type { Painter } from "./layers";
import type { Standing } from "./standing";
import type { Tab } from "./store";
import { type Paint, PLAIN_PAINT } from "./symbols";

/** Lowest and highest score. */
export function scoreRange(standing: Standing): [low: number, high: number] {
  const scores = standing.placed.map((place) => place.score).filter(Number.isFinite);
  return scores.length > 0 ? [Math.min(...scores), Math.max(...scores)] : [0, 1];
}

/** Colours the features that the tab ranks; the rest stay plain. */
export function painter(tab: Tab, standing: Standing | null): Painter {
  if (!standing || tab === "hubs") return () => PLAIN_PAINT;
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
