/** Above the table: what a band is, how sure it is drawn, and which doubt moves ranks most. */

import { el } from "./dom";
import { doubtName, spreadBars } from "./doubts";
import { number, percent } from "./format";
import { t } from "./i18n";
import type { Odds } from "./siting_types";

function most(odds: Odds): string {
  return odds.moved_most_by
    ? t("odds.most", { doubt: doubtName(odds.moved_most_by) })
    : t("odds.none");
}

function drawn(odds: Odds): HTMLElement {
  return el(
    "details",
    { class: "odds-how" },
    el("summary", {}, t("odds.how")),
    el("p", {}, odds.sentence),
    el("p", {}, t("odds.marks")),
  );
}

/**
 * The head while odds are drawn (`odds` null), when they have come, or why they have not.
 * `cautions` are folded beside how they were drawn.
 */
export function oddsHead(
  odds: Odds | null,
  trouble: string | null,
  cautions: HTMLElement | null,
): HTMLElement {
  const state = odds ? "drawn" : trouble === null ? "pending" : "failed";
  const waiting = el(
    "p",
    { class: trouble === null ? "muted" : "caution-text" },
    trouble ?? t("odds.pending"),
  );
  return el(
    "div",
    { class: "odds-head", "data-odds": state },
    ...(odds ? words(odds) : [waiting]),
    el("div", { class: "folds" }, odds ? drawn(odds) : null, cautions),
  );
}

function words(odds: Odds): HTMLElement[] {
  return [
    el(
      "p",
      { class: "odds-line" },
      t("odds.band", {
        share: percent(odds.band_share, 0),
        draws: number(odds.draws, 0),
        half: percent(odds.half_width, 1),
      }),
    ),
    el(
      "div",
      { class: "odds-most" },
      el("span", {}, most(odds)),
      spreadBars(odds.spread, odds.moved_most_by),
    ),
  ];
}
