/** Weights by group and criterion. */

import { el } from "./dom";
import { percent } from "./format";
import { t } from "./i18n";
import { chip, fault } from "./notices";
import { groupColour } from "./palette";
import type { Criterion, Group, SitingRun } from "./siting_types";
import type { Store } from "./store";
import { FULL, positions, scaleGroup, total, type Weights } from "./weights";
import { contradictions } from "./weights_view";

interface Control {
  input: HTMLInputElement;
  share: HTMLElement;
  members: string[];
  /** A group's slider stands at its share of the whole, a criterion's at its raw number. */
  stands: "share" | "raw";
}

/** Where the weights come from: ours where no document gives any, else as the scenario says. */
function weightsHint({ weighting }: SitingRun): string {
  if (weighting.method === "equal") return t("weights.hint");
  return `${weighting.sentences[0] ?? ""} ${t("weights.groups")}`;
}

export class Sliders {
  readonly element: HTMLElement;
  readonly #controls = new Map<string, Control>();
  readonly #trouble = el("div", { class: "trouble" });
  readonly #reset: HTMLButtonElement;
  readonly #defaults: Weights;

  constructor(
    readonly store: Store,
    readonly run: SitingRun,
    readonly changed: (start: number, raw: Weights | null) => void,
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
      el("p", { class: "hint" }, weightsHint(run)),
      ...contradictions(run.weighting),
      this.#trouble,
      ...run.groups.map((group, i) => this.#top(group, i)),
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

  #top(group: Group, index: number): HTMLElement {
    const block = this.#group(group, 0);
    block.style.setProperty("--group", groupColour(index));
    return block;
  }

  /** A group's own slider, its criteria, then the groups inside. */
  #group(group: Group, depth: number): HTMLElement {
    const { id, title, criteria: members, groups } = group;
    const inside = new Set(groups.flatMap((one) => one.criteria));
    const own = this.run.criteria.filter((one) => members.includes(one.id) && !inside.has(one.id));
    const control = this.#control(id, title, members, "share", (value, raw) =>
      scaleGroup(raw, members, value, this.#defaults),
    );
    return el(
      "fieldset",
      { class: depth === 0 ? "weight-group" : "weight-group inner" },
      el("legend", { class: "sr-only" }, title),
      el(
        "div",
        { class: "weight group" },
        el("label", { for: control.input.id }, el("i", { class: "dot" }), title),
        control.input,
        control.share,
      ),
      ...own.map((one) => this.#criterion(one)),
      ...groups.map((one) => this.#group(one, depth + 1)),
    );
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
      const raw = this.store.choice(this.run.scenario).raw ?? this.#defaults;
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
