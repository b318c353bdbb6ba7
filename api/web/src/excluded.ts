/** Sites left out: by which rules, on whose word, and what each rule alone costs. */

import { el } from "./dom";
import { nameOf, t } from "./i18n";
import { chip } from "./notices";
import type { Excluded, Rule, SitingRun } from "./siting_types";
import type { Store } from "./store";
import type { Describe } from "./table";

function ruleHead(one: Rule): HTMLElement {
  return el(
    "div",
    { class: "rule" },
    el("span", { class: "rule-count" }, one.excluded),
    el(
      "span",
      {},
      one.sentence,
      one.clause ? el("span", { class: "muted clause" }, ` ${one.clause}`) : null,
      one.assumption
        ? el(
            "span",
            { class: "assumption" },
            chip(t("assumption"), "caution"),
            ` ${one.assumption}`,
          )
        : null,
    ),
  );
}

/** By how much each rule took a site out; without a margin the rule, unless it stands above. */
function reasonOf({ margins, reasons, single_rule: single }: Excluded): string {
  return reasons
    .map((reason, i) => margins[i]?.sentence ?? (single ? "" : reason))
    .join(t("list.semicolon"));
}

function site(one: Excluded, store: Store, describe: Describe): HTMLElement {
  return el(
    "li",
    { "data-excluded": one.id },
    el(
      "button",
      {
        type: "button",
        class: "excluded-site",
        click: () => store.set({ selected: one.id }),
        pointerenter: () => store.set({ hovered: one.id }),
        pointerleave: () => store.set({ hovered: null }),
      },
      el("span", { class: "name-main" }, nameOf(one)),
      el("span", { class: "name-sub" }, describe(one)),
      el("span", { class: "reason" }, reasonOf(one)),
      el(
        "span",
        { class: "would-rank" },
        one.would_rank === null ? t("value.none") : t("excluded.would", { rank: one.would_rank }),
      ),
    ),
  );
}

/** Best first by the rank each would have; those that would have none last. */
function byWouldRank(all: readonly Excluded[]): Excluded[] {
  return [...all].sort((a, b) => (a.would_rank ?? Infinity) - (b.would_rank ?? Infinity));
}

function sites(all: readonly Excluded[], store: Store, describe: Describe): HTMLElement {
  return el(
    "ul",
    { class: "excluded-sites" },
    ...byWouldRank(all).map((one) => site(one, store, describe)),
  );
}

function ruleBlock(run: SitingRun, one: Rule, store: Store, describe: Describe): HTMLElement {
  const alone = run.excluded.filter(
    (out) => out.single_rule && out.excluded_by.includes(one.id),
  );
  return el(
    "li",
    { "data-rule": one.id },
    ruleHead(one),
    el("h4", {}, t("excluded.alone", { count: alone.length })),
    alone.length > 0 ? sites(alone, store, describe) : null,
  );
}

export function excludedView(run: SitingRun, store: Store, describe: Describe): HTMLElement {
  const several = run.excluded.filter((one) => !one.single_rule);
  return el(
    "section",
    { class: "excluded" },
    el("h3", {}, t("excluded.title", { count: run.excluded_total })),
    el("p", { class: "hint" }, t("excluded.hint")),
    el("ul", { class: "rules" }, ...run.rules.map((one) => ruleBlock(run, one, store, describe))),
    several.length > 0
      ? el(
          "div",
          {},
          el("h4", {}, t("excluded.several", { count: several.length })),
          sites(several, store, describe),
        )
      : null,
  );
}
