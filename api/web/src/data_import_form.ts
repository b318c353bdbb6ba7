/** What is asked of an import: the file, its layer, its system, and what its features lack. */

import {
  field,
  NO_SYSTEM,
  rememberAuthor,
  rememberedAuthor,
  selectOf,
  type SystemAsk,
  systemField,
  systemOf,
  tick,
} from "./data_fields";
import { el, setText } from "./dom";
import { type Key, t } from "./i18n";
import { fault } from "./notices";
import type { World } from "./world";

/** The form as it stands; texts, so that what is half written is not lost. */
export interface ImportAsk {
  file: File | null;
  /** A layer of the workspace, "" for a new one. */
  layer: string;
  newName: string;
  title_zh: string;
  title_en: string;
  system: SystemAsk;
  data_date: string;
  accuracy_m: string;
  source: string;
  why: string;
  author: string;
  source_layer: string;
  map: string;
  accept_repair: boolean;
  replace: boolean;
}

export const nothingAsked = (layer: string): ImportAsk => ({
  file: null,
  layer,
  newName: "",
  title_zh: "",
  title_en: "",
  system: NO_SYSTEM,
  data_date: "",
  accuracy_m: "",
  source: "",
  why: "",
  author: rememberedAuthor(),
  source_layer: "",
  map: "",
  accept_repair: false,
  replace: false,
});

const TEXTS = ["data_date", "accuracy_m", "source", "why", "author", "source_layer"] as const;
type Text = (typeof TEXTS)[number] | "newName" | "title_zh" | "title_en";

/** The first input that cannot be used, and why; null where the form can be sent. */
export function troubleOf(ask: ImportAsk): { name: string; why: string } | null {
  if (!ask.file) return { name: "import-file", why: t("import.fileMissing") };
  if (ask.layer === "") {
    if (ask.newName.trim() === "") return { name: "newName", why: t("import.layerMissing") };
    if ((ask.title_zh.trim() === "") !== (ask.title_en.trim() === "")) {
      const name = ask.title_zh.trim() === "" ? "title_zh" : "title_en";
      return { name, why: t("import.titlesMissing") };
    }
  }
  if (ask.system.kind === "code" && ask.system.code.trim() === "") {
    return { name: "import-code", why: t("data.systemCodeMissing") };
  }
  const metres = ask.accuracy_m.trim();
  if (metres !== "" && !(Number(metres) > 0 && Number.isFinite(Number(metres)))) {
    return { name: "accuracy_m", why: t("import.accuracyBad") };
  }
  return null;
}

/** The form that is sent. */
export function formOf(ask: ImportAsk, dryRun: boolean): FormData {
  const form = new FormData();
  const add = (name: string, value: string): void => {
    if (value.trim() !== "") form.append(name, value.trim());
  };
  add("layer", ask.layer === "" ? ask.newName : ask.layer);
  if (ask.layer === "") {
    add("title_zh", ask.title_zh);
    add("title_en", ask.title_en);
  }
  for (const [name, value] of Object.entries(systemOf(ask.system))) add(name, value);
  for (const name of TEXTS) add(name, ask[name]);
  for (const line of ask.map.split("\n")) add("map", line);
  form.append("accept_repair", String(ask.accept_repair));
  form.append("replace", String(ask.replace));
  form.append("dry_run", String(dryRun));
  if (ask.file) form.append("file", ask.file);
  return form;
}

/** What a check answers for; who signs and why do not matter to it. */
export function keyOf({ file, why: _why, author: _author, ...rest }: ImportAsk): string {
  return JSON.stringify([file?.name, file?.size, file?.lastModified, rest]);
}

/** How the form stands towards its last check. */
export type Standing = "unchecked" | "stale" | "clean" | "faulty";

export interface ImportActions {
  changed(ask: ImportAsk): void;
  check(ask: ImportAsk): void;
  bring(ask: ImportAsk): void;
}

/** Districts come from the boundary package and are never imported. */
const FROM_PACKAGE = "districts";

export class ImportForm {
  readonly element: HTMLElement;
  readonly #trouble = el("div", { class: "trouble", id: "import-trouble" });
  readonly #hint = el("p", { class: "hint", id: "import-state", "aria-live": "polite" });
  readonly #check = button("check-import", t("import.check"), "button quiet");
  readonly #bring = button("import", t("import.import"), "button");

