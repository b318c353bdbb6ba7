/** The ranking on screen: a run, the reader's weights, and the scope, put together. */

import { type Placed, rankSites } from "./ranking";
import type { Scope } from "./store";
import type { Alternative, SitingRun } from "./types";
import { normalise, type Weights, WeightsError } from "./weights";

export type Interval = readonly [low: number, high: number];

export interface Standing {
  run: SitingRun;
  weights: Weights;
  placed: Placed[];
  places: Map<string, Placed>;
  alternatives: Map<string, Alternative>;
  /** Ranks under the run's own weights, in the same scope. */
  before: Map<string, number | null>;
  /** Whether the weights are the run's own. */
  own: boolean;
  /** Least and greatest score of each site; empty until the server has run these weights. */
  intervals: ReadonlyMap<string, Interval>;
}

function inScope(run: SitingRun, scope: Scope): Alternative[] {
  return scope === "all" ? run.alternatives : run.alternatives.filter((one) => one.in_leading);
}

/** The score intervals that a run states. */
export function intervalsOf(run: SitingRun): Map<string, Interval> {
  const intervals = new Map<string, Interval>();
  for (const { id, score_interval: interval } of run.alternatives) {
    if (interval) intervals.set(id, interval);
  }
  return intervals;
}

/** The score at the end of a bar: the greatest that any site has or may have. */
export function fullScale({ run, placed, places, intervals }: Standing): number {
  const known = [...intervalsOf(run), ...intervals].filter(([id]) => places.has(id));
  const ends = known.map(([, [, high]]) => high);
  const most = Math.max(placed[0]?.score ?? 0, ...ends);
  return most > 0 ? most : 1;
}

function ownWeights(run: SitingRun): Weights {
  return Object.fromEntries(run.criteria.map(({ id, weight }) => [id, weight]));
}

export type Stood =
  { standing: Standing; reason?: never } | { standing?: never; reason: WeightsError["reason"] };

/** The standing, or the reason why these weights rank nothing. */
export function stand(run: SitingRun, raw: Weights | null, scope: Scope): Stood {
  const order = run.criteria.map(({ id }) => id);
  const sites = inScope(run, scope);
  const defaults = ownWeights(run);
  let weights = defaults;
  try {
    if (raw) weights = normalise(raw, order);
  } catch (error) {
    if (error instanceof WeightsError) return { reason: error.reason };
    throw error;
  }
  const placed = rankSites(sites, weights, order);
  const base = raw ? rankSites(sites, defaults, order) : placed;
  return {
    standing: {
      run,
      weights,
      placed,
      places: new Map(placed.map((place) => [place.id, place])),
      alternatives: new Map(run.alternatives.map((one) => [one.id, one])),
      before: new Map(base.map((place) => [place.id, place.rank])),
      own: raw === null,
      intervals: raw === null ? intervalsOf(run) : new Map(),
    },
  };
}

/** Whether a server's run ranks the same sites at the same places. */
export function agrees(standing: Standing, run: SitingRun, scope: Scope): boolean {
  const theirs = inScope(run, scope);
  return (
    theirs.length === standing.placed.length &&
    theirs.every((one) => {
      const rank = scope === "all" ? one.rank : one.rank_in_leading;
      return standing.places.get(one.id)?.rank === rank;
    })
  );
}
