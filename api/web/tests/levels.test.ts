import { describe, expect, it } from "vitest";

import { bitsOf, colourOf, levelOf, type Recipe, valueOf, wholeWeights } from "../src/levels";
import { SIDE, SurfaceTile } from "../src/surface_tile";

const recipe = (weights: number[], more: Partial<Recipe> = {}): Recipe => ({
  weights,
  cutOffs: weights.map(() => 2),
  rules: [],
  ...more,
});

/** The cases of the server's own test of the rule. */
const KNOWN: [levels: number[], weights: number[], colour: number][] = [
  [[2, 255], [5000, 5000], 129],
  [[2, 255], [4980, 5020], 129],
  [[2, 3], [5000, 5000], 3],
  [[2, 3], [5001, 4999], 2],
  [[255, 255], [1, 9999], 255],
  [[0, 200], [0, 10_000], 200],
  [[0, 200], [1, 9999], 0],
  [[1, 200], [0, 10_000], 200],
  [[1, 200], [1, 9999], 1],
  [[7, 77, 177], [3333, 3333, 3334], 87],
];

const LONG = [700, 801, 902, 1003, 104, 1205, 306, 1407, 508, 1609, 710, 745];
const CELLS = 5000;

/** x' = 75 x + 74 mod 65537, as the server's test draws its levels. */
function drawnLevels(): number[][] {
  let state = 1;
  return Array.from({ length: CELLS }, () =>
    LONG.map(() => {
      state = (75 * state + 74) % 65_537;
      return Math.max(state % 256, 2);
    }),
  );
}

/** A tile whose first pixels show these cells; all others are outside. */
function tileOf(cells: number[][], flags: number[] = []): SurfaceTile {
  const criteria = cells[0]?.length ?? 0;
  const bytes = new ArrayBuffer((criteria + 4) * SIDE * SIDE);
  const levels = new Uint8Array(bytes);
  const marks = new DataView(bytes, criteria * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    const cell = cells[i];
    for (let j = 0; cell && j < criteria; j++) levels[j * SIDE * SIDE + i] = cell[j] ?? 0;
    marks.setUint32(4 * i, cell ? (flags[i] ?? 0) : 1, true);
  }
  return new SurfaceTile(bytes, criteria);
}

function coloursOf(tile: SurfaceTile, asked: Recipe): number[] {
  tile.recombine(asked);
  return Array.from(tile.kind, (kind) => tile.colours[kind] ?? -1);
}

describe("the rule of levels", () => {
  it("meets the known colours", () => {
    for (const [levels, weights, colour] of KNOWN) {
      expect(colourOf(levels, 0, recipe(weights))).toBe(colour);
      expect(coloursOf(tileOf([levels]), recipe(weights))).toEqual([colour]);
    }
  });

  it("comes to the sums that the server comes to", () => {
    expect(LONG.reduce((sum, one) => sum + one, 0)).toBe(10_000);
    const cells = drawnLevels();
    const weigh = (colours: number[]): [number, number] => [
      colours.reduce((sum, one) => sum + one, 0),
      colours.reduce((sum, one, i) => sum + one * (i + 1), 0),
    ];
    const sums = [638_193, 1_594_853_921];
    expect(weigh(cells.map((one) => colourOf(one, 0, recipe(LONG))))).toEqual(sums);
    expect(weigh(coloursOf(tileOf(cells), recipe(LONG)))).toEqual(sums);
  });

  it("puts what is outside first, then exclusion, then what is not known", () => {
    const cut = recipe([5000, 5000], { cutOffs: [100, 2], rules: [1] });
    expect(colourOf([0, 0], 1, cut)).toBe(0);
    expect(colourOf([0, 200], 2, cut)).toBe(1);
    expect(colourOf([0, 200], 4, cut)).toBe(0);
    expect(colourOf([99, 0], 0, cut)).toBe(1);
    expect(colourOf([100, 0], 0, cut)).toBe(0);
    expect(colourOf([100, 100], 0, cut)).toBe(100);
  });

  it("lets a criterion without weight exclude by its cut-off alone", () => {
    const asked = recipe([0, 10_000], { cutOffs: [50, 2] });
    expect(colourOf([49, 200], 0, asked)).toBe(1);
    expect(colourOf([0, 200], 0, asked)).toBe(0);
    expect(colourOf([50, 200], 0, asked)).toBe(200);
  });

  it("knows the last of 31 rules", () => {
    expect(bitsOf([31])).toBe(2 ** 31 + 1);
    expect(colourOf([9], 2 ** 31, recipe([10_000], { rules: [31] }))).toBe(1);
    expect(coloursOf(tileOf([[9]], [2 ** 31]), recipe([10_000], { rules: [31] }))).toEqual([1]);
    expect(coloursOf(tileOf([[9]], [2 ** 31]), recipe([10_000], { rules: [1] }))).toEqual([9]);
  });

  it("rounds values to the nearest level, halves up", () => {
    const values = [0, 1, 0.5, 0.5 / 253, 0.499 / 253, 252.5 / 253, 0.25];
    expect(values.map(levelOf)).toEqual([2, 255, 129, 3, 2, 255, 65]);
    for (let level = 2; level < 256; level++) expect(levelOf(valueOf(level) ?? -1)).toBe(level);
    expect([valueOf(0), valueOf(1)]).toEqual([null, null]);
  });
});

