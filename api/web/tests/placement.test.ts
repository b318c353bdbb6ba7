import { describe, expect, it } from "vitest";

import { type Offset, placeLabels, type Spot } from "../src/placement";

const HEIGHT = 16;
const spot = (x: number, y: number, width = 30): Spot => ({ x, y, width });

function box({ x, y, width }: Spot, { dx, dy }: Offset): [number, number, number, number] {
  return [
    x + dx - width / 2,
    y + dy - HEIGHT / 2,
    x + dx + width / 2,
    y + dy + HEIGHT / 2,
  ];
}

function disjoint(spots: readonly Spot[], offsets: readonly Offset[]): boolean {
  const boxes = spots.map((one, i) => box(one, offsets[i] as Offset));
  return boxes.every((a, i) =>
    boxes.slice(i + 1).every((b) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1]),
  );
}

describe("placeLabels", () => {
  it("puts a lone label right above its point", () => {
    const [{ dx, dy }] = placeLabels([spot(100, 100)], HEIGHT) as [Offset];
    expect(dx).toBeGreaterThan(15);
    expect(dy).toBeLessThan(0);
  });

  it("keeps labels apart, even of points on one spot", () => {
    const crowd = [spot(50, 50), spot(50, 50), spot(56, 48), spot(44, 53), spot(50, 50, 44)];
    expect(disjoint(crowd, placeLabels(crowd, HEIGHT))).toBe(true);
  });

  it("leaves labels where they are as long as they do not meet", () => {
    const apart = [spot(0, 0), spot(200, 0), spot(0, 200)];
    const [first, ...others] = placeLabels(apart, HEIGHT);
    for (const one of others) expect(one).toEqual(first);
  });

  it("still places every label where there is no room for all", () => {
    const far = Array.from({ length: 40 }, () => spot(0, 0));
    const offsets = placeLabels(far, HEIGHT);
    expect(offsets).toHaveLength(40);
    expect(disjoint(far, offsets)).toBe(false);
  });

  it("places nothing as nothing", () => {
    expect(placeLabels([], HEIGHT)).toEqual([]);
  });
});
