import { describe, expect, it } from "vitest";

import { AS_DECLARED, isDeclared, methodOf, optionsOf } from "../src/choice";
import { sitingRun } from "./siting";

const RUN = sitingRun({});

describe("a choice", () => {
  it("asks for nothing while all is as declared", () => {
    expect(optionsOf(AS_DECLARED)).toEqual({});
    expect(isDeclared(RUN, AS_DECLARED)).toBe(true);
    expect(methodOf(RUN, AS_DECLARED)).toBe("weighted_sum");
  });

  it("asks for weights and method as they stand", () => {
    const choice = { raw: { a: 3 }, method: "topsis", attitude: null };
    expect(optionsOf(choice)).toEqual({ weights: { a: 3 }, method: "topsis" });
    expect(isDeclared(RUN, choice)).toBe(false);
    expect(methodOf(RUN, choice)).toBe("topsis");
  });

  it("sends an attitude with the ordered weighted average alone", () => {
    const bold = { raw: null, method: "owa", attitude: 0.9 };
    expect(optionsOf(bold)).toEqual({ method: "owa", attitude: 0.9 });
    expect(optionsOf({ ...bold, method: "topsis" })).toEqual({ method: "topsis" });
  });

  it("is as declared when it names the scenario's own method", () => {
    expect(isDeclared(RUN, { ...AS_DECLARED, method: "weighted_sum" })).toBe(true);
  });
});
