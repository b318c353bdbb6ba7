/** The hub plan on the page: its inputs, its results, its links on the map. */

import type { Announcer } from "./announce";
import { coverageForm } from "./coverage";
import { byId } from "./dom";
import { t } from "./i18n";
import { busy, fault } from "./notices";
import { PlanBook, planOf } from "./plan_book";
import { planInputs } from "./plan_inputs";
import type { PlanLayer } from "./plan_layer";
import { PlanView } from "./plan_view";
import type { Store } from "./store";
import type { LocationRun } from "./types";
import type { World } from "./world";

type Shown = (view: PlanView | null) => void;

export class PlanDesk {
  readonly #plans = new PlanBook();

  constructor(
    readonly store: Store,
    readonly layer: PlanLayer,
    readonly announcer: Announcer,
  ) {}

  /** Shows the chosen plan, at once or when it has come; `shown` learns of every change. */
  show(world: World, shown: Shown): void {
    const { plan, lang } = this.store.state;
    const known = this.#plans.get(plan.scenario);
    if (known) {
      this.#render(world, known.value ?? null, known.fault ?? null, shown);
      return;
    }
    this.#render(world, null, null, shown);
    void this.#plans.fetch(plan.scenario).then((outcome) => {
      const now = this.store.state;
      if (now.tab !== "hubs" || now.plan.scenario !== plan.scenario || now.lang !== lang) return;
      this.#render(world, outcome.value ?? null, outcome.fault ?? null, shown);
    });
  }

  #render(world: World, run: LocationRun | null, trouble: string | null, shown: Shown): void {
    const inputs = byId("inputs");
    const form = inputs.querySelector(".coverage") ?? coverageForm(world);
    inputs.replaceChildren(planInputs(this.store, world.scenarios, run), form);
    if (!run) {
      byId("content").replaceChildren(trouble === null ? busy() : fault(trouble));
      this.layer.draw(null);
      shown(null);
      return;
    }
    const chosen = planOf(run, this.store.state.plan.reading);
    const view = new PlanView(this.store, world, run, chosen);
    byId("content").replaceChildren(view.element);
    this.layer.draw(chosen);
    this.announcer.say(
      t("status.plan", { title: chosen.title ?? run.title, count: chosen.facilities.length }),
    );
    shown(view);
  }
}
