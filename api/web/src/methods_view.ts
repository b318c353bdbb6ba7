/** Ranking methods side by side: whom each puts first, and how far it agrees with the present. */

import { el } from "./dom";
import { fixed } from "./format";
import { t } from "./i18n";
import { chip } from "./notices";
import { namesOf } from "./places";
import type { SitingRun } from "./siting_types";
import type { World } from "./world";

/** How Kendall's tau reads: a bar from 0 to 1, and the number. */
function agreementCell(tau: number | null): HTMLElement {
  const bar = el("i");
  bar.style.width = `${100 * Math.max(0, tau ?? 0)}%`;
  return el(
    "td",
    { class: "num" },
    el("span", { class: "track", "aria-hidden": "true" }, bar),
    fixed(tau, 2),
  );
}

function methodRow(world: World, run: SitingRun, i: number, present: number): HTMLElement {
  const one = run.methods.methods[i];
  if (!one) throw new RangeError(`no method ${i}`);
  return el(
    "tr",
    { "data-method": one.id, class: i === present ? "is-present" : null },
    el(
      "th",
      { scope: "row", title: one.sentence },
      one.name,
      i === present ? chip(t("methods.present"), "accent") : null,
    ),
    el("td", {}, namesOf(world, one.leaders)),
    agreementCell(run.methods.kendall[present]?.[i] ?? null),
  );
}

export function methodsView(world: World, run: SitingRun): HTMLElement {
  const { methods } = run;
  const left = methods.left_out.join(t("list.comma"));
  const present = methods.methods.findIndex((one) => one.id === run.method.id);
  const head = (text: string, title = ""): HTMLElement =>
    el("th", { scope: "col", title: title || null }, text);
  return el(
    "section",
    { class: "methods" },
    el("h3", {}, t("methods.title")),
    el(
      "p",
      { class: methods.changes_leader ? "verdict-line differs" : "verdict-line" },
      methods.sentence,
    ),
    el(
      "table",
      { class: "compact", "aria-label": t("methods.title") },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head(t("methods.method")),
          head(t("methods.leader")),
          head(t("methods.tau"), t("methods.tauTitle")),
        ),
      ),
      el("tbody", {}, ...methods.methods.map((_, i) => methodRow(world, run, i, present))),
    ),
    el("p", { class: "hint" }, t("methods.tauTitle")),
    el(
      "ul",
      { class: "method-notes" },
      ...methods.methods.map((one) => el("li", {}, one.sentence)),
    ),
    left ? el("p", { class: "hint" }, t("methods.leftOut", { names: left })) : null,
  );
}
