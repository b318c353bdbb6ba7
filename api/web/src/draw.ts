/** Drawing a plot: its acreage, the zones and the demand inside. */

import L from "leaflet";
import "@geoman-io/leaflet-geoman-free";

import { coverWithin, measureArea } from "./api";
import { el } from "./dom";
import { acreageText, drawnCard, type Drawing } from "./drawn";
import { language, t } from "./i18n";
import { busy, fault } from "./notices";
import { SELECT } from "./palette";
import { type Point, polygonOf, readPoints } from "./polygon";
import type { DrawnPolygon } from "./types";
import { attempt } from "./outcome";

const STYLE: L.PathOptions = {
  color: SELECT,
  weight: 2,
  fillColor: SELECT,
  fillOpacity: 0.16,
  pane: "plot",
};

export interface DrawActions {
  /** What heads every answer about a site. */
  caution(): string | null;
  /** The plot's card is about to show. */
  opened(): void;
}

export class Draw {
  #layer: L.Polygon | null = null;
  #turn = 0;

  constructor(
    readonly map: L.Map,
    readonly tools: HTMLElement,
    readonly card: HTMLElement,
    readonly actions: DrawActions,
  ) {
    L.DomEvent.disableClickPropagation(tools);
    map.pm.setGlobalOptions({
      pathOptions: STYLE,
      panes: { layerPane: "plot", vertexPane: "markerPane", markerPane: "markerPane" },
      templineStyle: { color: SELECT },
      hintlineStyle: { color: SELECT, dashArray: "4 4" },
    });
    map.on("pm:create", ({ layer }) => this.#adopt(layer as L.Polygon));
    map.on("pm:globaldrawmodetoggled", () => this.caption());
  }

  /** The buttons, in the current language; the card is worded anew as well. */
  caption(): void {
    this.map.pm.setLang(language());
    const drawing = this.map.pm.globalDrawModeEnabled();
    const focused = this.tools.contains(document.activeElement);
    const button = el(
      "button",
      {
        type: "button",
        class: "button tool",
        "data-action": "draw",
        "aria-pressed": String(drawing),
        click: () => this.#toggle(),
      },
      t(drawing ? "draw.stop" : "draw.start"),
    );
    this.tools.replaceChildren(button, ...(this.#layer || drawing ? [] : [this.#byCoordinates()]));
    if (focused) button.focus();
  }

  refresh(): void {
    this.caption();
    if (this.#layer) void this.#measure(!this.card.hidden);
  }

  #toggle(): void {
    if (this.map.pm.globalDrawModeEnabled()) this.map.pm.disableDraw();
    else this.map.pm.enableDraw("Polygon", { snappable: false, tooltips: true });
  }

  #byCoordinates(): HTMLElement {
    const trouble = el("div");
    const text = el("textarea", {
      rows: 5,
      placeholder: "120.65, 28.00\n120.70, 28.00\n120.70, 27.96",
      "aria-label": t("draw.coordinates"),
    });
    const go = (): void => {
      const points = readPoints(text.value);
      if (typeof points === "number") {
        trouble.replaceChildren(
          fault(points === 0 ? t("draw.few") : t("draw.line", { line: points })),
        );
        return;
      }
      const layer = L.polygon(
        points.map(([lon, lat]) => L.latLng(lat, lon)),
        STYLE,
      ).addTo(this.map);
      this.map.fitBounds(layer.getBounds().pad(1), { maxZoom: 14 });
      this.#adopt(layer);
    };
    return el(
      "details",
      { class: "by-coordinates" },
      el("summary", { class: "button tool" }, t("draw.coordinates")),
      el(
        "div",
        { class: "by-coordinates-body" },
        el("p", { class: "hint" }, t("draw.coordinatesHint")),
        text,
        trouble,
        el("button", { type: "button", class: "button", click: go }, t("draw.measure")),
      ),
    );
  }

  #adopt(layer: L.Polygon): void {
    this.#clear();
    this.#layer = layer;
    layer.setStyle(STYLE);
    layer.on("pm:edit", () => void this.#measure());
    layer.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.#open();
    });
    layer.bindTooltip("", {
      permanent: true,
      direction: "center",
      className: "plot-tip",
    });
    this.caption();
    void this.#measure();
  }

  #clear(): void {
    this.#turn += 1;
    this.#layer?.remove();
    this.#layer = null;
    this.card.hidden = true;
    this.card.replaceChildren();
    this.caption();
  }

  hideCard(): void {
    this.card.hidden = true;
  }

  #open(): void {
    this.actions.opened();
    this.card.hidden = false;
  }

  #edit(): void {
    this.#layer?.pm.toggleEdit({ allowSelfIntersection: true, snappable: false });
  }

  #polygon(layer: L.Polygon): DrawnPolygon {
    const [ring] = layer.getLatLngs() as L.LatLng[][];
    return polygonOf((ring ?? []).map(({ lng, lat }): Point => [lng, lat]));
  }

  async #measure(open = true): Promise<void> {
    if (!this.#layer) return;
    this.#turn += 1;
    const turn = this.#turn;
    const polygon = this.#polygon(this.#layer);
    if (open) this.#open();
    if (this.card.childElementCount === 0) this.card.replaceChildren(busy());
    const area = await attempt(measureArea(polygon));
    const inside =
      area.fault === undefined
        ? await Promise.all([
            attempt(coverWithin(polygon, "demand")),
            attempt(coverWithin(polygon, "zones")),
          ])
        : null;
    if (turn !== this.#turn) return;
    const drawing: Drawing = { area, inside };
    this.#layer.setTooltipContent(el("span", {}, area.value ? acreageText(area.value) : ""));
    this.card.replaceChildren(
      drawnCard(drawing, this.actions.caution(), {
        clear: () => this.#clear(),
        edit: () => this.#edit(),
        close: () => this.hideCard(),
      }),
    );
  }
}
