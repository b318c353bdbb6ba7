import { beforeEach, describe, expect, it, vi } from "vitest";

import { isPlace, SurfaceTiles, tileExists } from "../src/surface_tiles";
import type { Surface } from "../src/surface_types";

const { readTile } = vi.hoisted(() => ({ readTile: vi.fn() }));
vi.mock("../src/api", () => ({ readTile }));

const DEEPEST = 14;
const surface = { tiles: "api/surfaces/h/tiles/{z}/{x}/{y}", deepest: DEEPEST, criteria: [] };
const tiles = (): SurfaceTiles => new SurfaceTiles(surface as unknown as Surface);

beforeEach(() => {
  readTile.mockReset();
  readTile.mockResolvedValue(null);
});

describe("tileExists", () => {
  it("knows the first and the last tile of a zoom", () => {
    for (const [z, last] of [
      [0, 0],
      [1, 1],
      [DEEPEST, 2 ** DEEPEST - 1],
    ] as const) {
      expect(tileExists({ z, x: 0, y: 0 }, DEEPEST)).toBe(true);
      expect(tileExists({ z, x: last, y: last }, DEEPEST)).toBe(true);
      expect(tileExists({ z, x: last + 1, y: 0 }, DEEPEST)).toBe(false);
      expect(tileExists({ z, x: 0, y: last + 1 }, DEEPEST)).toBe(false);
      expect(tileExists({ z, x: -1, y: 0 }, DEEPEST)).toBe(false);
    }
  });

  it("knows no tile between two zooms, past the deepest, or that is no number", () => {
    for (const at of [
      { z: 9.25, x: 400, y: 200 },
      { z: 9, x: 400.5, y: 200 },
      { z: DEEPEST + 1, x: 0, y: 0 },
      { z: -1, x: 0, y: 0 },
      { z: 9, x: Number.NaN, y: 0 },
      { z: Number.POSITIVE_INFINITY, x: 0, y: 0 },
    ]) {
      expect(tileExists(at, DEEPEST)).toBe(false);
    }
  });
});

describe("SurfaceTiles", () => {
  it("asks for a tile once", async () => {
    const one = tiles();
    await one.read({ z: 9, x: 427, y: 213 });
    await one.read({ z: 9, x: 427, y: 213 });
    expect(readTile.mock.calls).toEqual([["api/surfaces/h/tiles/9/427/213"]]);
  });

  it("never asks for what does not exist", async () => {
    const one = tiles();
    expect(await one.read({ z: 9.25, x: 427, y: 213 })).toBeNull();
    expect(await one.read({ z: 9, x: 512, y: 213 })).toBeNull();
    expect(readTile).not.toHaveBeenCalled();
  });

  it("asks again for a tile that failed", async () => {
    const one = tiles();
    readTile.mockRejectedValueOnce(new Error("gone"));
    await expect(one.read({ z: 9, x: 427, y: 213 })).rejects.toThrow("gone");
    expect(await one.read({ z: 9, x: 427, y: 213 })).toBeNull();
    expect(readTile).toHaveBeenCalledTimes(2);
  });
});

describe("isPlace", () => {
  it("takes the edges of the world and nothing beyond", () => {
    expect(isPlace(180, 90)).toBe(true);
    expect(isPlace(-180, -90)).toBe(true);
    expect(isPlace(180.1, 0)).toBe(false);
    expect(isPlace(120, -90.1)).toBe(false);
    expect(isPlace(Number.NaN, 28)).toBe(false);
  });
});
