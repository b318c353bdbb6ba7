/** A job at work: how far it has come, and the button that ends it. */

import { cancelJob } from "./api";
import { el, setText } from "./dom";
import { number, percent, quantity } from "./format";
import { t } from "./i18n";
import type { Job, JobProgress } from "./types";

const NEAR = 1e-4;

const known = (value: number | null, text: (value: number) => string): string =>
  value === null ? "–" : text(value);

function figures({ seconds, incumbent, bound, gap, nodes }: JobProgress): string {
  return t("job.progress", {
    seconds: number(seconds, 0),
    incumbent: known(incumbent, (one) => quantity(one, null)),
    bound: known(bound, (one) => quantity(one, null)),
    gap: known(gap, (one) => percent(one, 2)),
    nodes: number(nodes, 0),
  });
}

function told(progress: JobProgress, parts: number | null): string {
  const { seconds, nodes, about } = progress;
  const text =
    parts === null
      ? figures(progress)
      : t("job.parts", { seconds: number(seconds, 0), done: number(nodes, 0), parts });
  return about === null ? text : `${about} · ${text}`;
}

/**
 * How full the bar is: parts done where `parts` are known; else on a scale of orders of magnitude,
 * from a gap of 100 % (empty) to 0.01 % (full); null where nothing is known yet.
 */
export function filled({ gap, nodes }: JobProgress, parts: number | null): number | null {
  if (parts !== null) return Math.min(nodes / parts, 1);
  if (gap === null || gap >= 1) return null;
  return Math.min(Math.log(Math.max(gap, NEAR)) / Math.log(NEAR), 1);
}

export class JobView {
  readonly element: HTMLElement;
  readonly #bar = el("progress", { max: 1, "aria-label": t("job.label") });
  readonly #text = el("p", { class: "hint" });
  readonly #button: HTMLButtonElement;
  #job: Job | null = null;

  /** `parts`: how many parts the search has, where its nodes count them. */
  constructor(
    title: string,
    readonly parts: number | null = null,
  ) {
    this.#button = el(
      "button",
      { type: "button", class: "button quiet small", "data-action": "cancel-job" },
      t("job.cancel"),
    );
    this.#button.addEventListener("click", () => this.#cancel());
    this.element = el(
      "div",
      { class: "job" },
      el("p", { class: "job-title" }, title),
      el("div", { class: "job-line" }, this.#bar, this.#button),
      this.#text,
    );
    this.tell(null);
  }

  tell(job: Job | null): void {
    this.#job = job;
    const progress = job?.progress ?? null;
    const share = progress && filled(progress, this.parts);
    if (share === null) this.#bar.removeAttribute("value");
    else this.#bar.value = share;
    setText(this.#text, progress ? told(progress, this.parts) : t("job.waiting"));
    this.#button.disabled = job === null || job.cancelled;
    setText(this.#button, t(job?.cancelled ? "job.ending" : "job.cancel"));
  }

  #cancel(): void {
    if (!this.#job) return;
    this.tell({ ...this.#job, cancelled: true });
    // What becomes of it is seen where the job is followed.
    void cancelJob(this.#job.id).catch(() => undefined);
  }
}
