/**
 * The colours of a surface: 254 steps of even lightness, from pale yellow over green to deep blue,
 * told apart by lightness alone; what is excluded is hatched, what is not known dotted.
 */

import { LEAST, MOST } from "./levels";

type Three = readonly [number, number, number];

/** The hues that the steps pass through; the lightness between the ends is made even. */
const STOPS: readonly Three[] = [
  [255, 246, 186],
  [205, 226, 156],
  [137, 200, 156],
  [72, 165, 163],
  [38, 122, 157],
  [37, 79, 134],
  [20, 28, 80],
];

const linear = (byte: number): number => {
  const c = byte / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

const byteOf = (light: number): number => {
  const c = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, c)));
};

/** Björn Ottosson's Oklab: lightness, green to red, blue to yellow. */
export function toOklab([red, green, blue]: Three): Three {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: Three): Three {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    byteOf(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byteOf(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byteOf(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** The colour of a value from 0 to 1. */
function colourAt(value: number): Three {
  const labs = STOPS.map(toOklab);
  const [first, last] = [labs[0] as Three, labs.at(-1) as Three];
  const lightness = first[0] + (last[0] - first[0]) * value;
  const above = labs.findIndex((lab) => lab[0] <= lightness + 1e-9);
  const to = Math.max(1, above < 0 ? labs.length - 1 : above);
  const [from, next] = [labs[to - 1] as Three, labs[to] as Three];
  const share = Math.min(1, Math.max(0, (from[0] - lightness) / (from[0] - next[0])));
  return fromOklab([
    lightness,
    from[1] + (next[1] - from[1]) * share,
    from[2] + (next[2] - from[2]) * share,
  ]);
}

/** Colours of levels 2 to 255. */
export const RAMP: readonly Three[] = Array.from({ length: MOST - LEAST + 1 }, (_, i) =>
  colourAt(i / (MOST - LEAST)),
);

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** A colour as the four bytes of a pixel, in the order of this machine. */
export function packed([red, green, blue]: Three, alpha = 255): number {
  return littleEndian
    ? ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0
    : ((red << 24) | (green << 16) | (blue << 8) | alpha) >>> 0;
}

/** Levels that the ramp runs over; what is beyond has the colour of its end. */
export type Range = readonly [low: number, high: number];

export const WHOLE_RANGE: Range = [LEAST, MOST];

/** The colour of a level where the ramp runs over a range. */
export function shadeOf(level: number, [low, high]: Range): Three {
  const share = high > low ? (level - low) / (high - low) : level > low ? 1 : 0;
  const step = Math.round(Math.min(1, Math.max(0, share)) * (MOST - LEAST));
  return RAMP[step] as Three;
}

/** The pixels of levels 0 to 255; the first two are patterns and stand for nothing here. */
export function pixelsOf(range: Range): Uint32Array {
  return Uint32Array.from({ length: MOST + 1 }, (_, level) =>
    level < LEAST ? 0 : packed(shadeOf(level, range)),
  );
}

const HATCH_LINE = packed([118, 112, 104]);
const HATCH_GROUND = packed([226, 222, 214]);
const DOT = packed([150, 96, 120]);
const DOT_GROUND = packed([250, 246, 248]);
/** Patterns repeat after so many pixels, which tiles are a multiple of. */
export const REPEAT = 8;
const LINE = 2;

/** The pixel of an excluded cell: lines that fall to the left. */
export function hatched(x: number, y: number): number {
  return ((x + y) & (REPEAT - 1)) < LINE ? HATCH_LINE : HATCH_GROUND;
}

/** The pixel of a cell without data: dots. */
export function dotted(x: number, y: number): number {
  return (x & 3) < 2 && (y & 3) < 2 && ((x >> 2) + (y >> 2)) % 2 === 0 ? DOT : DOT_GROUND;
}

/** Both patterns over the side of a tile, row by row. */
export function pattern(side: number, pixel: (x: number, y: number) => number): Uint32Array {
  return Uint32Array.from({ length: side * side }, (_, i) =>
    pixel(i % side, Math.floor(i / side)),
  );
}

export const css = ([red, green, blue]: Three): string => `rgb(${red},${green},${blue})`;
