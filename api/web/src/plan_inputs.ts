/** Choosing a hub plan: the scenario, and which reading of the document binds. */

import { el } from "./dom";
import { t } from "./i18n";
import { distance } from "./format";
import type { Store } from "./store";
import type { HubRun, Plan, ScenarioInfo, Shares } from "./types";

function choice(
  name: string,
  value: string,
  checked: boolean,
  title: string,
  note: string,
  pick: () => void,
): HTMLElement {
  return el(
    "label",
    { class: "choice" },
    el("input", { type: "radio", name, value, checked, change: pick }),
    el(
      "span",
      {},
      el("span", { class: "choice-title" }, title),
      note ? el("small", {}, note) : null,
    ),
  );
}

function scenarios(store: Store, all: readonly ScenarioInfo[]): HTMLElement {
  return el(
    "fieldset",
    { class: "choices" },
    el("legend", {}, t("plan.scenario")),
    ...all
      .filter((one) => one.kind !== "siting")
      .map((one) =>
        choice(
          "scenario",
          one.id,
          one.id === store.state.plan.scenario,
          one.title,
          t("plan.asOf", { day: one.as_of }),
          () => store.set({ plan: { scenario: one.id, reading: null, rank: 1 }, selected: null }),
        ),
      ),
  );
}

/** What a reading comes to, in a few words. */
function note(one: Plan | Shares): string {
  if ("allocation" in one) return t("allocation.note", { count: one.p_facilities });
  return t("plan.readingNote", {
    count: one.facilities.length,
    mean: distance(one.mean_distance_m),
  });
}

function readings(store: Store, run: HubRun): HTMLElement {
  const chosen = store.state.plan.reading ?? run.reading;
  return el(
    "fieldset",
    { class: "choices" },
    el("legend", {}, t("plan.reading")),
    ...run.readings.map((one) =>
      choice(
        "reading",
        one.reading,
        one.reading === chosen,
        one.title ?? one.reading,
        note(one),
        () =>
          store.set({
            plan: { ...store.state.plan, reading: one.reading, rank: 1 },
            selected: null,
          }),
      ),
    ),
  );
}

export function planInputs(
  store: Store,
  all: readonly ScenarioInfo[],
  run: HubRun | null,
): HTMLElement {
  return el(
    "div",
    { class: "plan-inputs" },
    el("div", { class: "column-head" }, el("h2", {}, t("plan.title"))),
    scenarios(store, all),
    run && run.readings.length > 0 ? readings(store, run) : null,
  );
}
