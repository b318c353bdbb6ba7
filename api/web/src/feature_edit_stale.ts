/** Somebody else was faster: what was read, what stands, and mine, side by side. */

import { shortValue } from "./data_history";
import { el } from "./dom";
import { t } from "./i18n";
import { fault } from "./notices";
import { compared, sameShape } from "./feature_edit_values";
import type { Feature, Field, Value } from "./types";

export interface Stale {
  sentence: string;
  fields: readonly Field[];
  read: Feature;
  present: Feature;
  mine: Readonly<Record<string, Value>>;
  /** Whether I have drawn another geometry. */
  drawn: boolean;
}

export interface StaleActions {
  takeMine(): void;
  takePresent(): void;
}

function cell(value: Value | undefined, changed: boolean): HTMLElement {
  return el(
    "td",
    { class: changed ? "is-changed" : null },
    value === undefined ? "" : shortValue(value),
  );
}

function shapeRow({ read, present, drawn }: Stale): HTMLElement | null {
  const moved = !sameShape(read.geometry, present.geometry);
  if (!moved && !drawn) return null;
  return el(
    "tr",
    { "data-row": "geometry" },
    el("th", { scope: "row" }, t("history.geometry")),
    el("td", {}, ""),
    el("td", { class: moved ? "is-changed" : null }, moved ? t("edit.staleShapeChanged") : ""),
    el("td", { class: drawn ? "is-changed" : null }, drawn ? t("edit.staleMineShape") : ""),
  );
}

/** Both versions as a table, and the two ways on. */
export function staleView(stale: Stale, actions: StaleActions): HTMLElement {
  const heads = ["staleField", "staleRead", "stalePresent", "staleMine"] as const;
  const rows = compared(stale.fields, stale.read, stale.present, stale.mine);
  return el(
    "section",
    { class: "stale", "data-part-of": "stale", "aria-label": t("edit.stale") },
    el("h4", {}, t("edit.stale")),
    fault(stale.sentence),
    el(
      "table",
      { class: "compact data-table" },
      el(
        "thead",
        {},
        el("tr", {}, ...heads.map((one) => el("th", { scope: "col" }, t(`edit.${one}`)))),
      ),
      el(
        "tbody",
        {},
        ...rows.map(({ field, read, present, mine }) =>
          el(
            "tr",
            { "data-row": field.name },
            el("th", { scope: "row" }, field.title),
            cell(read, false),
            cell(present, present !== read),
            cell(mine, mine !== undefined),
          ),
        ),
        shapeRow(stale),
      ),
    ),
    el(
      "div",
      { class: "data-buttons" },
      el(
        "button",
        {
          type: "button",
          class: "button small",
          "data-action": "take-mine",
          click: () => actions.takeMine(),
        },
        t("edit.takeMine"),
      ),
      el(
        "button",
        {
          type: "button",
          class: "button quiet small",
          "data-action": "take-present",
          click: () => actions.takePresent(),
        },
        t("edit.takePresent"),
      ),
    ),
  );
}
