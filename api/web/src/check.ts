/** Asking the server for the same ranking, once the sliders rest. */

import { isAbort, runSiting, sentenceOf } from "./api";
import { type Choice, optionsOf } from "./choice";
import type { SitingRun } from "./siting_types";

const REST_MS = 500;

export interface Replies {
  /** The server's run of what was asked last. */
  come(run: SitingRun): void;
  failed(sentence: string): void;
}

export class ServerCheck {
  #timer = 0;
  #running: AbortController | null = null;

  /** Forgets what was asked. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = null;
  }

  /** Asks for the run of a choice; a newer call replaces an older one. */
  ask(scenario: string, choice: Choice, replies: Replies): void {
    this.cancel();
    this.#timer = window.setTimeout(() => {
      const running = new AbortController();
      this.#running = running;
      runSiting(scenario, optionsOf(choice), running.signal)
        .then((run) => {
          if (!running.signal.aborted) replies.come(run);
        })
        .catch((error: unknown) => {
          if (!isAbort(error) && !running.signal.aborted) replies.failed(sentenceOf(error));
        });
    }, REST_MS);
  }
}
