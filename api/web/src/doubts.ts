/** The three doubts of a ranking, weights, values and positions, and how far each moves ranks. */

import { el } from "./dom";
import { fixed } from "./format";
import { t } from "./i18n";
import type { Doubt } from "./siting_types";

export const DOUBTS: readonly Doubt[] = ["weights", "values", "positions"];

export function doubtName(doubt: Doubt): string {
  return t(`doubt.${doubt}`);
}

/** A bar per doubt: the mean deviation of ranks, in places, when it alone is drawn. */
export function spreadBars(spread: Record<Doubt, number>, most: Doubt | null): HTMLElement {
  const longest = Math.max(...DOUBTS.map((doubt) => spread[doubt]));
  return el(
    "ul",
    { class: "spread", title: t("odds.spreadTitle") },
    ...DOUBTS.map((doubt) => {
      const bar = el("i");
      bar.style.width = `${longest > 0 ? (100 * spread[doubt]) / longest : 0}%`;
      return el(
        "li",
        { class: doubt === most ? "most" : null },
        el("span", {}, doubtName(doubt)),
        el("span", { class: "spread-track", "aria-hidden": "true" }, bar),
        el("b", {}, t("odds.places", { count: fixed(spread[doubt], 1) })),
      );
    }),
  );
}
