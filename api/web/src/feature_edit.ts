/** One feature as a form: its values and its geometry, saved on top of the version that was read. */

import type { Geometry } from "geojson";
import type L from "leaflet";

import { Refusal, sentenceOf } from "./api";
import { changeFeature, deleteFeature, readFeature, tagOf } from "./data_api";
import { SignFields } from "./data_fields";
import type { Tagged } from "./data_types";
import { type Child, el, setText } from "./dom";
import { FieldInputs } from "./feature_edit_inputs";
import { canBeDrawn, ShapeEditor } from "./feature_edit_shape";
import { staleView } from "./feature_edit_stale";
import { changesOf, editedFields, sameShape, type Typed } from "./feature_edit_values";
import { button, savedNote, savedSentence } from "./feature_edit_words";
import { language, nameOf, t } from "./i18n";
import { busy, fault } from "./notices";
import { layerTitle } from "./places";
import type { Feature, Field, Value } from "./types";
import type { Entry, World } from "./world";

/** What is typed and drawn of a feature and not yet saved, and the version it is meant for. */
interface Draft {
  base: Tagged;
  typed: Typed;
  geometry: Geometry | null;
}

/** Drafts by layer and id: whoever looks at another feature finds what was typed again. */
export type Drafts = Map<string, Draft>;

export interface EditActions {
  /** It is saved or deleted: `said` is to be shown beside what stands now. */
  done(said: HTMLElement, sentence: string): Promise<void>;
  /** Back to the panel. */
  back(): void;
  /** The version on the page is an old one. */
  outdated(): Promise<void>;
}

const STALE = 412;

export class FeatureEdit {
  readonly element = el("article", { class: "panel feature-edit" });
  readonly lang = language();
  readonly #fields: Field[];
  readonly #key: string;
  readonly #title: string;
  readonly #trouble = el("div", { class: "trouble", "aria-live": "polite" });
  readonly #stale = el("div");
  readonly #sign = new SignFields("edit");
  readonly #shapePlace = el("div", { class: "shape-edit" });
  readonly #save = button("save", t("edit.save"), "button");
  readonly #delete = button("delete", t("edit.delete"), "button quiet danger");
  readonly #confirm = el("div");
  #inputs: FieldInputs | null = null;
  #shape: ShapeEditor | null = null;
  #left = false;

