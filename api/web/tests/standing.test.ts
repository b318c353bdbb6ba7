import { describe, expect, it } from "vitest";

import { agrees, fullScale, intervalsOf, stand, type Standing } from "../src/standing";
import type { Scope } from "../src/store";
import type { Alternative, SitingRun } from "../src/types";
import type { Weights } from "../src/weights";

function alternative(id: string, near: number, large: number, leading: boolean): Alternative {
  return {
    id,
    name_zh: id,
    name_en: id,
    district: null,
    rank: 0,
    tied_with: [],
    score: 0,
    score_interval: null,
    contributions: {},
    values: { near, large },
    performance: { near, large },
    accuracy_m: null,
    indicative: true,
    shares_point_with: [],
    in_leading: leading,
    rank_in_leading: null,
    doubt: null,
  };
}

function criterion(id: string): SitingRun["criteria"][number] {
  return {
    id,
    name: id,
    group: "g",
    unit: null,
    direction: "benefit",
    weight: 0.5,
    sentence: "",
    proxy_for: null,
    as_of: null,
    missing: null,
    missing_count: 0,
    value_function: null,
  };
}

const RUN: SitingRun = {
  scenario: "s",
  kind: "siting",
  title: "s",
  as_of: "2023-01-01",
  heading: null,
  alternatives: [
    alternative("a", 1, 0.2, false),
    alternative("b", 0.1, 0.9, true),
    alternative("c", 0.3, 0.3, true),
  ],
  excluded: [],
  criteria: [criterion("near"), criterion("large")],
  groups: [{ id: "g", title: "g", weight: 1 }],
  rules: [],
  first_stage: null,
  warnings: [],
  sources: [],
};

function standing(raw: Weights | null, scope: Scope): Standing {
  const stood = stand(RUN, raw, scope);
  if (!stood.standing) throw new Error(stood.reason);
  return stood.standing;
}

const ids = ({ placed }: Standing): string[] => placed.map(({ id }) => id);

describe("stand", () => {
  it("ranks by the run's own weights until the reader changes them", () => {
    const own = standing(null, "all");
    expect(ids(own)).toEqual(["a", "b", "c"]);
    expect(own.own).toBe(true);
  });

  it("ranks by the reader's weights and remembers where each site stood", () => {
    const moved = standing({ near: 0, large: 80 }, "all");
    expect(ids(moved)).toEqual(["b", "c", "a"]);
    expect(moved.before.get("a")).toBe(1);
    expect(moved.own).toBe(false);
  });

  it("numbers the leading districts' sites anew", () => {
    const leading = standing(null, "leading");
    expect(leading.placed.map(({ id, rank }) => [id, rank])).toEqual([
      ["b", 1],
      ["c", 2],
    ]);
  });

  it("says why weights rank nothing", () => {
    expect(stand(RUN, { near: 0, large: 0 }, "all").reason).toBe("weights.zero");
    expect(stand(RUN, { near: NaN, large: 1 }, "all").reason).toBe("weights.bad");
  });
});

describe("agrees", () => {
  const theirs = (ranks: number[]): SitingRun => ({
    ...RUN,
    alternatives: RUN.alternatives.map((one, i) => ({ ...one, rank: ranks[i] ?? 0 })),
  });

  it("holds for the same ranks", () => {
    expect(agrees(standing(null, "all"), theirs([1, 2, 3]), "all")).toBe(true);
  });

  it("fails for another rank or another number of sites", () => {
    expect(agrees(standing(null, "all"), theirs([2, 1, 3]), "all")).toBe(false);
    expect(agrees(standing(null, "leading"), theirs([1, 2, 3]), "all")).toBe(false);
  });
});

describe("intervals", () => {
  const [first, ...others] = RUN.alternatives as [Alternative, ...Alternative[]];
  const stated: SitingRun = {
    ...RUN,
    alternatives: [{ ...first, score_interval: [0.4, 0.9] }, ...others],
  };
  const stands = (raw: Weights | null, scope: Scope): Standing => {
    const { standing: found, reason } = stand(stated, raw, scope);
    if (!found) throw new Error(reason);
    return found;
  };

  it("are those that the run states", () => {
    expect([...intervalsOf(stated)]).toEqual([["a", [0.4, 0.9]]]);
  });

  it("hold for the run's own weights only, until the server has run others", () => {
    expect(stands(null, "all").intervals.get("a")).toEqual([0.4, 0.9]);
    expect(stands({ near: 1, large: 1 }, "all").intervals.size).toBe(0);
  });

  it("set the length of a bar where they reach further than the best score", () => {
    expect(fullScale(stands(null, "all"))).toBe(0.9);
    expect(fullScale(stands({ near: 1, large: 0 }, "all"))).toBe(1);
    expect(fullScale(stands(null, "leading"))).toBe(0.5);
  });
});
