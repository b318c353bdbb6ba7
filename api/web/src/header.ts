/** The bar at the top: what this is, of which city and day, the report, the language. */

import { makeReport } from "./api";
import { el, svg } from "./dom";
import { language, t, term } from "./i18n";
import { reportButton } from "./report_button";
import type { Store } from "./store";
import { STAGES, type World } from "./world";

function mark(): SVGElement {
  return svg(
    "svg",
    { class: "mark", viewBox: "0 0 32 32", "aria-hidden": "true" },
    svg("rect", { width: 32, height: 32, rx: 4, fill: "currentColor" }),
    svg("path", {
      d: "M16 5c-5 0-8.5 3.6-8.5 8.300C7.5 19.5 16 27 16 27s8.5-7.5 8.5-13.700C24.5 8.600 21 5 16 5Z",
      fill: "none",
      stroke: "#fff",
      "stroke-width": 2.4,
    }),
    svg("circle", { cx: 16, cy: 13.5, r: 3, fill: "#fff" }),
  );
}

function fact(label: string, value: string): HTMLElement {
  return el("span", { class: "fact" }, el("span", { class: "fact-label" }, label), value);
}

function facts(world: World): HTMLElement {
  const { health, scenarios } = world;
  const day = scenarios.find((one) => one.id === STAGES.zone)?.as_of;
  return el(
    "div",
    { class: "facts" },
    day ? fact(t("header.asOf"), day) : null,
    fact(t("header.boundaries"), term("boundaries", health.boundaries)),
    fact(t("header.workspace"), health.workspace_hash.slice(0, 8)),
  );
}

function reportControl(store: Store): HTMLElement {
  const look = { action: "report", label: t("report.make"), class: "button" };
  return reportButton(look, () => makeReport(STAGES.zone, store.choice(STAGES.zone).raw));
}

export function renderHeader(root: HTMLElement, store: Store, world: World): void {
  const other = language() === "zh" ? "en" : "zh";
  const focused = document.activeElement?.getAttribute("data-action") === "language";
  const switcher = el(
    "button",
    {
      type: "button",
      "data-action": "language",
      class: "button quiet",
      lang: other,
      "aria-label": t("header.otherLanguageLabel"),
      click: () => store.set({ lang: other }),
    },
    t("header.otherLanguage"),
  );
  const title = world.health.city[language()];
  root.replaceChildren(
    el(
      "div",
      { class: "brand" },
      mark(),
      el("h1", {}, t("app.name")),
      el("span", { class: "brand-city" }, title),
      el("span", { class: "brand-line" }, t("app.line")),
    ),
    facts(world),
    reportControl(store),
    switcher,
  );
  if (focused) switcher.focus();
}