  constructor(
    world: World,
    readonly entry: Entry,
    readonly map: L.Map,
    readonly drafts: Drafts,
    readonly actions: EditActions,
  ) {
    const { layer, feature } = entry;
    this.#key = `${layer}/${feature.id}`;
    this.#fields = editedFields(world.layers.find((one) => one.id === layer)?.fields ?? []);
    this.element.dataset["editing"] = feature.id;
    this.element.setAttribute("aria-label", t("edit.title", { name: nameOf(feature.properties) }));
    this.#title = layerTitle(world, layer);
    this.element.replaceChildren(this.#head(), busy());
    this.#save.addEventListener("click", () => void this.#submit());
    this.#delete.addEventListener("click", () => this.#askDelete());
  }

  isOf({ layer, feature }: Entry): boolean {
    return this.entry.layer === layer && this.entry.feature.id === feature.id;
  }

  /** Takes its marks off the map; what is typed is kept, a version without changes is not. */
  leave(): void {
    this.#left = true;
    this.#keep();
    const draft = this.#draft();
    if (draft && !this.#isChanged(draft)) this.drafts.delete(this.#key);
    this.#shape?.remove();
    this.#shape = null;
  }

  // ---- the form

  /** Reads the feature, if no draft is kept, and puts the focus into its form, which is on the page. */
  async open(): Promise<void> {
    const { layer, feature } = this.entry;
    try {
      const kept = this.drafts.get(this.#key);
      const draft = kept ?? {
        base: await readFeature(layer, feature.id),
        typed: {},
        geometry: null,
      };
      if (this.#left) return;
      this.drafts.set(this.#key, draft);
      const changed = kept !== undefined && this.#isChanged(kept);
      this.#inputs = new FieldInputs(this.#fields, draft.base.feature, draft.typed, () =>
        this.#keep(),
      );
      this.element.replaceChildren(
        this.#head(),
        ...(changed ? [el("p", { class: "hint" }, t("edit.draft"))] : []),
        this.#form(this.#inputs.element),
      );
      if (draft.geometry) this.#draw();
      else this.#renderShape();
      this.#inputs.focus();
    } catch (error) {
      this.element.replaceChildren(this.#head(), fault(sentenceOf(error)));
    }
  }

  #head(): HTMLElement {
    const name = nameOf(this.entry.feature.properties);
    return el(
      "div",
      { class: "panel-head" },
      el(
        "div",
        {},
        el("p", { class: "eyebrow" }, this.#title, el("span", {}, this.entry.feature.id)),
        el("h3", {}, t("edit.title", { name })),
      ),
      button("discard", t("edit.cancel"), "button quiet small", () => this.#discard()),
    );
  }

  #form(inputs: HTMLElement): HTMLElement {
    const form = el(
      "form",
      { class: "edit-form", "aria-label": t("edit.form"), novalidate: true },
      inputs,
      this.#shapePlace,
      this.#sign.element,
      this.#trouble,
      this.#stale,
      el("div", { class: "data-buttons" }, this.#save, this.#delete),
      this.#confirm,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    return form;
  }

  #draft(): Draft | null {
    return this.drafts.get(this.#key) ?? null;
  }

  #isChanged(draft: Draft): boolean {
    const changes = changesOf(this.#fields, draft.base.feature, draft.typed);
    return Object.keys(changes).length > 0 || draft.geometry !== null;
  }

  #keep(): void {
    const draft = this.#draft();
    if (!draft || !this.#inputs) return;
    this.drafts.set(this.#key, {
      ...draft,
      typed: this.#inputs.typed,
      geometry: this.#drawn(draft),
    });
  }

  #discard(): void {
    this.#forget();
    this.actions.back();
  }

  #forget(): void {
    this.#inputs = null;
    this.#shape?.remove();
    this.#shape = null;
    this.drafts.delete(this.#key);
  }

  // ---- the geometry

  #renderShape(): void {
    const draft = this.#draft();
    const active = this.#shape !== null;
    const possible = canBeDrawn(draft?.base.feature.geometry ?? null);
    const toggle = button(
      "shape",
      t(active ? "edit.shapeStop" : "edit.shapeStart"),
      "button quiet small",
      () => this.#toggleShape(),
    );
    toggle.setAttribute("aria-pressed", String(active));
    this.#shapePlace.replaceChildren(
      el("h4", {}, t("edit.shape")),
      ...(possible ? [toggle] : []),
      ...(active || !possible
        ? [el("p", { class: "hint" }, t(possible ? "edit.shapeHint" : "edit.shapeImport"))]
        : []),
    );
  }

  #toggleShape(): void {
    if (this.#shape) {
      this.#shape.remove();
      this.#shape = null;
      const draft = this.#draft();
      if (draft) this.drafts.set(this.#key, { ...draft, geometry: null });
      this.#renderShape();
    } else {
      this.#draw();
    }
    this.#shapePlace.querySelector<HTMLElement>("button")?.focus();
  }

  #draw(): void {
    const draft = this.#draft();
    const geometry = draft?.geometry ?? draft?.base.feature.geometry;
    if (!draft || !geometry) return;
    this.#shape = new ShapeEditor(this.map, draft.base.feature, geometry);
    this.#renderShape();
  }

  /** The geometry that was drawn; null where it stays. */
  #drawn({ base }: Draft): Geometry | null {
    const drawn = this.#shape?.geometry ?? null;
    return drawn && !sameShape(drawn, base.feature.geometry) ? drawn : null;
  }

  // ---- saving

  async #submit(): Promise<void> {
    this.#keep();
    const draft = this.#draft();
    if (!draft || !this.#inputs) return;
    this.#stale.replaceChildren();
    this.#trouble.replaceChildren();
    this.#inputs.clear();
    const changes = changesOf(this.#fields, draft.base.feature, draft.typed);
    if (Object.keys(changes).length === 0 && draft.geometry === null) {
      this.#trouble.replaceChildren(el("p", { class: "hint" }, t("edit.unchanged")));
      return;
    }
    await this.#send(draft, changes, draft.base.tag);
  }

  async #send(draft: Draft, changes: Record<string, Value>, tag: string): Promise<void> {
    const { layer, feature } = this.entry;
    const { geometry } = draft;
    this.#busy(true);
    try {
      const patch = { properties: changes, ...(geometry ? { geometry } : {}) };
      const edited = await changeFeature(layer, feature.id, patch, tag, this.#sign.signed);
      this.#forget();
      await this.actions.done(savedNote(edited), savedSentence(edited));
    } catch (error) {
      this.#refused(error, draft, changes);
    } finally {
      this.#busy(false);
    }
  }

  #busy(at: boolean): void {
    this.#save.disabled = this.#delete.disabled = at;
    setText(this.#save, t(at ? "edit.saving" : "edit.save"));
  }

  #refused(error: unknown, draft: Draft, changes: Record<string, Value>): void {
    const problem = error instanceof Refusal ? error.problem : null;
    const present = problem?.present;
    if (problem?.status === STALE && present && error instanceof Refusal) {
      this.#compare(draft, changes, { feature: present, tag: tagOf(error.headers) }, error.message);
      return;
    }
    const elsewhere = this.#inputs?.fault(problem?.errors ?? []) ?? [];
    const marked = (problem?.errors?.length ?? 0) > elsewhere.length;
    const said: Child[] = [
      fault(sentenceOf(error)),
      marked ? el("p", { class: "hint" }, t("edit.faults")) : null,
      ...elsewhere.map((one) =>
        fault(`${one.field ?? ""} ${one.value} ${t("edit.expected", { expected: one.expected })}`),
      ),
    ];
    this.#trouble.replaceChildren(el("div", { class: "faults" }, ...said));
  }

  /** Both versions side by side, and the two ways on. */
  #compare(draft: Draft, mine: Record<string, Value>, present: Tagged, sentence: string): void {
    const view = staleView(
      {
        sentence,
        fields: this.#fields,
        read: draft.base.feature,
        present: present.feature,
        mine,
        drawn: draft.geometry !== null,
      },
      {
        takeMine: () => {
          this.#stale.replaceChildren();
          void this.#send(draft, mine, present.tag);
        },
        takePresent: () => this.#takePresent(),
      },
    );
    this.#stale.replaceChildren(view);
    view.scrollIntoView({ block: "nearest" });
    view.querySelector<HTMLElement>("button")?.focus();
  }

