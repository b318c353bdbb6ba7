/** The four bounds on the page: the surface and its controls, the zone that is asked of it. */

import type L from "leaflet";

import type { Announcer } from "./announce";
import { makeZoneReport, readSurface } from "./api";
import { BoundsView } from "./bounds_view";
import { Book } from "./book";
import { byId } from "./dom";
import { fixed, number, percent } from "./format";
import { t } from "./i18n";
import type { Recipe } from "./levels";
import { AS_BUILT, type Mix, recipeOf, weightsOf } from "./mix";
import { busy, fault } from "./notices";
import { picker } from "./picker";
import type { Store } from "./store";
import { SurfaceInputs } from "./surface_inputs";
import { digest, SurfaceKey } from "./surface_key";
import { SurfaceLayer } from "./surface_layer";
import { SurfaceLook } from "./surface_look";
import { WHOLE_RANGE } from "./surface_palette";
import type { Surface } from "./surface_types";
import type { Entry, World } from "./world";
import { NOT_ASKED, parsed, ZoneInputs } from "./zone_inputs";
import { ZoneLayer } from "./zone_layer";
import { ZoneSearches } from "./zone_searches";
import type { ZoneDocument, ZoneRequest } from "./zone_types";

const REST_MS = 140;

export class BoundsDesk {
  #surfaces = new Book<Surface>();
  readonly #layer: SurfaceLayer;
  readonly #zones: ZoneLayer;
  readonly #look: SurfaceLook;
  readonly #searches: ZoneSearches;
  #world: World | null = null;
  #surface: Surface | null = null;
  #recipe: Recipe | null = null;
  #inputs: SurfaceInputs | null = null;
  #form: ZoneInputs | null = null;
  #view: BoundsView | null = null;
  #key: SurfaceKey | null = null;
  #census = 0;
  /** Whether the next census answers something that the reader did. */
  #asked = false;
  /** Whether the next census sets anew what values the colours run over. */
  #refit = false;
  /** The surface that was asked for again because a tile of it could not be had. */
  #renewed: Surface | null = null;

