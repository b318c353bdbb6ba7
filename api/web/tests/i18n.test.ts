import { afterEach, describe, expect, it } from "vitest";

import { fill, nameOf, setLanguage, t, term, texts } from "../src/i18n";

const places = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([place]) => place).sort();

afterEach(() => setLanguage("zh"));

describe("the two languages", () => {
  it("have the same keys", () => {
    expect(Object.keys(texts.en).sort()).toEqual(Object.keys(texts.zh).sort());
  });

  it.each(Object.entries(texts.zh))("say %s with the same places and no empty text", (key, zh) => {
    const en = texts.en[key as keyof typeof texts.en];
    expect(places(en)).toEqual(places(zh));
    expect(zh.trim()).not.toBe("");
    expect(en.trim()).not.toBe("");
  });

  it("keep Chinese out of the English, the language's own name apart", () => {
    const apart = new Set(["header.otherLanguage", "header.otherLanguageLabel"]);
    const mixed = Object.entries(texts.en).filter(
      ([key, text]) => !apart.has(key) && /\p{Script=Han}/u.test(text),
    );
    expect(mixed).toEqual([]);
  });
});

describe("t", () => {
  it("fills the places", () => {
    expect(fill("{a} of {b}", { a: 1, b: "two" })).toBe("1 of two");
  });

  it("leaves a place without a value as it is", () => {
    expect(fill("{a}", {})).toBe("{a}");
  });

  it("puts a value that looks like markup in as plain text", () => {
    expect(fill("{a}", { a: "<b>${x}</b>" })).toBe("<b>${x}</b>");
  });

  it("follows the language", () => {
    expect(t("unit.mu")).toBe("亩");
    setLanguage("en");
    expect(t("unit.mu")).toBe("mu");
  });
});

describe("term", () => {
  it("gives a text for a known code and the code for an unknown one", () => {
    expect(term("basis", "recalled")).toBe(texts.zh["basis.recalled"]);
    expect(term("basis", "surmised")).toBe("surmised");
  });
});

describe("nameOf", () => {
  it("takes the other language where one is missing, and the id where both are", () => {
    expect(nameOf({ name_zh: "温州", name_en: "Wenzhou" })).toBe("温州");
    setLanguage("en");
    expect(nameOf({ name_zh: "温州", name_en: "Wenzhou" })).toBe("Wenzhou");
    expect(nameOf({ name_zh: "温州", name_en: null })).toBe("温州");
    expect(nameOf({ name_zh: null, name_en: null, id: "zone-01" })).toBe("zone-01");
  });
});
