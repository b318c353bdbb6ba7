/** Coverage of demand within a radius of the stored hubs: the form, and its answer by district. */

import { coverRadius, sentenceOf } from "./api";
import { el } from "./dom";
import { number, percent, quantity } from "./format";
import { t } from "./i18n";
import { fault } from "./notices";
import { districtName, layerTitle } from "./places";
import type { CoverageAnswer } from "./types";
import type { World } from "./world";

const DEMANDS = ["demand", "zones", "districts"] as const;
const FACILITIES = ["hubs", "clusters"] as const;
const START_KM = 10;

function select(world: World, name: string, label: string, layers: readonly string[]): HTMLElement {
  const options = layers
    .filter((layer) => (world.items.get(layer)?.length ?? 0) > 0)
    .map((layer) => el("option", { value: layer }, layerTitle(world, layer)));
  return el("label", { class: "field" }, label, el("select", { name }, ...options));
}

function coverageFigures(world: World, answer: CoverageAnswer): HTMLElement {
  const rows = answer.by_district.filter((one) => one.covered + one.uncovered > 0);
  return el(
    "div",
    { class: "coverage-answer" },
    el(
      "p",
      { class: "big-figure" },
      el("b", {}, percent(answer.share)),
      el(
        "span",
        {},
        t("coverage.of", {
          covered: quantity(answer.covered, answer.unit),
          whole: quantity(answer.covered + answer.uncovered, answer.unit),
        }),
      ),
    ),
    answer.interval && answer.interval[0] !== null
      ? el(
          "p",
          { class: "muted" },
          t("coverage.interval", {
            low: percent(answer.interval[0]),
            high: percent(answer.interval[1]),
          }),
        )
      : null,
    el("ul", { class: "cautions" }, ...answer.assumptions.map((one) => el("li", {}, one))),
    el("p", { class: "hint" }, answer.sentence),
    el(
      "ul",
      { class: "district-bars", "aria-label": t("coverage.byDistrict") },
      ...rows.map((one) => {
        const bar = el("i");
        bar.style.width = percent(one.share ?? 0);
        return el(
          "li",
          { title: `${number(one.covered, 0)} / ${number(one.covered + one.uncovered, 0)}` },
          el("span", {}, districtName(world, one.district)),
          el("span", { class: "track", "aria-hidden": "true" }, bar),
          el("span", { class: "num" }, percent(one.share)),
        );
      }),
    ),
  );
}

export function coverageForm(world: World): HTMLElement {
  const answer = el("div", { class: "answer", "aria-live": "polite" });
  const form = el(
    "form",
    { class: "coverage", "aria-label": t("coverage.title") },
    el("h3", {}, t("coverage.title")),
    select(world, "facilities", t("coverage.facilities"), FACILITIES),
    select(world, "demand", t("coverage.demand"), DEMANDS),
    el(
      "label",
      { class: "field" },
      t("coverage.radius"),
      el(
        "span",
        { class: "with-unit" },
        el("input", {
          type: "number",
          name: "radius",
          min: 0.1,
          max: 200,
          step: "any",
          value: START_KM,
        }),
        t("unit.km"),
      ),
    ),
    el("button", { type: "submit", class: "button", "data-action": "coverage" }, t("coverage.run")),
    answer,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    coverRadius(
      String(given.get("facilities")),
      String(given.get("demand")),
      Number(given.get("radius")) * 1000,
    )
      .then((found) => answer.replaceChildren(coverageFigures(world, found)))
      .catch((error: unknown) => answer.replaceChildren(fault(sentenceOf(error))));
  });
  return form;
}