describe("a tile", () => {
  it("agrees with the rule, cell by cell, whatever is asked", () => {
    let state = 7;
    const next = (below: number): number => {
      state = (75 * state + 74) % 65_537;
      return state % below;
    };
    const cells = Array.from({ length: 3000 }, () =>
      Array.from({ length: 5 }, () => (next(9) === 0 ? next(3) : next(256))),
    );
    const flags = cells.map(() => (next(4) === 0 ? 2 * next(8) : 0));
    const tile = tileOf(cells, flags);
    for (const [weights, cutOffs, rules] of [
      [[2000, 2000, 2000, 2000, 2000], [2, 2, 2, 2, 2], [1, 2, 3]],
      [[10_000, 0, 0, 0, 0], [2, 2, 2, 2, 2], []],
      [[0, 1, 9999, 0, 0], [90, 2, 2, 255, 2], [2]],
      [[1, 2, 3, 4, 9990], [2, 40, 40, 40, 2], [3]],
    ] as [number[], number[], number[]][]) {
      const asked = { weights, cutOffs, rules };
      const expected = cells.map((one, i) => colourOf(one, flags[i] ?? 0, asked));
      expect(coloursOf(tile, asked)).toEqual(expected);
      expect(new Set(expected).size).toBeGreaterThan(5);
    }
  });

  it("holds pixels of one cell once, and leaves out what is outside", () => {
    const row = (levels: number[]): number[][] => Array.from({ length: SIDE }, () => levels);
    const tile = tileOf([...row([9, 9]), ...row([9, 9]), ...row([9, 8])]);
    expect(tile.count).toEqual(new Uint32Array([2 * SIDE, SIDE]));
    expect(tile.at.length).toBe(3 * SIDE);
    expect(tile.kindOf(3, 1)).toBe(0);
    expect(tile.kindOf(3, 2)).toBe(1);
    expect(tile.kindOf(3, 3)).toBeNull();
  });

  it("joins nothing across its edges or across cells outside", () => {
    const cells: number[][] = [];
    cells[SIDE - 1] = [9];
    cells[SIDE] = [9];
    expect(tileOf([[9], [7]]).count.length).toBe(2);
    const bytes = new ArrayBuffer(5 * SIDE * SIDE);
    new Uint8Array(bytes, 0, SIDE * SIDE).fill(9);
    const tile = new SurfaceTile(bytes, 1);
    expect([tile.count.length, tile.count[0]]).toEqual([1, SIDE * SIDE]);
  });

  it("refuses bytes of another length", () => {
    expect(() => new SurfaceTile(new ArrayBuffer(12), 1)).toThrow(RangeError);
  });
});

describe("whole weights", () => {
  it("add up to 10,000 by largest remainders, the first where alike", () => {
    expect(wholeWeights([1, 1, 1])).toEqual([3334, 3333, 3333]);
    expect(wholeWeights([1, 2, 4])).toEqual([1429, 2857, 5714]);
    expect(wholeWeights([0, 3])).toEqual([0, 10_000]);
    expect(wholeWeights([0.1, 0.2, 0.7])).toEqual([1000, 2000, 7000]);
    expect(wholeWeights([5e-324, 1e-300])).toEqual([0, 10_000]);
    expect(wholeWeights([1e300, 1e300, 1])).toEqual([5000, 5000, 0]);
  });

  it("cannot be made of nothing, of less than nothing or of no number", () => {
    for (const given of [[0, 0], [], [1, -1], [1, Number.NaN], [1, Infinity]]) {
      expect(wholeWeights(given)).toBeNull();
    }
  });
});
