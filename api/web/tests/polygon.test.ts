import { describe, expect, it } from "vitest";

import { polygonOf, readPoints } from "../src/polygon";

describe("readPoints", () => {
  it("reads commas, spaces and Chinese commas, past blank lines", () => {
    expect(readPoints("120.6, 28\n\n120.7 28\n120.7，27.9\n")).toEqual([
      [120.6, 28],
      [120.7, 28],
      [120.7, 27.9],
    ]);
  });

  it("names the first line that is not a point", () => {
    expect(readPoints("120.6, 28\n\nhere\n120.7, 28")).toBe(3);
    expect(readPoints("120.6, 28, 5\n1,2\n3,4")).toBe(1);
    expect(readPoints("1,2\n3\n5,6")).toBe(2);
  });

  it("gives zero for fewer than three points", () => {
    expect(readPoints("")).toBe(0);
    expect(readPoints("120.6, 28\n120.7, 28")).toBe(0);
  });
});

describe("polygonOf", () => {
  it("closes the ring once", () => {
    const ring = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ];
    expect(
      polygonOf([
        [0, 0],
        [1, 0],
        [1, 1],
      ]).geometry.coordinates,
    ).toEqual([ring]);
    expect(
      polygonOf([
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ]).geometry.coordinates,
    ).toEqual([ring]);
  });
});
