/**
 * The written rule of levels and their recombination: the same as the server's, in whole numbers.
 *
 * A level is one byte: 0 no data, 1 unsuitable, 2 to 255 a value v from 0 to 1 as
 * 2 + floor(253 v + 1/2). Weights are whole numbers that add up to 10,000. A criterion takes part
 * where its weight is above 0 or its cut-off above 2. The colour of a cell is the first that
 * applies: 0 where bit 0 of its flags stands; 1 where the flag of a rule in force stands; 1 where
 * the level of a criterion that takes part is 1 or more and below its cut-off; 0 where that of one
 * is 0; else 2 + floor((S + 5000) / 10000) with S the sum of weight times (level - 2).
 */

export const NO_DATA = 0;
export const UNSUITABLE = 1;
export const LEAST = 2;
export const MOST = 255;
/** What the weights add up to. */
export const WHOLE = 10_000;
/** The flag of a cell that has no part in the study area. */
export const OUTSIDE = 1;

/** What to recombine by: everything in the order of the criteria. */
export interface Recipe {
  /** Whole numbers, 0 or more, that add up to 10,000. */
  weights: readonly number[];
  /** The least level of each criterion that will do; 2 for none. */
  cutOffs: readonly number[];
  /** Numbers, from 1, of the exclusion rules in force. */
  rules: readonly number[];
}

/** The level of a value from 0 to 1. */
export function levelOf(value: number): number {
  return LEAST + Math.floor((MOST - LEAST) * value + 0.5);
}

/** The value from 0 to 1 that a level stands for; null for no data and for unsuitable. */
export function valueOf(level: number): number | null {
  return level >= LEAST ? (level - LEAST) / (MOST - LEAST) : null;
}

/** The bits of the flags that count: outside, and the rules in force. */
export function bitsOf(rules: readonly number[]): number {
  return rules.reduce((bits, rule) => bits | (1 << rule), OUTSIDE) >>> 0;
}

/** Which criteria take part. */
export function takingPart({ weights, cutOffs }: Recipe): number[] {
  return weights.flatMap((weight, j) => (weight > 0 || (cutOffs[j] ?? LEAST) > LEAST ? [j] : []));
}

/** The colour of one cell from the levels of its criteria and its flags. */
export function colourOf(levels: ArrayLike<number>, flags: number, recipe: Recipe): number {
  const used = takingPart(recipe);
  if (flags & OUTSIDE) return NO_DATA;
  if (flags & bitsOf(recipe.rules)) return UNSUITABLE;
  const level = (j: number): number => levels[j] ?? NO_DATA;
  const least = (j: number): number => recipe.cutOffs[j] ?? LEAST;
  if (used.some((j) => level(j) >= UNSUITABLE && level(j) < least(j))) return UNSUITABLE;
  if (used.some((j) => level(j) === NO_DATA)) return NO_DATA;
  const sum = used.reduce((held, j) => held + (recipe.weights[j] ?? 0) * (level(j) - LEAST), 0);
  return LEAST + Math.floor((sum + WHOLE / 2) / WHOLE);
}

const FRACTION_BITS = 52;
const EXPONENT_BIAS = 1023;
const LEAST_EXPONENT = 1 - EXPONENT_BIAS - FRACTION_BITS;

/** A finite number, 0 or more, as a whole multiple of the smallest number there is. */
function exact(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const whole = bits.getBigUint64(0) & ((1n << 63n) - 1n);
  const exponent = Number(whole >> BigInt(FRACTION_BITS));
  const fraction = whole & ((1n << BigInt(FRACTION_BITS)) - 1n);
  if (exponent === 0) return fraction;
  const shift = exponent - EXPONENT_BIAS - FRACTION_BITS - LEAST_EXPONENT;
  return (fraction | (1n << BigInt(FRACTION_BITS))) << BigInt(shift);
}

/**
 * Numbers as whole weights that add up to 10,000: largest remainders, the first where alike, on the
 * exact numbers given, as the server does. Null for numbers that are negative, not finite or all 0.
 */
export function wholeWeights(given: readonly number[]): number[] | null {
  if (!given.every((one) => Number.isFinite(one) && one >= 0)) return null;
  const parts = given.map(exact);
  const sum = parts.reduce((held, one) => held + one, 0n);
  if (sum === 0n) return null;
  const scaled = parts.map((one) => one * BigInt(WHOLE));
  const whole = scaled.map((one) => Number(one / sum));
  const rests = scaled.map((one, j) => ({ rest: one % sum, j }));
  rests.sort((a, b) => (a.rest === b.rest ? a.j - b.j : a.rest < b.rest ? 1 : -1));
  const missing = WHOLE - whole.reduce((held, one) => held + one, 0);
  for (const { j } of rests.slice(0, missing)) whole[j] = (whole[j] ?? 0) + 1;
  return whole;
}
