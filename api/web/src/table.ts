/** The ranking table: one row per site, kept in place while its rank moves. */

import { el, setText } from "./dom";
import { doubtName } from "./doubts";
import { fixed } from "./format";
import { histogram } from "./histogram";
import { nameOf, t } from "./i18n";
import { chip } from "./notices";
import { bandText, bars, frameOf, placeOf, shareText } from "./odds";
import { groupColour } from "./palette";
import type { Placed } from "./ranking";
import { moveFocus } from "./rows";
import type { Alternative, SitingRun } from "./siting_types";
import { fullScale, isAdditive, type Standing } from "./standing";
import type { Store } from "./store";

interface Row {
  element: HTMLTableRowElement;
  /** The band of ranks; the rank by the present weights; a tie; places moved. */
  band: HTMLElement;
  rank: HTMLElement;
  tie: HTMLElement;
  move: HTMLElement;
  /** The place inside its group. */
  group: HTMLElement;
  odds: HTMLElement;
  /** Marks the present rank on the axis of all ranks. */
  now: HTMLElement;
  parts: HTMLElement[];
  stack: HTMLElement;
  cell: HTMLElement;
  whisker: HTMLElement;
  score: HTMLElement;
}

/** A second line under a site's name. */
export type Describe = (site: { id: string; district: string | null }) => string;

/** The picture of acceptability in a row, in pixels; at most so many bars. */
const PICTURE = { width: 84, height: 16, bars: 84 } as const;

export class RankingTable {
  readonly element: HTMLTableElement;
  readonly #body = el("tbody");
  readonly #rows = new Map<string, Row>();
  #standing: Standing;
  #drawnFor: SitingRun | null = null;

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
          head(t("ranking.band"), "rank", t("ranking.bandTitle")),
          head(t("ranking.name"), "name"),
          head(t("ranking.odds"), "odds", t("ranking.oddsTitle")),
          head(t("ranking.score"), "score", t("ranking.partsTitle")),
        ),
      ),
      this.#body,
    );
    moveFocus(this.#body, store);
    this.update(standing);
  }

  /** Follows a new standing: numbers change in place, rows move only where they must. */
  update(standing: Standing): void {
    const odds = standing.run !== this.#drawnFor;
    this.#standing = standing;
    this.#drawnFor = standing.run;
    const full = fullScale(standing);
    const additive = isAdditive(standing);
    const focused = document.activeElement;
    standing.placed.forEach((place, i) => {
      const known = this.#rows.has(place.id);
      const row = this.#row(place.id);
      if (!row) return;
      if (odds || !known) this.#sure(row, place.id);
      this.#fill(row, place, full, additive);
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
    const band = el("span", { class: "band" });
    const rank = el("span", { class: "now-rank" });
    const tie = el("span", { class: "tie" });
    const move = el("span", { class: "move" });
    const group = el("b", { class: "in-group" });
    const odds = el("td", { class: "odds" });
    const now = el("i", { class: "now-mark" });
    const score = el("span", { class: "score-number" });
    const parts = this.#standing.run.groups.map((group, i) => {
      const part = el("i", { title: group.title });
      part.style.background = groupColour(i);
      return part;
    });
    const stack = el("span", { class: "stack", "aria-hidden": "true" }, ...parts);
    const whisker = el("i", { class: "whisker" });
    const cell = el(
      "td",
      { class: "score" },
      score,
      stack,
      el("span", { class: "range", "aria-hidden": "true" }, whisker),
    );
    const element = el(
      "tr",
      { "data-id": alternative.id, tabindex: -1 },
      el("td", { class: "rank" }, band, el("span", { class: "now" }, rank, tie, move)),
      el(
        "td",
        { class: "name" },
        el("span", { class: "name-main", title: nameOf(alternative) }, nameOf(alternative)),
        el("span", { class: "name-sub" }, this.describe(alternative)),
      ),
      odds,
      cell,
    );
    const figures = { band, rank, tie, move, group, odds, now, score };
    return { element, ...figures, parts, stack, cell, whisker };
  }

  /** What the draws say of a row; a placeholder until they have come. */
  #sure(row: Row, id: string): void {
    const site = this.#standing.alternatives.get(id);
    const { rank_band: band, rank_acceptability: shares } = site ?? {};
    row.band.classList.toggle("is-pending", !band);
    setText(row.band, band ? bandText(band) : "…");
    if (!site || !band || !shares) {
      const bar = el("span", { class: "pending-bar", "aria-hidden": "true" });
      row.odds.replaceChildren(bar, el("span", { class: "odds-shares" }, row.group));
      return;
    }
    const all = bars(shares, PICTURE.bars);
    const frame = frameOf(all, PICTURE.width, PICTURE.height);
    row.odds.replaceChildren(
      el(
        "span",
        { class: "odds-picture" },
        el("span", { class: "odds-bars" }, histogram(all, band, frame), row.now),
        this.#doubt(site),
      ),
      el("span", { class: "odds-shares" }, row.group, this.#shares(site)),
    );
  }

  #shares(site: Alternative): string {
    if (site.first_in_group_share !== null) {
      return t("odds.inGroup", { share: shareText(site.first_in_group_share) });
    }
    const first = shareText(site.first_share);
    return t("odds.shares", { first, five: shareText(site.among_first_five_share) });
  }

  /** The doubt that moves a site most, stressed where it is not the one that moves most sites. */
  #doubt({ moved_most_by: most }: Alternative): HTMLElement | null {
    if (!most) return null;
    const usual = this.#standing.run.odds?.moved_most_by === most;
    const title = t("odds.most", { doubt: doubtName(most) });
    return chip(doubtName(most), usual ? "plain" : "accent", title);
  }

  #fill(row: Row, place: Placed, full: number, additive: boolean): void {
    const { run, before, scope, inGroup } = this.#standing;
    setText(
      row.rank,
      place.rank === null ? t("value.none") : t("ranking.now", { rank: place.rank }),
    );
    setText(row.tie, place.tiedWith.length > 0 ? t("ranking.tied") : "");
    const was = before.get(place.id) ?? null;
    const moved = was !== null && place.rank !== null ? was - place.rank : 0;
    setText(row.move, moved === 0 ? "" : moved > 0 ? `▲${moved}` : `▼${-moved}`);
    row.move.className = moved > 0 ? "move up" : "move down";
    const inside = inGroup.get(place.id);
    setText(row.group, inside ? t("ranking.inGroup", { rank: inside }) : "");
    setText(row.score, fixed(place.score, 3));
    row.now.hidden = place.rank === null || scope === "leading";
    row.now.style.left = `${100 * placeOf(place.rank ?? 0, run.alternatives_total)}%`;
    row.stack.hidden = !additive;
    if (!additive) return;
    run.groups.forEach((group, i) => {
      let sum = 0;
      for (const id of group.criteria) sum += place.contributions[id] ?? 0;
      const part = row.parts[i];
      if (part) part.style.width = `${(100 * sum) / full}%`;
    });
  }

  /** The whisker under the bar: the score's interval, where it is known for this choice. */
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
