import { describe, expect, it } from "vitest";

import { groupRanks, type Placed, rankSites, rounded, scoreSite, type Site } from "../src/ranking";

const ORDER = ["a", "b"];
const EVEN = { a: 0.5, b: 0.5 };

function site(id: string, a: number | null, b: number | null): Site {
  return { id, values: { a, b } };
}

describe("scoreSite", () => {
  it("adds the contributions one by one in the order given", () => {
    const values = { a: 1, b: 1, c: 1 };
    const weights = { a: 0.1, b: 0.2, c: 0.3 };
    const forwards = scoreSite({ id: "x", values }, weights, ["a", "b", "c"]).score;
    const backwards = scoreSite({ id: "x", values }, weights, ["c", "b", "a"]).score;
    expect(forwards).toBe(0.1 + 0.2 + 0.3);
    expect(backwards).toBe(0.3 + 0.2 + 0.1);
    expect(forwards).not.toBe(backwards);
  });

  it("gives contributions that add to the score", () => {
    const { score, contributions } = scoreSite(site("x", 0.25, 1), { a: 0.75, b: 0.25 }, ORDER);
    expect(contributions).toEqual({ a: 0.1875, b: 0.25 });
    expect(score).toBe(0.4375);
  });

  it("has no score where a value is missing or not a number", () => {
    expect(scoreSite(site("x", null, 1), EVEN, ORDER).score).toBeNaN();
    expect(scoreSite(site("x", NaN, 1), EVEN, ORDER).score).toBeNaN();
    expect(scoreSite({ id: "x", values: { a: 1 } }, EVEN, ORDER).score).toBeNaN();
  });

  it("has no score where a criterion has no weight", () => {
    expect(scoreSite(site("x", 1, 1), { a: 1 }, ORDER).score).toBeNaN();
  });
});

describe("rankSites", () => {
  it("shares a rank among equal scores and skips the ranks they use up", () => {
    const placed = rankSites(
      [site("d", 0, 0), site("c", 0.5, 0.5), site("b", 1, 0), site("a", 1, 1)],
      EVEN,
      ORDER,
    );
    expect(placed.map(({ id, rank }) => [id, rank])).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 2],
      ["d", 4],
    ]);
    expect(placed[1]?.tiedWith).toEqual(["c"]);
    expect(placed[2]?.tiedWith).toEqual(["b"]);
    expect(placed[0]?.tiedWith).toEqual([]);
  });

  it("ties scores that differ after the ninth decimal only", () => {
    const ranks = (difference: number): (number | null)[] =>
      rankSites([site("a", 0.5, 0.5), site("b", 0.5 + difference, 0.5)], EVEN, ORDER).map(
        ({ rank }) => rank,
      );
    expect(ranks(4e-10)).toEqual([1, 1]);
    expect(ranks(4e-9)).toEqual([1, 2]);
  });

  it("puts sites without a score last, unranked", () => {
    const placed = rankSites([site("a", null, 1), site("b", 0, 0), site("c", NaN, 1)], EVEN, ORDER);
    expect(placed.map(({ id, rank }) => [id, rank])).toEqual([
      ["b", 1],
      ["a", null],
      ["c", null],
    ]);
  });

  it("follows an override of the weights", () => {
    const sites = [site("a", 1, 0), site("b", 0, 1)];
    const first = (weights: Record<string, number>): string | undefined =>
      rankSites(sites, weights, ORDER)[0]?.id;
    expect(first({ a: 0.9, b: 0.1 })).toBe("a");
    expect(first({ a: 0.1, b: 0.9 })).toBe("b");
  });

  it("does not depend on the order in which sites come", () => {
    const sites = [site("a", 0.3, 0.4), site("b", 0.4, 0.3), site("c", 0.9, 0.1)];
    expect(rankSites([...sites].reverse(), EVEN, ORDER)).toEqual(rankSites(sites, EVEN, ORDER));
  });

  it("ranks nothing as nothing", () => {
    expect(rankSites([], EVEN, ORDER)).toEqual([]);
  });
});

describe("rounded", () => {
  it("keeps nine decimals", () => {
    expect(rounded(0.1234567894)).toBe(0.123456789);
    expect(rounded(0.1234567896)).toBe(0.12345679);
  });
});

describe("groupRanks", () => {
  const place = (id: string, rank: number | null): Placed => ({
    id,
    rank,
    score: 0,
    contributions: {},
    tiedWith: [],
  });
  const groups = new Map<string, string | null>([
    ["a", "x"],
    ["b", "y"],
    ["c", "x"],
    ["d", "x"],
    ["e", null],
    ["f", "y"],
  ]);

  it("counts those ahead in the same group, equal ranks sharing one", () => {
    const placed = [place("a", 1), place("b", 2), place("c", 3), place("d", 3), place("f", 5)];
    const ranks = Object.fromEntries(groupRanks(placed, groups));
    expect(ranks).toEqual({ a: 1, b: 1, c: 2, d: 2, f: 2 });
  });

  it("gives none to a place without a group or without a rank", () => {
    expect(groupRanks([place("e", 1), place("a", null), place("z", 2)], groups).size).toBe(0);
  });
});
