/** The history: who changed what and why, what a revision changed, and taking it back. */

import { sentenceOf } from "./api";
import { readChanges, readRevisions, undoRevision } from "./data_api";
import { SignFields } from "./data_fields";
import type { Counts, FeatureDifference, Revision, Undone } from "./data_types";
import { type Child, el } from "./dom";
import { fixed, number } from "./format";
import { language, t, term } from "./i18n";
import { busy, fault } from "./notices";
import { layerTitle } from "./places";
import type { Value } from "./types";
import type { World } from "./world";

const LISTED = 100;
/** With the first revision undone there would be no workspace. */
const FIRST = 1;
/** A revision of more features than these is not asked for in full. */
const MOST_FEATURES = 2_000;
const SHOWN_FEATURES = 50;
const SHOWN_CHARACTERS = 80;

export interface HistoryActions {
  /** A revision was undone: the data are others now. */
  undone(done: Undone): void;
}

/** A moment in the reader's own time, to the minute. */
export function momentText(made: string): string {
  const moment = new Date(made);
  if (Number.isNaN(moment.getTime())) return made;
  return new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(moment);
}

export function touched(layers: Record<string, Counts>): number {
  return Object.values(layers).reduce(
    (sum, one) => sum + one.inserted + one.updated + one.deleted,
    0,
  );
}

/** How many features were added, changed, deleted; what did not happen is left out. */
export function countsText(counts: Counts): string {
  const kinds = ["inserted", "updated", "deleted"] as const;
  return kinds
    .filter((kind) => counts[kind] > 0)
    .map((kind) => t(`history.${kind}Count`, { count: number(counts[kind], 0) }))
    .join(t("list.comma"));
}

