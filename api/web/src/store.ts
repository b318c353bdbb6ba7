/** What the reader has chosen, and who wants to know when it changes. */

import type { Lang } from "./types";
import type { Weights } from "./weights";

export type SitingTab = "district" | "zone";
export type Tab = SitingTab | "hubs";
export type Scope = "all" | "leading";

export interface State {
  lang: Lang;
  tab: Tab;
  selected: string | null;
  hovered: string | null;
  scope: Scope;
  /** Slider positions; null while the run's own weights hold. */
  raw: Record<SitingTab, Weights | null>;
  plan: { scenario: string; reading: string | null };
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

export function initialState(lang: Lang): State {
  return {
    lang,
    tab: "zone",
    selected: null,
    hovered: null,
    scope: "all",
    raw: { district: null, zone: null },
    plan: { scenario: "county-hubs", reading: null },
    shown: {
      district: new Set(["districts", "towns", "clusters", "hubs"]),
      zone: new Set(["districts", "zones", "towns", "clusters", "hubs"]),
      hubs: new Set(["districts", "demand", "hubs"]),
    },
  };
}
