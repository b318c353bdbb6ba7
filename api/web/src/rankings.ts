/** The current ranking of each siting scenario. */

import type { Choice } from "./choice";
import { language, t } from "./i18n";
import type { SitingRun } from "./siting_types";
import { stand, type Standing, startScope, weigh } from "./standing";
import type { Scope, Store } from "./store";
import type { Lang } from "./types";
import type { Weights } from "./weights";
import type { World } from "./world";

/** What became of ranking anew. */
export interface Outlook {
  /** The weights chosen; null where they rank nothing. */
  weights: Weights | null;
  /** Why they rank nothing. */
  trouble: string | null;
  /** Whether the method is one that only the server computes, and its answer is still to come. */
  waiting: boolean;
}

interface Answer {
  choice: Choice;
  lang: Lang;
  run: SitingRun;
}

export class Rankings {
  readonly #standings = new Map<string, Standing>();
  readonly #answers = new Map<string, Answer>();

  constructor(readonly store: Store) {}

  /** Forgets every ranking: the data are others now. */
  forget(): void {
    this.#standings.clear();
    this.#answers.clear();
  }

  /** Takes over the server's run of the present choice. */
  take(scenario: string, run: SitingRun): void {
    const choice = this.store.choice(scenario);
    this.#answers.set(scenario, { choice, lang: language(), run });
  }

  /** Ranks anew as the reader chose. */
  stand(scenario: string, world: World): Outlook {
    const run = world.runs.get(scenario)?.value;
    if (!run) return { weights: null, trouble: null, waiting: false };
    const choice = this.store.choice(scenario);
    const { weights = null, reason } = weigh(run, choice);
    if (!weights) return { weights, trouble: reason ? t(reason) : null, waiting: false };
    const answer = this.#answer(scenario, choice);
    const standing = stand(run, choice, weights, this.scope(run), answer);
    if (standing) this.#standings.set(scenario, standing);
    return { weights, trouble: null, waiting: standing === null };
  }

  /** The last ranking that the choice allowed. */
  get(scenario: string | null): Standing | null {
    return scenario === null ? null : (this.#standings.get(scenario) ?? null);
  }

  #answer(scenario: string, choice: Choice): SitingRun | null {
    const known = this.#answers.get(scenario);
    return known && known.choice === choice && known.lang === language() ? known.run : null;
  }

  scope(run: SitingRun): Scope {
    return this.store.state.scopes[run.scenario] ?? startScope(run);
  }
}
