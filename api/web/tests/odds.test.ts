import { describe, expect, it } from "vitest";

import { bandText, bars, barsPath, frameOf, placeOf, shareText, splitBars } from "../src/odds";

const SHARES = [0.5, 0.25, 0.125, 0.125, 0];

describe("bandText", () => {
  it("writes a band of one rank as that rank", () => {
    expect(bandText([1, 4])).toBe("1–4");
    expect(bandText([3, 3])).toBe("3");
  });
});

describe("shareText", () => {
  it("rounds to whole per cent, but neither to nothing nor to all", () => {
    expect([0, 0.001, 0.424, 0.996, 1].map(shareText)).toEqual([
      "0%",
      "<1%",
      "42%",
      ">99%",
      "100%",
    ]);
    expect(shareText(null)).toBe("—");
  });
});

describe("bars", () => {
  it("are one to a rank where there is room", () => {
    expect(bars(SHARES, 5).map(({ from, to }) => [from, to])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ]);
  });

  it("put neighbours together and lose no draw", () => {
    expect(bars(SHARES, 3)).toEqual([
      { from: 1, to: 2, share: 0.75 },
      { from: 3, to: 4, share: 0.25 },
      { from: 5, to: 5, share: 0 },
    ]);
  });

  it("are at most as many as asked for", () => {
    const many = Array.from({ length: 195 }, () => 1 / 195);
    for (const most of [1, 7, 84, 195, 500]) {
      const found = bars(many, most);
      expect(found.length).toBeLessThanOrEqual(most);
      expect(found.reduce((sum, one) => sum + one.share, 0)).toBeCloseTo(1, 12);
      expect(found.at(-1)?.to).toBe(195);
    }
  });
});

describe("barsPath", () => {
  const all = bars(SHARES, 5);
  const frame = frameOf(all, 10, 20);

  it("draws the tallest to the full height, the others in proportion, nothing for nothing", () => {
    expect(frame).toEqual({ width: 10, height: 20, ranks: 5, most: 0.5 });
    expect(barsPath(all, frame)).toBe(
      "M0,20v-20h2v20ZM2,20v-10h2v10ZM4,20v-5h2v5ZM6,20v-5h2v5Z",
    );
  });

  it("keeps the scale of the whole for a part", () => {
    const [inside, outside] = splitBars(all, [1, 2]);
    expect(barsPath(inside, frame) + barsPath(outside, frame)).toBe(barsPath(all, frame));
  });

  it("leaves a hair between wide bars", () => {
    expect(barsPath(all, frameOf(all, 100, 20))).toMatch(/^M1\.6,20v-20h16\.8v20Z/);
  });

  it("draws nothing where there is nothing", () => {
    expect(barsPath([], frameOf([], 10, 20))).toBe("");
    expect(barsPath(bars([0, 0], 2), frameOf(bars([0, 0], 2), 10, 20))).toBe("");
  });
});

describe("splitBars", () => {
  it("counts a bar to the band if it holds any of its ranks", () => {
    const [inside, outside] = splitBars(bars(SHARES, 3), [2, 3]);
    expect(inside.map(({ from }) => from)).toEqual([1, 3]);
    expect(outside.map(({ from }) => from)).toEqual([5]);
  });
});

describe("placeOf", () => {
  it("is the middle of the rank's step", () => {
    expect(placeOf(1, 4)).toBe(0.125);
    expect(placeOf(4, 4)).toBe(0.875);
    expect(placeOf(1, 0)).toBe(0);
  });
});
