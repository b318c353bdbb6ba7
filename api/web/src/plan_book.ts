/** Hub plans and what else was asked of them, each asked for once per language. */

import { type LocationOptions, runHubs, type Told } from "./api";
import { Book } from "./book";
import { language } from "./i18n";
import type { Outcome } from "./outcome";
import type { HubRun, Job, LocationRun, Plan } from "./types";

/** So many draws give a sampling error of about seven percentage points at most. */
const DRAWS = 200;
const SEED = 0;
const BEST = 5;

/** What can be asked beyond the plan. */
export const QUESTIONS = ["odds", "best"] as const;
export type Question = (typeof QUESTIONS)[number];

const ASKED: Record<Question, LocationOptions> = {
  odds: { draws: DRAWS, seed: SEED },
  best: { k_best: BEST },
};

/** How many parts a question's search has, where its progress counts them. */
export const PARTS: Record<Question, number | null> = { odds: DRAWS, best: null };

export class PlanBook {
  readonly #plans = new Book<HubRun>();
  readonly #jobs = new Map<string, Job>();

  /** The plans of a scenario if they have come already. */
  get(scenario: string): Outcome<HubRun> | null {
    return this.#plans.get(named(scenario));
  }

  /** The answer to a question on a reading if it has come already. */
  answer(scenario: string, reading: string, question: Question): Outcome<HubRun> | null {
    return this.#plans.get(named(scenario, reading, question));
  }

  /** The job at work on a scenario's plans, or on a question. */
  job(scenario: string, reading?: string, question?: Question): Job | null {
    const job = this.#jobs.get(`${language()}/${named(scenario, reading, question)}`);
    return job?.status === "running" ? job : null;
  }

  fetch(scenario: string, told: Told): Promise<Outcome<HubRun>> {
    return this.#fetch(named(scenario), scenario, {}, told);
  }

  ask(
    scenario: string,
    reading: string,
    question: Question,
    told: Told,
  ): Promise<Outcome<HubRun>> {
    const options = { reading, ...ASKED[question] };
    return this.#fetch(named(scenario, reading, question), scenario, options, told);
  }

  #fetch(
    name: string,
    scenario: string,
    options: LocationOptions,
    told: Told,
  ): Promise<Outcome<HubRun>> {
    const key = `${language()}/${name}`;
    return this.#plans.fetch(name, () =>
      runHubs(scenario, options, (job) => {
        this.#jobs.set(key, job);
        told(job);
      }),
    );
  }
}

function named(scenario: string, reading?: string, question?: Question): string {
  return [scenario, reading, question].filter((one) => one !== undefined).join(" ");
}

/** The plan, or the shares, of one reading; the first where it has no such reading. */
export function readingOf<T extends { reading: string }>(
  run: T & { readings: T[] },
  reading: string | null,
): T {
  return run.readings.find((one) => one.reading === (reading ?? run.reading)) ?? run;
}

/** A plan with the answers that have come: the alternative of this rank, the odds of its sites. */
export function answered(
  plan: Plan,
  rank: number,
  best: LocationRun | null,
  odds: LocationRun | null,
): Plan {
  const alternatives = best?.alternatives ?? plan.alternatives;
  const selection = odds?.selection ?? plan.selection;
  const chosen = rank > 1 ? alternatives.find((one) => one.rank === rank) : undefined;
  const shares = new Map(selection?.candidates.map((one) => [one.id, one.share]));
  const facilities = (chosen ?? plan).facilities.map((one) => ({
    ...one,
    chosen_share: selection ? (shares.get(one.id) ?? 0) : null,
  }));
  return { ...plan, ...chosen, facilities, alternatives, selection };
}
