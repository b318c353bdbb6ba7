/** The colours of the map and its legend. */

export const INK = "#23302f";
export const SELECT = "#b23a22";
export const LAND = "#fbf9f3";
export const BORDER = "#8d9c9a";
export const PLAIN = "#cfcabb";
export const EXCLUDED = "#7c8080";
export const LINK = "#1c6b5e";

/** Celadon, pale to deep. */
const RAMP: readonly (readonly [number, number, number])[] = [
  [238, 240, 214],
  [196, 219, 178],
  [134, 187, 155],
  [67, 146, 125],
  [21, 101, 92],
  [9, 60, 60],
];

/** The ramp's colour at `share` (0–1; clamped). */
export function ramp(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (RAMP.length - 1);
  const low = Math.min(Math.floor(at), RAMP.length - 2);
  const from = RAMP[low] as readonly number[];
  const to = RAMP[low + 1] as readonly number[];
  const mix = from.map((c, i) => Math.round(c + ((to[i] ?? c) - c) * (at - low)));
  return `rgb(${mix.join(",")})`;
}

export const RAMP_STOPS: readonly string[] = RAMP.map((_, i) => ramp(i / (RAMP.length - 1)));

/** One colour per criterion group, in the groups' order. */
const GROUPS = ["#2b7a69", "#4f77a0", "#ab8130", "#86658f", "#a35d4c", "#66713a"] as const;

export function groupColour(index: number): string {
  return GROUPS[index % GROUPS.length] ?? INK;
}
