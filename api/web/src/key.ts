/** The key: the ramp of scores, and the signs for what is uncertain or left out. */

import { el, svg } from "./dom";
import { fixed } from "./format";
import { t } from "./i18n";
import { EXCLUDED, INK, LINK, RAMP_STOPS, SELECT } from "./palette";
import { FACILITY } from "./plan_layer";
import type { Tab } from "./store";
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

function signs(tab: Tab): HTMLElement {
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
    tab === "zone" ? sign(swatch(rings(3, 7)), t("legend.zoneSize")) : null,
    tab === "hubs" ? sign(swatch(rings(3, 7)), t("legend.demandSize")) : null,
    tab === "zone" ? sign(swatch(box(HATCH, EXCLUDED)), t("legend.excluded")) : null,
    tab === "hubs" ? sign(swatch(drawn({ ...FACILITY, radius: 6 })), t("legend.facility")) : null,
    tab === "hubs" ? sign(swatch(link), t("legend.link")) : null,
    sign(swatch(box("#dfe7dc", INK, "3 2")), t("legend.indicative")),
    sign(swatch(drawn({ ...recalled, radius: cluster.radius - 1 })), t("legend.recalled")),
    sign(swatch(drawn(planned)), t("legend.planned")),
    sign(swatch(circle), t("legend.accuracy")),
  );
}

/** From this height of the window on, the signs start unfolded. */
const ROOMY = 800;

export class MapKey {
  readonly #low = el("span");
  readonly #high = el("span");

  constructor(root: HTMLElement, tab: Tab) {
    root.setAttribute("aria-label", t("key.title"));
    const before = root.querySelector("details");
    const open = before ? before.open : window.innerHeight >= ROOMY;
    root.replaceChildren(
      tab === "hubs" ? "" : this.#scale(),
      el("details", { class: "legend", open }, el("summary", {}, t("key.title")), signs(tab)),
    );
  }

  /** The scores at the ends of the ramp. */
  scale(low: number, high: number): void {
    this.#low.textContent = fixed(low, 2);
    this.#high.textContent = fixed(high, 2);
  }

  #scale(): HTMLElement {
    const bar = el("i", { class: "ramp" });
    bar.style.background = `linear-gradient(to right, ${RAMP_STOPS.join(",")})`;
    return el(
      "div",
      { class: "scale" },
      el("span", { class: "scale-title" }, t("legend.score")),
      el("span", { class: "scale-bar" }, this.#low, bar, this.#high),
    );
  }
}
