/** Searches for zones, one at a time for a scenario: at work, refused, or answered. */

import { runZone } from "./api";
import { language, t } from "./i18n";
import { JobView } from "./job_view";
import { attempt } from "./outcome";
import type { Job, Lang } from "./types";
import type { ZoneDocument, ZoneRequest } from "./zone_types";

export interface ZoneSearch {
  /** The job at work, in the language of the page. */
  view: JobView | null;
  fault: string | null;
  answer: { zone: ZoneDocument; lang: Lang; request: ZoneRequest } | null;
  /** Whether the bands of its odds are on the map. */
  bands: boolean;
}

interface Work extends ZoneSearch {
  job: Job | null;
  spoken: Lang;
}

export class ZoneSearches {
  readonly #works = new Map<string, Work>();

  /** `changed` learns of every search that begins or ends. */
  constructor(readonly changed: (scenario: string) => void) {}

  /** How the search of a scenario stands. */
  of(scenario: string): ZoneSearch {
    const work = this.#work(scenario);
    if (work.view && work.spoken !== language()) {
      work.view = new JobView(t("job.zone"));
      work.view.tell(work.job);
      work.spoken = language();
    }
    return work;
  }

  /** Starts a search; the answer before stays until there is another. */
  start(scenario: string, request: ZoneRequest): void {
    const work = this.#work(scenario);
    if (work.view) return;
    const lang = language();
    Object.assign(work, { view: new JobView(t("job.zone")), fault: null, spoken: lang, job: null });
    this.changed(scenario);
    const told = (job: Job): void => {
      work.job = job;
      work.view?.tell(job);
    };
    void attempt(runZone(scenario, request, told)).then((outcome) => {
      work.view = work.job = null;
      work.fault = outcome.fault ?? null;
      if (outcome.value) {
        work.answer = { zone: outcome.value, lang, request };
        work.bands = (outcome.value.odds ?? null) !== null;
      }
      this.changed(scenario);
    });
  }

  #work(scenario: string): Work {
    const known = this.#works.get(scenario);
    if (known) return known;
    const nothing = { view: null, fault: null, answer: null, bands: false };
    const work: Work = { ...nothing, job: null, spoken: language() };
    this.#works.set(scenario, work);
    return work;
  }
}