  #takePresent(): void {
    this.#forget();
    void this.actions.outdated();
  }

  // ---- deleting

  #askDelete(): void {
    const name = nameOf(this.entry.feature.properties);
    const sure = button("delete-sure", t("edit.deleteSure"), "button small danger", () =>
      void this.#remove(),
    );
    const back = button("delete-back", t("edit.back"), "button quiet small", () => {
      this.#confirm.replaceChildren();
      this.#delete.focus();
    });
    this.#confirm.replaceChildren(
      el(
        "div",
        { class: "confirm", role: "group", "aria-label": t("edit.delete") },
        el("p", {}, t("edit.deleteTitle", { name })),
        el("div", { class: "data-buttons" }, sure, back),
      ),
    );
    this.#confirm.scrollIntoView({ block: "nearest" });
    sure.focus();
  }

  async #remove(): Promise<void> {
    const { layer, feature } = this.entry;
    const draft = this.#draft();
    if (!draft) return;
    this.#busy(true);
    this.#trouble.replaceChildren();
    try {
      await deleteFeature(layer, feature.id, draft.base.tag, this.#sign.signed);
      this.#forget();
      const sentence = t("edit.deleted", { name: nameOf(feature.properties) });
      await this.actions.done(el("p", {}, sentence), sentence);
    } catch (error) {
      this.#confirm.replaceChildren();
      const present = error instanceof Refusal ? error.problem?.present : undefined;
      if (error instanceof Refusal && present) this.#standsOtherwise(error, present);
      else this.#trouble.replaceChildren(fault(sentenceOf(error)));
    } finally {
      this.#busy(false);
    }
  }

  /** What was to be deleted is not what was read: it is shown, and can then be deleted. */
  #standsOtherwise(error: Refusal, present: Feature): void {
    const draft = this.#draft();
    if (!draft) return;
    this.#compare(draft, {}, { feature: present, tag: tagOf(error.headers) }, error.message);
    this.#stale.querySelector("[data-action=take-mine]")?.remove();
    this.#trouble.replaceChildren(el("p", { class: "caution-text" }, t("edit.deleteStale")));
    this.#stale.querySelector<HTMLElement>("button")?.focus();
  }
}
