import { describe, expect, it } from "vitest";

import { AS_DECLARED, type Choice } from "../src/choice";
import type { Alternative, SitingRun } from "../src/siting_types";
import {
  agrees,
  fullScale,
  intervalsOf,
  isAdditive,
  ranksHere,
  stand,
  type Standing,
  startScope,
  weigh,
} from "../src/standing";
import type { Scope } from "../src/store";
import type { Weights } from "../src/weights";
import { alternative, criterion, sitingRun } from "./siting";

const CRITERIA = [criterion("near"), criterion("large")];
const RUN = sitingRun({
  criteria: CRITERIA,
  alternatives: [
    alternative("a", { near: 1, large: 0.2 }),
    { ...alternative("b", { near: 0.1, large: 0.9 }), in_leading: true },
    { ...alternative("c", { near: 0.3, large: 0.3 }), in_leading: true },
  ],
});

function weighed(run: SitingRun, choice: Choice): Weights {
  const { weights, reason } = weigh(run, choice);
  if (!weights) throw new Error(reason);
  return weights;
}

function stands(
  run: SitingRun,
  patch: Partial<Choice> = {},
  scope: Scope = "all",
  answer: SitingRun | null = null,
): Standing {
  const choice = { ...AS_DECLARED, ...patch };
  const standing = stand(run, choice, weighed(run, choice), scope, answer);
  if (!standing) throw new Error("waiting");
  return standing;
}

const ids = ({ placed }: Standing): string[] => placed.map(({ id }) => id);
const ranked = ({ placed }: Standing): unknown[] => placed.map(({ id, rank }) => [id, rank]);

/** The run as the server would rank it: these ids in this order. */
function answered(run: SitingRun, order: readonly string[], method: string): SitingRun {
  const alternatives = order.map((id, i): Alternative => {
    const one = run.alternatives.find((other) => other.id === id);
    if (!one) throw new Error(id);
    const leading = order.slice(0, i + 1).filter((name) => name !== "a").length;
    return {
      ...one,
      rank: i + 1,
      score: 1 - i / 10,
      rank_in_leading: one.in_leading ? leading : null,
    };
  });
  return { ...run, alternatives, method: { ...run.method, id: method, additive: false } };
}

describe("weigh", () => {
  it("takes the run's own weights until the reader changes them", () => {
    expect(weigh(RUN, AS_DECLARED).weights).toEqual({ near: 0.5, large: 0.5 });
    expect(weigh(RUN, { ...AS_DECLARED, raw: { near: 30, large: 10 } }).weights).toEqual({
      near: 0.75,
      large: 0.25,
    });
  });

  it("says why weights rank nothing", () => {
    expect(weigh(RUN, { ...AS_DECLARED, raw: { near: 0, large: 0 } }).reason).toBe("weights.zero");
    expect(weigh(RUN, { ...AS_DECLARED, raw: { near: NaN, large: 1 } }).reason).toBe("weights.bad");
  });
});

describe("stand", () => {
  it("ranks by the run's own weights until the reader changes them", () => {
    const own = stands(RUN);
    expect(ids(own)).toEqual(["a", "b", "c"]);
    expect(own.own).toBe(true);
    expect(own.answer).toBe(RUN);
  });

  it("ranks by the reader's weights and remembers where each site stood", () => {
    const moved = stands(RUN, { raw: { near: 0, large: 80 } });
    expect(ids(moved)).toEqual(["b", "c", "a"]);
    expect(moved.before.get("a")).toBe(1);
    expect(moved.own).toBe(false);
    expect(moved.answer).toBeNull();
  });

  it("numbers the leading districts' sites anew", () => {
    expect(ranked(stands(RUN, {}, "leading"))).toEqual([
      ["b", 1],
      ["c", 2],
    ]);
  });
});

