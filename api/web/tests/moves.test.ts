import { describe, expect, it } from "vitest";

import type { Contrast, ContrastedAlternative } from "../src/contrast_types";
import { gainsOf, greatestMove, movers, outsiders } from "../src/moves";

function moved(id: string, a: number | null, b: number | null): ContrastedAlternative {
  return {
    id,
    name_zh: id,
    name_en: id,
    district: null,
    standing_a: a === null ? "excluded" : "ranked",
    standing_b: b === null ? "excluded" : "ranked",
    rank_a: a,
    rank_b: b,
    tied_a: false,
    tied_b: false,
    places_gained: a === null || b === null ? null : a - b,
    cause: { kind: "weight" },
    sentence: "",
  };
}

function contrast(...alternatives: ContrastedAlternative[]): Contrast {
  const side = { scenario: "s", title: "s", method: "weighted_sum", ranked: 0, excluded: 0 };
  return {
    a: { ...side, leaders: [] },
    b: { ...side, leaders: [] },
    sentence: "",
    changes_leader: false,
    changes_first_five: false,
    common: 0,
    agreement: "",
    differences: [],
    alternatives,
  };
}

const FOUND = contrast(
  moved("stays", 1, 1),
  moved("falls", 2, 5),
  moved("rises", 5, 2),
  moved("slips", 3, 4),
  moved("enters", null, 3),
  moved("leaves", 4, null),
  moved("never", null, null),
);

describe("a comparison", () => {
  it("colours those ranked in both by the places they gain", () => {
    const gains = Object.fromEntries(gainsOf(FOUND));
    expect(gains).toEqual({ stays: 0, falls: -3, rises: 3, slips: -1 });
    expect([...outsiders(FOUND)]).toEqual(["enters", "leaves", "never"]);
    expect(greatestMove(FOUND)).toBe(3);
    expect(greatestMove(contrast())).toBe(0);
  });

  it("lists who moved, the farthest first, and leaves out who did not", () => {
    expect(movers(FOUND).map(({ id }) => id)).toEqual([
      "rises",
      "falls",
      "slips",
      "enters",
      "leaves",
    ]);
  });
});
