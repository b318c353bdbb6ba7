/** How the weights came about, whether the judgements agree, and whom each body would put first. */

import { el } from "./dom";
import { fixed, percent } from "./format";
import { t } from "./i18n";
import { namesOf } from "./places";
import type { Consistency, SitingRun, Stakeholder, Weighting } from "./siting_types";
import { stableList } from "./stable";
import type { World } from "./world";

/** A judgement's consistency in full; where it fails it is shouted. */
function consistencyNote({ acceptable, sentence }: Consistency): HTMLElement {
  return acceptable
    ? el("p", { class: "hint" }, sentence)
    : el("p", { class: "shout" }, el("strong", {}, t("consistency.bad")), ` ${sentence}`);
}

/** Every set of judgements in a weighting, with whose they are; nobody's name for the scenario's. */
function judgements({ consistency, stakeholders }: Weighting): [whose: string, Consistency][] {
  const own: [string, Consistency][] = consistency ? [["", consistency]] : [];
  return [
    ...own,
    ...stakeholders.flatMap((one): [string, Consistency][] =>
      one.consistency ? [[`${one.name}${t("list.colon")}`, one.consistency]] : [],
    ),
  ];
}

/** In short, beside the sliders: whose judgements contradict each other, and by how much. */
export function contradictions(weighting: Weighting): HTMLElement[] {
  return judgements(weighting)
    .filter(([, one]) => !one.acceptable)
    .map(([whose, { ratio, sentence }]) =>
      el(
        "p",
        { class: "shout", title: sentence },
        `${whose}${t("consistency.short", { ratio: fixed(ratio, 2) })}`,
      ),
    );
}

/** What is said of the weights beside the notes on consistency. */
function sentences(weighting: Weighting): string[] {
  const notes = judgements(weighting).map(([, { sentence }]) => sentence);
  return weighting.sentences.filter((one) => !notes.some((note) => one.endsWith(note)));
}

/** Whom a body's own weights put on these ranks, in order, ties with them. */
function ranked({ ranks }: Stakeholder, from: number, to: number): string[] {
  const rank = (id: string): number => ranks[id] ?? Infinity;
  return Object.keys(ranks)
    .filter((id) => rank(id) >= from && rank(id) <= to)
    .sort((a, b) => rank(a) - rank(b));
}

/** After the first, those up to this rank are named. */
const NEXT = 3;

function bodies(world: World, run: SitingRun): HTMLElement | null {
  const { stakeholders } = run.weighting;
  if (stakeholders.length === 0) return null;
  const whole = stakeholders.reduce((sum, one) => sum + one.say, 0);
  const head = (text: string, kind = ""): HTMLElement =>
    el("th", { scope: "col", class: kind || null }, text);
  return el(
    "div",
    {},
    el("h4", {}, t("bodies.title")),
    el(
      "table",
      { class: "compact bodies", "aria-label": t("bodies.title") },
      el(
        "thead",
        {},
        el("tr", {}, head(t("bodies.body")), head(t("bodies.say"), "num"), head(t("bodies.first"))),
      ),
      el(
        "tbody",
        {},
        ...stakeholders.map((one) =>
          el(
            "tr",
            { "data-body": one.id },
            el("th", { scope: "row" }, one.name),
            el("td", { class: "num" }, percent(whole > 0 ? one.say / whole : null, 0)),
            el(
              "td",
              {},
              el("b", {}, namesOf(world, ranked(one, 1, 1))),
              el(
                "span",
                { class: "muted" },
                t("bodies.next", { names: namesOf(world, ranked(one, 2, NEXT)) }),
              ),
            ),
          ),
        ),
      ),
    ),
    ...stakeholders.map((one) => {
      if (!one.consistency) return null;
      return el("div", {}, el("h5", {}, one.name), consistencyNote(one.consistency));
    }),
  );
}

function stable(run: SitingRun): HTMLElement | null {
  if (!run.changes) return null;
  return el(
    "div",
    {},
    el("h4", {}, t("stable.title")),
    el("p", { class: "hint" }, run.changes.sentence),
    stableList(run, run.changes),
  );
}

export function weightsView(world: World, run: SitingRun): HTMLElement {
  const { weighting } = run;
  return el(
    "section",
    { class: "weighting" },
    el("h3", {}, t("weighting.title")),
    ...sentences(weighting).map((one) => el("p", {}, one)),
    weighting.changed ? el("p", { class: "caution-text" }, t("weighting.changed")) : null,
    weighting.consistency ? consistencyNote(weighting.consistency) : null,
    weighting.consistency && weighting.consistency.missing_pairs > 0
      ? el(
          "p",
          { class: "hint" },
          t("consistency.gaps", { count: weighting.consistency.missing_pairs }),
        )
      : null,
    bodies(world, run),
    stable(run),
  );
}
