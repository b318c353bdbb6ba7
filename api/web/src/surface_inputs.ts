/** The controls of a surface: weights, least values, exclusion rules. */

import { el, setText } from "./dom";
import { fixed, number, percent } from "./format";
import { t } from "./i18n";
import { WHOLE } from "./levels";
import { isAsBuilt, type Mix, AS_BUILT, standing, weightsOf } from "./mix";
import { chip, fault } from "./notices";
import { groupColour } from "./palette";
import type { Surface, SurfaceCriterion, SurfaceRule } from "./surface_types";
import { FULL } from "./weights";

/** Learns of another mix, and of when its input was made. */
export type Mixed = (mix: Mix, start: number) => void;

interface Control {
  id: string;
  input: HTMLInputElement;
  said: HTMLElement;
}

export class SurfaceInputs {
  readonly element: HTMLElement;
  readonly #weights: Control[] = [];
  readonly #cutOffs: Control[] = [];
  readonly #rules: Control[] = [];
  readonly #trouble = el("div", { class: "trouble" });
  readonly #reset: HTMLButtonElement;
  readonly #cutting: HTMLElement;
  #mix: Mix = AS_BUILT;

  constructor(
    readonly surface: Surface,
    readonly mixed: Mixed,
  ) {
    this.#reset = el(
      "button",
      { type: "button", class: "button quiet small", "data-action": "reset-mix" },
      t("weights.reset"),
    );
    this.#reset.addEventListener("click", () => mixed(AS_BUILT, performance.now()));
    this.#cutting = el("span", { class: "muted" });
    this.element = el(
      "div",
      { class: "sliders surface-inputs" },
      el("div", { class: "column-head" }, el("h2", {}, t("weights.title")), this.#reset),
      el("p", { class: "hint" }, t("surface.weightsHint")),
      this.#trouble,
      el(
        "fieldset",
        { class: "weight-group" },
        el("legend", { class: "sr-only" }, t("weights.title")),
        ...surface.criteria.map((one, i) => this.#weight(one, i)),
      ),
      el(
        "details",
        { class: "fold cut-offs", open: document.querySelector(".cut-offs[open]") !== null },
        el("summary", {}, t("surface.cutOffs"), " ", this.#cutting),
        el("p", { class: "hint" }, t("surface.cutOffsHint")),
        ...surface.criteria.map((one, i) => this.#cutOff(one, i)),
      ),
      this.#ruleList(surface),
      surface.left_out.length > 0
        ? el(
            "p",
            { class: "hint" },
            t("surface.leftOut", {
              names: surface.left_out.map((one) => one.name).join(t("list.comma")),
            }),
          )
        : null,
    );
  }

  /** Puts every control where the mix stands. */
  sync(mix: Mix): void {
    this.#mix = mix;
    const weights = weightsOf(this.surface, mix);
    const raw = standing(this.surface, mix);
    this.#weights.forEach(({ id, input, said }, j) => {
      const text = weights ? percent((weights[j] ?? 0) / WHOLE, 2) : t("value.none");
      place(input, raw[id] ?? 0, FULL);
      setText(said, text);
      input.setAttribute("aria-valuetext", t("weights.valueText", { share: text }));
    });
    for (const { id, input, said } of this.#cutOffs) {
      const value = mix.cutOffs[id] ?? 0;
      const text = value > 0 ? t("surface.atLeast", { value: fixed(value, 2) }) : t("surface.noLimit");
      place(input, value, 1);
      setText(said, text);
      input.setAttribute("aria-valuetext", text);
    }
    for (const { id, input } of this.#rules) input.checked = !mix.off.includes(id);
    const cut = Object.keys(mix.cutOffs).length;
    setText(this.#cutting, cut > 0 ? t("surface.cutting", { count: cut }) : "");
    this.#reset.disabled = isAsBuilt(mix);
    this.#trouble.replaceChildren(...(weights ? [] : [fault(t("surface.zero"))]));
  }

  #weight(one: SurfaceCriterion, index: number): HTMLElement {
    const said = el("span", { class: "share", "data-share": one.id });
    const input = slider(`mix-${one.id}`, one.id, one.name, FULL, "any");
    input.addEventListener("input", (event) => {
      const raw = { ...standing(this.surface, this.#mix), [one.id]: Math.round(input.valueAsNumber) };
      this.mixed({ ...this.#mix, raw }, event.timeStamp);
    });
    this.#weights.push({ id: one.id, input, said });
    return row(one, index, input, said);
  }

  #cutOff(one: SurfaceCriterion, index: number): HTMLElement {
    const said = el("span", { class: "share", "data-least": one.id });
    const label = t("surface.cutOffOf", { name: one.name });
    const input = slider(`least-${one.id}`, `least-${one.id}`, label, 1, 0.01);
    input.addEventListener("input", (event) => {
      const { [one.id]: _, ...others } = this.#mix.cutOffs;
      const value = input.valueAsNumber;
      const cutOffs = value > 0 ? { ...others, [one.id]: value } : others;
      this.mixed({ ...this.#mix, cutOffs }, event.timeStamp);
    });
    this.#cutOffs.push({ id: one.id, input, said });
    return row(one, index, input, said);
  }

  #ruleList({ rules, ledger }: Surface): HTMLElement {
    const taken = new Map(ledger.map((one) => [one.rule, one]));
    return el(
      "fieldset",
      { class: "choices rules-in-force" },
      el("legend", {}, t("surface.rules")),
      rules.length === 0 ? el("p", { class: "hint" }, t("surface.noRules")) : null,
      ...rules.map((one) => this.#rule(one, taken.get(one.id)?.area_mu)),
      rules.length === 0 ? null : el("p", { class: "hint" }, t("zone.rulesKept")),
    );
  }

  #rule(one: SurfaceRule, area: number | undefined): HTMLElement {
    const input = el("input", { type: "checkbox", name: `rule-${one.id}`, checked: true });
    input.addEventListener("change", (event) => {
      const others = this.#mix.off.filter((id) => id !== one.id);
      const off = input.checked ? others : [...others, one.id];
      this.mixed({ ...this.#mix, off }, event.timeStamp);
    });
    const said = el("small", {}, area === undefined ? "" : `${number(area, 0)} ${t("unit.mu")}`);
    this.#rules.push({ id: one.id, input, said });
    return el("label", { class: "choice" }, input, el("span", {}, one.name, said));
  }
}

function slider(
  id: string,
  name: string,
  label: string,
  max: number,
  step: number | "any",
): HTMLInputElement {
  return el("input", { type: "range", id, name, min: 0, max, step, "aria-label": label });
}

function place(input: HTMLInputElement, value: number, max: number): void {
  if (input.valueAsNumber !== value) input.value = String(value);
  input.style.setProperty("--filled", `${(100 * value) / max}%`);
}

function row(
  one: SurfaceCriterion,
  index: number,
  input: HTMLInputElement,
  said: HTMLElement,
): HTMLElement {
  const hint = [one.sentence, one.proxy_for ?? ""].filter(Boolean).join("\n");
  const line = el(
    "div",
    { class: "weight flat", title: hint },
    el(
      "label",
      { for: input.id },
      el("i", { class: "dot" }),
      one.name,
      one.proxy_for ? chip(t("proxy.short"), "caution", one.proxy_for) : null,
    ),
    input,
    said,
  );
  line.style.setProperty("--group", groupColour(index));
  return line;
}
