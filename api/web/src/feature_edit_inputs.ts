/** The fields of a layer as inputs, with the faults that the server finds in them. */

import { selectOf } from "./data_fields";
import { el } from "./dom";
import { type Typed, typedOf } from "./feature_edit_values";
import { t } from "./i18n";
import type { Fault, Feature, Field } from "./types";

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** In half a column stands a text of so many letters; a Chinese one takes the room of two. */
const HALF = 26;
/** Longer texts have more than one line. */
const LONG = 60;

function widthOf(text: string): number {
  return [...text].reduce((sum, sign) => sum + (/\p{Script=Han}|[\u3000-\u303f\uff00-\uffef]/u.test(sign) ? 2 : 1), 0);
}
const MODES: Partial<Record<Field["type"], string>> = { real: "decimal", integer: "numeric" };

function inputOf(field: Field, typed: string): Input {
  const id = `edit-${field.name}`;
  if (field.type === "boolean") {
    const options = [
      { value: "", label: t("value.none") },
      { value: "true", label: t("edit.yes") },
      { value: "false", label: t("edit.no") },
    ];
    return selectOf({ id, name: field.name }, options, typed);
  }
  if (field.type === "text" && widthOf(typed) > LONG) {
    const area = el("textarea", { id, name: field.name, rows: 3 });
    area.value = typed;
    return area;
  }
  return el("input", {
    type: "text",
    id,
    name: field.name,
    value: typed,
    autocomplete: "off",
    inputmode: MODES[field.type] ?? null,
  });
}

export class FieldInputs {
  readonly element: HTMLElement;
  readonly #inputs = new Map<string, Input>();
  readonly #faults = new Map<string, HTMLElement>();
  /** Names of fields by their names and titles: faults may name either. */
  readonly #named = new Map<string, string>();

  constructor(
    fields: readonly Field[],
    feature: Feature,
    typed: Typed,
    readonly changed: () => void,
  ) {
    this.element = el(
      "fieldset",
      { class: "edit-fields" },
      el("legend", { class: "sr-only" }, t("edit.fields")),
      ...fields.map((one) =>
        this.#field(one, typed[one.name] ?? typedOf(feature.properties[one.name])),
      ),
    );
  }

  get typed(): Typed {
    return Object.fromEntries([...this.#inputs].map(([name, input]) => [name, input.value]));
  }

  focus(): void {
    [...this.#inputs.values()][0]?.focus();
  }

  /** Takes the marks of faults away. */
  clear(): void {
    for (const [name, input] of this.#inputs) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
      this.#faults.get(name)?.replaceChildren();
    }
  }

  /** Marks the fields that are at fault; returns the faults of none of them. */
  fault(faults: readonly Fault[]): Fault[] {
    let first: Input | null = null;
    const elsewhere: Fault[] = [];
    for (const one of faults) {
      const name = this.#named.get(one.field ?? "") ?? "";
      const input = this.#inputs.get(name);
      const place = this.#faults.get(name);
      if (!input || !place) {
        elsewhere.push(one);
        continue;
      }
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", place.id);
      place.append(el("p", { class: "fault" }, t("edit.expected", { expected: one.expected })));
      first ??= input;
    }
    first?.focus();
    return elsewhere;
  }

  #field(field: Field, typed: string): HTMLElement {
    const input = inputOf(field, typed);
    const place = el("div", { id: `edit-${field.name}-fault`, class: "field-fault" });
    input.addEventListener("input", () => this.changed());
    input.addEventListener("change", () => this.changed());
    this.#inputs.set(field.name, input);
    this.#named.set(field.title, field.name);
    this.#named.set(field.name, field.name);
    this.#faults.set(field.name, place);
    const wide = widthOf(typed) > HALF;
    return el(
      "div",
      { class: wide ? "data-field is-wide" : "data-field", "data-field": field.name },
      el("label", { for: input.id }, field.unit ? `${field.title} (${field.unit})` : field.title),
      input,
      place,
    );
  }
}
