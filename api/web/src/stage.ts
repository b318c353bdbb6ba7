/** The first of two stages: which districts lead. */

import { el } from "./dom";
import { nameOf, t } from "./i18n";
import { bandText, shareText } from "./odds";
import type { SitingRun } from "./siting_types";

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
            { title: one.odds_sentence },
            el("b", { class: "band" }, one.rank_band ? bandText(one.rank_band) : "…"),
            el("span", {}, nameOf(one)),
            el(
              "span",
              { class: "num" },
              one.first_share !== null && t("odds.first", { share: shareText(one.first_share) }),
            ),
          ),
        ),
    ),
  );
}
