/** The results column of an allocation: how many facilities each district and town gets. */

import { el } from "./dom";
import { fixed, number } from "./format";
import { nameOf, t, term } from "./i18n";
import { chip, fault } from "./notices";
import { districtName } from "./places";
import { planHead } from "./plan_head";
import { MarkedRows, moveFocus } from "./rows";
import { sourceList } from "./sources";
import type { Store } from "./store";
import type { AllocationRun, Recipient, Shares } from "./types";
import type { World } from "./world";

function proof(shares: Shares): HTMLElement {
  const proven = shares.status === "optimal";
  return el(
    "section",
    { class: "proof" },
    el(
      "p",
      { class: "proof-line" },
      chip(term("status", shares.status), proven ? "accent" : "caution"),
      ` ${shares.proof}`,
    ),
    shares.infeasible_because === null ? null : fault(shares.infeasible_because),
  );
}

function districts(world: World, shares: Shares): HTMLElement {
  return el(
    "ul",
    { class: "plain-list district-units", "aria-label": t("allocation.districts") },
    ...shares.by_district.map((one) =>
      el(
        "li",
        {},
        el("span", {}, districtName(world, one.district)),
        el("b", {}, t("allocation.units", { count: number(one.units, 0) })),
        el("small", {}, t("allocation.quota", { quota: fixed(one.quota, 1) })),
      ),
    ),
  );
}

function row(world: World, one: Recipient, first: boolean): HTMLElement {
  return el(
    "tr",
    { "data-id": one.id, tabindex: first ? 0 : -1 },
    el(
      "td",
      { class: "name" },
      el("span", { class: "name-main" }, nameOf(one)),
      el("span", { class: "name-sub" }, districtName(world, one.district)),
    ),
    el("td", { class: "num" }, number(one.units, 0)),
    el("td", { class: "num" }, fixed(one.quota, 2)),
  );
}

function towns(world: World, shares: Shares, store: Store): HTMLTableElement {
  const body = el("tbody", {}, ...shares.allocation.map((one, i) => row(world, one, i === 0)));
  moveFocus(body, store);
  const head = (text: string, kind = "num"): HTMLElement =>
    el("th", { scope: "col", class: kind }, text);
  return el(
    "table",
    { role: "table", class: "ranking plan-table", "aria-label": t("allocation.towns") },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        head(t("allocation.town"), "name"),
        head(t("allocation.number")),
        head(t("allocation.share")),
      ),
    ),
    body,
  );
}

export class AllocationView {
  readonly element: HTMLElement;
  readonly #rows: MarkedRows;

  constructor(store: Store, world: World, run: AllocationRun, shares: Shares) {
    const table = towns(world, shares, store);
    this.#rows = new MarkedRows(table);
    this.element = el(
      "div",
      { class: "siting" },
      el(
        "div",
        { class: "scroll", id: "ranking" },
        planHead(run, shares, proof(shares), districts(world, shares)),
        shares.allocation.length > 0 ? table : null,
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
