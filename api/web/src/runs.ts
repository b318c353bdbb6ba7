/** Siting scenarios as they are declared, run: the ranking at once, its odds as soon as drawn. */

import { runSiting, type SitingOptions } from "./api";
import { Book } from "./book";
import type { Audit, Contrast } from "./contrast_types";
import type { Outcome } from "./outcome";
import type { Overtaking, SitingRun } from "./siting_types";

/** So many draws give a sampling error of about one percentage point. */
const DRAWS = 10_000;
const SEED = 0;

export class Runs {
  readonly #plain = new Book<SitingRun>();
  readonly #sure = new Book<SitingRun>();
  readonly #overtakings = new Book<Overtaking | null>();
  readonly #contrasts = new Book<Contrast | null>();
  readonly #audits = new Book<Audit | null>();

  /** The best run known in the current language: with odds where they have come. */
  get(scenario: string): Outcome<SitingRun> | null {
    const sure = this.#sure.get(scenario);
    return sure?.value ? sure : this.#plain.get(scenario);
  }

  /** The sentence that says why there are no odds, if they were asked for in vain. */
  trouble(scenario: string): string | null {
    return this.#sure.get(scenario)?.fault ?? null;
  }

  /** Every run known in the current language. */
  known(): SitingRun[] {
    return [...this.#sure.values(), ...this.#plain.values()];
  }

  /** The ranking; with its odds at once where the server must have drawn them already. */
  read(scenario: string): Promise<Outcome<SitingRun>> {
    if (this.#sure.has(scenario)) return this.assure(scenario);
    return this.#plain.fetch(scenario, () => runSiting(scenario));
  }

  /** The ranking with its odds. */
  assure(scenario: string): Promise<Outcome<SitingRun>> {
    const asked = { smaa: DRAWS, seed: SEED };
    return this.#sure.fetch(scenario, () => runSiting(scenario, asked));
  }

  /** What would put a site ahead of the leader, if that has been asked and answered. */
  overtaking(scenario: string, options: SitingOptions): Outcome<Overtaking | null> | null {
    return this.#overtakings.get(named(scenario, options));
  }

  /** Asks it; `options` name the site, and the choice under which it is to overtake. */
  askOvertaking(scenario: string, options: SitingOptions): Promise<Outcome<Overtaking | null>> {
    return this.#overtakings.fetch(named(scenario, options), async () => {
      const run = await runSiting(scenario, options);
      return run.changes?.asked ?? null;
    });
  }

  /** The scenario beside what `options.compare` names. */
  contrast(scenario: string, options: SitingOptions): Promise<Outcome<Contrast | null>> {
    return this.#contrasts.fetch(named(scenario, options), async () => {
      const run = await runSiting(scenario, options);
      return run.contrast;
    });
  }

  /** The scenario at other resolutions. */
  audit(scenario: string, options: SitingOptions): Promise<Outcome<Audit | null>> {
    return this.#audits.fetch(named(scenario, options), async () => {
      const run = await runSiting(scenario, options);
      return run.audit;
    });
  }
}

function named(scenario: string, options: SitingOptions): string {
  return `${scenario} ${JSON.stringify(options)}`;
}