/** A value on one short line. */
export function shortValue(value: Value): string {
  if (value === null || value === "") return t("value.none");
  const text = typeof value === "boolean" ? t(value ? "edit.yes" : "edit.no") : String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

export class History {
  readonly element = el("section", { class: "data-history", "data-part-of": "history" });
  #turn = 0;

  constructor(
    readonly world: World,
    readonly readOnly: boolean,
    readonly actions: HistoryActions,
  ) {}

  /** Reads the revisions anew. */
  async read(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    if (this.element.childElementCount === 0) this.element.replaceChildren(busy());
    const content = await readRevisions(LISTED)
      .then((revisions) => this.#list(revisions))
      .catch((error: unknown) => fault(sentenceOf(error)));
    if (turn === this.#turn) this.element.replaceChildren(content);
  }

  #list(revisions: readonly Revision[]): HTMLElement {
    if (revisions.length === 0) return el("p", { class: "hint" }, t("history.none"));
    return el("ol", { class: "revisions" }, ...revisions.map((one) => this.#row(one)));
  }

  #row(one: Revision): HTMLElement {
    const changes = el("div", { class: "revision-changes", hidden: true });
    const undoing = el("div", { class: "revision-undo" });
    const named = t("history.revision", { number: one.revision });
    const toggle = el(
      "button",
      {
        type: "button",
        class: "button quiet small",
        "data-action": "changes",
        "aria-expanded": "false",
        "aria-label": `${t("history.show")}${t("list.comma")}${named}`,
      },
      t("history.show"),
    );
    toggle.addEventListener("click", () => void this.#toggle(one, toggle, changes));
    const undo = el(
      "button",
      {
        type: "button",
        class: "button quiet small",
        "data-action": "undo",
        disabled: this.readOnly,
        "aria-label": `${t("history.undo")}${t("list.comma")}${named}`,
        click: () => this.#askUndo(one, undo, undoing),
      },
      t("history.undo"),
    );
    return el(
      "li",
      { "data-revision": one.revision, "data-kind": one.kind },
      el(
        "p",
        { class: "revision-head" },
        el("b", {}, String(one.revision)),
        el("span", {}, one.kind_words),
        el("span", {}, one.author ?? t("history.nobody")),
        el("time", { datetime: one.made, class: "muted" }, momentText(one.made)),
      ),
      // A build gives its kind as its reason.
      one.reason === null || one.reason === one.kind
        ? null
        : el("p", { class: "revision-reason" }, one.reason),
      el("p", { class: "hint" }, this.#counted(one)),
      el("div", { class: "data-buttons" }, toggle, one.revision > FIRST ? undo : null),
      undoing,
      changes,
    );
  }

  /** What a revision touched: each layer with how many features. */
  #counted({ layers }: Revision): string {
    return Object.entries(layers)
      .map(([layer, counts]) => {
        const title = layerTitle(this.world, layer);
        const named = title === layer ? term("table", layer) : title;
        return `${named}${t("list.colon")}${countsText(counts)}`;
      })
      .join(t("list.semicolon"));
  }

  async #toggle(one: Revision, toggle: HTMLElement, place: HTMLElement): Promise<void> {
    place.hidden = !place.hidden;
    toggle.setAttribute("aria-expanded", String(!place.hidden));
    toggle.textContent = t(place.hidden ? "history.show" : "history.hide");
    if (place.hidden || place.childElementCount > 0) return;
    const count = touched(one.layers);
    if (count > MOST_FEATURES) {
      const said = t("history.large", { count: number(count, 0) });
      place.replaceChildren(el("p", { class: "hint" }, said));
      return;
    }
    place.replaceChildren(busy());
    try {
      place.replaceChildren(...this.#changes(await readChanges(one.revision)));
    } catch (error) {
      place.replaceChildren(fault(sentenceOf(error)));
    }
  }

  #changes(changes: readonly FeatureDifference[]): HTMLElement[] {
    const rest = changes.length - SHOWN_FEATURES;
    return [
      el(
        "ul",
        { class: "changes-list" },
        ...changes.slice(0, SHOWN_FEATURES).map((one) => this.#change(one)),
      ),
      ...(rest > 0
        ? [el("p", { class: "hint" }, t("history.rest", { count: number(rest, 0) }))]
        : []),
    ];
  }

  #change(one: FeatureDifference): HTMLElement {
    const titles = this.world.layers.find(({ id }) => id === one.layer)?.fields ?? [];
    const title = (name: string): string =>
      titles.find((field) => field.name === name)?.title ?? name;
    // Of a feature that is new or gone, every value differs: its id is enough.
    const fields = one.change === "updated" ? one.fields : [];
    const lines: Child[] = fields.map(({ field, before, after }) =>
      el(
        "li",
        {},
        t("history.change", {
          field: title(field),
          before: shortValue(before),
          after: shortValue(after),
        }),
      ),
    );
    if (one.geometry && one.change === "updated") {
      lines.push(el("li", {}, `${t("history.geometry")}${t("list.colon")}${moved(one.geometry)}`));
    }
    return el(
      "li",
      { "data-change": one.change, "data-changed": one.id },
      el("b", {}, one.id),
      ` ${layerTitle(this.world, one.layer)} · ${t(`history.${one.change}`)}`,
      lines.length > 0 ? el("ul", {}, ...lines) : null,
    );
  }

  #askUndo(one: Revision, opener: HTMLElement, place: HTMLElement): void {
    const why = t("history.undoReason", { number: one.revision });
    const sign = new SignFields(`undo-${one.revision}`, why);
    const trouble = el("div", { class: "trouble" });
    const sure = el(
      "button",
      { type: "submit", class: "button small", "data-action": "undo-sure" },
      t("history.undo"),
    );
    const back = (): void => {
      place.replaceChildren();
      opener.focus();
    };
    const form = el(
      "form",
      { class: "confirm", "aria-label": t("history.undo"), novalidate: true },
      el("p", {}, t("history.undoTitle", { number: one.revision })),
      sign.element,
      trouble,
      el(
        "div",
        { class: "data-buttons" },
        sure,
        el("button", { type: "button", class: "button quiet small", click: back }, t("edit.back")),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sure.disabled = true;
      undoRevision(one.revision, sign.signed)
        .then((done) => this.actions.undone(done))
        .catch((error: unknown) => trouble.replaceChildren(fault(sentenceOf(error))))
        .finally(() => {
          sure.disabled = false;
        });
    });
    place.replaceChildren(form);
    sure.focus();
  }
}

/** What became of a geometry. */
function moved({
  before_mu: before,
  after_mu: after,
  moved_degrees: degrees,
}: NonNullable<FeatureDifference["geometry"]>): string {
  const far = degrees === null ? t("value.none") : fixed(degrees, 5);
  if (before === null && after === null) return t("history.movedPoint", { degrees: far });
  return t("history.moved", { before: fixed(before, 1), after: fixed(after, 1), degrees: far });
}
