import { describe, expect, it } from "vitest";

import { diverging, ramp } from "../src/palette";
import {
  demandRadius,
  footprintStyle,
  HATCH,
  pointSymbol,
  siteSymbol,
  zoneRadius,
  zoneSymbol,
} from "../src/symbols";

const SCORED = { kind: "score", share: 0.5 } as const;

describe("symbols", () => {
  it("hatch an excluded zone and colour a scored one", () => {
    expect(zoneSymbol({ area_mu: 200 }, { kind: "excluded" }).fillColor).toBe(HATCH);
    expect(zoneSymbol({ area_mu: 200 }, SCORED).fillColor).toBe(ramp(0.5));
  });

  it("draw a recalled position hollow, in the colour it would be filled with", () => {
    const recalled = zoneSymbol({ area_mu: 200, basis_kind: "recalled" }, SCORED);
    expect(recalled.fillColor).toBe("#fff");
    expect(recalled.color).toBe(ramp(0.5));
    const cluster = pointSymbol("clusters", { basis_kind: "recalled" });
    expect(cluster.fillColor).toBe("#fff");
    expect(cluster.color).toBe(pointSymbol("clusters", {}).fillColor);
  });

  it("draw planned things pale", () => {
    const full = pointSymbol("hubs", { status: "existing" }).fillOpacity;
    expect(pointSymbol("hubs", { status: "planned" }).fillOpacity).toBeLessThan(full);
    expect(pointSymbol("hubs", { status: "not_located" }).fillOpacity).toBeLessThan(full);
  });

  it("let a ranked point of any layer grow and take its colour, and leave the others", () => {
    const plain = pointSymbol("towns", {});
    expect(siteSymbol("towns", {}, { kind: "plain" })).toEqual(plain);
    const scored = siteSymbol("towns", {}, SCORED);
    expect(scored.fillColor).toBe(ramp(0.5));
    expect(scored.radius).toBeGreaterThan(3 * plain.radius);
    expect(siteSymbol("hubs", {}, SCORED).shape).toBe(pointSymbol("hubs", {}).shape);
    expect(siteSymbol("towns", {}, { kind: "excluded" }).fillColor).toBe(HATCH);
  });

  it("colour gains and losses apart, and no change like neither", () => {
    const fill = (share: number): string =>
      siteSymbol("towns", {}, { kind: "difference", share }).fillColor;
    expect(fill(1)).toBe(diverging(1));
    expect(new Set([fill(-1), fill(0), fill(1)]).size).toBe(3);
  });

  it("dash every indicative footprint", () => {
    for (const paint of [SCORED, { kind: "excluded" }, { kind: "plain" }] as const) {
      expect(footprintStyle(paint).dashArray).toMatch(/\d/);
    }
  });

  it("give each layer a shape and colour of its own", () => {
    const layers = ["towns", "demand", "places", "clusters", "hubs"];
    const looks = layers.map((layer) => {
      const { shape, fillColor } = pointSymbol(layer, {});
      return `${shape} ${fillColor}`;
    });
    expect(new Set(looks).size).toBe(layers.length);
  });

  it("grow with the area and with the root of the demand", () => {
    expect(zoneRadius(2600)).toBeGreaterThan(zoneRadius(100));
    expect(demandRadius(400, 400) / demandRadius(100, 400)).toBeCloseTo(2, 12);
    expect(demandRadius(0, 0)).toBeGreaterThan(0);
  });
});

describe("ramp", () => {
  it("stays at its ends beyond them", () => {
    expect(ramp(-1)).toBe(ramp(0));
    expect(ramp(2)).toBe(ramp(1));
    expect(ramp(0)).not.toBe(ramp(1));
  });
});
