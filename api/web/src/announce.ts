/** The live region that says what the ranking is now. */

import { setText } from "./dom";
import { nameOf, t } from "./i18n";
import { bandText } from "./odds";
import type { Standing } from "./standing";

const QUIET_MS = 120;
const SPOKEN = 3;

/** The first places of a standing in one sentence. */
export function rankingSentence(standing: Standing): string {
  const first = standing.placed.slice(0, SPOKEN).map((place) => {
    const site = standing.alternatives.get(place.id);
    const name = site ? nameOf(site) : place.id;
    const rank = place.rank ?? "–";
    const band = site?.rank_band;
    return band
      ? t("status.placeBand", { rank, name, band: bandText(band) })
      : t("status.place", { rank, name });
  });
  return t(standing.own ? "status.own" : "status.changed", {
    places: first.join(t("list.semicolon")),
  });
}

/** Speaks into `region`, after a moment's quiet so that a dragged slider is not a flood. */
export class Announcer {
  #timer = 0;

  constructor(readonly region: HTMLElement) {}

  say(sentence: string): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => setText(this.region, sentence), QUIET_MS);
  }
}
