/** Buttons of an edit, and what is said once it is saved. */

import type { EditedFeature } from "./data_types";
import { el } from "./dom";
import { number } from "./format";
import { t } from "./i18n";
import { cautionList } from "./notices";

export function button(
  action: string,
  label: string,
  look: string,
  click?: () => void,
): HTMLButtonElement {
  return el(
    "button",
    { type: "button", "data-action": action, class: look, ...(click ? { click } : {}) },
    label,
  );
}

export function savedSentence({ revision }: EditedFeature): string {
  return revision === null ? t("edit.savedSame") : t("edit.saved", { revision });
}

/** What became of an edit, with what the server says of it. */
export function savedNote(edited: EditedFeature): HTMLElement {
  const overlaps = edited.overlaps.map(({ id, area_mu: area }) =>
    t("edit.overlap", { id, area: number(area, 1) }),
  );
  const more = [
    ...edited.warnings,
    ...(overlaps.length > 0 ? [t("edit.overlaps", { names: overlaps.join(t("list.comma")) })] : []),
    ...edited.notes,
  ];
  return el(
    "div",
    {},
    el("p", {}, savedSentence(edited)),
    more.length > 0 ? cautionList(more) : null,
  );
}
