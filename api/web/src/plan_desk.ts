/** The hub plan on the page: its inputs, its results, its links on the map. */

import { AllocationView } from "./allocation_view";
import type { Announcer } from "./announce";
import { coverageForm } from "./coverage";
import { byId } from "./dom";
import { t } from "./i18n";
import { JobView } from "./job_view";
import { busy, fault } from "./notices";
import { answered, PARTS, PlanBook, type Question, readingOf } from "./plan_book";
import { planInputs } from "./plan_inputs";
import type { PlanLayer } from "./plan_layer";
import type { Asked } from "./plan_questions";
import { PlanView } from "./plan_view";
import type { Store } from "./store";
import type { AllocationRun, HubRun, LocationRun, Plan, Shares } from "./types";
import type { World } from "./world";

type Shown = (view: PlanView | AllocationView | null) => void;

export class PlanDesk {
  #plans = new PlanBook();

  constructor(
    readonly store: Store,
    readonly layer: PlanLayer,
    readonly announcer: Announcer,
  ) {}

  /** Forgets every plan: the data are others now. */
  forget(): void {
    this.#plans = new PlanBook();
  }

  /** Shows the chosen plan, at once or when it has come; `shown` learns of every change. */
  show(world: World, shown: Shown): void {
    const { scenario } = this.store.state.plan;
    const known = this.#plans.get(scenario);
    if (known) {
      this.#render(world, known.value ?? null, known.fault ?? null, shown);
      return;
    }
    this.#render(world, null, null, shown);
    const job = new JobView(t("job.plan"));
    const still = this.#still();
    const told = (): void => {
      if (!still()) return;
      job.tell(this.#plans.job(scenario));
      const content = byId("content");
      if (!job.element.isConnected) content.replaceChildren(job.element);
    };
    void this.#plans.fetch(scenario, told).then((outcome) => {
      if (still()) this.#render(world, outcome.value ?? null, outcome.fault ?? null, shown);
    });
  }

  /** Whether what is on the screen now still is on the screen later. */
  #still(): () => boolean {
    const { plan, lang } = this.store.state;
    return () => {
      const now = this.store.state;
      return now.tab === "hubs" && now.plan.scenario === plan.scenario && now.lang === lang;
    };
  }

  #render(world: World, run: HubRun | null, trouble: string | null, shown: Shown): void {
    const inputs = byId("inputs");
    const form = inputs.querySelector(".coverage") ?? coverageForm(world);
    inputs.replaceChildren(planInputs(this.store, world.scenarios, run), form);
    if (!run) {
      byId("content").replaceChildren(trouble === null ? busy() : fault(trouble));
      this.layer.draw(null);
      shown(null);
    } else if (run.kind === "allocation") this.#share(world, run, shown);
    else this.#place(world, run, shown);
  }

  #share(world: World, run: AllocationRun, shown: Shown): void {
    const shares = readingOf<Shares>(run, this.store.state.plan.reading);
    const view = new AllocationView(this.store, world, run, shares);
    byId("content").replaceChildren(view.element);
    this.layer.draw(null);
    const count = shares.allocation.reduce((sum, one) => sum + one.units, 0);
    this.announcer.say(t("status.shares", { title: shares.title ?? run.title, count }));
    shown(view);
  }

  #place(world: World, run: LocationRun, shown: Shown): void {
    const { reading, rank } = this.store.state.plan;
    const declared = readingOf<Plan>(run, reading);
    const said = (question: Question): LocationRun | null => {
      const value = this.#plans.answer(run.scenario, declared.reading, question)?.value;
      return value?.kind === "location" ? value : null;
    };
    const chosen = answered(declared, rank, said("best"), said("odds"));
    const again = (): void => this.#place(world, run, shown);
    const view = new PlanView(this.store, world, run, chosen, {
      asked: {
        odds: this.#asked(run.scenario, declared.reading, "odds"),
        best: this.#asked(run.scenario, declared.reading, "best"),
      },
      ask: (question) => this.#ask(run.scenario, declared.reading, question, again),
      choose: (one) =>
        this.store.set({ plan: { ...this.store.state.plan, rank: one }, selected: null }),
    });
    byId("content").replaceChildren(view.element);
    this.layer.draw(chosen);
    this.announcer.say(
      t("status.plan", { title: chosen.title ?? run.title, count: chosen.facilities.length }),
    );
    shown(view);
  }

  // ---- questions

  readonly #views = new Map<string, JobView>();

  #asked(scenario: string, reading: string, question: Question): Asked {
    const trouble = this.#plans.answer(scenario, reading, question)?.fault ?? null;
    return { job: this.#views.get(this.#key(scenario, reading, question)) ?? null, fault: trouble };
  }

  /** Asks, shows the job at work, and renders anew when the answer has come. */
  #ask(scenario: string, reading: string, question: Question, again: () => void): void {
    const key = this.#key(scenario, reading, question);
    const job = new JobView(t(`ask.${question}`), PARTS[question]);
    this.#views.set(key, job);
    const still = this.#still();
    const mine = (): boolean =>
      still() && (this.store.state.plan.reading ?? reading) === reading;
    again();
    void this.#plans
      .ask(scenario, reading, question, (state) => job.tell(state))
      .then(() => {
        this.#views.delete(key);
        if (mine()) again();
      });
  }

  #key(scenario: string, reading: string, question: Question): string {
    return `${this.store.state.lang} ${scenario} ${reading} ${question}`;
  }
}
