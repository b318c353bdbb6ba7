/** What would have to change: for the leader what keeps it first, for another what it lacks. */

import { optionsOf } from "./choice";
import { type Child, el } from "./dom";
import { fixed, percent } from "./format";
import { t } from "./i18n";
import { fault } from "./notices";
import type { Alternative, Changes, Criterion, Overtaking, SitingRun } from "./siting_types";
import { stableList } from "./stable";
import type { Standing } from "./standing";
import { natural } from "./why";
import type { World } from "./world";

/** A weight counts as changed from half a thousandth of the whole on. */
const CHANGED = 0.0005;

function weightSteps(one: Overtaking, standing: Standing): HTMLElement | null {
  const { weights } = one;
  if (!weights) return null;
  const moved = standing.run.criteria.filter(
    ({ id }) => Math.abs((weights.weights[id] ?? 0) - (standing.weights[id] ?? 0)) > CHANGED,
  );
  return el(
    "ul",
    { class: "steps", "data-steps": "weights" },
    ...moved.map(({ id, name }) =>
      el(
        "li",
        {},
        el("span", {}, name),
        el(
          "span",
          { class: "num" },
          t("change.step", {
            from: percent(standing.weights[id], 2),
            to: percent(weights.weights[id], 2),
          }),
        ),
      ),
    ),
  );
}

/** The value that one criterion alone would have to reach, in its unit where it has one. */
function valueStep(
  one: Criterion,
  site: Alternative,
  step: Overtaking["values"][number],
): HTMLElement {
  const inUnit = step.performance !== null;
  const from = inUnit
    ? natural(one, site.performance[one.id])
    : t("change.worth", { value: fixed(site.values[one.id], 3) });
  const to = inUnit
    ? natural(one, step.performance)
    : t("change.worth", { value: fixed(step.value, 3) });
  return el(
    "li",
    {},
    el("span", {}, one.name),
    el("span", { class: "num" }, t("change.step", { from, to })),
  );
}

function valueSteps(one: Overtaking, site: Alternative, standing: Standing): HTMLElement | null {
  const named = new Map(standing.run.criteria.map((spec) => [spec.id, spec]));
  const rows = one.values.flatMap((step) => {
    const spec = named.get(step.criterion);
    return spec ? [valueStep(spec, site, step)] : [];
  });
  return rows.length > 0
    ? el("ul", { class: "steps", "data-steps": "values" }, ...rows)
    : el("p", { class: "muted" }, t("change.noValue"));
}

function overtakingNote(one: Overtaking, site: Alternative, standing: Standing): Child[] {
  return [
    el("p", { class: "change-sentence" }, one.sentence),
    el(
      "details",
      { class: "fold", "data-fold": "steps" },
      el("summary", {}, t("change.steps")),
      el("h5", {}, t("change.weights")),
      weightSteps(one, standing) ?? el("p", { class: "muted" }, t("change.noWeights")),
      el("h5", {}, t("change.values")),
      valueSteps(one, site, standing),
    ),
  ];
}

/** For the leader: how far weights may move, and each weight's own interval. */
function safety(run: SitingRun, changes: Changes): Child[] {
  return [
    el("p", { class: "change-sentence" }, changes.sentence),
    el(
      "details",
      { class: "fold", "data-fold": "stable" },
      el("summary", {}, t("stable.title")),
      stableList(run, changes),
    ),
  ];
}

/** The button that asks what a site further down lacks, and the answer in its place. */
function question(world: World, site: Alternative, standing: Standing): HTMLElement {
  const { scenario } = standing.run;
  const options = { ...optionsOf(standing.choice), overtake: { ahead: site.id } };
  const place = el("div", { class: "question", "aria-live": "polite" });
  const show = (): boolean => {
    const known = world.runs.overtaking(scenario, options);
    if (!known) return false;
    place.replaceChildren(
      ...(known.value
        ? overtakingNote(known.value, site, standing).filter((one) => one instanceof Node)
        : [fault(known.fault ?? t("change.none"))]),
    );
    return true;
  };
  if (show()) return place;
  const button = el(
    "button",
    { type: "button", class: "button quiet small", "data-action": "overtake" },
    t("change.ask"),
  );
  button.addEventListener("click", () => {
    button.disabled = true;
    void world.runs.askOvertaking(scenario, options).then(show);
  });
  place.append(button);
  return place;
}

/** The section for a ranked site; while the server has not run the present choice it says so. */
export function changeSection(
  world: World,
  site: Alternative,
  standing: Standing,
): HTMLElement | null {
  const changes = standing.answer?.changes;
  if (standing.answer && !changes) return null;
  const found = changes?.overtakings.find((one) => one.ahead === site.id);
  let body: Child[];
  if (!changes) body = [el("p", { class: "muted" }, t("change.pending"))];
  else if (changes.leader === site.id) body = safety(standing.answer ?? standing.run, changes);
  else if (found) body = overtakingNote(found, site, standing);
  else body = [question(world, site, standing)];
  return el(
    "section",
    { class: "changes" },
    el("h4", {}, t(changes?.leader === site.id ? "change.lose" : "change.gain")),
    ...body,
  );
}
