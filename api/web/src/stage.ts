/** The first of two stages: which districts lead. */

import { el } from "./dom";
import { fixed } from "./format";
import { nameOf, t } from "./i18n";
import type { SitingRun } from "./types";

/** The leading districts of the run's first stage; nothing where there is no such stage. */
export function stageNote(run: SitingRun): HTMLElement | null {
  if (!run.first_stage) return null;
  const { alternatives, leading } = run.first_stage;
  return el(
    "section",
    { class: "stage" },
    el("h3", {}, t("stage.title")),
    el("p", { class: "hint" }, t("stage.note")),
    el(
      "ol",
      {},
      ...alternatives
        .filter((one) => leading.includes(one.id))
        .map((one) =>
          el(
            "li",
            {},
            el("b", {}, one.rank),
            el("span", {}, nameOf(one)),
            el("span", { class: "num" }, fixed(one.score, 3)),
          ),
        ),
    ),
  );
}
