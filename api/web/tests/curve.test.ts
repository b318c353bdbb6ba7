import { describe, expect, it } from "vitest";

import { curvePath, pointOn } from "../src/curve";

const CURVE = { performance: [0, 10, 20], value: [0, 1, 0.5] };
const SIZE = { width: 100, height: 40 };

describe("pointOn", () => {
  it("puts the least performance at the left and the value 1 at the top", () => {
    expect(pointOn(CURVE, 0, 0, SIZE)).toEqual([0, 40]);
    expect(pointOn(CURVE, 5, 0.5, SIZE)).toEqual([25, 20]);
    expect(pointOn(CURVE, 20, 1, SIZE)).toEqual([100, 0]);
  });

  it("keeps a performance off the curve at its end", () => {
    expect(pointOn(CURVE, -3, 0, SIZE)[0]).toBe(0);
    expect(pointOn(CURVE, 99, 0, SIZE)[0]).toBe(100);
  });

  it("stands in the middle where all performances are one", () => {
    expect(pointOn({ performance: [7], value: [1] }, 7, 1, SIZE)).toEqual([50, 0]);
  });
});

describe("curvePath", () => {
  it("goes through every point in order", () => {
    expect(curvePath(CURVE, SIZE)).toBe("M0,40L50,0L100,20");
  });
});
