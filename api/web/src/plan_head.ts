/** Above every plan: its title and clause, what the documents contradict, what is assumed. */

import { type Child, el } from "./dom";
import { t } from "./i18n";
import { cautionList, chip } from "./notices";
import type { HubRun } from "./types";

/** `proof` stands between the title and the assumptions. */
export function planHead(
  run: HubRun,
  { title, clause }: { title?: string; clause?: string | null },
  ...proof: Child[]
): HTMLElement {
  const said = [...run.assumptions, run.conflict];
  const beside = run.warnings.filter((one) => !said.includes(one));
  return el(
    "div",
    { class: "plan-head" },
    el("h3", {}, title ?? run.title, clause ? el("small", {}, ` ${clause}`) : null),
    run.conflict
      ? el(
          "p",
          { class: "caution-text" },
          chip(t("plan.conflict"), "caution"),
          ` ${run.conflict}`,
        )
      : null,
    ...proof,
    el("h4", {}, t("plan.assumptions")),
    cautionList(run.assumptions),
    beside.length > 0 ? cautionList(beside) : null,
  );
}
