/** What a check or an import came to: counts, datum, faults row by row, repairs, notes. */

import type { DatumVerdict, ImportReport, Repair } from "./data_types";
import { type Child, el } from "./dom";
import { number, percent, quantity } from "./format";
import { language, t } from "./i18n";
import { chip, fault } from "./notices";
import type { Fault } from "./types";

/** So many rows of a table are listed. */
const LISTED = 200;

function cell(value: string | number | null): HTMLElement {
  return el("td", {}, value === null || value === "" ? t("value.none") : String(value));
}

function table(name: string, head: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const labels = head.map((one) => el("th", { scope: "col" }, one));
  return el(
    "div",
    { class: "data-table-place", tabindex: 0, role: "group", "aria-label": name },
    el(
      "table",
      { class: "compact data-table" },
      el("thead", {}, el("tr", {}, ...labels)),
      el("tbody", {}, ...rows),
    ),
  );
}

function section(title: string, name: string, ...inside: Child[]): HTMLElement {
  return el("section", { class: "data-part", "data-part-of": name }, el("h4", {}, title), ...inside);
}

function noteList(notes: readonly string[]): HTMLElement {
  return el("ul", { class: "note-list" }, ...notes.map((one) => el("li", {}, one)));
}

function more(count: number): HTMLElement | null {
  return count > LISTED
    ? el("p", { class: "hint" }, t("outcome.listed", { listed: LISTED }))
    : null;
}

/** Faults as a table: row, field, value, what was expected. */
export function faultTable(title: string, faults: readonly Fault[]): HTMLElement {
  const head = [t("fault.row"), t("fault.field"), t("fault.value"), t("fault.expected")];
  return table(
    title,
    head,
    faults
      .slice(0, LISTED)
      .map((one) =>
        el("tr", {}, cell(one.row), cell(one.field), cell(one.value), cell(one.expected)),
      ),
  );
}

function faultPart(
  key: "outcome.faults" | "outcome.warnings",
  name: string,
  faults: readonly Fault[],
): HTMLElement | null {
  if (faults.length === 0) return null;
  const title = t(key, { count: number(faults.length, 0) });
  return section(title, name, faultTable(title, faults), more(faults.length));
}

function repairPart(repairs: readonly Repair[]): HTMLElement | null {
  if (repairs.length === 0) return null;
  const title = t("outcome.repairs", { count: number(repairs.length, 0) });
  const head = [t("fault.row"), t("repair.reason"), t("repair.before"), t("repair.after")];
  const area = (value: number): HTMLElement =>
    el("td", { class: "num" }, quantity(value, t("unit.m2")));
  return section(
    title,
    "repairs",
    table(
      title,
      [...head, t("repair.share")],
      repairs
        .slice(0, LISTED)
        .map((one) =>
          el(
            "tr",
            {},
            cell(one.id === null ? one.row : `${one.row} · ${one.id}`),
            cell(one.reason),
            area(one.area_before_m2),
            area(one.area_after_m2),
            el("td", { class: "num" }, percent(one.share, 2)),
          ),
        ),
    ),
    more(repairs.length),
  );
}

function datumPart(datum: DatumVerdict | null): HTMLElement | null {
  if (!datum) return null;
  const look = datum.contradicted ? "caution-text" : null;
  return section(
    t("outcome.datum"),
    "datum",
    el("p", { class: look }, datum.sentence),
    datum.evidence.length === 0
      ? null
      : el(
          "details",
          { class: "fold" },
          el("summary", {}, t("outcome.evidence", { count: datum.evidence.length })),
          noteList(datum.evidence),
        ),
  );
}

function columnPart(
  { columns, left_out: unused }: ImportReport,
  titleOf: (field: string) => string,
): HTMLElement | null {
  const renamed = columns
    .map(({ column, field }) => ({ column, field: titleOf(field), same: column === field }))
    .filter(({ column, field, same }) => !same && column !== field)
    .map(({ column, field }) => `${column} → ${field}`);
  if (renamed.length === 0 && unused.length === 0) return null;
  return section(
    t("outcome.columns"),
    "columns",
    renamed.length === 0 ? null : el("p", { class: "hint" }, renamed.join(t("list.semicolon"))),
    unused.length === 0
      ? null
      : el(
          "p",
          { class: "caution-text" },
          t("outcome.leftOut", { names: unused.join(t("list.comma")) }),
        ),
  );
}

/** What came of it in a few words. */
export function verdictOf(report: ImportReport): string {
  if (report.faults.length > 0) return t("outcome.refused");
  if (report.dry_run) return t("outcome.checked");
  if (report.revision === null) return t("outcome.same");
  return t("outcome.written", { revision: report.revision });
}

/**
 * Everything that is said of a file; `refusal` is the sentence that refused it, `titleOf` how a
 * field of the layer is called.
 */
export function reportView(
  report: ImportReport,
  refusal: string | null,
  titleOf: (field: string) => string,
): HTMLElement {
  const bad = report.faults.length > 0;
  const sheet = report.report === null ? null : new URL(report.report, document.baseURI);
  sheet?.searchParams.set("lang", language());
  return el(
    "article",
    { class: "import-report", "data-report": bad ? "faulty" : report.dry_run ? "clean" : "done" },
    el(
      "p",
      { class: "import-verdict" },
      chip(verdictOf(report), bad ? "caution" : "accent"),
      report.new_layer ? chip(t("outcome.newLayer")) : null,
      el("span", {}, t("outcome.into", { file: report.file, layer: report.title })),
    ),
    refusal === null ? null : fault(refusal),
    el("p", {}, report.headline),
    bad
      ? null
      : el(
          "p",
          { class: "import-counts" },
          t("outcome.counts", {
            inserted: number(report.inserted, 0),
            updated: number(report.updated, 0),
            unchanged: number(report.unchanged, 0),
            deleted: number(report.deleted, 0),
          }),
        ),
    sheet
      ? el("p", {}, el("a", { href: sheet.href, "data-action": "sheet" }, t("outcome.sheet")))
      : null,
    faultPart("outcome.faults", "faults", report.faults),
    faultPart("outcome.warnings", "warnings", report.warnings),
    repairPart(report.repairs),
    datumPart(report.datum),
    report.notes.length === 0
      ? null
      : section(t("outcome.notes"), "notes", noteList(report.notes)),
    columnPart(report, titleOf),
  );
}
