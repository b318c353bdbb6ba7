/** The page: what changes when the reader changes something. */

import type L from "leaflet";

import { Announcer, rankingSentence } from "./announce";
import { sentenceOf } from "./api";
import { ServerCheck, type Verdict } from "./check";
import { Detail } from "./detail";
import { byId } from "./dom";
import { Draw } from "./draw";
import { addGraticule } from "./graticule";
import { renderHeader } from "./header";
import { t } from "./i18n";
import { Labels } from "./labels";
import { MapKey } from "./key";
import { speak } from "./language";
import { Layers } from "./layers";
import { renderLegend } from "./legend";
import {
  addBaseMap,
  bringIntoView,
  captionMap,
  createMap,
  keepNear,
  reference,
  showWhole,
  zoomTo,
} from "./map";
import { fault } from "./notices";
import { painter, scoreRange } from "./paint";
import { PlanDesk } from "./plan_desk";
import { PlanLayer } from "./plan_layer";
import type { PlanView } from "./plan_view";
import { Rankings } from "./rankings";
import { Selection } from "./selection";
import { SitingView } from "./siting_view";
import { Sliders } from "./sliders";
import { stageNote } from "./stage";
import type { SitingTab, State, Store } from "./store";
import { renderTabs } from "./tabs";
import type { Weights } from "./weights";
import { type Entry, loadWorld, type World } from "./world";

const SITING: readonly SitingTab[] = ["district", "zone"];
const MEASURE = "re-rank";

export class Workbench {
  readonly #map: L.Map;
  readonly #layers: Layers;
  readonly #labels: Labels;
  readonly #selection: Selection;
  readonly #planLayer: PlanLayer;
  readonly #draw: Draw;
  readonly #detail: Detail;
  readonly #planDesk: PlanDesk;
  readonly #announcer = new Announcer(byId("status"));
  readonly #check: ServerCheck;
  readonly #rankings: Rankings;
  #view: SitingView | PlanView | null = null;
  #sliders: Sliders | null = null;
  #key: MapKey | null = null;

  constructor(
    readonly store: Store,
    private world: World,
  ) {
    this.#map = createMap(byId("map"));
    addGraticule(this.#map);
    const districts = world.items.get("districts") ?? [];
    showWhole(this.#map, districts);
    keepNear(this.#map, districts);
    addBaseMap(this.#map, world.health);
    this.#layers = new Layers(this.#map, store, world);
    this.#labels = new Labels(this.#map, world);
    this.#planLayer = new PlanLayer(this.#map, store, world);
    this.#planDesk = new PlanDesk(store, this.#planLayer, this.#announcer);
    this.#selection = new Selection(this.#map);
    this.#detail = new Detail(byId("detail"), {
      close: () => this.#close(),
      zoom: (entry) => this.#zoomTo(entry),
    });
    this.#draw = new Draw(this.#map, byId("tools"), byId("drawn"), {
      caution: () => this.#caution(),
      opened: () => store.set({ selected: null }),
    });
    this.#check = new ServerCheck((verdict) => this.#checked(verdict));
    this.#rankings = new Rankings(store);
    store.listen((changed) => this.#follow(changed));
  }

  /** Renders everything anew, in the current language. */
  show(): void {
    captionMap(this.#map, this.world.health);
    byId("map").setAttribute("aria-label", t("map.label"));
    byId("inputs").setAttribute("aria-label", t("inputs.label"));
    byId("results").setAttribute("aria-label", t("results.label"));
    renderHeader(byId("header"), this.store, this.world);
    for (const tab of SITING) this.#rankings.stand(tab, this.world);
    this.#showTab();
    this.#draw.refresh();
  }

  #follow(changed: ReadonlySet<keyof State>): void {
    if (changed.has("lang")) {
      void this.#translate();
      return;
    }
    if (changed.has("tab")) this.#showTab();
    else if (changed.has("plan")) this.#showPlan();
    else if (changed.has("scope")) this.#rescope();
    if (changed.has("shown")) this.#layers.show(this.store.state.shown[this.store.state.tab]);
    if (changed.has("selected")) this.#select();
    if (changed.has("hovered")) this.#hover();
  }

  async #translate(): Promise<void> {
    const { lang } = this.store.state;
    speak(lang);
    try {
      const world = await loadWorld(this.world);
      if (this.store.state.lang !== lang) return;
      this.world = world;
      this.show();
    } catch (error) {
      byId("content").replaceChildren(fault(sentenceOf(error)));
    }
  }

  // ---- siting

  /** A slider moved at `start`: everything that shows a rank follows before this returns. */
  #rerank(tab: SitingTab, start: number, raw: Weights | null): void {
    this.store.set({ raw: { ...this.store.state.raw, [tab]: raw } });
    const trouble = this.#rankings.stand(tab, this.world);
    const standing = this.#rankings.get(tab);
    this.#sliders?.sync(raw, trouble === null ? (standing?.weights ?? null) : null, trouble);
    if (!standing || trouble !== null) return;
    if (this.#view instanceof SitingView) this.#view.update(standing);
    this.#paint();
    this.#mark();
    this.#showPanel();
    performance.clearMeasures(MEASURE);
    performance.measure(MEASURE, { start, end: performance.now() });
    this.#announcer.say(rankingSentence(standing));
    this.#check.ask(tab, raw, standing, this.#rankings.scope(tab));
  }

