/** What the reader has chosen, and who wants to know when it changes. */

import { AS_DECLARED, type Choice } from "./choice";
import type { Mix } from "./mix";
import type { Lang } from "./types";
import type { ZoneAsk } from "./zone_inputs";

export type SitingTab = "district" | "zone" | "more";
export type Tab = SitingTab | "bounds" | "hubs" | "data";
/** Which alternatives are listed: all, those in leading districts, those chosen of each group. */
export type Scope = "all" | "leading" | "chosen";
/** What the results column shows of a ranking. */
export const VIEWS = ["ranking", "weights", "methods", "compare", "excluded", "sources"] as const;
export type View = (typeof VIEWS)[number];

export interface State {
  lang: Lang;
  tab: Tab;
  selected: string | null;
  hovered: string | null;
  view: View;
  /** The scenario of each tab; null until one is chosen. */
  scenario: Record<SitingTab, string | null>;
  /** What is listed, by scenario; one without an entry lists what it chooses, else all. */
  scopes: Readonly<Record<string, Scope>>;
  /** What is asked, by scenario; one without an entry runs as declared. */
  choices: Readonly<Record<string, Choice>>;
  /** The plan on the screen; `rank` is its place among the best ones, 1 for the best. */
  plan: { scenario: string; reading: string | null; rank: number };
  /** The surface on the screen, the mix of each scenario's, and what is asked of a zone. */
  bounds: {
    scenario: string;
    mixes: Readonly<Record<string, Mix>>;
    ask: ZoneAsk | null;
    /** Whether the colours run over the values in view alone. */
    stretch: boolean;
  };
  shown: Record<Tab, ReadonlySet<string>>;
}

type Listener = (changed: ReadonlySet<keyof State>) => void;

export class Store {
  readonly #listeners: Listener[] = [];
  #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  get state(): Readonly<State> {
    return this.#state;
  }

  /** Listeners are called in the order they came, before this returns. */
  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  choice(scenario: string): Choice {
    return this.#state.choices[scenario] ?? AS_DECLARED;
  }

  choose(scenario: string, patch: Partial<Choice>): void {
    const choices = this.#state.choices;
    this.set({ choices: { ...choices, [scenario]: { ...this.choice(scenario), ...patch } } });
  }

  set(patch: Partial<State>): void {
    const changed = new Set<keyof State>();
    for (const key of Object.keys(patch) as (keyof State)[]) {
      if (patch[key] !== this.#state[key]) changed.add(key);
    }
    if (changed.size === 0) return;
    this.#state = { ...this.#state, ...patch };
    for (const listener of this.#listeners) listener(changed);
  }
}

/** What is drawn beside the alternatives of a further scenario. */
export const FURTHER: readonly string[] = ["districts", "towns", "clusters", "hubs"];

export function initialState(lang: Lang): State {
  return {
    lang,
    tab: "zone",
    selected: null,
    hovered: null,
    view: "ranking",
    scenario: { district: "core-district", zone: "core-zone", more: null },
    scopes: {},
    choices: {},
    plan: { scenario: "county-hubs", reading: null, rank: 1 },
    bounds: { scenario: "core-zone", mixes: {}, ask: null, stretch: false },
    shown: {
      district: new Set(["districts", "towns", "clusters", "hubs"]),
      zone: new Set(["districts", "zones", "towns", "clusters", "hubs"]),
      bounds: new Set(["districts", "towns"]),
      more: new Set(FURTHER),
      hubs: new Set(["districts", "demand", "hubs"]),
      data: new Set(["districts", "zones", "clusters", "hubs"]),
    },
  };
}
