/** The results column of a hub plan: what was chosen, how good it is provably, on what assumptions. */

import { el } from "./dom";
import { distance, fixed, number, percent, quantity } from "./format";
import { nameOf, t, term } from "./i18n";
import { cautionList, chip } from "./notices";
import { districtName } from "./places";
import { moveFocus } from "./rows";
import { sourceList } from "./sources";
import type { Store } from "./store";
import type { LocationRun, Plan } from "./types";
import type { World } from "./world";

function figure(label: string, value: string, note = ""): HTMLElement {
  return el(
    "div",
    { class: "figure" },
    el("dt", {}, label),
    el("dd", {}, value, note ? el("small", {}, ` ${note}`) : null),
  );
}

function proof(plan: Plan): HTMLElement {
  const proven = plan.status === "optimal";
  return el(
    "section",
    { class: "proof" },
    el(
      "p",
      { class: "proof-line" },
      chip(term("status", plan.status), proven ? "accent" : "caution"),
      ` ${plan.proof}`,
    ),
    el(
      "dl",
      { class: "figures" },
      figure(t("plan.mean"), distance(plan.mean_distance_m)),
      figure(t("plan.max"), distance(plan.max_distance_m)),
      figure(t("plan.objective"), quantity(plan.objective, null), plan.objective_unit),
      figure(t("plan.bound"), quantity(plan.bound, null)),
      figure(t("plan.gap"), percent(plan.gap, 2)),
      figure(t("plan.solver"), `${fixed(plan.seconds, 2)} s`, plan.solver),
    ),
  );
}

function facilities(world: World, plan: Plan, store: Store): HTMLTableElement {
  const sum = plan.facilities.reduce((held, one) => held + one.load, 0);
  const sorted = [...plan.facilities].sort((a, b) => b.load - a.load);
  const body = el(
    "tbody",
    {},
    ...sorted.map((one, i) =>
      el(
        "tr",
        { "data-id": one.id, tabindex: i === 0 ? 0 : -1 },
        el(
          "td",
          { class: "name" },
          el("span", { class: "name-main" }, nameOf(one)),
          el("span", { class: "name-sub" }, districtName(world, one.district)),
        ),
        el("td", { class: "num" }, number(one.demand_points, 0)),
        el("td", { class: "num" }, number(one.load, 0)),
        el("td", { class: "num" }, percent(sum > 0 ? one.load / sum : null)),
      ),
    ),
  );
  moveFocus(body, store);
  const head = (text: string, kind = "num"): HTMLElement =>
    el("th", { scope: "col", class: kind }, text);
  return el(
    "table",
    { role: "table", class: "ranking plan-table", "aria-label": t("plan.facilities") },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        head(t("plan.facility"), "name"),
        head(t("plan.points")),
        head(t("plan.load")),
        head(t("plan.share")),
      ),
    ),
    body,
  );
}

function unserved(plan: Plan): HTMLElement | null {
  if (plan.unserved.length === 0) return null;
  return el(
    "section",
    {},
    el("h3", {}, t("plan.unserved", { count: plan.unserved.length })),
    el(
      "ul",
      { class: "plain-list" },
      ...plan.unserved.map((one) => el("li", {}, `${one.name_zh}: ${one.reason}`)),
    ),
  );
}

export class PlanView {
  readonly element: HTMLElement;
  readonly #table: HTMLTableElement;

  constructor(store: Store, world: World, run: LocationRun, plan: Plan) {
    this.#table = facilities(world, plan, store);
    const said = [...run.assumptions, run.conflict];
    const beside = run.warnings.filter((one) => !said.includes(one));
    this.element = el(
      "div",
      { class: "siting" },
      el(
        "div",
        { class: "scroll", id: "ranking" },
        el(
          "div",
          { class: "plan-head" },
          el(
            "h3",
            {},
            plan.title ?? run.title,
            plan.clause ? el("small", {}, ` ${plan.clause}`) : null,
          ),
          run.conflict
            ? el(
                "p",
                { class: "caution-text" },
                chip(t("plan.conflict"), "caution"),
                ` ${run.conflict}`,
              )
            : null,
          proof(plan),
          plan.decomposes ? el("p", { class: "hint" }, plan.decomposes) : null,
          el("h4", {}, t("plan.assumptions")),
          cautionList(run.assumptions),
          beside.length > 0 ? cautionList(beside) : null,
        ),
        this.#table,
        unserved(plan),
        sourceList(run.sources, run.as_of),
      ),
    );
  }

  mark(selected: string | null, hovered: string | null): void {
    for (const row of this.#rows()) {
      const id = row.dataset["id"];
      row.classList.toggle("is-selected", id === selected);
      row.classList.toggle("is-hovered", id === hovered);
    }
  }

  reveal(id: string): void {
    this.#row(id)?.scrollIntoView({ block: "nearest" });
  }

  focus(id: string): void {
    this.#row(id)?.focus();
  }

  #rows(): HTMLElement[] {
    return [...this.#table.querySelectorAll<HTMLElement>("[data-id]")];
  }

  #row(id: string): HTMLElement | undefined {
    return this.#rows().find((row) => row.dataset["id"] === id);
  }
}
