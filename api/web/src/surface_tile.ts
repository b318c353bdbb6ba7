/**
 * A map tile of a surface: levels and flags, each kind of pixel held once, recombined in one pass.
 *
 * Neighbours show the same cell more often than not. Pixels that share all levels and flags with
 * the one before or above are of one kind; the rule runs over kinds, and pixels look theirs up.
 */

import { LEAST, NO_DATA, OUTSIDE, type Recipe, UNSUITABLE, WHOLE, bitsOf, takingPart } from "./levels";

export const SIDE = 256;
const PIXELS = SIDE * SIDE;

/** Colour of each kind of a tile, and how long the arrays are. */
export class SurfaceTile {
  /** Pixels inside the study area, row by row, and the kind of each. */
  readonly at: Uint16Array;
  readonly kind: Uint16Array;
  /** How many pixels are of each kind. */
  readonly count: Uint32Array;
  /** The levels of a criterion, kind by kind. */
  readonly planes: readonly Uint8Array[];
  readonly flags: Uint32Array;
  /** What the last recombination came to, kind by kind. */
  readonly colours: Uint8Array;
  readonly #sums: Int32Array;
  readonly #holes: readonly { noData: boolean; unsuitable: boolean }[];
  readonly #kindAt: Uint16Array;
  readonly #inside: Uint8Array;

  /** `bytes`: a plane of 65,536 levels per criterion, then 65,536 flags of four bytes. */
  constructor(bytes: ArrayBuffer, criteria: number) {
    if (bytes.byteLength !== (criteria + 4) * PIXELS) {
      throw new RangeError(`a tile of ${criteria} criteria has not ${bytes.byteLength} bytes`);
    }
    const levels = new Uint8Array(bytes, 0, criteria * PIXELS);
    const flags = flagsOf(bytes, criteria * PIXELS);
    const sorted = kindsOf(levels, flags, criteria);
    this.#kindAt = sorted.kindAt;
    this.#inside = sorted.inside;
    this.at = sorted.at;
    this.kind = sorted.kind;
    const kinds = sorted.first.length;
    this.flags = Uint32Array.from(sorted.first, (pixel) => flags[pixel] ?? OUTSIDE);
    this.planes = Array.from({ length: criteria }, (_, j) =>
      Uint8Array.from(sorted.first, (pixel) => levels[j * PIXELS + pixel] ?? NO_DATA),
    );
    this.#holes = this.planes.map((plane) => ({
      noData: plane.includes(NO_DATA),
      unsuitable: plane.includes(UNSUITABLE),
    }));
    this.count = new Uint32Array(kinds);
    for (const kind of this.kind) this.count[kind] = (this.count[kind] ?? 0) + 1;
    this.colours = new Uint8Array(kinds);
    this.#sums = new Int32Array(kinds);
  }

  /** The kind of a pixel, null outside the study area. */
  kindOf(x: number, y: number): number | null {
    const pixel = y * SIDE + x;
    return this.#inside[pixel] ? (this.#kindAt[pixel] ?? null) : null;
  }

  /** Colours of all kinds by the rule, into `colours`. */
  recombine(recipe: Recipe): void {
    const { colours, flags } = this;
    const sums = this.#sums;
    const used = takingPart(recipe);
    sums.fill(WHOLE / 2 - LEAST * WHOLE);
    this.#weigh(used.filter((j) => (recipe.weights[j] ?? 0) > 0), recipe.weights);
    for (let k = 0; k < colours.length; k++) {
      colours[k] = LEAST + (((sums[k] as number) / WHOLE) | 0);
    }
    for (const j of used) if (this.#holes[j]?.noData) this.#markNoData(j);
    for (const j of used) {
      const least = recipe.cutOffs[j] ?? LEAST;
      if (least > LEAST || this.#holes[j]?.unsuitable) this.#markBelow(j, least);
    }
    const bits = bitsOf(recipe.rules) & ~OUTSIDE;
    if (bits === 0) return;
    for (let k = 0; k < colours.length; k++) {
      if ((flags[k] as number) & bits) colours[k] = UNSUITABLE;
    }
  }

  /** Adds weight times level, four criteria at a time: fewer ways to memory and back. */
  #weigh(used: readonly number[], weights: readonly number[]): void {
    const sums = this.#sums;
    for (let from = 0; from < used.length; from += 4) {
      const [a, b, c, d] = [0, 1, 2, 3].map((step) => this.#weighed(used[from + step], weights));
      if (!a || !b || !c || !d) return;
      for (let k = 0; k < sums.length; k++) {
        sums[k] =
          (sums[k] as number) +
          a.weight * (a.plane[k] as number) +
          b.weight * (b.plane[k] as number) +
          c.weight * (c.plane[k] as number) +
          d.weight * (d.plane[k] as number);
      }
    }
  }

  #weighed(
    j: number | undefined,
    weights: readonly number[],
  ): { plane: Uint8Array; weight: number } {
    const plane = j === undefined ? undefined : this.planes[j];
    if (j === undefined || !plane) return { plane: this.colours, weight: 0 };
    return { plane, weight: weights[j] ?? 0 };
  }

  #markNoData(j: number): void {
    const { colours } = this;
    const plane = this.planes[j] as Uint8Array;
    for (let k = 0; k < colours.length; k++) if (plane[k] === NO_DATA) colours[k] = NO_DATA;
  }

  #markBelow(j: number, least: number): void {
    const { colours } = this;
    const plane = this.planes[j] as Uint8Array;
    for (let k = 0; k < colours.length; k++) {
      const level = plane[k] as number;
      if (level !== NO_DATA && level < least) colours[k] = UNSUITABLE;
    }
  }
}

/** The flags, whatever order of bytes this machine has. */
function flagsOf(bytes: ArrayBuffer, offset: number): Uint32Array {
  const view = new DataView(bytes, offset, 4 * PIXELS);
  const flags = new Uint32Array(PIXELS);
  for (let i = 0; i < PIXELS; i++) flags[i] = view.getUint32(4 * i, true);
  return flags;
}

interface Kinds {
  at: Uint16Array;
  kind: Uint16Array;
  kindAt: Uint16Array;
  inside: Uint8Array;
  /** The first pixel of each kind. */
  first: number[];
}

function kindsOf(levels: Uint8Array, flags: Uint32Array, criteria: number): Kinds {
  const kindAt = new Uint16Array(PIXELS);
  const inside = new Uint8Array(PIXELS);
  const at = new Uint16Array(PIXELS);
  const kind = new Uint16Array(PIXELS);
  const first: number[] = [];
  const alike = (one: number, other: number): boolean => {
    if (!inside[other] || flags[one] !== flags[other]) return false;
    for (let j = 0; j < criteria; j++) {
      if (levels[j * PIXELS + one] !== levels[j * PIXELS + other]) return false;
    }
    return true;
  };
  let held = 0;
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    if ((flags[pixel] as number) & OUTSIDE) continue;
    inside[pixel] = 1;
    if (pixel % SIDE > 0 && alike(pixel, pixel - 1)) kindAt[pixel] = kindAt[pixel - 1] as number;
    else if (pixel >= SIDE && alike(pixel, pixel - SIDE)) {
      kindAt[pixel] = kindAt[pixel - SIDE] as number;
    } else {
      kindAt[pixel] = first.length;
      first.push(pixel);
    }
    at[held] = pixel;
    kind[held] = kindAt[pixel] as number;
    held += 1;
  }
  return { at: at.slice(0, held), kind: kind.slice(0, held), kindAt, inside, first };
}
