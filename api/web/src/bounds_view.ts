/** The results column of the four bounds: a place, the zone, what the surface is made of. */

import { el } from "./dom";
import { number } from "./format";
import { t } from "./i18n";
import type { JobView } from "./job_view";
import { cautionList, fault, heading } from "./notices";
import { sourceList } from "./sources";
import { SurfaceReadout } from "./surface_readout";
import type { Surface } from "./surface_types";
import type { World } from "./world";
import { type ZoneActions, type ZoneShown, zoneView } from "./zone_view";

export class BoundsView {
  readonly element: HTMLElement;
  readonly readout: SurfaceReadout;
  readonly #trouble = el("div", { class: "trouble" });
  readonly #zone = el("div", { class: "zone-place" });

  constructor(
    readonly world: World,
    readonly surface: Surface,
    readonly actions: ZoneActions,
  ) {
    this.readout = new SurfaceReadout(surface);
    this.element = el(
      "div",
      { class: "siting bounds", "data-surface-of": surface.scenario },
      el(
        "div",
        { class: "answer-head" },
        surface.heading ? heading(surface.heading) : null,
        el("p", { class: "hint clause" }, surface.title, surface.clause ? ` · ${surface.clause}` : ""),
      ),
      el(
        "div",
        { class: "scroll", id: "ranking", tabindex: 0, role: "group", "aria-label": t("tab.bounds") },
        this.#trouble,
        this.readout.element,
        this.#zone,
        basis(surface),
      ),
    );
  }

  /** Something could not be fetched; null: it could after all. */
  trouble(sentence: string | null): void {
    this.#trouble.replaceChildren(...(sentence === null ? [] : [fault(sentence)]));
  }

  /** Shows the job at work, what went wrong, and the answer that stands. */
  zone(job: JobView | null, trouble: string | null, shown: ZoneShown | null): void {
    this.#zone.replaceChildren(
      ...(job ? [job.element] : []),
      ...(trouble === null ? [] : [fault(trouble)]),
      ...(shown ? [zoneView(this.world, this.surface, shown, this.actions)] : []),
    );
    if (!job && trouble === null && !shown) {
      this.#zone.append(el("p", { class: "hint zone-none" }, t("zone.none")));
    }
  }

  /** Says whether the answer is still one to what is asked now. */
  stale(yes: boolean): void {
    const note = this.#zone.querySelector<HTMLElement>(".stale-note");
    if (note) note.hidden = !yes;
  }
}

/** What the surface is made of, folded. */
function basis(surface: Surface): HTMLElement {
  const said = new Set([surface.heading, ...surface.assumptions]);
  const beside = surface.warnings.filter((one) => !said.has(one));
  return el(
    "details",
    { class: "fold surface-basis" },
    el("summary", {}, t("surface.basis")),
    el(
      "p",
      {},
      t("surface.made", {
        cells: number(surface.cells, 0),
        cell: number(surface.cell_m, 0),
        area: number(surface.searched_mu, 0),
        day: surface.as_of,
      }),
    ),
    el("p", { class: "hint" }, surface.level_rule),
    cautionList([...surface.assumptions, ...beside]),
    sourceList(surface.sources, surface.as_of),
  );
}
