/** The results column of a hub plan: what was chosen, how good it is provably, on what assumptions. */

import { el } from "./dom";
import { distance, fixed, number, percent, quantity } from "./format";
import { nameOf, t, term } from "./i18n";
import { chip } from "./notices";
import { districtName } from "./places";
import { type Asking, planQuestions } from "./plan_questions";
import { planHead } from "./plan_head";
import { MarkedRows, moveFocus } from "./rows";
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
      plan.objective === null ? null : ` ${plan.proof}`,
    ),
    el("p", { class: "hint" }, t("plan.model", { name: plan.model_name, what: plan.model_sentence })),
    el(
      "dl",
      { class: "figures" },
      figure(t("plan.mean"), distance(plan.mean_distance_m)),
      figure(t("plan.max"), distance(plan.max_distance_m)),
      figure(t("plan.objective"), quantity(plan.objective, null), plan.objective_unit),
      figure(t("plan.bound"), quantity(plan.bound, null)),
      figure(t("plan.gap"), percent(plan.gap, 2)),
      figure(t("plan.rootGap"), plan.root_gap === null ? "–" : percent(plan.root_gap, 2)),
      figure(t("plan.nodes"), number(plan.nodes, 0)),
      figure(t("plan.solver"), `${fixed(plan.seconds, 2)} s`, plan.solver),
    ),
  );
}

/** Why there is no plan: the smallest set of demands in conflict, and what would mend it. */
function conflict(plan: Plan): HTMLElement | null {
  if (plan.conflicting_demands.length === 0) return null;
  const listed = (title: string, sentences: readonly string[]): HTMLElement | null =>
    sentences.length === 0
      ? null
      : el(
          "div",
          {},
          el("h4", {}, title),
          el("ul", { class: "plain-list" }, ...sentences.map((one) => el("li", {}, one))),
        );
  return el(
    "section",
    { class: "infeasible" },
    listed(t("plan.demands"), plan.conflicting_demands),
    listed(t("plan.relaxations"), plan.least_relaxations),
  );
}

function facilities(world: World, plan: Plan, store: Store): HTMLTableElement {
  const sum = plan.facilities.reduce((held, one) => held + one.load, 0);
  const odds = plan.selection !== null;
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
          one.existing ? chip(t("plan.existing")) : null,
        ),
        el("td", { class: "num" }, number(one.demand_points, 0)),
        el("td", { class: "num" }, number(one.load, 0)),
        el("td", { class: "num" }, percent(sum > 0 ? one.load / sum : null)),
        el("td", { class: "num" }, one.reach_m === null ? "–" : distance(one.reach_m)),
        odds ? el("td", { class: "num chosen-share" }, percent(one.chosen_share, 0)) : null,
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
        head(t("plan.reach")),
        odds ? head(t("plan.chosen")) : null,
      ),
    ),
    body,
  );
}

/** The tiers above the lowest, each site with the one above that serves it. */
function tiers(world: World, plan: Plan): HTMLElement | null {
  if (plan.tiers === null) return null;
  const all = plan.tiers.tiers;
  const names = new Map(all.flatMap((tier) => tier.facilities).map((one) => [one.id, nameOf(one)]));
  return el(
    "section",
    { class: "tiers" },
    el("p", { class: "hint" }, plan.tiers.sentence),
    ...all.map((tier) =>
      el(
        "details",
        { class: "fold", "data-tier": tier.id, open: tier === all.at(-1) },
        el("summary", {}, t("tier.title", { title: tier.title, count: tier.facilities.length })),
        el(
          "ul",
          { class: "plain-list" },
          ...tier.facilities.map((one) =>
            el(
              "li",
              {},
              t("tier.site", {
                name: nameOf(one),
                district: districtName(world, one.district),
                load: number(one.load, 0),
              }),
              one.served_by === null
                ? null
                : el("small", {}, ` → ${names.get(one.served_by) ?? one.served_by}`),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Who is not served, by reason. */
function unserved(plan: Plan): HTMLElement | null {
  if (plan.unserved.length === 0 || plan.objective === null) return null;
  const reasons = new Map<string, string[]>();
  for (const one of plan.unserved) {
    reasons.set(one.reason, [...(reasons.get(one.reason) ?? []), nameOf(one)]);
  }
  return el(
    "section",
    { class: "unserved" },
    el("h4", {}, t("plan.unserved", { count: plan.unserved.length })),
    el(
      "ul",
      { class: "plain-list" },
      ...[...reasons].map(([reason, names]) =>
        el(
          "li",
          {},
          el("strong", {}, t("plan.reason", { reason, count: names.length })),
          names.join(t("list.comma")),
        ),
      ),
    ),
  );
}

export class PlanView {
  readonly element: HTMLElement;
  readonly #rows: MarkedRows;

  constructor(store: Store, world: World, run: LocationRun, plan: Plan, asking: Asking) {
    const table = facilities(world, plan, store);
    this.#rows = new MarkedRows(table);
    this.element = el(
      "div",
      { class: "siting" },
      el(
        "div",
        { class: "scroll", id: "ranking" },
        planHead(
          run,
          plan,
          proof(plan),
          conflict(plan),
          plan.decomposes ? el("p", { class: "hint" }, plan.decomposes) : null,
        ),
        tiers(world, plan),
        table,
        unserved(plan),
        plan.objective === null || plan.tiers !== null
          ? null
          : planQuestions(plan, store.state.plan.rank, asking),
        sourceList(run.sources, run.as_of),
      ),
    );
  }

  mark(selected: string | null, hovered: string | null): void {
    this.#rows.mark(selected, hovered);
  }

  reveal(id: string): void {
    this.#rows.reveal(id);
  }

  focus(id: string): void {
    this.#rows.focus(id);
  }
}
