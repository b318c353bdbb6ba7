/** How sure a site's rank is: the odds of ranks, what moves them, other methods, other weights. */

import { type Child, el } from "./dom";
import { spreadBars } from "./doubts";
import { percent } from "./format";
import { histogram } from "./histogram";
import { t } from "./i18n";
import { bandText, bars, frameOf, placeOf, shareText } from "./odds";
import { namesOf } from "./places";
import type { Alternative, Band, Criterion } from "./siting_types";
import type { Standing } from "./standing";
import type { World } from "./world";

const CHART = { width: 360, height: 46, bars: 90 } as const;

/** The likeliest rank and its share. */
function likeliest(shares: readonly number[]): [rank: number, share: number] {
  const share = Math.max(...shares);
  return [shares.indexOf(share) + 1, share];
}

function chart(shares: readonly number[], band: Band, rank: number | null): HTMLElement {
  const all = bars(shares, CHART.bars);
  const frame = frameOf(all, CHART.width, CHART.height);
  const now = el("i", { class: "now-mark", hidden: rank === null });
  now.style.left = `${100 * placeOf(rank ?? 0, shares.length)}%`;
  const bracket = el("i", { class: "band-bracket" });
  bracket.style.left = `${(100 * (band[0] - 1)) / shares.length}%`;
  bracket.style.width = `${(100 * (band[1] - band[0] + 1)) / shares.length}%`;
  const [best, share] = likeliest(shares);
  return el(
    "figure",
    { class: "odds-chart" },
    el("div", { class: "odds-plot" }, histogram(all, band, frame), bracket, now),
    el(
      "div",
      { class: "odds-axis" },
      el("span", {}, t("rank.at", { rank: 1 })),
      el("span", { class: "odds-best" }, t("odds.best", { rank: best, share: shareText(share) })),
      el("span", {}, t("rank.at", { rank: shares.length })),
    ),
  );
}

function methodRanks(site: Alternative, standing: Standing): HTMLElement {
  const { methods } = (standing.answer ?? standing.run).methods;
  const ranks = standing.answer?.alternatives.find((one) => one.id === site.id)?.method_ranks;
  return el(
    "div",
    { class: "method-ranks" },
    el("h5", {}, t("sure.methods")),
    el(
      "ul",
      {},
      ...methods.map((one) =>
        el(
          "li",
          { title: one.sentence, class: one.id === standing.method ? "is-present" : null },
          el("span", {}, one.name),
          el("b", {}, ranks?.[one.id] ?? t("value.none")),
        ),
      ),
    ),
  );
}

function centralRow(one: Criterion, central: number, longest: number): HTMLElement {
  const bar = el("i");
  bar.style.width = `${longest > 0 ? (100 * central) / longest : 0}%`;
  const now = el("i", { class: "stable-now" });
  now.style.left = `${longest > 0 ? Math.min(100, (100 * one.weight) / longest) : 0}%`;
  return el(
    "li",
    { "data-central": one.id },
    el("span", {}, one.name),
    el("span", { class: "track", "aria-hidden": "true" }, bar, now),
    el("span", { class: "num" }, percent(central, 1)),
  );
}

/** The weights under which a site is first: what one must think for it to be the choice. */
function central(site: Alternative, standing: Standing): HTMLElement | null {
  const weights = site.central_weights;
  if (!weights) return null;
  const known = weights.map((one) => one ?? NaN);
  if (known.some(Number.isNaN)) {
    return el("p", { class: "muted", "data-central": "never" }, t("sure.never"));
  }
  const { criteria } = standing.run;
  const longest = Math.max(...known, ...criteria.map(({ weight }) => weight));
  return el(
    "details",
    { class: "fold", "data-fold": "central" },
    el("summary", {}, t("sure.central")),
    el(
      "p",
      { class: "hint" },
      t("sure.confidence", { share: shareText(site.confidence_factor) }),
    ),
    el(
      "ul",
      { class: "central" },
      ...criteria.map((one, i) => centralRow(one, known[i] ?? 0, longest)),
    ),
  );
}

function dominated(world: World, site: Alternative): HTMLElement | null {
  if (site.dominated_by.length === 0) return null;
  const names = namesOf(world, site.dominated_by);
  return el("p", { class: "caution-text" }, t("sure.dominated", { names }));
}

function drawn(site: Alternative, standing: Standing): Child[] {
  const { rank_acceptability: shares, rank_band: band, rank_spread: spread } = site;
  if (!shares || !band) return [el("p", { class: "muted" }, t("odds.pending"))];
  const rank = standing.scope === "leading" ? null : (standing.places.get(site.id)?.rank ?? null);
  return [
    el("p", { class: "odds-sentence" }, oddsSentence(site, standing)),
    chart(shares, band, rank),
    spread ? spreadBars(spread, site.moved_most_by) : null,
  ];
}

/** The server's line; once the sliders have moved, without the rank that it begins with. */
function oddsSentence(site: Alternative, standing: Standing): string {
  if (standing.own) return site.odds_sentence ?? "";
  return t("sure.line", {
    first: shareText(site.first_share),
    five: shareText(site.among_first_five_share),
    band: site.rank_band ? bandText(site.rank_band) : t("value.none"),
  });
}

export function surenessSection(world: World, site: Alternative, standing: Standing): HTMLElement {
  return el(
    "section",
    { class: "sure" },
    el("h4", {}, t("sure.title")),
    ...drawn(site, standing),
    site.first_in_group_share === null
      ? null
      : el("p", {}, t("sure.inGroup", { share: shareText(site.first_in_group_share) })),
    methodRanks(site, standing),
    dominated(world, site),
    central(site, standing),
  );
}
