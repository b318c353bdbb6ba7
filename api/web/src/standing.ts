/** The ranking on screen: a run, the reader's choice, and the scope, put together. */

import { ADDITIVE, type Choice, isDeclared, methodOf } from "./choice";
import { groupRanks, type Placed, rankSites, tieUp } from "./ranking";
import type { Alternative, SitingRun } from "./siting_types";
import type { Scope } from "./store";
import { normalise, type Weights, WeightsError } from "./weights";

export type Interval = readonly [low: number, high: number];

export interface Standing {
  /** The scenario as declared; with odds once they have come. */
  run: SitingRun;
  choice: Choice;
  scope: Scope;
  weights: Weights;
  /** The method that ranks. */
  method: string;
  placed: Placed[];
  places: Map<string, Placed>;
  alternatives: Map<string, Alternative>;
  /** Rank inside its group of every alternative; empty without groups. */
  inGroup: ReadonlyMap<string, number>;
  /** Ranks under the run's own weights and method, in the same scope. */
  before: Map<string, number | null>;
  /** Whether weights and method are the run's own. */
  own: boolean;
  /** The server's own run of this choice; null until it has come. */
  answer: SitingRun | null;
  /** Least and greatest score of each site; empty until the server has run this choice. */
  intervals: ReadonlyMap<string, Interval>;
}

/** Whether this page ranks by itself: by the weighted sum, and every alternative is listed. */
export function ranksHere(run: SitingRun, method: string): boolean {
  return method === ADDITIVE && run.alternatives.length === run.alternatives_total;
}

/** Whether contributions add up to the scores. */
export function isAdditive({ method }: Standing): boolean {
  return method === ADDITIVE;
}

/** The scope a run starts with: the chosen of each group where it chooses, else all. */
export function startScope(run: SitingRun): Scope {
  return run.per_group ? "chosen" : "all";
}

/** The score intervals that a run states. */
export function intervalsOf(run: SitingRun | null): Map<string, Interval> {
  const intervals = new Map<string, Interval>();
  for (const { id, score_interval: interval } of run?.alternatives ?? []) {
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

export type Weighed =
  { weights: Weights; reason?: never } | { weights?: never; reason: WeightsError["reason"] };

/** The weights of a choice, or the reason why they rank nothing. */
export function weigh(run: SitingRun, { raw }: Choice): Weighed {
  if (!raw) return { weights: ownWeights(run) };
  try {
    return { weights: normalise(raw, run.criteria.map(({ id }) => id)) };
  } catch (error) {
    if (error instanceof WeightsError) return { reason: error.reason };
    throw error;
  }
}

/** The places that a server's run gives, in its order. */
function placesOf(run: SitingRun, sites: readonly Alternative[], scope: Scope): Placed[] {
  const placed = sites.map(
    (one): Placed => ({
      id: one.id,
      score: one.score,
      rank: scope === "leading" ? one.rank_in_leading : one.rank,
      contributions: run.method.additive ? one.contributions : {},
      tiedWith: [],
    }),
  );
  tieUp(placed);
  return placed;
}

/** Ranks the alternatives of a scope: by the weighted sum here, by another method as `by` says. */
function rankIn(
  run: SitingRun,
  weights: Weights,
  scope: Scope,
  by: SitingRun | null,
): { placed: Placed[]; inGroup: Map<string, number> } {
  const inside = (one: Alternative): boolean => scope !== "leading" || one.in_leading;
  const order = run.criteria.map(({ id }) => id);
  const sites = (by ?? run).alternatives.filter(inside);
  const all = by ? placesOf(by, sites, scope) : rankSites(sites, weights, order);
  if (!run.per_group) return { placed: all, inGroup: new Map() };
  const groups = new Map(run.alternatives.map((one) => [one.id, one.group]));
  const inGroup = groupRanks(all, groups);
  const { choose } = run.per_group;
  const chosen = (id: string): boolean => (inGroup.get(id) ?? Infinity) <= choose;
  return { placed: scope === "chosen" ? all.filter(({ id }) => chosen(id)) : all, inGroup };
}

/** Who ranks a run as it is declared: this page (null), or the run itself. */
function declaredBy(run: SitingRun): SitingRun | null {
  return ranksHere(run, run.method.id) ? null : run;
}

/**
 * Stands a run as the reader chose, by these weights; `answer` is the server's run of this choice.
 * Null while a method that only the server computes is without its answer.
 */
export function stand(
  run: SitingRun,
  choice: Choice,
  weights: Weights,
  scope: Scope,
  answer: SitingRun | null = null,
): Standing | null {
  const own = isDeclared(run, choice);
  const method = methodOf(run, choice);
  const said = own ? run : answer;
  const here = ranksHere(run, method);
  if (!here && !said) return null;
  const now = rankIn(run, weights, scope, here ? null : said);
  const base = own ? now : rankIn(run, ownWeights(run), scope, declaredBy(run));
  return {
    run,
    choice,
    scope,
    weights,
    method,
    placed: now.placed,
    places: new Map(now.placed.map((place) => [place.id, place])),
    alternatives: new Map(run.alternatives.map((one) => [one.id, one])),
    inGroup: now.inGroup,
    before: new Map(base.placed.map((place) => [place.id, place.rank])),
    own,
    answer: said,
    intervals: intervalsOf(said),
  };
}

/** Whether a server's run ranks the same sites at the same places. */
export function agrees({ scope, places }: Standing, run: SitingRun): boolean {
  const theirs = run.alternatives.filter((one) => {
    if (scope === "leading") return one.in_leading;
    return scope === "all" || one.chosen === true;
  });
  return (
    theirs.length === places.size &&
    theirs.every((one) => {
      const rank = scope === "leading" ? one.rank_in_leading : one.rank;
      return places.get(one.id)?.rank === rank;
    })
  );
}
