import { describe, expect, it } from "vitest";

import { AS_BUILT, isAsBuilt, recipeOf, weightsOf } from "../src/mix";
import { digest } from "../src/surface_key";
import type { Surface } from "../src/surface_types";
import { NOT_ASKED, parsed } from "../src/zone_inputs";

const surface = {
  criteria: [
    { id: "a", weight: 5000 },
    { id: "b", weight: 3000 },
    { id: "c", weight: 2000 },
  ],
  rules: [
    { number: 1, id: "farmland", name: "" },
    { number: 2, id: "water", name: "" },
  ],
} as unknown as Surface;

describe("a mix", () => {
  it("is the surface's own weights and all rules until something moves", () => {
    expect(recipeOf(surface, AS_BUILT)).toEqual({
      weights: [5000, 3000, 2000],
      cutOffs: [2, 2, 2],
      rules: [1, 2],
    });
    expect(isAsBuilt(AS_BUILT)).toBe(true);
  });

  it("takes slider positions as whole weights, and one that is missing as nothing", () => {
    const raw = { a: 1, b: 2 };
    expect(weightsOf(surface, { ...AS_BUILT, raw })).toEqual([3333, 6667, 0]);
    expect(isAsBuilt({ ...AS_BUILT, raw })).toBe(false);
  });

  it("takes least values as levels, and leaves out the rules that are off", () => {
    const mix = { raw: null, cutOffs: { b: 0.5, c: 1 }, off: ["farmland"] };
    expect(recipeOf(surface, mix)).toEqual({
      weights: [5000, 3000, 2000],
      cutOffs: [2, 129, 255],
      rules: [2],
    });
  });

  it("is worth nothing where every slider stands at nothing", () => {
    expect(recipeOf(surface, { ...AS_BUILT, raw: { a: 0, b: 0, c: 0 } })).toBeNull();
  });
});

describe("what the view holds", () => {
  const census = (counted: Record<number, number>) => {
    const counts = new Uint32Array(256);
    for (const [colour, count] of Object.entries(counted)) counts[Number(colour)] = count;
    return { counts, pixels: counts.reduce((sum, one) => sum + one, 0) };
  };

  it("counts what is excluded and not known apart from what has a value", () => {
    const found = digest(census({ 0: 10, 1: 30, 2: 40, 255: 20 }));
    expect(found.unknown).toBe(0.1);
    expect(found.excluded).toBe(0.3);
    expect(found.median).toBe(0);
    expect(found.bars[0]).toBe(40);
    expect(found.bars.at(-1)).toBe(20);
    expect(found.bars.reduce((sum, one) => sum + one, 0)).toBe(60);
  });

  it("has the value in the middle that half of the suitable reach", () => {
    expect(digest(census({ 3: 1, 129: 1, 255: 1 })).median).toBeCloseTo(127 / 253, 12);
    expect(digest(census({ 3: 5, 129: 1, 255: 1 })).median).toBeCloseTo(1 / 253, 12);
  });

  it("tells between which levels all but a few lie", () => {
    const levels = Array.from({ length: 100 }, (_, i) => [60 + i, 10] as const);
    expect(digest(census({ 1: 500, ...Object.fromEntries(levels) })).range).toEqual([62, 157]);
    expect(digest(census({ 77: 9 })).range).toEqual([2, 255]);
    expect(digest(census({ 1: 9 })).range).toEqual([2, 255]);
  });

  it("has none where nothing is suitable", () => {
    expect(digest(census({ 1: 9 })).median).toBeNull();
    expect(digest(census({}))).toMatchObject({ excluded: 0, unknown: 0, median: null });
  });
});

describe("the form of a zone", () => {
  const filled = { ...NOT_ASKED, min_mu: "300", max_mu: "400" };
  const wrong = (patch: Partial<typeof filled>): string | null => {
    const found = parsed({ ...filled, ...patch });
    return "field" in found ? found.field : null;
  };

  it("asks for what is filled in, and draws nothing for nothing", () => {
    expect(parsed(filled)).toEqual({
      request: {
        min_mu: 300,
        max_mu: 400,
        objective: "total",
        perimeter_price: 5,
        time_limit_s: 60,
      },
    });
    expect(parsed({ ...filled, draws: "50" })).toMatchObject({ request: { draws: 50, seed: 0 } });
    expect(parsed({ ...filled, max_mu: "300" })).toHaveProperty("request");
  });

  it("names the first field that cannot be used", () => {
    expect(wrong({ min_mu: " " })).toBe("min_mu");
    expect(wrong({ min_mu: "1e999" })).toBe("min_mu");
    expect(wrong({ max_mu: "-4" })).toBe("max_mu");
    expect(wrong({ min_mu: "401" })).toBe("min_mu");
    expect(wrong({ perimeter_price: "" })).toBe("perimeter_price");
    expect(wrong({ time_limit_s: "0" })).toBe("time_limit_s");
    expect(wrong({ time_limit_s: "601" })).toBe("time_limit_s");
    expect(wrong({ draws: "2.5" })).toBe("draws");
    expect(wrong({ draws: "10001" })).toBe("draws");
    expect(wrong({})).toBeNull();
  });
});
