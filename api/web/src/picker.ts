/** Choosing among the further siting scenarios: those that ship, and those saved here. */

import { el } from "./dom";
import { t } from "./i18n";
import type { ScenarioInfo } from "./types";

function options(title: string, some: readonly ScenarioInfo[], chosen: string): HTMLElement | null {
  if (some.length === 0) return null;
  return el(
    "optgroup",
    { label: title },
    ...some.map((one) =>
      el("option", { value: one.id, selected: one.id === chosen }, one.title),
    ),
  );
}

/** The control; `pick` learns of another scenario. */
export function picker(
  scenarios: readonly ScenarioInfo[],
  chosen: string,
  pick: (scenario: string) => void,
): HTMLElement {
  const select = el(
    "select",
    { name: "siting-scenario", "data-action": "pick-scenario" },
    options(
      t("picker.shipped"),
      scenarios.filter((one) => !one.saved),
      chosen,
    ),
    options(
      t("picker.saved"),
      scenarios.filter((one) => one.saved),
      chosen,
    ),
  );
  select.addEventListener("change", () => pick(select.value));
  return el("label", { class: "picker" }, el("span", {}, t("picker.title")), select);
}
