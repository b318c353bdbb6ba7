import { describe, expect, it } from "vitest";

import { filled } from "../src/job_view";
import { answered, readingOf } from "../src/plan_book";
import type { Alternative, Facility, LocationRun, Plan, SelectionOdds } from "../src/types";

const progress = {
  seconds: 1,
  incumbent: 12,
  bound: 11,
  gap: null as number | null,
  nodes: 50,
  about: null,
};

describe("the bar of a job", () => {
  it("is empty of meaning until a gap is known", () => {
    expect(filled(progress, null)).toBeNull();
    expect(filled({ ...progress, gap: 1 }, null)).toBeNull();
  });

  it("fills by orders of magnitude of the gap", () => {
    expect(filled({ ...progress, gap: 0.01 }, null)).toBeCloseTo(0.5);
    expect(filled({ ...progress, gap: 1e-4 }, null)).toBe(1);
    expect(filled({ ...progress, gap: 0 }, null)).toBe(1);
  });

  it("counts parts where they are known", () => {
    expect(filled(progress, 200)).toBe(0.25);
    expect(filled({ ...progress, nodes: 300 }, 200)).toBe(1);
  });
});

const site = (id: string): Facility =>
  ({ id, load: 1, reach_m: 2, chosen_share: null }) as Facility;
const plan = {
  reading: "total",
  objective: 10,
  facilities: [site("a"), site("b")],
  alternatives: [] as Alternative[],
  selection: null,
} as unknown as Plan;

describe("a plan with answers", () => {
  it("is itself where nothing was asked", () => {
    expect(answered(plan, 1, null, null)).toEqual(plan);
  });

  it("is the alternative of the rank, where there is one", () => {
    const second = { rank: 2, objective: 11, facilities: [site("a"), site("c")] } as Alternative;
    const best = { alternatives: [{ rank: 1 }, second] } as unknown as LocationRun;
    const shown = answered(plan, 2, best, null);
    expect(shown.objective).toBe(11);
    expect(shown.facilities.map((one) => one.id)).toEqual(["a", "c"]);
    expect(answered(plan, 9, best, null).objective).toBe(10);
  });

  it("has the share of every site, 0 for one never chosen", () => {
    const selection = { candidates: [{ id: "a", share: 0.8 }] } as unknown as SelectionOdds;
    const shown = answered(plan, 1, null, { selection } as LocationRun);
    expect(shown.facilities.map((one) => one.chosen_share)).toEqual([0.8, 0]);
  });
});

describe("the reading of a run", () => {
  const run = { reading: "x", readings: [{ reading: "x" }, { reading: "y" }] };

  it("is the chosen one, else the first", () => {
    expect(readingOf(run, "y")).toBe(run.readings[1]);
    expect(readingOf(run, null)).toBe(run.readings[0]);
    expect(readingOf(run, "gone")).toBe(run);
  });
});
