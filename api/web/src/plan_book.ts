/** Hub plans, each asked for once per language. */

import { runLocation } from "./api";
import { Book } from "./book";
import type { Outcome } from "./outcome";
import type { LocationRun, Plan } from "./types";

export class PlanBook {
  readonly #plans = new Book<LocationRun>();

  /** The plan of a scenario if it has come already. */
  get(scenario: string): Outcome<LocationRun> | null {
    return this.#plans.get(scenario);
  }

  fetch(scenario: string): Promise<Outcome<LocationRun>> {
    return this.#plans.fetch(scenario, () => runLocation(scenario));
  }
}

/** The plan of one reading; the run itself where it has no such reading. */
export function planOf(run: LocationRun, reading: string | null): Plan {
  return run.readings.find((one) => one.reading === (reading ?? run.reading)) ?? run;
}
