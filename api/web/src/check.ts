/** Asking the server for the same ranking, once the sliders rest. */

import { isAbort, runSiting } from "./api";
import { agrees, intervalsOf, type Standing } from "./standing";
import type { Scope, SitingTab } from "./store";
import type { Weights } from "./weights";
import { SCENARIOS } from "./world";

const REST_MS = 500;

export type Verdict = "same" | "other" | "pending" | "none";

export class ServerCheck {
  #timer = 0;
  #running: AbortController | null = null;

  constructor(readonly tell: (verdict: Verdict) => void) {}

  /**
   * Compares `standing` with the server's run of `raw`; a newer call replaces an older one.
   * Where they agree, the standing takes over the run's score intervals.
   */
  ask(tab: SitingTab, raw: Weights | null, standing: Standing, scope: Scope): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    if (!raw) {
      this.tell("none");
      return;
    }
    this.tell("pending");
    this.#timer = window.setTimeout(() => {
      const running = new AbortController();
      this.#running = running;
      runSiting(SCENARIOS[tab], raw, running.signal)
        .then((run) => {
          const same = agrees(standing, run, scope);
          if (same) standing.intervals = intervalsOf(run);
          this.tell(same ? "same" : "other");
        })
        .catch((error: unknown) => {
          if (!isAbort(error)) this.tell("none");
        });
    }, REST_MS);
  }
}
