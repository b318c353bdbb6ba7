/** Bands, shares and shapes of rank acceptability, ready to show. */

import { percent } from "./format";
import type { Band } from "./siting_types";

/** A band of ranks in short: 1–4, or 3 where it holds one rank. */
export function bandText([first, last]: Band): string {
  return first === last ? String(first) : `${first}–${last}`;
}

/** A share in whole per cent; one that is neither nothing nor all never reads as such. */
export function shareText(share: number | null | undefined): string {
  if (share !== null && share !== undefined) {
    if (share > 0 && share < 0.005) return "<1%";
    if (share < 1 && share >= 0.995) return ">99%";
  }
  return percent(share, 0);
}

/** Ranks `from` to `to` (1-based, both inside) and the share of draws that falls on them. */
export interface Bar {
  from: number;
  to: number;
  share: number;
}

/** The shares of all ranks, neighbours put together so that there are at most `most` bars. */
export function bars(acceptability: readonly number[], most: number): Bar[] {
  const size = Math.max(1, Math.ceil(acceptability.length / most));
  const found: Bar[] = [];
  for (let start = 0; start < acceptability.length; start += size) {
    const part = acceptability.slice(start, start + size);
    const share = part.reduce((sum, one) => sum + one, 0);
    found.push({ from: start + 1, to: start + part.length, share });
  }
  return found;
}

/** What bars are drawn to: the axis holds `ranks`, a bar of the share `most` is full height. */
export interface Frame {
  width: number;
  height: number;
  ranks: number;
  most: number;
}

/** The frame in which the tallest of all bars is full height. */
export function frameOf(all: readonly Bar[], width: number, height: number): Frame {
  return {
    width,
    height,
    ranks: all.at(-1)?.to ?? 0,
    most: Math.max(0, ...all.map(({ share }) => share)),
  };
}

/** From so many pixels a rank on, a hair of paper stands between two bars. */
const ROOM = 3;
const HAIR = 0.16;

/** Bars as one SVG path, each as wide as its ranks; bars without a share draw nothing. */
export function barsPath(all: readonly Bar[], { width, height, ranks, most }: Frame): string {
  if (!(most > 0) || ranks === 0) return "";
  const step = width / ranks;
  const gap = step > ROOM ? HAIR * step : 0;
  return all
    .filter(({ share }) => share > 0)
    .map(({ from, to, share }) => {
      const tall = round((height * share) / most);
      const wide = round((to - from + 1) * step - gap);
      return `M${round((from - 1) * step + gap / 2)},${height}v${-tall}h${wide}v${tall}Z`;
    })
    .join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Bars that lie in a band, and those that do not. */
export function splitBars(all: readonly Bar[], [first, last]: Band): [inside: Bar[], out: Bar[]] {
  const inside = (one: Bar): boolean => one.to >= first && one.from <= last;
  return [all.filter(inside), all.filter((one) => !inside(one))];
}

/** Where a rank stands on an axis of so many ranks, as a share of its length. */
export function placeOf(rank: number, ranks: number): number {
  return ranks > 0 ? (rank - 0.5) / ranks : 0;
}
