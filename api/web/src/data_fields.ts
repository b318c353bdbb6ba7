/** Inputs of the database's forms: labelled, with a hint, who signs, which system. */

import { type Child, el, type Props } from "./dom";
import { t } from "./i18n";

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** A labelled input; `hint` is read out with it. */
export function field(label: string, input: Input, hint = "", ...more: Child[]): HTMLElement {
  const note = el("p", { class: "hint", id: `${input.id}-hint` }, hint);
  if (hint !== "") input.setAttribute("aria-describedby", note.id);
  return el(
    "div",
    { class: "data-field", "data-field": input.name },
    el("label", { for: input.id }, label),
    input,
    hint === "" ? null : note,
    ...more,
  );
}

/** A box to tick, with its label and what it means. */
export function tick(label: string, hint: string, props: Props): [HTMLElement, HTMLInputElement] {
  const input = el("input", { type: "checkbox", ...props });
  const said = el("span", {}, label, el("small", {}, hint));
  return [el("label", { class: "choice" }, input, said), input];
}

export interface Option {
  value: string;
  label: string;
}

export function selectOf(props: Props, options: readonly Option[], chosen: string): HTMLSelectElement {
  return el(
    "select",
    props,
    ...options.map(({ value, label }) =>
      el("option", { value, selected: value === chosen }, label),
    ),
  );
}

// ---- the system

export interface SystemAsk {
  /** "", a datum, or "code". */
  kind: string;
  code: string;
}

export const NO_SYSTEM: SystemAsk = { kind: "", code: "" };
const DATUMS = ["cgcs2000", "wgs84", "gcj02", "bd09"] as const;

/** What the server is told: `crs` or `datum`, or neither. */
export function systemOf({ kind, code }: SystemAsk): Record<string, string> {
  if (kind === "code") return { crs: code.trim() };
  return kind === "" ? {} : { datum: kind };
}

/** The choice of a system; `none` is what it is called where none is chosen. */
export function systemField(
  prefix: string,
  none: string,
  held: SystemAsk,
  changed: (ask: SystemAsk) => void,
): HTMLElement {
  let now = held;
  const code = el("input", {
    type: "text",
    id: `${prefix}-code`,
    name: `${prefix}-code`,
    value: held.code,
    autocomplete: "off",
  });
  const place = el(
    "div",
    { class: "data-nested", hidden: held.kind !== "code" },
    field(t("data.systemCodeLabel"), code, t("data.systemCodeHint")),
  );
  const select = selectOf(
    { id: `${prefix}-system`, name: `${prefix}-system` },
    [
      { value: "", label: none },
      ...DATUMS.map((value) => ({ value, label: t(`datum.${value}`) })),
      { value: "code", label: t("data.systemCode") },
    ],
    held.kind,
  );
  const tell = (): void => {
    now = { kind: select.value, code: code.value };
    place.hidden = now.kind !== "code";
    changed(now);
  };
  select.addEventListener("change", tell);
  code.addEventListener("input", tell);
  return el("div", { class: "data-group" }, field(t("data.system"), select), place);
}

// ---- who signs

const STORED = "ouzhi.author";

/** Who signed last on this machine. */
export function rememberedAuthor(): string {
  try {
    return localStorage.getItem(STORED) ?? "";
  } catch {
    return "";
  }
}

export function rememberAuthor(author: string): void {
  try {
    localStorage.setItem(STORED, author);
  } catch {
    return; // storage refused: the name is asked for again
  }
}

/** Inputs for who changes something and why. */
export class SignFields {
  readonly element: HTMLElement;
  readonly #author: HTMLInputElement;
  readonly #reason: HTMLInputElement;

  constructor(prefix: string, reason = "") {
    const text = { type: "text", autocomplete: "off" };
    this.#author = el("input", {
      ...text,
      id: `${prefix}-author`,
      name: `${prefix}-author`,
      value: rememberedAuthor(),
      maxlength: 200,
    });
    this.#reason = el("input", {
      ...text,
      id: `${prefix}-reason`,
      name: `${prefix}-reason`,
      value: reason,
      maxlength: 500,
    });
    this.#author.addEventListener("change", () => rememberAuthor(this.#author.value.trim()));
    this.element = el(
      "div",
      { class: "data-pair" },
      field(t("data.author"), this.#author),
      field(t("data.why"), this.#reason),
    );
  }

  get signed(): { author: string; reason: string } {
    return { author: this.#author.value.trim(), reason: this.#reason.value.trim() };
  }
}
