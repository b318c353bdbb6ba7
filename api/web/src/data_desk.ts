/** The database on the page: files in and out, and the history of every change. */

import type { Announcer } from "./announce";
import { sentenceOf } from "./api";
import { bringIn } from "./data_api";
import { type ExportAsk, ExportForm, nothingExported } from "./data_export_form";
import { History } from "./data_history";
import {
  formOf,
  type ImportAsk,
  ImportForm,
  keyOf,
  nothingAsked,
  type Standing,
} from "./data_import_form";
import { faultTable, reportView, verdictOf } from "./data_report";
import type { ImportReport, Undone } from "./data_types";
import { byId, el } from "./dom";
import { language, t } from "./i18n";
import { JobView } from "./job_view";
import { fault } from "./notices";
import type { Fault, Lang } from "./types";
import type { World } from "./world";

const FIRST = "zones";

/** What came of the last file. */
interface Outcome {
  report: ImportReport | null;
  fault: string | null;
  errors: readonly Fault[];
  lang: Lang;
}

export interface DataActions {
  /** The data are others now; `layer` is the one to be shown. Resolves when they are read. */
  changed(layer: string | null): Promise<void>;
}

export class DataDesk {
  /** It outlives the form, which is made anew in another language. */
  readonly #picked = el("input", { type: "file", id: "import-file", name: "import-file" });
  #ask: ImportAsk = nothingAsked(FIRST);
  #export: ExportAsk = nothingExported(FIRST);
  #world: World | null = null;
  #form: ImportForm | null = null;
  #exports: ExportForm | null = null;
  #history: History | null = null;
  #place = el("div", { class: "import-outcome" });
  #job: JobView | null = null;
  #outcome: Outcome | null = null;
  /** What the last check was of, and whether it found faults. */
  #checked: { key: string; clean: boolean } | null = null;

  constructor(
    readonly announcer: Announcer,
    readonly actions: DataActions,
  ) {}

  leave(): void {
    this.#exports?.leave();
    this.#world = this.#form = this.#exports = this.#history = null;
  }

  show(world: World): void {
    const focused = document.activeElement;
    const handle = focused?.getAttribute("data-action") ?? focused?.getAttribute("name") ?? null;
    this.#exports?.leave();
    this.#world = world;
    const readOnly = world.health.read_only;
    this.#form = new ImportForm(world, this.#picked, this.#ask, {
      changed: (ask) => {
        this.#ask = ask;
        this.#stand();
      },
      check: (ask) => void this.#bring(ask, true),
      bring: (ask) => void this.#bring(ask, false),
    });
    this.#exports = new ExportForm(world, this.#export, (ask) => {
      this.#export = ask;
    });
    byId("inputs").replaceChildren(
      ...(readOnly === null ? [] : [readOnlyNote(readOnly)]),
      this.#form.element,
      this.#exports.element,
    );
    byId("key").replaceChildren();
    this.#history = new History(world, readOnly !== null, {
      undone: (done) => void this.#undone(done),
    });
    byId("content").replaceChildren(
      el(
        "div",
        { class: "scroll data-view", id: "data-view" },
        el("section", {}, el("h3", {}, t("outcome.title")), this.#place),
        el("section", {}, el("h3", {}, t("history.title")), this.#history.element),
      ),
    );
    this.#tell();
    this.#stand();
    void this.#history.read();
    if (handle !== null) {
      const again = `[data-action="${handle}"], [name="${handle}"]`;
      byId("inputs").querySelector<HTMLElement>(again)?.focus();
    }
  }

  #standing(): Standing {
    if (!this.#checked) return "unchecked";
    if (this.#checked.key !== keyOf(this.#ask)) return "stale";
    return this.#checked.clean ? "clean" : "faulty";
  }

  #stand(): void {
    const readOnly = (this.#world?.health.read_only ?? null) !== null;
    this.#form?.state(this.#standing(), this.#job !== null, readOnly);
  }

  /** Shows what came of the last file, or what is at work. */
  #tell(): void {
    if (this.#job) {
      this.#place.replaceChildren(this.#job.element);
      return;
    }
    const told = this.#outcome;
    if (!told) {
      this.#place.replaceChildren(el("p", { class: "hint" }, t("outcome.none")));
      return;
    }
    const refusal = told.fault === null ? [] : [fault(told.fault)];
    const errors = told.errors.length > 0 ? [faultTable(t("outcome.refused"), told.errors)] : [];
    const parts = told.report
      ? [reportView(told.report, told.fault, this.#titles(told.report.layer))]
      : [el("div", { "data-report": "refused", class: "import-report" }, ...refusal, ...errors)];
    const other = told.lang === language() ? [] : [el("p", { class: "hint" }, t("outcome.otherLanguage"))];
    this.#place.replaceChildren(...other, ...parts);
  }

  /** How the fields of a layer are called. */
  #titles(layer: string): (field: string) => string {
    const fields = this.#world?.layers.find((one) => one.id === layer)?.fields ?? [];
    return (name) => fields.find((one) => one.name === name)?.title ?? name;
  }

  async #bring(ask: ImportAsk, dryRun: boolean): Promise<void> {
    if (this.#job) return;
    const file = ask.file?.name ?? "";
    this.#job = new JobView(t(dryRun ? "import.jobCheck" : "import.jobImport", { file }));
    this.#tell();
    this.#stand();
    const lang = language();
    const outcome: Outcome = { report: null, fault: null, errors: [], lang };
    try {
      const brought = await bringIn(formOf(ask, dryRun), (job) => this.#job?.tell(job));
      outcome.report = brought.report;
      outcome.fault = brought.refused?.message ?? null;
      outcome.errors = brought.refused?.problem?.errors ?? [];
    } catch (error) {
      outcome.fault = sentenceOf(error);
    }
    this.#job = null;
    this.#outcome = outcome;
    const clean = outcome.fault === null && outcome.report?.faults.length === 0;
    this.#checked = dryRun ? { key: keyOf(ask), clean } : null;
    const { report } = outcome;
    if (!dryRun && clean && report && report.revision !== null) {
      await this.actions.changed(report.layer);
    }
    this.#tell();
    this.#stand();
    if (report) this.announcer.say(`${verdictOf(report)}${t("list.semicolon")}${report.headline}`);
    else if (outcome.fault !== null) this.announcer.say(outcome.fault);
  }

  async #undone({ undone, revision }: Undone): Promise<void> {
    // What was checked was checked against other data.
    this.#checked = null;
    if (this.#outcome?.report?.revision === undone) this.#outcome = null;
    await this.actions.changed(null);
    this.announcer.say(
      revision === null
        ? t("history.nothing", { number: undone })
        : t("history.undone", { number: undone, revision }),
    );
  }
}

/** Why nothing can be changed here. */
export function readOnlyNote(sentence: string): HTMLElement {
  return el(
    "p",
    { class: "caution-head read-only", role: "note" },
    el("strong", {}, `${t("data.readOnly")}${t("list.colon")}`),
    sentence,
  );
}
