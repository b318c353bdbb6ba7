/** The colours of the map and its legend. */

export const INK = "#23302f";
export const SELECT = "#b23a22";
export const LAND = "#fbf9f3";
export const BORDER = "#8d9c9a";
export const PLAIN = "#cfcabb";
export const EXCLUDED = "#7c8080";
export const LINK = "#1c6b5e";

type Colour = readonly [red: number, green: number, blue: number];

/** Celadon, pale to deep. */
const RAMP: readonly Colour[] = [
  [238, 240, 214],
  [196, 219, 178],
  [134, 187, 155],
  [67, 146, 125],
  [21, 101, 92],
  [9, 60, 60],
];

/** Lost places ochre, gained places blue, none paper: told apart without red and green. */
const DIVERGING: readonly Colour[] = [
  [140, 74, 14],
  [205, 140, 62],
  [240, 214, 170],
  [247, 245, 238],
  [178, 205, 224],
  [88, 144, 184],
  [24, 84, 132],
];

function between(stops: readonly Colour[], share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const from = stops[low] as Colour;
  const to = stops[low + 1] as Colour;
  const mix = from.map((c, i) => Math.round(c + ((to[i] ?? c) - c) * (at - low)));
  return `rgb(${mix.join(",")})`;
}

/** The ramp's colour at `share` (0–1; clamped). */
export function ramp(share: number): string {
  return between(RAMP, share);
}

/** The colour of a change: -1 the greatest loss, 0 none, 1 the greatest gain (clamped). */
export function diverging(share: number): string {
  return between(DIVERGING, (share + 1) / 2);
}

const stopsOf = (colours: readonly Colour[]): string[] =>
  colours.map((_, i) => between(colours, i / (colours.length - 1)));

export const RAMP_STOPS: readonly string[] = stopsOf(RAMP);
export const DIVERGING_STOPS: readonly string[] = stopsOf(DIVERGING);

/** One colour per criterion group, in the groups' order. */
const GROUPS = ["#2b7a69", "#4f77a0", "#ab8130", "#86658f", "#a35d4c", "#66713a"] as const;

export function groupColour(index: number): string {
  return GROUPS[index % GROUPS.length] ?? INK;
}
