/** The current ranking of each siting scenario. */

import { t } from "./i18n";
import { stand, type Standing } from "./standing";
import type { Scope, SitingTab, Store } from "./store";
import type { World } from "./world";

export class Rankings {
  readonly #standings: Partial<Record<SitingTab, Standing>> = {};

  constructor(readonly store: Store) {}

  /** Ranks anew by the reader's weights; returns why they rank nothing, if so. */
  stand(tab: SitingTab, world: World): string | null {
    const run = world.sitings[tab].value;
    if (!run) return null;
    const stood = stand(run, this.store.state.raw[tab], this.scope(tab));
    if (stood.reason) return t(stood.reason);
    this.#standings[tab] = stood.standing;
    return null;
  }

  /** The last ranking that the weights allowed. */
  get(tab: SitingTab): Standing | null {
    return this.#standings[tab] ?? null;
  }

  scope(tab: SitingTab): Scope {
    return tab === "zone" ? this.store.state.scope : "all";
  }
}
