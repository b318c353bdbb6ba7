import { describe, expect, it } from "vitest";

import {
  changesOf,
  compared,
  editedFields,
  sameShape,
  typedOf,
  valueOf,
} from "../src/feature_edit_values";
import type { Feature, Field } from "../src/types";

const field = (name: string, type: Field["type"]): Field => ({ name, title: name, unit: null, type });
const FIELDS = [
  field("name_zh", "text"),
  field("area_mu", "real"),
  field("no", "integer"),
  field("negative_list", "boolean"),
];
const feature = (properties: Feature["properties"]): Feature => ({
  type: "Feature",
  id: "zone-1",
  geometry: { type: "Point", coordinates: [120, 28] },
  properties,
});
const READ = feature({ name_zh: "甲", area_mu: 112.5, no: null, negative_list: false });

describe("what is edited", () => {
  it("is every field but the id and what is measured from the geometry", () => {
    const all = ["id", "name_zh", "ref_lon", "ref_lat", "geometry_kind", "as_of"];
    const edited = editedFields(all.map((name) => field(name, "text")));
    expect(edited.map((one) => one.name)).toEqual(["name_zh", "as_of"]);
  });
});

describe("a typed value", () => {
  it("is null where it is empty, whatever its type", () => {
    for (const one of FIELDS) expect(valueOf(one, "  ")).toBeNull();
  });

  it("is a number or a truth where the field takes one", () => {
    expect(valueOf(field("a", "real"), " 1.50 ")).toBe(1.5);
    expect(valueOf(field("a", "integer"), "0")).toBe(0);
    expect(valueOf(field("a", "boolean"), "false")).toBe(false);
    expect(valueOf(field("a", "boolean"), "true")).toBe(true);
  });

  it("stays text where it is no number, so that the server can say what it expects", () => {
    expect(valueOf(field("a", "real"), "很大")).toBe("很大");
    expect(valueOf(field("a", "integer"), "1e999")).toBe("1e999");
    expect(valueOf(field("a", "text"), "007")).toBe("007");
  });

  it("comes back as it was shown", () => {
    expect(typedOf(null)).toBe("");
    expect(typedOf(undefined)).toBe("");
    expect(typedOf(false)).toBe("false");
    expect(typedOf(0)).toBe("0");
  });
});

describe("the changes", () => {
  const shown = Object.fromEntries(
    FIELDS.map(({ name }) => [name, typedOf(READ.properties[name])]),
  );

  it("are none where nothing was typed", () => {
    expect(changesOf(FIELDS, READ, shown)).toEqual({});
    expect(changesOf(FIELDS, READ, {})).toEqual({});
  });

  it("are the values that differ, null for one that is taken away", () => {
    const typed = { ...shown, name_zh: "", no: "3", negative_list: "" };
    expect(changesOf(FIELDS, READ, typed)).toEqual({ name_zh: null, no: 3, negative_list: null });
  });
});

describe("two versions", () => {
  it("differ where somebody else has changed a value, or I have", () => {
    const present = feature({ ...READ.properties, no: 7, area_mu: 100 });
    const rows = compared(FIELDS, READ, present, { area_mu: 120 });
    expect(rows.map(({ field: { name }, read, present: now, mine }) => [name, read, now, mine])).toEqual([
      ["area_mu", 112.5, 100, 120],
      ["no", null, 7, undefined],
    ]);
  });

  it("show a value that I take away", () => {
    const [row] = compared(FIELDS, READ, READ, { name_zh: null });
    expect(row?.mine).toBeNull();
  });

  it("have the same shape only where every position is the same", () => {
    expect(sameShape(READ.geometry, { type: "Point", coordinates: [120, 28] })).toBe(true);
    expect(sameShape(READ.geometry, { type: "Point", coordinates: [120, 28.1] })).toBe(false);
  });
});
