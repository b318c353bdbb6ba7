/** Hub plans, each asked for once per language. */

import { runLocation } from "./api";
import { language } from "./i18n";
import type { LocationRun, Plan } from "./types";
import { attempt, type Outcome } from "./world";

export class PlanBook {
  readonly #asked = new Map<string, Promise<Outcome<LocationRun>>>();
  readonly #known = new Map<string, Outcome<LocationRun>>();

  /** The plan of a scenario if it has come already. */
  get(scenario: string): Outcome<LocationRun> | null {
    return this.#known.get(this.#key(scenario)) ?? null;
  }

  /** Asks for it; a failed answer is forgotten, so that it can be asked for again. */
  async fetch(scenario: string): Promise<Outcome<LocationRun>> {
    const key = this.#key(scenario);
    const asked = this.#asked.get(key) ?? attempt(runLocation(scenario));
    this.#asked.set(key, asked);
    const outcome = await asked;
    this.#known.set(key, outcome);
    if (outcome.fault !== undefined) this.#asked.delete(key);
    return outcome;
  }

  #key(scenario: string): string {
    return `${language()}/${scenario}`;
  }
}

/** The plan of one reading; the run itself where it has no such reading. */
export function planOf(run: LocationRun, reading: string | null): Plan {
  return run.readings.find((one) => one.reading === (reading ?? run.reading)) ?? run;
}
