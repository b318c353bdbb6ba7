/** The ranking table: one row per site, kept in place while its rank moves. */

import { el, setText } from "./dom";
import { fixed } from "./format";
import { nameOf, t } from "./i18n";
import { groupColour } from "./palette";
import type { Placed } from "./ranking";
import { moveFocus } from "./rows";
import { fullScale, type Standing } from "./standing";
import type { Store } from "./store";
import type { Alternative } from "./types";

interface Row {
  element: HTMLTableRowElement;
  rank: HTMLElement;
  tie: HTMLElement;
  move: HTMLElement;
  parts: HTMLElement[];
  cell: HTMLElement;
  whisker: HTMLElement;
  score: HTMLElement;
}

/** A second line under a site's name. */
export type Describe = (site: { id: string; district: string | null }) => string;

export class RankingTable {
  readonly element: HTMLTableElement;
  readonly #body = el("tbody");
  readonly #rows = new Map<string, Row>();
  #standing: Standing;

  constructor(
    readonly store: Store,
    standing: Standing,
    readonly describe: Describe,
  ) {
    this.#standing = standing;
    const head = (text: string, kind: string, title: string | null = null): HTMLElement =>
      el("th", { scope: "col", class: kind, title }, text);
    this.element = el(
      "table",
      { role: "table", class: "ranking", "aria-label": t("ranking.label") },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head(t("ranking.rank"), "rank"),
          head(t("ranking.name"), "name"),
          head(t("ranking.parts"), "parts", t("ranking.partsTitle")),
          head(t("ranking.score"), "score"),
        ),
      ),
      this.#body,
    );
    moveFocus(this.#body, store);
    this.update(standing);
  }

  /** Follows a new standing: numbers change in place, rows move only where they must. */
  update(standing: Standing): void {
    this.#standing = standing;
    const full = fullScale(standing);
    const focused = document.activeElement;
    standing.placed.forEach((place, i) => {
      const row = this.#row(place.id);
      if (!row) return;
      this.#fill(row, place, full);
      this.#bracket(row, place, full);
      const there = this.#body.children[i];
      if (there !== row.element) this.#body.insertBefore(row.element, there ?? null);
    });
    while (this.#body.children.length > standing.placed.length)
      this.#body.lastElementChild?.remove();
    if (focused instanceof HTMLElement && this.#body.contains(focused)) focused.focus();
  }

  mark(selected: string | null, hovered: string | null): void {
    const first = this.#standing.placed[0]?.id;
    const stop = selected && this.#standing.places.has(selected) ? selected : first;
    for (const [id, { element }] of this.#rows) {
      element.classList.toggle("is-selected", id === selected);
      element.classList.toggle("is-hovered", id === hovered);
      element.tabIndex = id === stop ? 0 : -1;
      if (id === selected) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
  }

  reveal(id: string): void {
    this.#rows.get(id)?.element.scrollIntoView({ block: "nearest" });
  }

  focus(id: string): void {
    this.#rows.get(id)?.element.focus();
  }

  #row(id: string): Row | null {
    const known = this.#rows.get(id);
    if (known) return known;
    const alternative = this.#standing.alternatives.get(id);
    if (!alternative) return null;
    const row = this.#build(alternative);
    this.#rows.set(id, row);
    return row;
  }

  #build(alternative: Alternative): Row {
    const rank = el("span", { class: "rank-number" });
    const tie = el("span", { class: "tie" });
    const move = el("span", { class: "move" });
    const score = el("td", { class: "score" });
    const parts = this.#standing.run.groups.map((group, i) => {
      const part = el("i", { title: group.title });
      part.style.background = groupColour(i);
      return part;
    });
    const whisker = el("i", { class: "whisker" });
    const cell = el(
      "td",
      { class: "parts" },
      el("span", { class: "stack", "aria-hidden": "true" }, ...parts),
      el("span", { class: "range", "aria-hidden": "true" }, whisker),
    );
    const element = el(
      "tr",
      { "data-id": alternative.id, tabindex: -1 },
      el("td", { class: "rank" }, rank, tie, move),
      el(
        "td",
        { class: "name" },
        el("span", { class: "name-main", title: nameOf(alternative) }, nameOf(alternative)),
        el("span", { class: "name-sub" }, this.describe(alternative)),
      ),
      cell,
      score,
    );
    return { element, rank, tie, move, parts, cell, whisker, score };
  }

  #fill(row: Row, place: Placed, full: number): void {
    const { run, before } = this.#standing;
    setText(row.rank, place.rank === null ? t("value.none") : String(place.rank));
    setText(row.tie, place.tiedWith.length > 0 ? t("ranking.tied") : "");
    const was = before.get(place.id) ?? null;
    const moved = was !== null && place.rank !== null ? was - place.rank : 0;
    setText(row.move, moved === 0 ? "" : moved > 0 ? `▲${moved}` : `▼${-moved}`);
    row.move.className = moved > 0 ? "move up" : "move down";
    setText(row.score, fixed(place.score, 3));
    run.groups.forEach((group, i) => {
      let sum = 0;
      for (const one of run.criteria) {
        if (one.group === group.id) sum += place.contributions[one.id] ?? 0;
      }
      const part = row.parts[i];
      if (part) part.style.width = `${(100 * sum) / full}%`;
    });
  }

  /** The whisker under the bar: the score's interval, where it is known for these weights. */
  #bracket(row: Row, place: Placed, full: number): void {
    const interval = this.#standing.intervals.get(place.id);
    row.whisker.hidden = !interval;
    const [low, high] = interval ?? [0, 0];
    row.whisker.style.left = `${(100 * low) / full}%`;
    row.whisker.style.width = `${(100 * (high - low)) / full}%`;
    row.cell.title = interval
      ? t("interval.row", {
          score: fixed(place.score, 3),
          low: fixed(low, 3),
          high: fixed(high, 3),
        })
      : "";
  }
}
