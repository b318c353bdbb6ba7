/** Choosing the ranking method, and for one of them an attitude to risk. */

import { ADDITIVE, type Choice, METHODS, methodOf, NEUTRAL, OWA } from "./choice";
import { el, setText } from "./dom";
import { fixed } from "./format";
import { t } from "./i18n";
import type { SitingRun } from "./siting_types";

function leaning(attitude: number): string {
  if (attitude === NEUTRAL) return t("attitude.neutral");
  return t(attitude < NEUTRAL ? "attitude.cautious" : "attitude.bold");
}

export class MethodControl {
  readonly element: HTMLElement;
  readonly #select: HTMLSelectElement;
  readonly #note = el("p", { class: "hint method-note" });
  readonly #attitude: HTMLInputElement;
  readonly #attitudeText = el("span", { class: "share" });
  readonly #attitudeRow: HTMLElement;

  constructor(
    readonly run: SitingRun,
    choose: (patch: Partial<Choice>) => void,
  ) {
    const names = new Map(run.methods.methods.map((one) => [one.id, one.name]));
    const offered = METHODS.filter((one) => names.has(one) || one === run.method.id);
    this.#select = el(
      "select",
      { name: "method" },
      ...offered.map((one) => el("option", { value: one }, names.get(one) ?? run.method.name)),
    );
    this.#select.addEventListener("change", () => {
      const { value } = this.#select;
      choose({ method: value === run.method.id ? null : value, attitude: null });
    });
    this.#attitude = el("input", {
      type: "range",
      id: "attitude",
      "data-attitude": true,
      min: 0,
      max: 1,
      step: 0.05,
      "aria-label": t("method.attitude"),
    });
    this.#attitude.addEventListener("input", () =>
      choose({ attitude: this.#attitude.valueAsNumber }),
    );
    this.#attitudeRow = el(
      "div",
      { class: "weight attitude" },
      el("label", { for: "attitude" }, t("method.attitude")),
      this.#attitude,
      this.#attitudeText,
    );
    this.element = el(
      "div",
      { class: "method-control" },
      el("label", { class: "field" }, el("span", {}, t("method.title")), this.#select),
      this.#attitudeRow,
      this.#note,
    );
  }

  /** Puts the controls where the choice stands. */
  sync(choice: Choice): void {
    const method = methodOf(this.run, choice);
    this.#select.value = method;
    const attitude = choice.attitude ?? NEUTRAL;
    this.#attitudeRow.hidden = method !== OWA;
    this.#attitude.value = String(attitude);
    this.#attitude.style.setProperty("--filled", `${100 * attitude}%`);
    setText(this.#attitudeText, fixed(attitude, 2));
    this.#attitude.setAttribute("aria-valuetext", `${fixed(attitude, 2)} ${leaning(attitude)}`);
    const said = this.run.methods.methods.find((one) => one.id === method)?.sentence ?? "";
    const words = method === OWA ? t("method.owa") : said;
    this.#note.hidden = method === ADDITIVE;
    setText(this.#note, `${words} ${t("method.bands")}`);
  }
}
