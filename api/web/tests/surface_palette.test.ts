import { describe, expect, it } from "vitest";

import {
  dotted,
  hatched,
  packed,
  pixelsOf,
  RAMP,
  REPEAT,
  shadeOf,
  toOklab,
  WHOLE_RANGE,
} from "../src/surface_palette";

describe("the colours of a surface", () => {
  const lightness = RAMP.map((colour) => toOklab(colour)[0]);

  it("darken evenly from the least value to the greatest", () => {
    expect(RAMP.length).toBe(254);
    const steps = lightness.slice(1).map((one, i) => (lightness[i] ?? 0) - one);
    const mean = ((lightness[0] ?? 0) - (lightness.at(-1) ?? 0)) / 253;
    expect(mean).toBeGreaterThan(0.0024);
    for (const step of steps) expect(Math.abs(step - mean)).toBeLessThan(0.004);
    const tenth = 25;
    for (let i = 0; i + tenth < lightness.length; i++) {
      const drop = (lightness[i] ?? 0) - (lightness[i + tenth] ?? 0);
      expect(drop).toBeGreaterThan(0.9 * tenth * mean);
      expect(drop).toBeLessThan(1.1 * tenth * mean);
    }
  });

  it("are all different, and different from both patterns", () => {
    const patterns = new Set<number>();
    for (let y = 0; y < REPEAT; y++) {
      for (let x = 0; x < REPEAT; x++) patterns.add(hatched(x, y)).add(dotted(x, y));
    }
    expect(patterns.size).toBe(4);
    const ramp = new Set(pixelsOf(WHOLE_RANGE).slice(2));
    expect(ramp.size).toBe(254);
    for (const one of patterns) expect(ramp.has(one)).toBe(false);
  });

  it("run over a part of the levels where that is asked", () => {
    expect(shadeOf(100, [100, 200])).toEqual(RAMP[0]);
    expect(shadeOf(200, [100, 200])).toEqual(RAMP[253]);
    expect(shadeOf(150, [100, 200])).toEqual(RAMP[127]);
    expect(shadeOf(50, [100, 200])).toEqual(RAMP[0]);
    expect(shadeOf(255, [100, 200])).toEqual(RAMP[253]);
    for (let level = 2; level < 256; level++) {
      expect(shadeOf(level, WHOLE_RANGE)).toEqual(RAMP[level - 2]);
    }
    expect([shadeOf(7, [7, 7]), shadeOf(8, [7, 7])]).toEqual([RAMP[0], RAMP[253]]);
  });

  it("pack the bytes of a pixel as a canvas holds them", () => {
    const bytes = new Uint8Array(new Uint32Array([packed([1, 2, 3])]).buffer);
    expect([...bytes]).toEqual([1, 2, 3, 255]);
  });
});
