/** Weights by group and criterion. */

import { el } from "./dom";
import { percent } from "./format";
import { t } from "./i18n";
import { chip, fault } from "./notices";
import { groupColour } from "./palette";
import type { SitingTab, Store } from "./store";
import type { Criterion, SitingRun } from "./types";
import { FULL, positions, scaleGroup, total, type Weights } from "./weights";

interface Control {
  input: HTMLInputElement;
  share: HTMLElement;
  members: string[];
  /** A group's slider stands at its share of the whole, a criterion's at its raw number. */
  stands: "share" | "raw";
}

export class Sliders {
  readonly element: HTMLElement;
  readonly #controls = new Map<string, Control>();
  readonly #trouble = el("div", { class: "trouble" });
  readonly #reset: HTMLButtonElement;
  readonly #defaults: Weights;

  constructor(
    readonly store: Store,
    readonly tab: SitingTab,
    readonly run: SitingRun,
    readonly changed: (start: number, raw: Weights | null) => void,
    stage: HTMLElement | null,
  ) {
    this.#defaults = positions(run.criteria);
    this.#reset = el(
      "button",
      { type: "button", "data-action": "reset-weights", class: "button quiet small" },
      t("weights.reset"),
    );
    this.#reset.addEventListener("click", () => this.changed(performance.now(), null));
    this.element = el(
      "div",
      { class: "sliders" },
      el("div", { class: "column-head" }, el("h2", {}, t("weights.title")), this.#reset),
      el("p", { class: "hint" }, t("weights.hint")),
      this.#trouble,
      ...run.groups.map((group, i) => this.#group(group.id, group.title, i)),
      ...(stage ? [stage] : []),
    );
  }

  /** Puts every slider where the weights stand; `trouble` says why they rank nothing. */
  sync(raw: Weights | null, weights: Weights | null, trouble: string | null): void {
    const held = raw ?? this.#defaults;
    for (const { input, share, members, stands } of this.#controls.values()) {
      const value = String(
        stands === "raw" ? total(held, members) : weights ? FULL * total(weights, members) : 0,
      );
      if (input.value !== value) input.value = value;
      input.style.setProperty("--filled", `${input.valueAsNumber}%`);
      const text = weights ? percent(total(weights, members)) : t("value.none");
      share.textContent = text;
      input.setAttribute("aria-valuetext", t("weights.valueText", { share: text }));
    }
    this.#reset.disabled = raw === null;
    this.#trouble.replaceChildren(...(trouble ? [fault(trouble)] : []));
  }

  #group(id: string, title: string, index: number): HTMLElement {
    const criteria = this.run.criteria.filter((one) => one.group === id);
    const members = criteria.map((one) => one.id);
    const colour = groupColour(index);
    const control = this.#control(id, title, members, "share", (value, raw) =>
      scaleGroup(raw, members, value, this.#defaults),
    );
    const head = el(
      "div",
      { class: "weight group" },
      el("label", { for: control.input.id }, el("i", { class: "dot" }), title),
      control.input,
      control.share,
    );
    const block = el(
      "fieldset",
      { class: "weight-group" },
      el("legend", { class: "sr-only" }, title),
      head,
      ...criteria.map((one) => this.#criterion(one)),
    );
    block.style.setProperty("--group", colour);
    return block;
  }

  #criterion(one: Criterion): HTMLElement {
    const control = this.#control(one.id, one.name, [one.id], "raw", (value, raw) => ({
      ...raw,
      [one.id]: value,
    }));
    const hint = [one.sentence, one.proxy_for ?? ""].filter(Boolean).join("\n");
    return el(
      "div",
      { class: "weight", title: hint },
      el(
        "label",
        { for: control.input.id },
        one.name,
        one.proxy_for ? chip(t("proxy.short"), "caution", one.proxy_for) : null,
      ),
      control.input,
      control.share,
    );
  }

  #control(
    id: string,
    label: string,
    members: string[],
    stands: Control["stands"],
    moved: (value: number, raw: Weights) => Weights,
  ): Control {
    const input = el("input", {
      type: "range",
      id: `${stands === "raw" ? "weight" : "group"}-${id}`,
      name: stands === "raw" ? id : null,
      "data-group": stands === "share" ? id : null,
      min: 0,
      max: FULL,
      step: "any",
      "aria-label": label,
    });
    input.addEventListener("input", () => {
      const start = performance.now();
      const raw = this.store.state.raw[this.tab] ?? this.#defaults;
      this.changed(start, moved(Math.round(input.valueAsNumber), raw));
    });
    const control = {
      input,
      // An <output> would be a live region of its own, and a moving slider a flood of words.
      share: el("span", { class: "share", "data-share": input.id }),
      members,
      stands,
    };
    this.#controls.set(input.id, control);
    return control;
  }
}
