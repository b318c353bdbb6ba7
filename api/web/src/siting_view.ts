/** The results column of a siting scenario: the ranking, and what stands behind it. */

import { auditPanel } from "./audit_panel";
import type { ComparePanel } from "./compare_panel";
import { el, setText } from "./dom";
import { excludedView } from "./excluded";
import { t } from "./i18n";
import { methodsView } from "./methods_view";
import { cautionFold, cautionList, heading } from "./notices";
import { oddsHead } from "./odds_head";
import { describer, namesOf } from "./places";
import type { SitingRun } from "./siting_types";
import { sourceList } from "./sources";
import type { Standing } from "./standing";
import { type Scope, type Store, type View, VIEWS } from "./store";
import { type Describe, RankingTable } from "./table";
import { weightsView } from "./weights_view";
import type { World } from "./world";

/** What the server said of the reader's choice. */
export type Verdict = "same" | "other" | "pending" | "server" | "none";

/** The views that tell of the server's run of the present choice. */
const EXPLAINED = ["weights", "methods", "excluded"] as const;

/** The warnings that stand nowhere else: neither as the heading nor beside their rule. */
function besides(run: SitingRun): string[] {
  const elsewhere = new Set([run.heading, ...run.rules.map((rule) => rule.assumption)]);
  return run.warnings.filter((one) => !elsewhere.has(one));
}

function scopesOf(run: SitingRun): readonly Scope[] {
  if (run.per_group) return ["chosen", "all"];
  return run.first_stage ? ["all", "leading"] : [];
}

/** How many are ranked, and how many of them are listed where that is not all. */
function counted({ run, placed }: Standing): string {
  const listed = run.alternatives.length;
  return listed < run.alternatives_total
    ? t("ranking.listed", { listed, count: run.alternatives_total })
    : t("ranking.count", { count: placed.length });
}

export class SitingView {
  readonly element: HTMLElement;
  readonly #table: RankingTable;
  readonly #check = el("span", { class: "check", "aria-live": "off" });
  readonly #odds = el("div", { class: "odds-place" });
  readonly #parts: Record<View, HTMLElement>;
  readonly #nav: HTMLElement;
  readonly #describe: Describe;
  #run: SitingRun | null = null;
  #answer: SitingRun | null = null;
  readonly #explained = new Map<View, SitingRun>();

