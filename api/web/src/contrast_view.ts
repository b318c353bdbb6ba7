/** A comparison as it reads: whether the decision changes, who moved where, and why. */

import type { Contrast, ContrastedAlternative } from "./contrast_types";
import { el } from "./dom";
import { nameOf, t } from "./i18n";
import { greatestMove, movers } from "./moves";
import { diverging } from "./palette";
import type { Store } from "./store";

function rankText(rank: number | null, tied: boolean): string {
  if (rank === null) return t("value.none");
  return tied ? `${rank}=` : String(rank);
}

function gainText(one: ContrastedAlternative): string {
  const { places_gained: gain } = one;
  if (gain === null) return t(one.rank_a === null ? "compare.entered" : "compare.left");
  return gain > 0 ? `▲${gain}` : `▼${-gain}`;
}

function row(one: ContrastedAlternative, most: number, store: Store): HTMLElement {
  const gain = one.places_gained ?? 0;
  const colour = el("i", { class: "move-colour", "aria-hidden": "true" });
  colour.style.background = diverging(most > 0 ? gain / most : 0);
  return el(
    "tr",
    { "data-moved": one.id },
    el("td", { class: "num" }, rankText(one.rank_a, one.tied_a)),
    el("td", { class: "num" }, rankText(one.rank_b, one.tied_b)),
    el("td", { class: "gain" }, colour, gainText(one)),
    el(
      "td",
      {},
      el(
        "button",
        {
          type: "button",
          class: "link",
          click: () => store.set({ selected: one.id }),
          pointerenter: () => store.set({ hovered: one.id }),
          pointerleave: () => store.set({ hovered: null }),
        },
        nameOf(one),
      ),
      el("span", { class: "why-moved" }, one.sentence),
    ),
  );
}

function moves(found: Contrast, store: Store): HTMLElement {
  const moved = movers(found);
  const most = greatestMove(found);
  const head = (text: string, kind = ""): HTMLElement =>
    el("th", { scope: "col", class: kind || null }, text);
  const still = found.alternatives.filter((one) => one.places_gained === 0).length;
  if (moved.length === 0) return el("p", {}, t("compare.none"));
  return el(
    "div",
    {},
    el(
      "table",
      { class: "compact moves", "aria-label": t("compare.moves") },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head(t("compare.a"), "num"),
          head(t("compare.b"), "num"),
          head(t("compare.change")),
          head(t("compare.cause")),
        ),
      ),
      el("tbody", {}, ...moved.map((one) => row(one, most, store))),
    ),
    still > 0 ? el("p", { class: "hint" }, t("compare.still", { count: still })) : null,
  );
}

/** The first sentence, and the rest. */
export function leadOf(text: string): [lead: string, rest: string] {
  const [lead = "", ...rest] = text.split(/(?<=。)|(?<=\.) (?=\p{Lu})/u);
  return [lead, rest.join(/。$/.test(lead) ? "" : " ")];
}

/** `own`: both sides are the same scenario, as declared and as the reader has it. */
export function contrastView(found: Contrast, own: boolean, store: Store): HTMLElement {
  const [lead, rest] = leadOf(found.sentence);
  const side = (which: string, title: string, note: string): HTMLElement =>
    el("li", {}, el("b", {}, which), ` ${title}`, note ? el("small", {}, ` ${note}`) : null);
  return el(
    "div",
    { class: "contrast-view" },
    el(
      "ul",
      { class: "sides" },
      side(t("compare.a"), found.a.title, t(own ? "compare.asDeclared" : "compare.asHere")),
      side(t("compare.b"), found.b.title, t(own ? "compare.asHere" : "compare.asDeclared")),
    ),
    el("p", { class: found.changes_leader ? "verdict-line differs" : "verdict-line" }, lead),
    rest ? el("p", {}, rest) : null,
    el("p", { class: "hint" }, found.agreement),
    found.differences.length > 0
      ? el(
          "details",
          { class: "fold" },
          el("summary", {}, t("compare.differences", { count: found.differences.length })),
          el("ul", { class: "method-notes" }, ...found.differences.map((one) => el("li", {}, one))),
        )
      : null,
    moves(found, store),
  );
}
