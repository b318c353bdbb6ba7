/** A siting scenario on the page: its inputs, its ranking, its odds, the server's word on it. */

import { type Announcer, rankingSentence } from "./announce";
import { ServerCheck } from "./check";
import { type Choice, methodOf } from "./choice";
import { ComparePanel } from "./compare_panel";
import type { Contrast } from "./contrast_types";
import { leadOf } from "./contrast_view";
import { byId, el } from "./dom";
import { t } from "./i18n";
import { MethodControl } from "./method_control";
import { busy, fault } from "./notices";
import { picker } from "./picker";
import type { Outlook, Rankings } from "./rankings";
import type { SitingRun } from "./siting_types";
import { SitingView, type Verdict } from "./siting_view";
import { Sliders } from "./sliders";
import { stageNote } from "./stage";
import { agrees, ranksHere, type Standing } from "./standing";
import type { SitingTab, Store } from "./store";
import { furtherScenarios, scenarioOf, type World } from "./world";

const MEASURE = "re-rank";

export interface SitingActions {
  /** A scenario is on the screen for the first time since another was. */
  opened(run: SitingRun): void;
  /** The ranking on the screen has changed; null: there is none. */
  changed(standing: Standing | null): void;
}

export class SitingDesk {
  readonly #check = new ServerCheck();
  #world: World | null = null;
  #scenario: string | null = null;
  #view: SitingView | null = null;
  #sliders: Sliders | null = null;
  #method: MethodControl | null = null;
  #stage = el("div", { class: "stage-place" });

  constructor(
    readonly store: Store,
    readonly rankings: Rankings,
    readonly announcer: Announcer,
    readonly actions: SitingActions,
  ) {}

  get view(): SitingView | null {
    return this.#view;
  }

  /** The comparison that is on the screen, if its view is. */
  get contrast(): Contrast | null {
    return this.store.state.view === "compare" ? (this.#view?.compare.contrast ?? null) : null;
  }

  get scenario(): string | null {
    return this.#scenario;
  }

  /** Leaves the page to another desk. */
  leave(): void {
    this.#check.cancel();
    this.#scenario = null;
    this.#view = null;
  }

  /** Shows the scenario of a tab, at once or when its ranking has come. */
  show(world: World, tab: SitingTab): void {
    this.leave();
    this.#world = world;
    const scenario = scenarioOf(world, tab, this.store.state.scenario);
    this.#scenario = scenario;
    const head = tab === "more" && scenario !== null ? this.#picker(world, scenario) : null;
    byId("inputs").replaceChildren(...(head ? [head] : []));
    if (scenario === null) {
      byId("content").replaceChildren(fault(t("picker.none")));
      return;
    }
    const known = world.runs.get(scenario);
    if (!known) {
      byId("content").replaceChildren(busy());
      void world.runs.read(scenario).then(() => {
        if (this.#isOn(world, scenario)) this.show(world, tab);
      });
    } else if (known.fault !== undefined) {
      byId("content").replaceChildren(fault(known.fault));
    } else {
      this.#render(world, known.value);
    }
  }

  #isOn(world: World, scenario: string): boolean {
    return this.#world === world && this.#scenario === scenario;
  }

  #picker(world: World, scenario: string): HTMLElement {
    const { scenario: chosen } = this.store.state;
    return picker(furtherScenarios(world), scenario, (more) =>
      this.store.set({ scenario: { ...chosen, more }, selected: null }),
    );
  }