  constructor(
    readonly store: Store,
    readonly world: World,
    standing: Standing,
    readonly compare: ComparePanel,
  ) {
    const { run } = standing;
    this.#describe = describer(world, run.layer);
    this.#table = new RankingTable(store, standing, this.#describe);
    this.#nav = el("div", { class: "views", role: "group", "aria-label": t("view.label") });
    const part = (view: View, ...inside: (Node | null)[]): HTMLElement =>
      el("div", { class: "view", "data-view-of": view }, ...inside);
    this.#parts = {
      ranking: part("ranking", this.#table.element),
      weights: part("weights"),
      methods: part("methods"),
      compare: part("compare", compare.element, auditPanel(store, world, run)),
      excluded: part("excluded"),
      sources: part("sources", this.#sources(run)),
    };
    this.element = el(
      "div",
      { class: "siting", "data-scenario": run.scenario },
      el(
        "div",
        { class: "answer-head" },
        run.heading ? heading(run.heading) : null,
        this.#nav,
        el("div", { class: "ranking-head" }, this.#toolbar(standing), this.#odds),
      ),
      el("div", { class: "scroll", id: "ranking" }, ...VIEWS.map((view) => this.#parts[view])),
    );
    this.update(standing);
    this.turn();
  }

  update(standing: Standing): void {
    this.#table.update(standing);
    this.compare.update(standing);
    if (standing.run !== this.#run) {
      this.#run = standing.run;
      this.#sure(standing.run);
    }
    if (standing.answer) this.#answer = standing.answer;
    for (const view of EXPLAINED) {
      this.#parts[view].classList.toggle("is-stale", standing.answer === null);
    }
    this.#explain();
  }

  /** Turns to the view that the reader has chosen. */
  turn(): void {
    const { view } = this.store.state;
    const focused = this.#nav.contains(document.activeElement);
    this.#nav.replaceChildren(...VIEWS.map((one) => this.#tab(one, view)));
    for (const one of VIEWS) this.#parts[one].hidden = one !== view;
    this.element.dataset["shows"] = view;
    this.#explain();
    if (focused) this.#nav.querySelector<HTMLElement>("[aria-pressed=true]")?.focus();
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

  /** The odds could not be drawn: the head says why. */
  oddsFailed(): void {
    if (this.#run) this.#sure(this.#run);
  }

  /** What the server said: the same ranking, another one, its own method, or nothing yet. */
  checked(outcome: Verdict): void {
    setText(this.#check, outcome === "none" ? "" : t(`check.${outcome}`));
    this.#check.className = `check ${outcome}`;
  }

  #sure(run: SitingRun): void {
    const cautions = cautionFold(besides(run));
    this.#odds.replaceChildren(oddsHead(run.odds, this.world.runs.trouble(run.scenario), cautions));
  }

  /** Builds what is on the screen from the server's last answer, unless it stands there already. */
  #explain(): void {
    const view = EXPLAINED.find((one) => one === this.store.state.view);
    const run = this.#answer;
    if (!view || !run || this.#explained.get(view) === run) return;
    this.#explained.set(view, run);
    const build = {
      weights: () => weightsView(this.world, run),
      methods: () => methodsView(this.world, run),
      excluded: () => excludedView(run, this.store, this.#describe),
    };
    this.#parts[view].replaceChildren(build[view]());
  }

  #sources(run: SitingRun): HTMLElement {
    return el(
      "div",
      {},
      el(
        "section",
        { class: "basis" },
        el("h3", {}, run.title),
        el("p", { class: "hint clause" }, run.clause),
        run.per_group ? el("p", {}, run.per_group.sentence) : null,
        el("h4", {}, t("caution.title")),
        cautionList(run.warnings),
      ),
      sourceList(run.sources, run.as_of),
    );
  }

  #tab(one: View, now: View): HTMLElement {
    const count = one === "excluded" ? (this.#run?.excluded_total ?? 0) : 0;
    return el(
      "button",
      {
        type: "button",
        "data-view": one,
        class: "view-tab",
        "aria-pressed": String(one === now),
        click: () => this.store.set({ view: one }),
      },
      t(`view.${one}`),
      count > 0 ? el("span", { class: "count" }, ` ${count}`) : null,
    );
  }

  #toolbar(standing: Standing): HTMLElement {
    const scopes = scopesOf(standing.run);
    return el(
      "div",
      { class: "toolbar" },
      scopes.length > 0
        ? this.#scopes(standing, scopes)
        : el("span", { class: "muted" }, counted(standing)),
      this.#check,
    );
  }

  #scopes({ run, scope: now }: Standing, scopes: readonly Scope[]): HTMLElement {
    const titles: Record<Scope, string | null> = {
      all: null,
      chosen: run.per_group?.sentence ?? null,
      leading: t("scope.leadingTitle", {
        names: namesOf(this.world, run.first_stage?.leading ?? []),
      }),
    };
    return el(
      "div",
      { class: "scopes", role: "group", "aria-label": t("scope.label") },
      ...scopes.map((scope) =>
        el(
          "button",
          {
            type: "button",
            "data-scope": scope,
            class: "segment",
            "aria-pressed": String(now === scope),
            title: titles[scope],
            click: () =>
              this.store.set({ scopes: { ...this.store.state.scopes, [run.scenario]: scope } }),
          },
          t(scope === "all" && run.per_group ? "scope.every" : `scope.${scope}`),
        ),
      ),
    );
  }
}
