/** What else can be asked of a plan: how sure its sites are, and which plans are nearly as good. */

import { el } from "./dom";
import { number, percent, quantity } from "./format";
import { nameOf, t } from "./i18n";
import type { JobView } from "./job_view";
import { fault } from "./notices";
import { QUESTIONS, type Question } from "./plan_book";
import type { Alternative, Plan, SelectionOdds } from "./types";

const OTHERS = 5;

/** How a question stands: not asked, at work, refused, or answered in the plan. */
export interface Asked {
  job: JobView | null;
  fault: string | null;
}

export interface Asking {
  asked: Record<Question, Asked>;
  ask(question: Question): void;
  /** Shows the plan of this rank. */
  choose(rank: number): void;
}

function button(question: Question, asking: Asking): HTMLElement {
  return el(
    "div",
    { class: "question" },
    el(
      "button",
      {
        type: "button",
        class: "button quiet small",
        "data-action": `ask-${question}`,
        click: () => asking.ask(question),
      },
      t(`ask.${question}`),
    ),
    el("p", { class: "hint" }, t(`ask.${question}Hint`)),
  );
}

function oddsAnswer({ sentence, drawn, candidates }: SelectionOdds): HTMLElement {
  const others = candidates.filter((one) => !one.in_plan).slice(0, OTHERS);
  return el(
    "div",
    { class: "selection", "data-selection": "drawn" },
    el("p", {}, sentence),
    el("p", { class: "hint" }, drawn),
    others.length > 0 ? el("h5", {}, t("selection.others")) : null,
    el(
      "ul",
      { class: "selection-list" },
      ...others.map((one) =>
        el(
          "li",
          {},
          el("span", {}, nameOf(one)),
          el("span", { class: "track" }, el("i", { style: `width:${100 * (one.share ?? 0)}%` })),
          el(
            "span",
            { class: "num", title: t("selection.error", { half: percent(one.half_width, 1) }) },
            percent(one.share, 0),
          ),
        ),
      ),
    ),
  );
}

function label(one: Alternative, names: ReadonlyMap<string, string>): string {
  if (one.rank === 1) return t("best.first", { objective: quantity(one.objective, null) });
  const named = (ids: readonly string[]): string =>
    ids.map((id) => names.get(id) ?? id).join(t("list.comma"));
  return t("best.other", {
    objective: quantity(one.objective, null),
    worse: percent(one.worse_by, 2),
    added: named(one.added) || "–",
    dropped: named(one.dropped) || "–",
  });
}

function bestAnswer(alternatives: readonly Alternative[], rank: number, asking: Asking): HTMLElement {
  const sites = alternatives.flatMap((one) => one.facilities);
  const names = new Map(sites.map((one) => [one.id, nameOf(one)]));
  return el(
    "fieldset",
    { class: "choices best-plans" },
    el("legend", {}, t("best.title", { count: alternatives.length })),
    ...alternatives.map((one) =>
      el(
        "label",
        { class: "choice" },
        el("input", {
          type: "radio",
          name: "rank",
          value: one.rank,
          checked: one.rank === rank,
          change: () => asking.choose(one.rank),
        }),
        el(
          "span",
          {},
          el("span", { class: "choice-title" }, t("best.rank", { rank: number(one.rank, 0) })),
          el("small", {}, label(one, names)),
        ),
      ),
    ),
  );
}

function part(question: Question, plan: Plan, rank: number, asking: Asking): HTMLElement {
  if (question === "odds" && plan.selection) return oddsAnswer(plan.selection);
  if (question === "best" && plan.alternatives.length > 0) {
    return bestAnswer(plan.alternatives, rank, asking);
  }
  const { job, fault: trouble } = asking.asked[question];
  if (job) return job.element;
  return el("div", {}, trouble === null ? null : fault(trouble), button(question, asking));
}

export function planQuestions(plan: Plan, rank: number, asking: Asking): HTMLElement {
  return el(
    "section",
    { class: "questions" },
    el("h4", {}, t("ask.title")),
    ...QUESTIONS.map((question) => part(question, plan, rank, asking)),
  );
}
