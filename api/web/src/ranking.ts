/** Scores, ranks and ties from values and weights: the server's arithmetic, in the browser. */

import type { Weights } from "./weights";

export interface Site {
  id: string;
  values: Readonly<Record<string, number | null>>;
}

export interface Placed {
  id: string;
  /** NaN where a value is missing. */
  score: number;
  /** 1, 2, 2, 4; null where there is no score. */
  rank: number | null;
  contributions: Record<string, number>;
  tiedWith: string[];
}

/** Two scores are equal when they agree to this many decimals. */
const DECIMALS = 9;

export function rounded(score: number): number {
  return Number(score.toFixed(DECIMALS));
}

/** Contribution = weight × value; the score adds them one by one in the order given. */
export function scoreSite(
  site: Site,
  weights: Weights,
  order: readonly string[],
): { score: number; contributions: Record<string, number> } {
  const contributions: Record<string, number> = {};
  let score = 0;
  for (const id of order) {
    const contribution = (weights[id] ?? NaN) * (site.values[id] ?? NaN);
    contributions[id] = contribution;
    score += contribution;
  }
  return { score, contributions };
}

function compare(a: Placed, b: Placed): number {
  const scoredA = Number.isFinite(a.score);
  const scoredB = Number.isFinite(b.score);
  if (scoredA !== scoredB) return scoredA ? -1 : 1;
  if (scoredA) {
    const difference = rounded(b.score) - rounded(a.score);
    if (difference !== 0) return difference;
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function numberRanks(sorted: Placed[]): void {
  let start = 0;
  while (start < sorted.length) {
    const first = sorted[start] as Placed;
    if (!Number.isFinite(first.score)) return;
    let end = start + 1;
    while (end < sorted.length && rounded((sorted[end] as Placed).score) === rounded(first.score)) {
      end += 1;
    }
    for (const place of sorted.slice(start, end)) place.rank = start + 1;
    start = end;
  }
}

/** Notes with whom each place shares its rank. */
export function tieUp(placed: readonly Placed[]): void {
  const sharing = new Map<number, string[]>();
  for (const { id, rank } of placed) {
    if (rank !== null) sharing.set(rank, [...(sharing.get(rank) ?? []), id]);
  }
  for (const place of placed) {
    const all = place.rank === null ? [] : (sharing.get(place.rank) ?? []);
    place.tiedWith = all.filter((id) => id !== place.id);
  }
}

/**
 * The rank of each place inside its group, equal ranks sharing one: 1, 2, 2, 4.
 * A place without a group or without a rank has none.
 */
export function groupRanks(
  placed: readonly Placed[],
  groups: ReadonlyMap<string, string | null>,
): Map<string, number> {
  const members = new Map<string, Placed[]>();
  for (const place of placed) {
    const group = groups.get(place.id);
    if (place.rank === null || group === null || group === undefined) continue;
    members.set(group, [...(members.get(group) ?? []), place]);
  }
  const ranks = new Map<string, number>();
  for (const inside of members.values()) {
    for (const { id, rank } of inside) {
      ranks.set(id, 1 + inside.filter((other) => (other.rank ?? 0) < (rank ?? 0)).length);
    }
  }
  return ranks;
}

/** All sites, best first; equal scores share a rank and stand in the order of their ids. */
export function rankSites(
  sites: readonly Site[],
  weights: Weights,
  order: readonly string[],
): Placed[] {
  const placed = sites.map((site): Placed => {
    const { score, contributions } = scoreSite(site, weights, order);
    return { id: site.id, score, rank: null, contributions, tiedWith: [] };
  });
  placed.sort(compare);
  numberRanks(placed);
  tieUp(placed);
  return placed;
}
