/** The documents and data behind an answer, and whether they were in force on its day. */

import { el } from "./dom";
import { t } from "./i18n";
import { chip } from "./notices";
import type { Source } from "./types";
import type { World } from "./world";

function validity(source: Source, day: string): HTMLElement | null {
  const { valid_from: from, valid_to: to } = source;
  if (!from && !to) return null;
  const expired = to !== null && to !== undefined && to < day;
  return el(
    "span",
    { class: expired ? "caution-text" : "muted" },
    ` ${t("sources.valid", { from: from ?? "…", to: to ?? "…" })} `,
    expired ? chip(t("sources.expired", { day }), "caution") : null,
  );
}

/** The sources of a run made for `day`. */
export function sourceList(sources: readonly Source[], day: string): HTMLElement {
  return el(
    "section",
    { class: "sources" },
    el("h3", {}, t("sources.title")),
    el(
      "ul",
      {},
      ...sources.map((one) =>
        el(
          "li",
          { title: one.note },
          one.title,
          one.number ? ` ${one.number}` : "",
          validity(one, day),
        ),
      ),
    ),
  );
}

/** A source's title where a run names it, else the text as it stands. */
export function sourceTitle(world: World, given: string): string {
  for (const run of world.runs.known()) {
    const known = run.sources.find((one) => one.id === given);
    if (known) return known.number ? `${known.title} ${known.number}` : known.title;
  }
  return given;
}
