/** What a place is worth, and the parts that its worth is made of. */

import { el, setText } from "./dom";
import { fixed, percent, quantity } from "./format";
import { t } from "./i18n";
import { NO_DATA, type Recipe, UNSUITABLE, valueOf, WHOLE } from "./levels";
import { groupColour } from "./palette";
import type { Probe } from "./surface_layer";
import { css, type Range, shadeOf } from "./surface_palette";
import type { PlaceAnswer, Surface } from "./surface_types";

/** Where the reader looks: under the pointer, at a place that was pinned, or in the middle. */
export type Look = "pointer" | "pinned" | "selected" | "centre";

export interface Place {
  look: Look;
  lon: number;
  lat: number;
  name: string | null;
}

interface Part {
  bar: HTMLElement;
  sum: HTMLElement;
  exact: HTMLElement;
}

export class SurfaceReadout {
  readonly element: HTMLElement;
  readonly #where = el("span", { class: "readout-where" });
  readonly #value = el("b", {});
  readonly #note = el("span", { class: "readout-note" });
  readonly #dot = el("i", { class: "readout-colour" });
  readonly #parts: Part[] = [];

  constructor(readonly surface: Surface) {
    this.element = el(
      "section",
      { class: "readout", "data-readout": "" },
      el("div", { class: "readout-head" }, el("h3", {}, t("readout.title")), this.#where),
      el("p", { class: "big-figure" }, this.#dot, this.#value, this.#note),
      el(
        "table",
        { class: "compact readout-parts" },
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("th", { scope: "col" }, t("readout.criterion")),
            el("th", { scope: "col", class: "num" }, t("readout.performance")),
            el("th", { scope: "col", class: "num" }, t("readout.sum")),
          ),
        ),
        el("tbody", {}, ...surface.criteria.map((one, j) => this.#part(one.name, j))),
      ),
      el("p", { class: "hint" }, t("readout.hint")),
    );
  }

  /** Shows a place: `probe` from the levels, `exact` from the server where it was asked. */
  tell(
    place: Place,
    probe: Probe | null,
    { recipe, range }: { recipe: Recipe; range: Range },
    exact: PlaceAnswer | null,
  ): void {
    this.element.dataset["look"] = place.look;
    const at = `${fixed(place.lon, 4)}°E, ${fixed(place.lat, 4)}°N`;
    setText(this.#where, [t(`look.${place.look}`), place.name, at].filter(Boolean).join(" · "));
    const value = probe && valueOf(probe.colour);
    setText(this.#value, value === null ? "—" : fixed(value, 3));
    setText(this.#note, this.#verdict(probe, recipe));
    const shown = probe !== null && probe.colour > UNSUITABLE;
    this.#dot.style.background = shown ? css(shadeOf(probe.colour, range)) : "transparent";
    this.surface.criteria.forEach((one, j) => {
      this.#tellPart(j, probe?.levels[j] ?? null, recipe.weights[j] ?? 0, recipe.cutOffs[j] ?? 0);
      const known = exact?.criteria.find(({ id }) => id === one.id)?.performance;
      const text = known === undefined || known === null ? "" : quantity(known, one.unit);
      const part = this.#parts[j];
      if (part) setText(part.exact, text);
    });
  }

  /** Why a place has no value, or that it has one. */
  #verdict(probe: Probe | null, { rules, cutOffs, weights }: Recipe): string {
    if (!probe) return t("readout.outside");
    if (probe.colour > UNSUITABLE) return t("readout.value");
    if (probe.colour === NO_DATA) return t("readout.unknown");
    const met = this.surface.rules.filter(
      (one) => rules.includes(one.number) && (probe.flags >>> one.number) & 1,
    );
    const below = this.surface.criteria.filter((_, j) => {
      const [level, least] = [probe.levels[j] ?? 0, cutOffs[j] ?? 2];
      return ((weights[j] ?? 0) > 0 || least > 2) && level >= UNSUITABLE && level < least;
    });
    const names = [...met, ...below].map((one) => one.name).join(t("list.comma"));
    return t("readout.excluded", { names });
  }

  #part(name: string, index: number): HTMLElement {
    const bar = el("i");
    const sum = el("td", { class: "num" });
    const exact = el("td", { class: "num readout-exact" });
    this.#parts.push({ bar, sum, exact });
    const row = el(
      "tr",
      { "data-part": this.surface.criteria[index]?.id },
      el(
        "th",
        { scope: "row" },
        el("span", {}, el("i", { class: "dot" }), name),
        el("span", { class: "readout-track", "aria-hidden": "true" }, bar),
      ),
      exact,
      sum,
    );
    row.style.setProperty("--group", groupColour(index));
    return row;
  }

  #tellPart(j: number, level: number | null, weight: number, least: number): void {
    const part = this.#parts[j];
    if (!part) return;
    const value = level === null ? null : valueOf(level);
    part.bar.style.width = `${100 * (value ?? 0)}%`;
    const low = level !== null && level >= UNSUITABLE && level < least;
    part.sum.classList.toggle("is-low", low);
    setText(
      part.sum,
      value === null
        ? t("value.none")
        : t("readout.product", {
            value: fixed(value, 3),
            weight: percent(weight / WHOLE, 2),
            part: fixed((value * weight) / WHOLE, 3),
          }),
    );
  }
}