  /** `picked` is the input for the file, kept by the caller: a new one would be empty. */
  constructor(
    world: World,
    picked: HTMLInputElement,
    private held: ImportAsk,
    readonly actions: ImportActions,
  ) {
    this.#bring.setAttribute("aria-describedby", this.#hint.id);
    this.#check.addEventListener("click", () => this.#submit((ask) => actions.check(ask)));
    this.#bring.addEventListener("click", () => this.#submit((ask) => actions.bring(ask)));
    picked.onchange = () => this.#edit({ file: picked.files?.[0] ?? null });
    this.element = el(
      "form",
      { class: "data-form", novalidate: true, "aria-label": t("import.title") },
      el("div", { class: "column-head" }, el("h2", {}, t("import.title"))),
      fileField(picked),
      this.#layer(world),
      systemField("import", t("data.systemFile"), held.system, (system) => this.#edit({ system })),
      el("div", { class: "data-pair" }, this.#text("data_date"), this.#text("accuracy_m")),
      this.#text("source"),
      el("div", { class: "data-pair" }, this.#text("author"), this.#text("why")),
      this.#tick("accept_repair", t("import.acceptRepair"), t("import.acceptRepairHint")),
      this.#more(),
      this.#trouble,
      this.#hint,
      el("div", { class: "data-buttons" }, this.#check, this.#bring),
    );
    this.element.addEventListener("submit", (event) => event.preventDefault());
  }

  /** How the form stands, and whether something is at work or nothing may be changed. */
  state(standing: Standing, busy: boolean, readOnly: boolean): void {
    this.#check.disabled = busy || readOnly;
    this.#bring.disabled = busy || readOnly || standing !== "clean";
    const said = {
      unchecked: t("import.checkFirst"),
      stale: t("import.checkAgain"),
      clean: t("import.clean"),
      faulty: t("import.checkFirst"),
    };
    setText(this.#hint, readOnly ? "" : said[standing]);
  }

  #edit(patch: Partial<ImportAsk>): void {
    this.held = { ...this.held, ...patch };
    this.actions.changed(this.held);
  }

  #submit(go: (ask: ImportAsk) => void): void {
    const found = troubleOf(this.held);
    this.#trouble.replaceChildren();
    for (const input of this.element.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-errormessage");
    }
    if (!found) {
      go(this.held);
      return;
    }
    const input = this.element.querySelector<HTMLElement>(`[name="${found.name}"]`);
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-errormessage", this.#trouble.id);
    this.#trouble.replaceChildren(fault(found.why));
    input?.focus();
  }

  #text(name: Text, hint = ""): HTMLElement {
    const input = el("input", {
      type: "text",
      id: `import-${name}`,
      name,
      value: this.held[name],
      autocomplete: "off",
      inputmode: name === "accuracy_m" ? "decimal" : null,
      maxlength: 500,
      title: HINTS[name] ? t(HINTS[name]) : null,
    });
    input.addEventListener("input", () => {
      if (name === "author") rememberAuthor(input.value.trim());
      this.#edit({ [name]: input.value });
    });
    return field(t(LABELS[name]), input, hint);
  }

  #tick(name: "accept_repair" | "replace", label: string, hint: string): HTMLElement {
    const [element, input] = tick(label, hint, { name, checked: this.held[name] });
    input.addEventListener("change", () => this.#edit({ [name]: input.checked }));
    return element;
  }

  #layer(world: World): HTMLElement {
    const layers = world.layers.filter((one) => one.id !== FROM_PACKAGE);
    const select = selectOf(
      { id: "import-layer", name: "layer" },
      [
        ...layers.map(({ id, title }) => ({ value: id, label: title })),
        { value: "", label: t("data.newLayer") },
      ],
      this.held.layer,
    );
    const fresh = el(
      "div",
      { class: "data-nested", hidden: this.held.layer !== "" },
      this.#text("newName", t("import.layerNameHint")),
      el("div", { class: "data-pair" }, this.#text("title_zh"), this.#text("title_en")),
    );
    select.addEventListener("change", () => {
      fresh.hidden = select.value !== "";
      this.#edit({ layer: select.value });
    });
    return el("div", { class: "data-group" }, field(t("data.layer"), select), fresh);
  }

  #more(): HTMLElement {
    const map = el("textarea", { id: "import-map", name: "map", rows: 3 });
    map.value = this.held.map;
    map.addEventListener("input", () => this.#edit({ map: map.value }));
    const { map: columns, source_layer: table, replace } = this.held;
    return el(
      "details",
      { class: "fold", open: columns !== "" || table !== "" || replace },
      el("summary", {}, t("import.more")),
      this.#text("source_layer"),
      field(t("import.map"), map),
      this.#tick("replace", t("import.replace"), t("import.replaceHint")),
    );
  }
}

const LABELS = {
  data_date: "import.dataDate",
  accuracy_m: "import.accuracy",
  source: "import.source",
  why: "data.why",
  author: "data.author",
  source_layer: "import.sourceLayer",
  newName: "import.layerName",
  title_zh: "import.titleZh",
  title_en: "import.titleEn",
} as const;

const HINTS: Partial<Record<Text, Key>> = {
  data_date: "import.dataDateHint",
  accuracy_m: "import.accuracyHint",
  source: "import.sourceHint",
};

/** The browser words its own control in its own language: ours stands in front of it. */
function fileField(picked: HTMLInputElement): HTMLElement {
  const name = el("span", { class: "file-name" });
  const tell = (): void => setText(name, picked.files?.[0]?.name ?? t("import.noFile"));
  const hint = el("p", { class: "hint", id: "import-file-hint" }, t("import.fileHint"));
  picked.setAttribute("aria-describedby", hint.id);
  picked.className = "sr-only";
  picked.oninput = tell;
  tell();
  return el(
    "div",
    { class: "data-field file-field" },
    el("label", { class: "button quiet", for: picked.id }, t("import.choose")),
    picked,
    name,
    hint,
  );
}

function button(action: string, label: string, look: string): HTMLButtonElement {
  return el("button", { type: "button", "data-action": action, class: look }, label);
}
