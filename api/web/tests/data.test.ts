import { afterEach, describe, expect, it } from "vitest";

import { fileNameOf, importOf } from "../src/data_api";
import { NO_SYSTEM, systemOf } from "../src/data_fields";
import { countsText, shortValue, touched } from "../src/data_history";
import { formOf, type ImportAsk, keyOf, nothingAsked, troubleOf } from "../src/data_import_form";
import { setLanguage } from "../src/i18n";

const file = new File(["id\n1\n"], "第二批.csv", { lastModified: 5 });
const ask = (patch: Partial<ImportAsk> = {}): ImportAsk => ({
  ...nothingAsked("zones"),
  file,
  ...patch,
});

afterEach(() => setLanguage("zh"));

describe("the addresses that the server names", () => {
  it("are those of the import, not of its sheet", () => {
    expect(importOf('</api/imports/a-1_B/report.xlsx>; rel="describedby"')).toBe(
      "/api/imports/a-1_B",
    );
    expect(importOf(null)).toBeNull();
    expect(importOf("</api/jobs/1>; rel=x")).toBeNull();
  });

  it("give a file its whole name, else the plain one", () => {
    const both = "attachment; filename=\"zones.gpkg\"; filename*=UTF-8''%E5%8C%BA_4549.gpkg";
    expect(fileNameOf(both)).toBe("区_4549.gpkg");
    expect(fileNameOf('attachment; filename="zones.gpkg"')).toBe("zones.gpkg");
    expect(fileNameOf(null)).toBe("export");
  });
});

describe("a system", () => {
  it("is a datum, a code, or not said", () => {
    expect(systemOf(NO_SYSTEM)).toEqual({});
    expect(systemOf({ kind: "gcj02", code: "EPSG:4549" })).toEqual({ datum: "gcj02" });
    expect(systemOf({ kind: "code", code: " EPSG:4549 " })).toEqual({ crs: "EPSG:4549" });
  });
});

describe("the import form", () => {
  it("sends what is filled in and nothing that is empty", () => {
    const form = formOf(ask({ map: "名=name_zh\n\n 面=area_mu ", accuracy_m: " 5 " }), true);
    expect([...form.keys()].sort()).toEqual(
      ["accept_repair", "accuracy_m", "dry_run", "file", "layer", "map", "map", "replace"].sort(),
    );
    expect(form.getAll("map")).toEqual(["名=name_zh", "面=area_mu"]);
    expect(form.get("accuracy_m")).toBe("5");
    expect(form.get("dry_run")).toBe("true");
    expect(form.get("layer")).toBe("zones");
    expect((form.get("file") as File).name).toBe("第二批.csv");
  });

  it("sends the name and titles of a new layer, and of no other", () => {
    const fresh = { newName: "survey", title_zh: "测量", title_en: "Survey" };
    expect(formOf(ask({ ...fresh, layer: "" }), false).get("layer")).toBe("survey");
    expect(formOf(ask({ ...fresh, layer: "" }), false).get("title_en")).toBe("Survey");
    expect(formOf(ask({ ...fresh, layer: "zones" }), false).get("title_en")).toBeNull();
  });

  it.each([
    [{ file: null }, "import-file"],
    [{ layer: "" }, "newName"],
    [{ layer: "", newName: "a", title_zh: "甲" }, "title_en"],
    [{ layer: "", newName: "a", title_en: "A" }, "title_zh"],
    [{ system: { kind: "code", code: " " } }, "import-code"],
    [{ accuracy_m: "0" }, "accuracy_m"],
    [{ accuracy_m: "1e999" }, "accuracy_m"],
    [{ accuracy_m: "far" }, "accuracy_m"],
  ] as [Partial<ImportAsk>, string][])("names what cannot be used: %o", (patch, name) => {
    const trouble = troubleOf(ask(patch));
    expect(trouble?.name).toBe(name);
    expect(trouble?.why).not.toBe("");
  });

  it("can be used as it starts, once there is a file", () => {
    expect(troubleOf(ask())).toBeNull();
    expect(troubleOf(ask({ accuracy_m: "0.5" }))).toBeNull();
  });

  it("is checked for its file and options, not for who signs", () => {
    expect(keyOf(ask({ why: "a", author: "b" }))).toBe(keyOf(ask()));
    expect(keyOf(ask({ layer: "hubs" }))).not.toBe(keyOf(ask()));
    const other = new File(["id\n1\n"], "第二批.csv", { lastModified: 6 });
    expect(keyOf(ask({ file: other }))).not.toBe(keyOf(ask()));
    expect(keyOf(ask({ system: { kind: "wgs84", code: "" } }))).not.toBe(keyOf(ask()));
  });
});

describe("the history", () => {
  const counts = { inserted: 1200, updated: 0, deleted: 3 };

  it("says what happened and leaves out what did not", () => {
    expect(countsText(counts)).toBe("新增 1,200、删除 3");
    setLanguage("en");
    expect(countsText(counts)).toBe("1,200 added, 3 deleted");
  });

  it("counts every feature that was touched", () => {
    expect(touched({ zones: counts, hubs: { inserted: 0, updated: 2, deleted: 0 } })).toBe(1205);
    expect(touched({})).toBe(0);
  });

  it("shows values on one line, none as not given, and truth in words", () => {
    expect(shortValue(null)).toBe("—");
    expect(shortValue(false)).toBe("否");
    expect(shortValue(0)).toBe("0");
    expect(shortValue("长".repeat(100))).toBe(`${"长".repeat(80)}…`);
  });
});
