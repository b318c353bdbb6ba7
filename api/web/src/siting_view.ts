/** The results column of a siting scenario: cautions, scope, ranking, what was left out. */

import { el } from "./dom";
import { excludedList } from "./excluded";
import { nameOf, t } from "./i18n";
import { cautions, heading } from "./notices";
import { describer } from "./places";
import { sourceList } from "./sources";
import type { Standing } from "./standing";
import type { Scope, SitingTab, Store } from "./store";
import type { SitingRun } from "./types";
import { RankingTable } from "./table";
import type { World } from "./world";

const SCOPES: readonly Scope[] = ["all", "leading"];

/** The warnings that stand nowhere else: neither as the heading nor beside their rule. */
function besides(run: SitingRun): string[] {
  const elsewhere = new Set([run.heading, ...run.rules.map((rule) => rule.assumption)]);
  return run.warnings.filter((one) => !elsewhere.has(one));
}

export class SitingView {
  readonly element: HTMLElement;
  readonly #table: RankingTable;
  readonly #check = el("span", { class: "check", "aria-live": "off" });

  constructor(
    readonly store: Store,
    readonly world: World,
    readonly tab: SitingTab,
    standing: Standing,
  ) {
    const describe = describer(world, tab);
    this.#table = new RankingTable(store, standing, describe);
    const { run } = standing;
    this.element = el(
      "div",
      { class: "siting" },
      el(
        "div",
        { class: "answer-head" },
        run.heading ? heading(run.heading) : null,
        this.#toolbar(standing),
      ),
      el(
        "div",
        { class: "scroll", id: "ranking" },
        el("div", { class: "beside" }, cautions(besides(run))),
        this.#table.element,
        excludedList(run, store, describe),
        sourceList(run.sources, run.as_of),
      ),
    );
  }

  update(standing: Standing): void {
    this.#table.update(standing);
  }

  mark(selected: string | null, hovered: string | null): void {
    this.#table.mark(selected, hovered);
  }

  reveal(id: string): void {
    this.#table.reveal(id);
  }

  focus(id: string): void {
    this.#table.focus(id);
  }

  /** What the server said of the reader's weights: same ranking, another one, or nothing yet. */
  checked(outcome: "same" | "other" | "pending" | "none"): void {
    this.#check.textContent = outcome === "none" ? "" : t(`check.${outcome}`);
    this.#check.className = `check ${outcome}`;
  }

  #toolbar(standing: Standing): HTMLElement {
    const { run } = standing;
    const bar = el("div", { class: "toolbar" });
    if (run.first_stage) bar.append(this.#scopes(run.first_stage.leading));
    else
      bar.append(
        el("span", { class: "muted" }, t("ranking.count", { count: standing.placed.length })),
      );
    bar.append(this.#check);
    return bar;
  }

  #scopes(leading: readonly string[]): HTMLElement {
    const names = leading.map((id) => {
      const entry = this.world.index.get(id);
      return entry ? nameOf(entry.feature.properties) : id;
    });
    return el(
      "div",
      { class: "scopes", role: "group", "aria-label": t("scope.label") },
      ...SCOPES.map((scope) =>
        el(
          "button",
          {
            type: "button",
            "data-scope": scope,
            class: "segment",
            "aria-pressed": String(this.store.state.scope === scope),
            title:
              scope === "leading"
                ? t("scope.leadingTitle", { names: names.join(t("list.comma")) })
                : null,
            click: () => this.store.set({ scope }),
          },
          t(`scope.${scope}`),
        ),
      ),
    );
  }
}
