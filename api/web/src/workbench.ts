/** The page: what changes when the reader changes something. */

import type L from "leaflet";

import { Announcer } from "./announce";
import { sentenceOf } from "./api";
import { BoundsDesk } from "./bounds_desk";
import type { Contrast } from "./contrast_types";
import { DataDesk } from "./data_desk";
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
import { gainsOf, greatestMove, outsiders } from "./moves";
import { fault } from "./notices";
import { differencePainter, painter, scoreRange } from "./paint";
import { PlanDesk } from "./plan_desk";
import { PlanLayer } from "./plan_layer";
import { Rankings } from "./rankings";
import { Selection } from "./selection";
import { SitingDesk } from "./siting_desk";
import type { SitingRun } from "./siting_types";
import type { Standing } from "./standing";
import { FURTHER, type State, type Store } from "./store";
import { PLAIN_PAINT } from "./symbols";
import { renderTabs } from "./tabs";
import { type Entry, loadWorld, STAGES, type World } from "./world";

/** A table that the map can point into. */
interface Rows {
  mark(selected: string | null, hovered: string | null): void;
  reveal(id: string): void;
  focus(id: string): void;
}

export class Workbench {
  readonly #map: L.Map;
  #layers: Layers;
  readonly #labels: Labels;
  readonly #selection: Selection;
  readonly #planLayer: PlanLayer;
  readonly #draw: Draw;
  readonly #detail: Detail;
  readonly #planDesk: PlanDesk;
  readonly #sitingDesk: SitingDesk;
  readonly #boundsDesk: BoundsDesk;
  readonly #dataDesk: DataDesk;
  readonly #announcer = new Announcer(byId("status"));
  readonly #rankings: Rankings;
  #planView: Rows | null = null;
  #key: MapKey | null = null;
  /** The scenario that the third tab has shown last. */
  #further: string | null = null;

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
    this.#detail = new Detail(byId("detail"), this.#map, {
      close: () => this.#close(),
      zoom: (entry) => this.#zoomTo(entry),
      changed: (sentence) => this.#renew(null, sentence),
    });
    this.#draw = new Draw(this.#map, byId("tools"), byId("drawn"), {
      caution: () => this.#caution(),
      opened: () => store.set({ selected: null }),
    });
    this.#rankings = new Rankings(store);
    this.#sitingDesk = new SitingDesk(store, this.#rankings, this.#announcer, {
      opened: (run) => this.#opened(run),
      changed: (standing) => this.#ranked(standing),
    });
    this.#boundsDesk = new BoundsDesk(store, this.#map, world, this.#announcer);
    this.#dataDesk = new DataDesk(this.#announcer, {
      changed: (layer) => this.#renew(layer, null),
    });
    store.listen((changed) => this.#follow(changed));
  }

  /** Renders everything anew, in the current language. */
  show(): void {
    captionMap(this.#map, this.world.health);
    byId("map").setAttribute("aria-label", t("map.label"));
    byId("inputs").setAttribute("aria-label", t("inputs.label"));
    byId("results").setAttribute("aria-label", t("results.label"));
    renderHeader(byId("header"), this.store, this.world);
    for (const scenario of Object.values(STAGES)) this.#rankings.stand(scenario, this.world);
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
    else if (changed.has("scenario") || changed.has("scopes")) this.#showContent();
    else if (changed.has("view")) this.#sitingDesk.turn();
    if (changed.has("shown")) this.#layers.show(this.store.state.shown[this.store.state.tab]);
    if (changed.has("selected")) this.#select();
    if (changed.has("hovered")) this.#hover();
  }

  async #translate(): Promise<void> {
    const { lang } = this.store.state;
    speak(lang);
    try {
      const world = await loadWorld(this.world, this.#sitingDesk.scenario ?? STAGES.zone);
      if (this.store.state.lang !== lang) return;
      this.world = world;
      this.show();
    } catch (error) {
      byId("content").replaceChildren(fault(sentenceOf(error)));
    }
  }

  // ---- the data

  /** The data are others now: they are read anew, and what followed from the old ones is forgotten. */
  async #renew(layer: string | null, sentence: string | null): Promise<void> {
    const { tab, shown, selected } = this.store.state;
    try {
      const world = await loadWorld(null, this.#sitingDesk.scenario ?? STAGES.zone);
      this.world = this.#planLayer.world = this.#labels.world = world;
    } catch (error) {
      byId("content").replaceChildren(fault(sentenceOf(error)));
      return;
    }
    for (const one of [this.#rankings, this.#planDesk, this.#boundsDesk]) one.forget();
    this.#layers.remove();
    this.#layers = new Layers(this.#map, this.store, this.world);
    const gone = selected !== null && !this.world.index.has(selected);
    const more = layer === null ? shown : { ...shown, [tab]: new Set([...shown[tab], layer]) };
    this.store.set({ shown: more, ...(gone ? { selected: null } : {}) });
    this.show();
    if (sentence !== null) this.#announcer.say(sentence);
  }

  // ---- siting

  /** Another scenario's ranking comes onto the screen: its layer is drawn and explained. */
  #opened(run: SitingRun): void {
    const { tab, shown } = this.store.state;
    if (tab === "more" && this.#further !== run.scenario) {
      this.#further = run.scenario;
      this.store.set({ shown: { ...shown, more: new Set([...FURTHER, run.layer]) } });
    }
    renderLegend(byId("legend"), this.store, this.world);
    this.#key = new MapKey(byId("key"), run.layer);
  }

  /** The ranking on the screen has changed: so do the map and the panel. */
  #ranked(standing: Standing | null): void {
    this.#paint(standing);
    this.#mark();
    this.#showPanel();
  }

  // ---- hubs

  #showPlan(): void {
    this.#planDesk.show(this.world, (view) => {
      this.#planView = view;
      this.#mark();
    });
  }

  // ---- everything

  #showTab(): void {
    const { tab, shown } = this.store.state;
    renderTabs(byId("tabs"), this.store);
    byId("content").setAttribute("aria-labelledby", `tab-${tab}`);
    renderLegend(byId("legend"), this.store, this.world);
    this.#layers.show(shown[tab]);
    this.#showContent();
    this.#select();
  }

  #showContent(): void {
    const { tab } = this.store.state;
    this.#planView = null;
    this.#paint(null);
    if (tab !== "bounds") this.#boundsDesk.leave();
    if (tab !== "data") this.#dataDesk.leave();
    if (tab === "data") {
      this.#sitingDesk.leave();
      this.#planLayer.draw(null);
      this.#dataDesk.show(this.world);
    } else if (tab === "bounds") {
      this.#sitingDesk.leave();
      this.#planLayer.draw(null);
      this.#boundsDesk.show(this.world);
    } else if (tab === "hubs") {
      this.#sitingDesk.leave();
      byId("inputs").replaceChildren();
      this.#key = new MapKey(byId("key"), null);
      this.#showPlan();
    } else {
      this.#planLayer.draw(null);
      this.#sitingDesk.show(this.world, tab);
    }
    this.#mark();
  }

  #paint(standing: Standing | null): void {
    const layer = standing?.run.layer ?? null;
    const contrast = standing ? this.#sitingDesk.contrast : null;
    if (contrast) {
      this.#compare(layer, contrast);
      return;
    }
    this.#layers.paint(layer, standing ? painter(standing) : () => PLAIN_PAINT);
    this.#labels.nameDistricts(layer === "districts" ? standing : null);
    this.#labels.numberBest(layer === "districts" ? null : standing);
    if (standing) this.#key?.scores(...scoreRange(standing));
  }

  /** The map of a comparison: who gained places and who lost them. */
  #compare(layer: string | null, contrast: Contrast): void {
    const most = greatestMove(contrast);
    this.#layers.paint(layer, differencePainter(gainsOf(contrast), most, outsiders(contrast)));
    this.#labels.nameDistricts(null);
    this.#labels.numberBest(null);
    this.#key?.places(most);
  }

  #entry(id: string | null): Entry | null {
    return id === null ? null : (this.world.index.get(id) ?? null);
  }

  /** The table on the screen. */
  get #view(): Rows | null {
    return this.#planView ?? this.#sitingDesk.view;
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
    this.#boundsDesk.select(entry);
    this.#showPanel();
    if (!entry || selected === null) return;
    if (entry.layer !== "districts") bringIntoView(this.#map, reference(entry.feature));
    this.#view?.reveal(selected);
  }

  /** The scenario of the ranking that a feature stands in: on the screen, else of its stage. */
  #scenarioOf({ layer, feature }: Entry): string | null {
    const { scenario } = this.#sitingDesk;
    const here = this.#rankings.get(scenario);
    if (here && (here.alternatives.has(feature.id) || here.run.layer === layer)) return scenario;
    if (layer === "zones") return STAGES.zone;
    return layer === "districts" ? STAGES.district : null;
  }

  /** The ranking of a scenario; one that has not come yet is asked for, and shown when it comes. */
  #standing(scenario: string | null): Standing | null {
    if (scenario === null) return null;
    const { world } = this;
    const known = world.runs.get(scenario);
    if (!known) {
      void world.runs.read(scenario).then(({ value }) => {
        if (value && this.world === world) this.#showPanel();
      });
      return null;
    }
    if (this.#rankings.get(scenario)?.run !== known.value) this.#rankings.stand(scenario, world);
    return this.#rankings.get(scenario);
  }

  #showPanel(): void {
    const entry = this.#entry(this.store.state.selected);
    const scenario = entry && this.#scenarioOf(entry);
    this.#detail.show(this.world, entry, this.#standing(scenario));
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
    return this.world.runs.known().find((one) => one.heading)?.heading ?? null;
  }
}