  #render(world: World, run: SitingRun): void {
    this.actions.opened(run);
    const { scenario } = run;
    this.#sliders = new Sliders(this.store, run, (start, raw) => this.#rerank(start, { raw }));
    this.#method = new MethodControl(run, (patch) => this.#rerank(performance.now(), patch));
    const clause = el("p", { class: "hint clause" }, run.clause);
    byId("inputs").querySelector(".picker")?.append(clause);
    byId("inputs").append(this.#method.element, this.#sliders.element, this.#stage);
    this.#stand(run);
    const outlook = this.rankings.stand(scenario, world);
    this.#sync(outlook);
    const standing = this.rankings.get(scenario);
    if (!standing) {
      byId("content").replaceChildren();
      return;
    }
    const compare = new ComparePanel(this.store, world, run, (found) => {
      if (found) this.announcer.say(leadOf(found.sentence)[0]);
      this.actions.changed(this.rankings.get(scenario));
    });
    this.#view = new SitingView(this.store, world, standing, compare);
    byId("content").replaceChildren(this.#view.element);
    this.announcer.say(rankingSentence(standing));
    this.actions.changed(standing);
    this.#ask(outlook);
    if (!run.odds) this.#assure(world, scenario);
  }

  /** Asks for the odds; what is on the screen stays, and takes them in when they come. */
  #assure(world: World, scenario: string): void {
    void world.runs.assure(scenario).then(({ value }) => {
      if (!this.#isOn(world, scenario)) return;
      if (!value) {
        this.#view?.oddsFailed();
        return;
      }
      this.#stand(value);
      this.rankings.stand(scenario, world);
      const standing = this.#refresh();
      if (standing) this.announcer.say(rankingSentence(standing));
    });
  }

  #stand(run: SitingRun): void {
    const note = stageNote(run);
    this.#stage.replaceChildren(...(note ? [note] : []));
  }

  /** A control moved at `start`: everything that shows a rank follows before this returns. */
  #rerank(start: number, patch: Partial<Choice>): void {
    const [world, scenario] = [this.#world, this.#scenario];
    if (!world || scenario === null) return;
    this.store.choose(scenario, patch);
    const outlook = this.rankings.stand(scenario, world);
    this.#sync(outlook);
    if (outlook.trouble !== null) {
      this.#check.cancel();
      return;
    }
    if (!outlook.waiting) {
      const standing = this.#refresh();
      performance.clearMeasures(MEASURE);
      performance.measure(MEASURE, { start, end: performance.now() });
      if (standing) this.announcer.say(rankingSentence(standing));
    }
    this.#ask(outlook);
  }

  /** Turns to another view of the ranking; the map may show something else with it. */
  turn(): void {
    this.#view?.turn();
    const standing = this.rankings.get(this.#scenario);
    if (this.#view) this.actions.changed(standing);
  }

  /** Puts the present standing on the screen. */
  #refresh(): Standing | null {
    const standing = this.rankings.get(this.#scenario);
    if (!standing) return null;
    this.#view?.update(standing);
    this.actions.changed(standing);
    return standing;
  }

  #sync({ weights, trouble }: Outlook): void {
    if (this.#scenario === null) return;
    const choice = this.store.choice(this.#scenario);
    this.#sliders?.sync(choice.raw, weights, trouble);
    this.#method?.sync(choice);
  }

  /** Asks the server for what has been chosen, unless it has said so already. */
  #ask({ waiting }: Outlook): void {
    const scenario = this.#scenario;
    const standing = this.rankings.get(scenario);
    if (scenario === null || !standing) return;
    if (!waiting && standing.answer) {
      this.#check.cancel();
      this.#checked(standing.own ? "none" : this.#ranksHere(standing) ? "same" : "server");
      return;
    }
    this.#checked("pending");
    this.#check.ask(scenario, this.store.choice(scenario), {
      come: (run) => this.#take(scenario, run),
      failed: (sentence) => this.#refused(sentence),
    });
  }

  #take(scenario: string, answer: SitingRun): void {
    const [world, before] = [this.#world, this.rankings.get(scenario)];
    if (!world || scenario !== this.#scenario || !before) return;
    const here = this.#ranksHere(before);
    if (here && !agrees(before, answer)) {
      this.#checked("other");
      return;
    }
    this.rankings.take(scenario, answer);
    this.rankings.stand(scenario, world);
    const standing = this.#refresh();
    if (!here && standing) this.announcer.say(rankingSentence(standing));
    this.#checked(here ? "same" : "server");
  }

  /** Whether the page ranks the present choice by itself, so that the server only checks it. */
  #ranksHere({ run }: Standing): boolean {
    return ranksHere(run, methodOf(run, this.store.choice(run.scenario)));
  }

  /** The server refused: said beside the sliders where the ranking had to wait for it. */
  #refused(sentence: string): void {
    const scenario = this.#scenario;
    if (!this.#world || scenario === null) return;
    const outlook = this.rankings.stand(scenario, this.#world);
    if (outlook.waiting) this.#sync({ ...outlook, trouble: sentence });
    this.#checked("none");
  }

  #checked(verdict: Verdict): void {
    this.#view?.checked(verdict);
  }
}
