/** Two rankings side by side: the form, who moved and why, and the colours of the map. */

import type { SitingOptions } from "./api";
import { type Choice, isDeclared, optionsOf } from "./choice";
import type { Contrast } from "./contrast_types";
import { contrastView } from "./contrast_view";
import { el } from "./dom";
import { t } from "./i18n";
import { busy, fault } from "./notices";
import type { SitingRun } from "./siting_types";
import type { Standing } from "./standing";
import type { Store } from "./store";
import type { World } from "./world";

/** What the present ranking is compared with: the scenario as declared, or another scenario. */
export const DECLARED = "";

/**
 * What A is asked; B stands under `compare`. With the scenario as declared, that is A and the
 * present choice B; else the present one is A.
 */
function questionOf(scenario: string, choice: Choice, other: string): SitingOptions {
  if (other !== DECLARED) return { ...optionsOf(choice), compare: { scenario: other } };
  const { weights, method } = optionsOf(choice);
  return {
    compare: { scenario, ...(weights ? { weights } : {}), ...(method ? { method } : {}) },
  };
}

export class ComparePanel {
  readonly element = el("section", { class: "compare" });
  readonly #place = el("div", { class: "contrast" });
  readonly #select = el("select", { name: "compare-with" });
  readonly #button: HTMLButtonElement;
  #choice: Choice;
  #shown: Contrast | null = null;
  #asked: Choice | null = null;
  /** Whether the reader has picked an entry; else the first one that is offered stands. */
  #picked = false;

  constructor(
    readonly store: Store,
    readonly world: World,
    readonly run: SitingRun,
    /** Learns of every change of what is shown. */
    readonly compared: (found: Contrast | null) => void,
  ) {
    this.#choice = store.choice(run.scenario);
    this.#button = el(
      "button",
      { type: "submit", class: "button small", "data-action": "compare" },
      t("compare.run"),
    );
    const form = el(
      "form",
      { class: "compare-form", "aria-label": t("compare.title") },
      el("label", { class: "field" }, el("span", {}, t("compare.with")), this.#select),
      this.#button,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#ask();
    });
    this.#select.addEventListener("change", () => {
      this.#picked = true;
      this.#forget();
    });
    this.element.append(
      el("h3", {}, t("compare.title")),
      el("p", { class: "hint" }, t("compare.hint")),
      form,
      this.#place,
    );
    this.#offer();
  }

  /** The comparison on the screen. */
  get contrast(): Contrast | null {
    return this.#shown;
  }

  /** Follows the reader's choice: a comparison made with another one is out of date. */
  update({ choice }: Standing): void {
    if (choice === this.#choice) return;
    this.#choice = choice;
    this.#offer();
    if (this.#asked && this.#asked !== choice) this.#forget(t("compare.stale"));
  }

  /** The scenarios to choose from; the own one as declared where the present choice differs. */
  #offer(): void {
    const chosen = this.#select.value;
    const others = this.world.scenarios.filter(
      (one) => one.kind === "siting" && one.id !== this.run.scenario && this.#sameLayer(one.id),
    );
    const own = !isDeclared(this.run, this.#choice);
    this.#select.replaceChildren(
      ...(own ? [el("option", { value: DECLARED }, t("compare.declared"))] : []),
      ...others.map((one) => el("option", { value: one.id }, one.title)),
    );
    const known = [...this.#select.options].some((one) => one.value === chosen);
    if (known && this.#picked) this.#select.value = chosen;
    this.#button.disabled = this.#select.options.length === 0;
  }

  /** Whether a scenario may rank the same layer: it is not known to rank another. */
  #sameLayer(scenario: string): boolean {
    const known = this.world.runs.get(scenario)?.value;
    return !known || known.layer === this.run.layer;
  }

  #forget(why: string | null = null): void {
    this.#shown = null;
    this.#asked = null;
    this.#place.replaceChildren(...(why ? [el("p", { class: "caution-text" }, why)] : []));
    this.compared(null);
  }

  async #ask(): Promise<void> {
    const choice = this.#choice;
    const options = questionOf(this.run.scenario, choice, this.#select.value);
    this.#asked = choice;
    this.#button.disabled = true;
    this.#place.replaceChildren(busy());
    const { value, fault: trouble } = await this.world.runs.contrast(this.run.scenario, options);
    this.#button.disabled = false;
    if (this.#asked !== choice) return;
    this.#shown = value ?? null;
    this.#place.replaceChildren(
      value
        ? contrastView(value, this.#select.value === DECLARED, this.store)
        : fault(trouble ?? t("fault.unknown")),
    );
    this.compared(this.#shown);
  }
}
