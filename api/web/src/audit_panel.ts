/** The same ranking with other radii and on coarser layers: whether the resolution decides it. */

import { optionsOf } from "./choice";
import type { Audit, Variation } from "./contrast_types";
import { el } from "./dom";
import { fixed } from "./format";
import { t } from "./i18n";
import { busy, chip, fault } from "./notices";
import type { SitingRun } from "./siting_types";
import type { Store } from "./store";
import type { World } from "./world";

function verdict({ changes_leader: leader, changes_first_five: five }: Variation): HTMLElement {
  if (leader) return chip(t("audit.leader"), "caution");
  return five ? chip(t("audit.five"), "plain") : chip(t("audit.same"), "accent");
}

function row(one: Variation): HTMLElement {
  return el(
    "tr",
    { title: one.sentence },
    el("th", { scope: "row" }, one.title),
    el("td", {}, verdict(one)),
    el("td", { class: "num" }, fixed(one.kendall, 2)),
    el("td", { class: "num" }, one.greatest_change),
  );
}

/** Every variation in words, those that could not be run, and what was done to all. */
function inWords({ variations, failed, notes }: Audit): HTMLElement {
  return el(
    "details",
    { class: "fold" },
    el("summary", {}, t("change.steps")),
    el(
      "ul",
      { class: "method-notes" },
      ...variations.map((one) => el("li", {}, one.sentence)),
      ...failed.map((one) => el("li", {}, `${one.title}${t("list.colon")}${one.sentence}`)),
      ...notes.map((one) => el("li", {}, one)),
      el("li", {}, t("methods.tauTitle")),
    ),
  );
}

function auditView(audit: Audit): HTMLElement {
  const head = (text: string, kind = ""): HTMLElement =>
    el("th", { scope: "col", class: kind || null }, text);
  const differs = audit.variations.some((one) => one.changes_leader);
  return el(
    "div",
    { class: "contrast-view" },
    el("p", { class: differs ? "verdict-line differs" : "verdict-line" }, audit.sentence),
    el(
      "table",
      { class: "compact audit", "aria-label": t("audit.title") },
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          head(t("audit.variation")),
          head(t("audit.leading")),
          head(t("audit.tau"), "num"),
          head(t("audit.move"), "num"),
        ),
      ),
      el("tbody", {}, ...audit.variations.map(row)),
    ),
    inWords(audit),
  );
}

/** The section with its button; the audit takes the place of the button when it has come. */
export function auditPanel(store: Store, world: World, run: SitingRun): HTMLElement {
  const place = el("div", {});
  const button = el(
    "button",
    { type: "button", class: "button quiet small", "data-action": "audit" },
    t("audit.run"),
  );
  button.addEventListener("click", () => {
    place.replaceChildren(busy());
    const options = { ...optionsOf(store.choice(run.scenario)), audit: true };
    void world.runs.audit(run.scenario, options).then(({ value, fault: trouble }) => {
      place.replaceChildren(value ? auditView(value) : fault(trouble ?? t("fault.unknown")), button);
    });
  });
  place.append(button);
  return el(
    "section",
    { class: "audit-section" },
    el("h3", {}, t("audit.title")),
    el("p", { class: "hint" }, t("audit.hint")),
    place,
  );
}
