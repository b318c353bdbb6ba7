/** The key: the ramp of scores, and the signs for what is uncertain or left out. */

import { el, setText, svg } from "./dom";
import { fixed } from "./format";
import { t } from "./i18n";
import { DIVERGING_STOPS, EXCLUDED, INK, LINK, RAMP_STOPS, SELECT } from "./palette";
import { FACILITY } from "./plan_layer";
import { box, drawn, swatch } from "./swatch";
import { HATCH, pointSymbol } from "./symbols";

function sign(picture: SVGElement, text: string): HTMLElement {
  return el("li", {}, picture, el("span", {}, text));
}

function rings(...radii: number[]): SVGElement {
  const circles = radii.map((r) =>
    svg("circle", { cx: 9, cy: 16 - r, r, fill: "none", stroke: INK }),
  );
  return svg("g", {}, ...circles);
}

function bandSign(): SVGElement {
  const badge = svg("rect", { x: 0, y: 3, width: 18, height: 12, rx: 6, fill: INK });
  const words = { x: 9, y: 12, fill: "#fff", "font-size": 8, "text-anchor": "middle" };
  return svg("g", {}, badge, svg("text", words, "1–4"));
}

/** `layer` is what is ranked; null for a hub plan. */
function signs(layer: string | null): HTMLElement {
  const cluster = pointSymbol("clusters", {});
  const recalled = pointSymbol("clusters", { basis_kind: "recalled" });
  const planned = pointSymbol("clusters", { status: "planned" });
  const link = svg("path", { d: "M2 14L16 4", stroke: LINK, "stroke-width": 1.5, fill: "none" });
  const circle = svg("circle", {
    cx: 9,
    cy: 9,
    r: 7,
    fill: "none",
    stroke: SELECT,
    "stroke-dasharray": "2 2",
  });
  return el(
    "ul",
    { class: "signs" },
    layer ? sign(swatch(bandSign()), t("legend.band")) : null,
    layer === "zones" ? sign(swatch(rings(3, 7)), t("legend.zoneSize")) : null,
    layer ? null : sign(swatch(rings(3, 7)), t("legend.demandSize")),
    layer && layer !== "districts"
      ? sign(swatch(box(HATCH, EXCLUDED)), t("legend.excluded"))
      : null,
    layer ? null : sign(swatch(drawn({ ...FACILITY, radius: 6 })), t("legend.facility")),
    layer ? null : sign(swatch(link), t("legend.link")),
    sign(swatch(box("#dfe7dc", INK, "3 2")), t("legend.indicative")),
    sign(swatch(drawn({ ...recalled, radius: cluster.radius - 1 })), t("legend.recalled")),
    sign(swatch(drawn(planned)), t("legend.planned")),
    sign(swatch(circle), t("legend.accuracy")),
  );
}

/** From this height of the window on, the signs start unfolded. */
const ROOMY = 800;

export class MapKey {
  readonly #title = el("span", { class: "scale-title" });
  readonly #low = el("span");
  readonly #high = el("span");
  readonly #bar = el("i", { class: "ramp" });

  constructor(root: HTMLElement, layer: string | null) {
    root.setAttribute("aria-label", t("key.title"));
    const before = root.querySelector("details");
    const open = before ? before.open : window.innerHeight >= ROOMY;
    root.replaceChildren(
      layer ? this.#scale() : "",
      el("details", { class: "legend", open }, el("summary", {}, t("key.title")), signs(layer)),
    );
  }

  /** The scores at the ends of the ramp. */
  scores(low: number, high: number): void {
    this.#show(t("legend.score"), fixed(low, 2), fixed(high, 2), RAMP_STOPS);
  }

  /** The places lost and gained at the ends of the colours of a comparison. */
  places(most: number): void {
    this.#show(t("legend.difference"), `▼${most}`, `▲${most}`, DIVERGING_STOPS);
  }

  #show(title: string, low: string, high: string, stops: readonly string[]): void {
    setText(this.#low, low);
    setText(this.#high, high);
    if (this.#title.textContent === title) return;
    setText(this.#title, title);
    this.#bar.style.background = `linear-gradient(to right, ${stops.join(",")})`;
  }

  #scale(): HTMLElement {
    return el(
      "div",
      { class: "scale" },
      this.#title,
      el("span", { class: "scale-bar" }, this.#low, this.#bar, this.#high),
    );
  }
}