  /** The server's word on the weights; its score intervals come with it. */
  #checked(verdict: Verdict): void {
    const { tab } = this.store.state;
    if (tab === "hubs" || !(this.#view instanceof SitingView)) return;
    this.#view.checked(verdict);
    const standing = this.#rankings.get(tab);
    if (verdict !== "same" || !standing) return;
    this.#view.update(standing);
    this.#showPanel();
  }

  #rescope(): void {
    this.#showContent();
    this.#paint();
  }

  #showSiting(tab: SitingTab): void {
    const outcome = this.world.sitings[tab];
    const content = byId("content");
    const inputs = byId("inputs");
    if (outcome.fault !== undefined) {
      content.replaceChildren(fault(outcome.fault));
      inputs.replaceChildren();
      return;
    }
    this.#sliders = new Sliders(
      this.store,
      tab,
      outcome.value,
      (start, raw) => this.#rerank(tab, start, raw),
      stageNote(outcome.value),
    );
    inputs.replaceChildren(this.#sliders.element);
    const raw = this.store.state.raw[tab];
    const trouble = this.#rankings.stand(tab, this.world);
    const standing = this.#rankings.get(tab);
    this.#sliders.sync(raw, trouble === null ? (standing?.weights ?? null) : null, trouble);
    if (!standing) {
      content.replaceChildren();
      return;
    }
    const view = new SitingView(this.store, this.world, tab, standing);
    this.#view = view;
    content.replaceChildren(view.element);
    this.#announcer.say(rankingSentence(standing));
    this.#check.ask(tab, raw, standing, this.#rankings.scope(tab));
  }

  // ---- hubs

  #showPlan(): void {
    this.#planDesk.show(this.world, (view) => {
      this.#view = view;
      this.#mark();
    });
  }

  // ---- everything

  #showTab(): void {
    const { tab, shown } = this.store.state;
    renderTabs(byId("tabs"), this.store);
    byId("content").setAttribute("aria-labelledby", `tab-${tab}`);
    byId("inputs").replaceChildren();
    renderLegend(byId("legend"), this.store, this.world);
    this.#key = new MapKey(byId("key"), tab);
    this.#layers.show(shown[tab]);
    this.#showContent();
    this.#paint();
    this.#select();
  }

  #showContent(): void {
    const { tab } = this.store.state;
    this.#view = null;
    if (tab === "hubs") {
      this.#showPlan();
    } else {
      this.#planLayer.draw(null);
      this.#showSiting(tab);
    }
    this.#mark();
  }

  #paint(): void {
    const { tab } = this.store.state;
    const standing = tab === "hubs" ? null : this.#rankings.get(tab);
    this.#layers.paint(painter(tab, standing));
    this.#labels.nameDistricts(tab === "district" ? standing : null);
    this.#labels.numberZones(tab === "zone" ? standing : null);
    if (standing) this.#key?.scale(...scoreRange(standing));
  }

  #entry(id: string | null): Entry | null {
    return id === null ? null : (this.world.index.get(id) ?? null);
  }

  #mark(): void {
    this.#view?.mark(this.store.state.selected, this.store.state.hovered);
  }

  #hover(): void {
    const { hovered } = this.store.state;
    this.#mark();
    this.#selection.hover(this.#entry(hovered));
    this.#planLayer.stress(hovered ?? this.store.state.selected);
  }

  #select(): void {
    const { selected } = this.store.state;
    const entry = this.#entry(selected);
    this.#mark();
    this.#selection.select(entry);
    this.#planLayer.stress(selected);
    this.#showPanel();
    if (!entry || selected === null) return;
    if (entry.layer !== "districts") bringIntoView(this.#map, reference(entry.feature));
    this.#view?.reveal(selected);
  }

  #showPanel(): void {
    const entry = this.#entry(this.store.state.selected);
    const tab =
      entry?.layer === "zones" ? "zone" : entry?.layer === "districts" ? "district" : null;
    this.#detail.show(this.world, entry, tab && this.#rankings.get(tab));
    if (entry) this.#draw.hideCard();
  }

  #zoomTo(entry: Entry): void {
    if (entry.layer === "districts") showWhole(this.#map, [entry.feature]);
    else zoomTo(this.#map, entry.feature);
  }

  #close(): void {
    const { selected } = this.store.state;
    this.store.set({ selected: null });
    if (selected !== null) this.#view?.focus(selected);
  }

  #caution(): string | null {
    const { zone, district } = this.world.sitings;
    return zone.value?.heading ?? district.value?.heading ?? null;
  }
}
