/** The place where the selected feature's panel stands, or the form that changes it. */

import type L from "leaflet";

import { el } from "./dom";
import { type Drafts, FeatureEdit } from "./feature_edit";
import { language } from "./i18n";
import { featurePanel } from "./panel";
import type { Standing } from "./standing";
import type { Entry, World } from "./world";

export interface DetailActions {
  close(): void;
  zoom(entry: Entry): void;
  /** The data are others now: resolves when they are read, and the panel shows what stands. */
  changed(sentence: string | null): Promise<void>;
}

function foldName({ dataset }: HTMLElement): string | undefined {
  return dataset["criterion"] ?? dataset["fold"];
}

export class Detail {
  readonly #drafts: Drafts = new Map();
  #edit: FeatureEdit | null = null;
  #shown: { world: World; entry: Entry; standing: Standing | null } | null = null;
  /** What became of the last edit, until another feature is shown. */
  #said: { id: string; note: HTMLElement } | null = null;

  constructor(
    readonly root: HTMLElement,
    readonly map: L.Map,
    readonly actions: DetailActions,
  ) {
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (this.#edit) this.#back();
      else actions.close();
    });
  }

  /** Shows `entry`, or nothing; the same feature keeps its scroll and its unfolded rows. */
  show(world: World, entry: Entry | null, standing: Standing | null): void {
    this.root.hidden = entry === null;
    this.#shown = entry && { world, entry, standing };
    if (this.#edit && entry && this.#edit.isOf(entry)) {
      if (this.#edit.lang !== language()) this.#open();
      return;
    }
    this.#leave();
    if (this.#said?.id !== entry?.feature.id) this.#said = null;
    if (!entry) {
      this.root.replaceChildren();
      return;
    }
    const restore = this.#kept(entry.feature.id);
    this.#panel();
    restore();
  }

  #panel(): void {
    if (!this.#shown) return;
    const { world, entry, standing } = this.#shown;
    const panel = featurePanel(world, entry, standing, {
      close: () => this.actions.close(),
      zoom: () => this.actions.zoom(entry),
      edit: () => this.#open(),
    });
    if (this.#said) {
      const note = el("div", { class: "edit-said" }, this.#said.note);
      panel.querySelector(".panel-head")?.after(note);
    }
    this.root.replaceChildren(panel);
  }

  // ---- editing

  #leave(): void {
    this.#edit?.leave();
    this.#edit = null;
  }

  /** Opens the form of the feature that is shown. */
  #open(): void {
    if (!this.#shown) return;
    this.#leave();
    this.#said = null;
    const { world, entry } = this.#shown;
    this.#edit = new FeatureEdit(world, entry, this.map, this.#drafts, {
      done: (note, sentence) => this.#changed({ id: entry.feature.id, note }, sentence),
      back: () => this.#back(),
      outdated: () => this.#changed(null, null),
    });
    this.root.replaceChildren(this.#edit.element);
    void this.#edit.open();
    this.root.scrollTo(0, 0);
  }

  #back(): void {
    this.#leave();
    this.#panel();
    this.#focusEdit();
  }

  async #changed(said: { id: string; note: HTMLElement } | null, sentence: string | null): Promise<void> {
    this.#leave();
    this.#said = said;
    await this.actions.changed(sentence);
    this.#focusEdit();
  }

  #focusEdit(): void {
    this.root.querySelector<HTMLElement>("[data-action=edit]")?.focus();
  }

  #kept(id: string): () => void {
    const { root } = this;
    if (root.querySelector("article")?.dataset["feature"] !== id) return () => root.scrollTo(0, 0);
    const top = root.scrollTop;
    const open = [...root.querySelectorAll<HTMLElement>("details[open]")].map(foldName);
    return () => {
      for (const one of root.querySelectorAll<HTMLDetailsElement>("details")) {
        one.open = open.includes(foldName(one));
      }
      root.scrollTo(0, top);
    };
  }
}
