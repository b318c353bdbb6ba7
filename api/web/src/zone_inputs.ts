/** What is asked of a zone: the areas, which are the planner's assumption, and how to search. */

import { el, setText } from "./dom";
import { t } from "./i18n";
import { fault } from "./notices";
import type { Objective, ZoneRequest } from "./zone_types";

/** The form as it stands; texts, so that a half-written number is not lost. */
export interface ZoneAsk {
  min_mu: string;
  max_mu: string;
  objective: Objective;
  perimeter_price: string;
  time_limit_s: string;
  draws: string;
}

export const NOT_ASKED: ZoneAsk = {
  min_mu: "",
  max_mu: "",
  objective: "total",
  perimeter_price: "5",
  time_limit_s: "60",
  draws: "0",
};

type Field = Exclude<keyof ZoneAsk, "objective">;
const FIELDS: readonly Field[] = ["min_mu", "max_mu", "perimeter_price", "time_limit_s", "draws"];
const STEPS: Record<Field, number | "any"> = {
  min_mu: "any",
  max_mu: "any",
  perimeter_price: "any",
  time_limit_s: "any",
  draws: 1,
};
/** The longest search that the server takes. */
const LONGEST_S = 600;
const MOST_DRAWS = 10_000;

/** The numbers of the form, or the first field that cannot be used and why. */
export function parsed(ask: ZoneAsk): { request: ZoneRequest } | { field: Field; why: string } {
  const number = (field: Field): number => (ask[field].trim() === "" ? NaN : Number(ask[field]));
  const [min, max] = [number("min_mu"), number("max_mu")];
  if (!(min > 0) || !Number.isFinite(min)) return { field: "min_mu", why: t("zoneAsk.area") };
  if (!(max > 0) || !Number.isFinite(max)) return { field: "max_mu", why: t("zoneAsk.area") };
  if (min > max) return { field: "min_mu", why: t("zoneAsk.order") };
  const price = number("perimeter_price");
  if (!(price >= 0) || !Number.isFinite(price)) {
    return { field: "perimeter_price", why: t("zoneAsk.price") };
  }
  const limit = number("time_limit_s");
  if (!(limit > 0 && limit <= LONGEST_S)) {
    return { field: "time_limit_s", why: t("zoneAsk.limit", { most: LONGEST_S }) };
  }
  const draws = number("draws");
  if (!(Number.isInteger(draws) && draws >= 0 && draws <= MOST_DRAWS)) {
    return { field: "draws", why: t("zoneAsk.drawsBad", { most: MOST_DRAWS }) };
  }
  return {
    request: {
      min_mu: min,
      max_mu: max,
      objective: ask.objective,
      perimeter_price: price,
      time_limit_s: limit,
      ...(draws > 0 ? { draws, seed: 0 } : {}),
    },
  };
}

export class ZoneInputs {
  readonly element: HTMLElement;
  readonly #fields = new Map<Field, HTMLInputElement>();
  readonly #trouble = el("div", { class: "trouble", id: "zone-trouble" });
  readonly #button: HTMLButtonElement;

  /** `changed` hears of every edit, `ask` of a form that can be asked. */
  constructor(
    private held: ZoneAsk,
    readonly changed: (ask: ZoneAsk) => void,
    readonly ask: (request: ZoneRequest) => void,
  ) {
    this.#button = el(
      "button",
      { type: "submit", class: "button", "data-action": "delineate" },
      t("zoneAsk.run"),
    );
    this.element = el(
      "form",
      { class: "zone-form", novalidate: true, "aria-label": t("zoneAsk.title") },
      el("div", { class: "column-head" }, el("h2", {}, t("zoneAsk.title"))),
      el("p", { class: "hint assumed" }, t("zoneAsk.assumed")),
      el(
        "div",
        { class: "zone-fields" },
        this.#number("min_mu", t("unit.mu"), 1),
        this.#number("max_mu", t("unit.mu"), 1),
        this.#objective(),
        this.#number("perimeter_price", t("zoneAsk.priceUnit"), 0),
        this.#number("time_limit_s", t("unit.s"), 1),
        this.#number("draws", t("zoneAsk.times"), 0),
      ),
      this.#trouble,
      this.#button,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Whether a search is at work, so that no other can be started. */
  busy(at: boolean): void {
    this.#button.disabled = at;
    setText(this.#button, t(at ? "zoneAsk.running" : "zoneAsk.run"));
  }

  #submit(): void {
    const found = parsed(this.held);
    this.#trouble.replaceChildren();
    for (const input of this.#fields.values()) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    if ("request" in found) {
      this.ask(found.request);
      return;
    }
    const input = this.#fields.get(found.field);
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-describedby", this.#trouble.id);
    this.#trouble.replaceChildren(fault(found.why));
    input?.focus();
  }

  #edit(patch: Partial<ZoneAsk>): void {
    this.held = { ...this.held, ...patch };
    this.changed(this.held);
  }

  #number(field: Field, unit: string, min: number): HTMLElement {
    const input = el("input", {
      type: "number",
      id: `zone-${field}`,
      name: field,
      min,
      step: STEPS[field],
      value: this.held[field],
      inputmode: "decimal",
      required: FIELDS.indexOf(field) < 2,
    });
    input.addEventListener("input", () => this.#edit({ [field]: input.value }));
    this.#fields.set(field, input);
    return el(
      "div",
      { class: "zone-field", title: t(`zoneAsk.${field}Hint`) },
      el("label", { for: input.id }, t(`zoneAsk.${field}`)),
      el("span", { class: "with-unit" }, input, el("span", { class: "muted" }, unit)),
    );
  }

  #objective(): HTMLElement {
    const select = el(
      "select",
      { id: "zone-objective", name: "objective" },
      ...(["total", "mean"] as const).map((one) =>
        el("option", { value: one, selected: one === this.held.objective }, t(`objective.${one}`)),
      ),
    );
    select.addEventListener("change", () => this.#edit({ objective: select.value as Objective }));
    return el(
      "div",
      { class: "zone-field", title: t("zoneAsk.objectiveHint") },
      el("label", { for: select.id }, t("zoneAsk.objective")),
      select,
    );
  }
}
