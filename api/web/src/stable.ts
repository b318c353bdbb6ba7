/** How far each weight may move before another alternative leads. */

import { el } from "./dom";
import { percent } from "./format";
import { t } from "./i18n";
import type { Changes, SitingRun } from "./siting_types";

/** Per criterion the interval in which the leader stays first, and the present weight on it. */
export function stableList(run: SitingRun, { stable_weights: stable }: Changes): HTMLElement {
  return el(
    "ul",
    { class: "stable" },
    ...run.criteria.map((one) => {
      const [low, high] = stable[one.id] ?? [0, 1];
      const range = el("i", { class: "stable-range" });
      range.style.left = `${100 * low}%`;
      range.style.width = `${100 * (high - low)}%`;
      const now = el("i", { class: "stable-now" });
      now.style.left = `${100 * one.weight}%`;
      return el(
        "li",
        { "data-stable": one.id },
        el("span", {}, one.name),
        el("span", { class: "stable-track", "aria-hidden": "true" }, range, now),
        el(
          "span",
          { class: "num" },
          t("stable.range", {
            low: percent(low, 1),
            high: percent(high, 1),
            now: percent(one.weight, 1),
          }),
        ),
      );
    }),
  );
}
