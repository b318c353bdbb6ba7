/** Answers of the server, each asked for once per language. */

import { language } from "./i18n";
import type { Outcome } from "./outcome";
import { attempt } from "./outcome";

export class Book<T> {
  readonly #asked = new Map<string, Promise<Outcome<T>>>();
  readonly #known = new Map<string, Outcome<T>>();
  readonly #names = new Set<string>();

  /** The answer of this name if it has come already. */
  get(name: string): Outcome<T> | null {
    return this.#known.get(this.#key(name)) ?? null;
  }

  /** Whether it has come in any language. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Every answer that has come in the current language. */
  values(): T[] {
    const here = [...this.#known].filter(([key]) => key.startsWith(`${language()}/`));
    return here.flatMap(([, { value }]) => (value === undefined ? [] : [value]));
  }

  /** Asks for it; a failed answer is forgotten, so that it can be asked for again. */
  async fetch(name: string, ask: () => Promise<T>): Promise<Outcome<T>> {
    const key = this.#key(name);
    const asked = this.#asked.get(key) ?? attempt(ask());
    this.#asked.set(key, asked);
    const outcome = await asked;
    this.#known.set(key, outcome);
    if (outcome.fault === undefined) this.#names.add(name);
    else this.#asked.delete(key);
    return outcome;
  }

  /** Forgets the answer in the current language, so that it is asked for again. */
  forget(name: string): void {
    this.#asked.delete(this.#key(name));
    this.#known.delete(this.#key(name));
  }

  #key(name: string): string {
    return `${language()}/${name}`;
  }
}
