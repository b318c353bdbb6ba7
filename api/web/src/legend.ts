/** Layer control and legend in one: what can be drawn, how it looks, how many, what is missing. */

import { el } from "./dom";
import { number } from "./format";
import { t } from "./i18n";
import { DRAWN } from "./layers";
import { chip } from "./notices";
import { BORDER, LAND } from "./palette";
import type { Store } from "./store";
import { box, drawn, swatch } from "./swatch";
import { pointSymbol, zoneSymbol } from "./symbols";
import type { LayerInfo } from "./types";
import { MOST_DRAWN, type World } from "./world";

function layerSwatch(layer: string): SVGElement {
  if (layer === "districts") return swatch(box(LAND, BORDER));
  if (layer === "zones") {
    return swatch(drawn(zoneSymbol({ area_mu: 200 }, { kind: "score", share: 0.75 })));
  }
  if (layer === "towns") return swatch(drawn({ ...pointSymbol(layer, {}), radius: 2.4 }));
  return swatch(drawn(pointSymbol(layer, {})));
}

function layerRow(info: LayerInfo, store: Store): HTMLElement {
  const { tab, shown } = store.state;
  const tooMany = info.features > MOST_DRAWN;
  const input = el("input", {
    type: "checkbox",
    name: `layer-${info.id}`,
    "data-layer": info.id,
    checked: shown[tab].has(info.id) && !info.empty && !tooMany,
    disabled: info.empty || tooMany,
  });
  input.addEventListener("change", () => {
    const now = store.state;
    const next = new Set(now.shown[now.tab]);
    if (input.checked) next.add(info.id);
    else next.delete(info.id);
    store.set({ shown: { ...now.shown, [now.tab]: next } });
  });
  return el(
    "li",
    { class: info.empty ? "layer is-missing" : "layer" },
    el(
      "label",
      { title: info.note },
      input,
      info.empty ? swatch(box("none", "#a9a294", "2 2")) : layerSwatch(info.id),
      el("span", { class: "layer-title" }, info.title),
      info.empty
        ? chip(t("legend.missing"), "caution")
        : el("span", { class: "num" }, number(info.features, 0)),
    ),
    info.empty && info.note ? el("p", { class: "layer-note" }, info.note) : null,
    tooMany
      ? el("p", { class: "layer-note" }, t("legend.tooMany", { most: number(MOST_DRAWN, 0) }))
      : null,
  );
}

/** Renders the control for the current tab; it stays folded where the reader folded it. */
export function renderLegend(root: HTMLElement, store: Store, world: World): void {
  const order = [...DRAWN].reverse() as string[];
  const known = order.flatMap((id) => world.layers.filter((one) => one.id === id));
  const others = world.layers.filter((one) => !order.includes(one.id));
  const open = !root.querySelector("details") || root.querySelector("details[open]") !== null;
  root.setAttribute("aria-label", t("legend.title"));
  root.replaceChildren(
    el(
      "details",
      { open, class: "legend" },
      el("summary", {}, t("legend.title")),
      el("ul", { class: "layers" }, ...[...known, ...others].map((one) => layerRow(one, store))),
    ),
  );
}