  constructor(
    readonly store: Store,
    map: L.Map,
    world: World,
    readonly announcer: Announcer,
  ) {
    this.#layer = new SurfaceLayer(map, world.items.get("districts") ?? [], {
      drawn: () => this.#count(),
      failed: () => this.#renew(),
    });
    this.#zones = new ZoneLayer(map);
    map.on("moveend", () => {
      this.#refit = true;
    });
    this.#look = new SurfaceLook(map, this.#layer, announcer);
    this.#searches = new ZoneSearches((scenario) => {
      if (scenario === this.#surface?.scenario) this.#showZone(true);
    });
  }

  /** Forgets every surface: the data are others now. */
  forget(): void {
    this.#surfaces = new Book<Surface>();
  }

  /** Leaves the page to another desk. */
  leave(): void {
    this.#surface = this.#view = this.#key = this.#inputs = this.#form = null;
    this.#look.leave();
    this.#zones.draw(null);
    this.#zones.bands(false);
    if (this.#recipe) this.#layer.show(null, this.#recipe);
  }

  /** Shows the surface of the chosen scenario, at once or when it has come. */
  show(world: World): void {
    this.#world = world;
    const { scenario } = this.store.state.bounds;
    this.#head(world, scenario);
    const known = this.#surfaces.get(scenario);
    if (known?.value) {
      this.#render(world, known.value);
      return;
    }
    if (this.#surface && this.#surface.scenario !== scenario) this.leave();
    byId("content").replaceChildren(busy());
    void this.#surfaces
      .fetch(scenario, () => readSurface(scenario))
      .then((outcome) => {
        const { tab, bounds } = this.store.state;
        if (this.#world !== world || tab !== "bounds" || bounds.scenario !== scenario) return;
        if (outcome.value) this.#render(world, outcome.value);
        else byId("content").replaceChildren(fault(outcome.fault ?? t("fault.unknown")));
      });
  }

  /** A feature was selected in the map: its place is read. */
  select(entry: Entry | null): void {
    if (this.#surface) this.#look.select(entry);
  }

  #head(world: World, scenario: string): void {
    const siting = world.scenarios.filter((one) => one.kind === "siting");
    const control = picker(siting, scenario, (chosen) => {
      this.store.set({ bounds: { ...this.store.state.bounds, scenario: chosen }, selected: null });
      this.show(world);
    });
    byId("inputs").replaceChildren(control);
    byId("key").replaceChildren();
  }

  #render(world: World, surface: Surface): void {
    this.#surface = surface;
    const mix = this.#mix();
    const recipe = recipeOf(surface, mix) ?? this.#builtBy(surface);
    this.#recipe = recipe;
    this.#inputs = new SurfaceInputs(surface, (next, start) => this.#remix(next, start));
    this.#inputs.sync(mix);
    this.#form = new ZoneInputs(
      this.store.state.bounds.ask ?? NOT_ASKED,
      (ask) => {
        this.store.set({ bounds: { ...this.store.state.bounds, ask } });
        this.#stale();
      },
      (request) => this.#delineate(request),
    );
    byId("inputs").append(this.#inputs.element, this.#form.element);
    this.#key = new SurfaceKey(byId("key"), this.store.state.bounds.stretch, (stretch) => {
      this.store.set({ bounds: { ...this.store.state.bounds, stretch } });
      this.#refit = true;
      this.#count();
    });
    this.#view = new BoundsView(world, surface, {
      zoom: (zone) => this.#zones.zoomTo(zone),
      bands: (shown) => this.#showBands(shown),
      again: () => this.#again(),
      report: () => this.#report(surface.scenario),
    });
    byId("content").replaceChildren(this.#view.element);
    this.#layer.show(surface, recipe);
    this.#look.show(surface, recipe, this.#view.readout);
    this.#asked = true;
    this.#count();
    this.#showZone(false);
  }

  // ---- the surface

  #mix(): Mix {
    const { bounds } = this.store.state;
    return bounds.mixes[bounds.scenario] ?? AS_BUILT;
  }

  #builtBy(surface: Surface): Recipe {
    const built = recipeOf(surface, AS_BUILT);
    if (!built) throw new RangeError("a surface without weights");
    return built;
  }

  /** Something moved at `start`: the map follows in the next frame. */
  #remix(mix: Mix, start: number): void {
    if (!this.#surface) return;
    const { bounds } = this.store.state;
    const mixes = { ...bounds.mixes, [bounds.scenario]: mix };
    this.store.set({ bounds: { ...bounds, mixes } });
    const recipe = recipeOf(this.#surface, mix);
    if (recipe) {
      this.#recipe = recipe;
      this.#look.recipe = recipe;
      this.#layer.follow(recipe, start);
      this.#asked = true;
    }
    this.#inputs?.sync(mix);
    this.#stale();
  }

  /**
   * A tile could not be had. A server that knows the surface no more is asked for it again, once;
   * if that does not help, the page says so.
   */
  #renew(): void {
    const [surface, world] = [this.#surface, this.#world];
    if (!surface || !world || this.#renewed === surface) {
      this.#view?.trouble(t("surface.tileFailed"));
      return;
    }
    this.#renewed = surface;
    this.#surfaces.forget(surface.scenario);
    void this.#surfaces
      .fetch(surface.scenario, () => readSurface(surface.scenario))
      .then(({ value }) => {
        if (this.#surface !== surface) return;
        if (!value) this.#view?.trouble(t("surface.tileFailed"));
        else if (value.hash !== surface.hash) this.#render(world, value);
        else this.#layer.again();
      });
  }

  /** Counts what is in view once it rests. */
  #count(): void {
    clearTimeout(this.#census);
    this.#census = window.setTimeout(() => {
      const { surface } = this.#layer;
      if (!surface || !this.#key) return;
      const found = digest(this.#layer.census());
      // Not when a weight moves: another colour then means another value.
      if (this.#refit) {
        this.#layer.stretch(this.store.state.bounds.stretch ? found.range : WHOLE_RANGE);
        this.#refit = !this.#layer.complete;
      }
      this.#key.tell(found, this.#layer.range);
      this.#look.refresh();
      if (this.#layer.complete) this.#view?.trouble(null);
      if (!this.#asked || !this.#layer.ready) return;
      this.#asked = false;
      this.announcer.say(
        t("status.surface", {
          median: found.median === null ? t("value.none") : fixed(found.median, 2),
          excluded: percent(found.excluded, 0),
        }),
      );
    }, REST_MS);
  }

  // ---- the zone

  /** The request with the weights and least values of now; null where there are none. */
  #full(request: ZoneRequest): ZoneRequest | null {
    const weights = this.#surface && weightsOf(this.#surface, this.#mix());
    if (!this.#surface || !weights) return null;
    const { cutOffs } = this.#mix();
    return {
      ...request,
      weights: Object.fromEntries(this.#surface.criteria.map(({ id }, j) => [id, weights[j] ?? 0])),
      ...(Object.keys(cutOffs).length > 0 ? { cut_offs: { ...cutOffs } } : {}),
    };
  }

  #delineate(request: ZoneRequest): void {
    const full = this.#full(request);
    if (full && this.#surface) this.#searches.start(this.#surface.scenario, full);
  }

  /** The same question once more, answered in the language of now. */
  #again(): void {
    const scenario = this.#surface?.scenario;
    const asked = scenario && this.#searches.of(scenario).answer?.request;
    if (scenario && asked) this.#searches.start(scenario, asked);
  }

  /** The report of what the answer on the screen was asked for. */
  async #report(scenario: string): Promise<string> {
    const asked = this.#searches.of(scenario).answer?.request;
    if (!asked) throw new RangeError("a report without an answer");
    return makeZoneReport(scenario, asked);
  }

  /** Whether what is asked now is not what the answer on the screen was asked for. */
  #isStale(asked: ZoneRequest): boolean {
    const now = parsed(this.store.state.bounds.ask ?? NOT_ASKED);
    const full = "request" in now ? this.#full(now.request) : null;
    return JSON.stringify(full) !== JSON.stringify(asked);
  }

  #stale(): void {
    const answer = this.#surface && this.#searches.of(this.#surface.scenario).answer;
    if (answer) this.#view?.stale(this.#isStale(answer.request));
  }

  #showBands(shown: boolean): void {
    if (this.#surface) this.#searches.of(this.#surface.scenario).bands = shown;
    this.#zones.bands(shown);
  }

  /** Shows how the search of this scenario stands; `news`: it stands otherwise than before. */
  #showZone(news: boolean): void {
    if (!this.#surface || !this.#world) return;
    const search = this.#searches.of(this.#surface.scenario);
    this.#form?.busy(search.view !== null);
    const shown = search.answer && {
      zone: search.answer.zone,
      lang: search.answer.lang,
      stale: this.#isStale(search.answer.request),
      bands: search.bands,
    };
    this.#view?.zone(search.view, search.fault, shown);
    this.#zones.draw(search.answer?.zone ?? null);
    this.#zones.bands(search.bands);
    if (!news || search.view || !search.answer) return;
    const { zone } = search.answer;
    this.announcer.say(zoneSentence(zone));
    this.#zones.zoomTo(zone, zone.runner_up);
  }
}

/** What the live region says of a zone. */
function zoneSentence(zone: ZoneDocument): string {
  if (!zone.geometry) return zone.infeasible_because ?? t("status.infeasible");
  return t("status.zone", { mu: number(zone.area_mu, 0), gap: percent(zone.gap, 2) });
}
