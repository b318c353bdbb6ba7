/** Sites left out, the rules that left them out, and on whose word. */

import { el } from "./dom";
import { nameOf, t } from "./i18n";
import { chip } from "./notices";
import type { Store } from "./store";
import type { Excluded, Rule, SitingRun } from "./types";
import type { Describe } from "./table";

function rule(one: Rule): HTMLElement {
  return el(
    "li",
    { class: "rule" },
    el("span", { class: "rule-count" }, one.excluded),
    el(
      "span",
      {},
      one.sentence,
      one.clause ? el("span", { class: "muted" }, ` ${one.clause}`) : null,
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

function site(one: Excluded, store: Store, describe: Describe): HTMLElement {
  return el(
    "li",
    {},
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
      el("span", { class: "reason" }, one.reasons.join(t("list.comma"))),
    ),
  );
}

export function excludedList(run: SitingRun, store: Store, describe: Describe): Node {
  if (run.excluded.length === 0 && run.rules.length === 0) return document.createDocumentFragment();
  return el(
    "section",
    { class: "excluded" },
    el("h3", {}, t("excluded.title", { count: run.excluded.length })),
    el("ul", { class: "rules" }, ...run.rules.map(rule)),
    el("ul", { class: "excluded-sites" }, ...run.excluded.map((one) => site(one, store, describe))),
  );
}
