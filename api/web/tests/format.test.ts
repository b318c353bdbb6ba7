import { afterEach, describe, expect, it } from "vitest";

import { distance, fixed, number, percent, quantity } from "../src/format";
import { setLanguage, t } from "../src/i18n";

afterEach(() => setLanguage("zh"));

describe("numbers", () => {
  it("are grouped and drop trailing zeros", () => {
    expect(number(35121.3)).toBe("35,121.3");
    expect(number(1200)).toBe("1,200");
  });

  it("keep their decimals where a column asks for them", () => {
    expect(fixed(0.5, 3)).toBe("0.500");
  });

  it("say that nothing is given, never zero", () => {
    for (const missing of [null, undefined, NaN, Infinity]) {
      expect(number(missing)).toBe(t("value.none"));
      expect(fixed(missing, 2)).toBe(t("value.none"));
      expect(percent(missing)).toBe(t("value.none"));
      expect(distance(missing)).toBe(t("value.none"));
      expect(quantity(missing, "亩")).toBe(t("value.none"));
    }
    expect(number(0)).toBe("0");
    expect(quantity(0, "家")).toBe("0 家");
  });

  it("show shares in a hundred", () => {
    expect(percent(0.0833333)).toBe("8.3%");
    expect(percent(1, 0)).toBe("100%");
  });
});

describe("quantities", () => {
  it("carry their unit", () => {
    expect(quantity(919.8, "亩")).toBe("919.8 亩");
    expect(quantity(3368891.4, "人")).toBe("3,368,891 人");
    expect(quantity(12, null)).toBe("12");
  });

  it("move metres to kilometres at one thousand", () => {
    expect(quantity(999.4, "米")).toBe("999 米");
    expect(quantity(1000, "米")).toBe("1 公里");
    setLanguage("en");
    expect(quantity(5757, "m")).toBe("5.76 km");
    expect(distance(250000)).toBe("250 km");
  });

  it("move square metres to square kilometres at one million", () => {
    expect(quantity(999999, "平方米")).toBe("999,999 平方米");
    expect(quantity(2.5e6, "平方米")).toBe("2.5 平方公里");
  });

  it("shorten very large figures in the language's own way", () => {
    expect(quantity(6.40751e11, "人·米")).toBe("6,407.51 亿 人·米");
    setLanguage("en");
    expect(quantity(1.5e8, "residents × m")).toBe("150 million residents × m");
  });
});
