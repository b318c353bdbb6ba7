/** A layer as a file: which, in what format, in what system. */

import { exportLayer } from "./data_api";
import { field, NO_SYSTEM, selectOf, type SystemAsk, systemField, systemOf } from "./data_fields";
import { sentenceOf } from "./api";
import { el } from "./dom";
import { t } from "./i18n";
import { cautionList, fault } from "./notices";
import type { World } from "./world";

const FORMATS = [
  "gpkg",
  "shapefile",
  "geojson",
  "kml",
  "dxf",
  "xlsx",
  "csv",
  "boundary-points",
  "geoparquet",
  "flatgeobuf",
] as const;

export interface ExportAsk {
  layer: string;
  format: string;
  system: SystemAsk;
}

export const nothingExported = (layer: string): ExportAsk => ({
  layer,
  format: "gpkg",
  system: NO_SYSTEM,
});

export class ExportForm {
  readonly element: HTMLElement;
  readonly #answer = el("div", { class: "export-answer", "aria-live": "polite" });
  readonly #button = el(
    "button",
    { type: "submit", class: "button quiet", "data-action": "export" },
    t("export.export"),
  );
  #address: string | null = null;

  constructor(
    world: World,
    private held: ExportAsk,
    readonly changed: (ask: ExportAsk) => void,
  ) {
    const layers = world.layers.filter((one) => !one.empty);
    const layer = selectOf(
      { id: "export-layer", name: "export-layer" },
      layers.map(({ id, title }) => ({ value: id, label: title })),
      held.layer,
    );
    const format = selectOf(
      { id: "export-format", name: "export-format" },
      FORMATS.map((value) => ({ value, label: t(`format.${value}`) })),
      held.format,
    );
    layer.addEventListener("change", () => this.#edit({ layer: layer.value }));
    format.addEventListener("change", () => this.#edit({ format: format.value }));
    this.element = el(
      "form",
      { class: "data-form", novalidate: true, "aria-label": t("export.title") },
      el("div", { class: "column-head" }, el("h2", {}, t("export.title"))),
      field(t("data.layer"), layer),
      field(t("export.format"), format),
      systemField("export", t("data.systemFormat"), held.system, (system) =>
        this.#edit({ system }),
      ),
      el("div", { class: "data-buttons" }, this.#button),
      this.#answer,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#export();
    });
  }

  /** Lets go of the file that was offered. */
  leave(): void {
    if (this.#address !== null) URL.revokeObjectURL(this.#address);
    this.#address = null;
  }

  #edit(patch: Partial<ExportAsk>): void {
    this.held = { ...this.held, ...patch };
    this.leave();
    this.#answer.replaceChildren();
    this.changed(this.held);
  }

  async #export(): Promise<void> {
    const { layer, format, system } = this.held;
    this.leave();
    if (system.kind === "code" && system.code.trim() === "") {
      this.#answer.replaceChildren(fault(t("data.systemCodeMissing")));
      return;
    }
    this.#button.disabled = true;
    this.#answer.replaceChildren(el("p", { class: "hint" }, t("export.running")));
    try {
      const file = await exportLayer(layer, format, systemOf(system));
      this.#offer(file.name, file.content, file.notes);
    } catch (error) {
      this.#answer.replaceChildren(fault(sentenceOf(error)));
    } finally {
      this.#button.disabled = false;
    }
  }

  /** Starts the download; the link stays for a browser that asks again. */
  #offer(name: string, content: Blob, notes: readonly string[]): void {
    this.#address = URL.createObjectURL(content);
    const link = el(
      "a",
      { href: this.#address, download: name, "data-action": "download" },
      t("export.ready", { file: name }),
    );
    this.#answer.replaceChildren(
      el("p", {}, link),
      ...(notes.length > 0
        ? [el("p", { class: "hint" }, t("export.lost")), cautionList(notes)]
        : []),
    );
    link.click();
  }
}
