/** The place where the selected feature's panel stands. */

import { featurePanel } from "./panel";
import type { Standing } from "./standing";
import type { Entry, World } from "./world";

export interface DetailActions {
  close(): void;
  zoom(entry: Entry): void;
}

function foldName({ dataset }: HTMLElement): string | undefined {
  return dataset["criterion"] ?? dataset["fold"];
}

export class Detail {
  constructor(
    readonly root: HTMLElement,
    readonly actions: DetailActions,
  ) {
    root.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") actions.close();
    });
  }

  /** Shows `entry`, or nothing; the same feature keeps its scroll and its unfolded rows. */
  show(world: World, entry: Entry | null, standing: Standing | null): void {
    this.root.hidden = entry === null;
    if (!entry) {
      this.root.replaceChildren();
      return;
    }
    const restore = this.#kept(entry.feature.id);
    const panel = featurePanel(world, entry, standing, {
      close: () => this.actions.close(),
      zoom: () => this.actions.zoom(entry),
    });
    this.root.replaceChildren(panel);
    restore();
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
