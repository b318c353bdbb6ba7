/** Rows that follow the pointer and the keyboard: hover, arrow keys, Enter, Escape. */

import type { Store } from "./store";

function rowOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-id]") : null;
}

function neighbour(row: HTMLElement, key: string): Element | null | undefined {
  if (key === "ArrowDown") return row.nextElementSibling;
  if (key === "ArrowUp") return row.previousElementSibling;
  if (key === "Home") return row.parentElement?.firstElementChild;
  return key === "End" ? row.parentElement?.lastElementChild : null;
}

/** Makes the `data-id` rows inside `body` hover, focus and select their feature. */
export function moveFocus(body: HTMLElement, store: Store): void {
  const hover = (event: Event): void =>
    store.set({ hovered: rowOf(event.target)?.dataset["id"] ?? null });
  const leave = (): void => store.set({ hovered: null });
  body.addEventListener("pointerover", hover);
  body.addEventListener("pointerleave", leave);
  body.addEventListener("focusin", hover);
  body.addEventListener("focusout", leave);
  body.addEventListener("click", (event) => {
    const id = rowOf(event.target)?.dataset["id"];
    if (id) store.set({ selected: id });
  });
  body.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    const id = row?.dataset["id"];
    if (!row || !id) return;
    if (event.key === "Escape") {
      store.set({ selected: null });
      return;
    }
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      store.set({ selected: id });
      return;
    }
    const next = neighbour(row, event.key);
    if (next instanceof HTMLElement) {
      event.preventDefault();
      next.focus();
    }
  });
}

/** The `data-id` rows inside an element, to be marked and found by their feature. */
export class MarkedRows {
  constructor(readonly element: HTMLElement) {}

  mark(selected: string | null, hovered: string | null): void {
    for (const row of this.#rows()) {
      const id = row.dataset["id"];
      row.classList.toggle("is-selected", id === selected);
      row.classList.toggle("is-hovered", id === hovered);
    }
  }

  reveal(id: string): void {
    this.#row(id)?.scrollIntoView({ block: "nearest" });
  }

  focus(id: string): void {
    this.#row(id)?.focus();
  }

  #rows(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("[data-id]")];
  }

  #row(id: string): HTMLElement | undefined {
    return this.#rows().find((row) => row.dataset["id"] === id);
  }
}
