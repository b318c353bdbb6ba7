import { describe, expect, it } from "vitest";

import { FULL, normalise, positions, scaleGroup, total, WeightsError } from "../src/weights";

const ORDER = ["a", "b", "c", "d"];
const DEFAULTS = { a: 30, b: 10, c: 25, d: 35 };
const sum = (weights: Record<string, number>): number => total(weights, ORDER);

describe("normalise", () => {
  it("divides by the sum", () => {
    expect(normalise({ a: 1, b: 3 }, ["a", "b"])).toEqual({ a: 0.25, b: 0.75 });
  });

  it("keeps a criterion at zero", () => {
    expect(normalise({ a: 0, b: 8 }, ["a", "b"])).toEqual({ a: 0, b: 1 });
  });

  it.each([NaN, Infinity, -1])("refuses %s", (bad) => {
    expect(() => normalise({ a: bad, b: 1 }, ["a", "b"])).toThrow("weights.bad");
  });

  it("refuses a criterion without a number", () => {
    expect(() => normalise({ a: 1 }, ["a", "b"])).toThrow("weights.bad");
  });

  it("refuses zeros alone, by name", () => {
    expect(() => normalise({ a: 0, b: 0 }, ["a", "b"])).toThrow(new WeightsError("weights.zero"));
  });
});

describe("scaleGroup", () => {
  const share = (raw: Record<string, number>): number => total(raw, ["a", "b"]) / sum(raw);

  it.each([0, 12, 40, 88, 100])("brings the group to a share of %s in a hundred", (target) => {
    expect(share(scaleGroup(DEFAULTS, ["a", "b"], target, DEFAULTS))).toBeCloseTo(target / 100, 12);
  });

  it("keeps the proportions inside the group and outside it", () => {
    const scaled = scaleGroup(DEFAULTS, ["a", "b"], 60, DEFAULTS);
    expect((scaled["a"] ?? 0) / (scaled["b"] ?? 0)).toBeCloseTo(3, 12);
    expect((scaled["c"] ?? 0) / (scaled["d"] ?? 0)).toBeCloseTo(25 / 35, 12);
  });

  it("passes no slider's full travel", () => {
    const tall = { a: 90, b: 90, c: 90, d: 90 };
    const scaled = scaleGroup(tall, ["a"], 97, tall);
    expect(Math.max(...Object.values(scaled))).toBeCloseTo(FULL, 12);
    expect((scaled["a"] ?? 0) / sum(scaled)).toBeCloseTo(0.97, 12);
  });

  it("comes back from zero by the default proportions", () => {
    const gone = scaleGroup(DEFAULTS, ["a", "b"], 0, DEFAULTS);
    expect(gone["a"]).toBe(0);
    const back = scaleGroup(gone, ["a", "b"], 40, DEFAULTS);
    for (const id of ORDER) expect(back[id]).toBeCloseTo(DEFAULTS[id as keyof typeof DEFAULTS], 10);
  });

  it("comes back from having been everything", () => {
    const all = scaleGroup(DEFAULTS, ["a", "b"], 100, DEFAULTS);
    expect(total(all, ["c", "d"])).toBe(0);
    expect(share(scaleGroup(all, ["a", "b"], 40, DEFAULTS))).toBeCloseTo(0.4, 12);
  });
});

describe("positions", () => {
  it("stand for the same weights, the heaviest at half travel", () => {
    const criteria = [
      { id: "a", weight: 0.25 },
      { id: "b", weight: 0.125 },
      { id: "c", weight: 0.625 },
    ];
    const raw = positions(criteria);
    expect(raw["c"]).toBe(FULL / 2);
    const weights = normalise(raw, ["a", "b", "c"]);
    for (const { id, weight } of criteria) expect(weights[id]).toBeCloseTo(weight, 12);
  });
});