describe("a method that the server computes", () => {
  const topsis = answered(RUN, ["c", "a", "b"], "topsis");

  it("waits for the server's answer", () => {
    const choice = { ...AS_DECLARED, method: "topsis" };
    expect(stand(RUN, choice, weighed(RUN, choice), "all")).toBeNull();
  });

  it("stands as the server ranks, its parts adding up to nothing", () => {
    const standing = stands(RUN, { method: "topsis" }, "all", topsis);
    expect(ranked(standing)).toEqual([
      ["c", 1],
      ["a", 2],
      ["b", 3],
    ]);
    expect(isAdditive(standing)).toBe(false);
    expect(standing.placed[0]?.contributions).toEqual({});
    expect(standing.before.get("a")).toBe(1);
  });

  it("takes the server's ranks among the leading districts", () => {
    expect(ranked(stands(RUN, { method: "topsis" }, "leading", topsis))).toEqual([
      ["c", 1],
      ["b", 2],
    ]);
  });

  it("ranks a list that is not whole by the weighted sum too", () => {
    const part = { ...RUN, alternatives_total: 9_000 };
    const choice = { ...AS_DECLARED, raw: { near: 0, large: 80 } };
    expect(ranksHere(RUN, "weighted_sum")).toBe(true);
    expect(ranksHere(part, "weighted_sum")).toBe(false);
    expect(stand(part, choice, weighed(part, choice), "all")).toBeNull();
    const summed = answered(RUN, ["b", "c", "a"], "weighted_sum");
    expect(ids(stands(part, { raw: choice.raw }, "all", summed))).toEqual(["b", "c", "a"]);
  });

  it("is the scenario's own where it declares it, and the weighted sum then a choice", () => {
    expect(ids(stands(topsis))).toEqual(["c", "a", "b"]);
    const sum = stands(topsis, { method: "weighted_sum" });
    expect(ids(sum)).toEqual(["a", "b", "c"]);
    expect(sum.before.get("c")).toBe(1);
    expect(sum.own).toBe(false);
  });
});

describe("a scenario that chooses of each group", () => {
  const grouped = sitingRun({
    criteria: CRITERIA,
    per_group: { field: "host_district", choose: 1, sentence: "" },
    alternatives: [
      { ...alternative("a", { near: 1, large: 1 }), group: "north" },
      { ...alternative("b", { near: 0.8, large: 0.8 }), group: "north" },
      { ...alternative("c", { near: 0.5, large: 0.5 }), group: "south" },
      { ...alternative("d", { near: 0.1, large: 0.9 }), group: "south" },
      { ...alternative("e", { near: 0.9, large: 0.9 }), group: null },
    ],
  });

  it("starts with the chosen, ties among them, at their ranks among all", () => {
    expect(startScope(grouped)).toBe("chosen");
    expect(startScope(RUN)).toBe("all");
    expect(ranked(stands(grouped, {}, "chosen"))).toEqual([
      ["a", 1],
      ["c", 4],
      ["d", 4],
    ]);
  });

  it("ranks inside groups wherever it lists, and nobody without a group", () => {
    const { inGroup } = stands(grouped, {}, "all");
    expect(Object.fromEntries(inGroup)).toEqual({ a: 1, b: 2, c: 1, d: 1 });
  });

  it("chooses anew when the weights move", () => {
    expect(ids(stands(grouped, { raw: { near: 1, large: 3 } }, "chosen"))).toEqual(["a", "d"]);
  });
});

describe("agrees", () => {
  const theirs = (ranks: number[]): SitingRun => ({
    ...RUN,
    alternatives: RUN.alternatives.map((one, i) => ({ ...one, rank: ranks[i] ?? 0 })),
  });

  it("holds for the same ranks", () => {
    expect(agrees(stands(RUN), theirs([1, 2, 3]))).toBe(true);
  });

  it("fails for another rank or another number of sites", () => {
    expect(agrees(stands(RUN), theirs([2, 1, 3]))).toBe(false);
    expect(agrees(stands(RUN, {}, "leading"), theirs([1, 2, 3]))).toBe(false);
  });
});

describe("intervals", () => {
  const [first, ...others] = RUN.alternatives as [Alternative, ...Alternative[]];
  const stated: SitingRun = {
    ...RUN,
    alternatives: [{ ...first, score_interval: [0.4, 0.9] }, ...others],
  };

  it("are those that the run states", () => {
    expect([...intervalsOf(stated)]).toEqual([["a", [0.4, 0.9]]]);
    expect(intervalsOf(null).size).toBe(0);
  });

  it("hold for the run's own weights only, until the server has run others", () => {
    const moved = { raw: { near: 1, large: 1 } };
    expect(stands(stated).intervals.get("a")).toEqual([0.4, 0.9]);
    expect(stands(stated, moved).intervals.size).toBe(0);
    expect(stands(stated, moved, "all", stated).intervals.get("a")).toEqual([0.4, 0.9]);
  });

  it("set the length of a bar where they reach further than the best score", () => {
    expect(fullScale(stands(stated))).toBe(0.9);
    expect(fullScale(stands(stated, { raw: { near: 1, large: 0 } }))).toBe(1);
    expect(fullScale(stands(stated, {}, "leading"))).toBe(0.5);
  });
});
