/** Where the reader looks on a surface: the pointer, a pinned place, a feature, the middle. */

import L from "leaflet";

import type { Announcer } from "./announce";
import { readPlace } from "./api";
import { fixed } from "./format";
import { nameOf, t } from "./i18n";
import { bitsOf, colourOf, NO_DATA, OUTSIDE, type Recipe, valueOf } from "./levels";
import { reference } from "./map";
import type { Probe, SurfaceLayer } from "./surface_layer";
import type { Look, SurfaceReadout } from "./surface_readout";
import { isPlace } from "./surface_tiles";
import type { PlaceAnswer, Surface } from "./surface_types";
import type { Entry } from "./world";

const cross = L.divIcon({ className: "probe-cross", iconSize: [22, 22] });

interface Spot {
  look: Look;
  at: L.LatLng;
  name: string | null;
  exact: PlaceAnswer | null;
}

export class SurfaceLook {
  recipe: Recipe = { weights: [], cutOffs: [], rules: [] };
  readonly #mark = L.marker([0, 0], {
    icon: cross,
    pane: "selection",
    interactive: false,
    keyboard: false,
  });
  #readout: SurfaceReadout | null = null;
  #surface: Surface | null = null;
  /** What is read where the pointer is elsewhere; null for the middle of the map. */
  #held: Spot | null = null;
  #pointer: L.LatLng | null = null;
  #frame = 0;

  constructor(
    readonly map: L.Map,
    readonly layer: SurfaceLayer,
    readonly announcer: Announcer,
  ) {
    map.on("mousemove", ({ latlng }) => this.#point(latlng));
    // Leaflet tells a mark of the pointer's leaving, and not the map that the mark stands on.
    map.getContainer().addEventListener("mouseleave", () => this.#point(null));
    map.on("move", () => this.#schedule());
    map.on("click", ({ latlng }) => {
      if (!map.pm.globalDrawModeEnabled()) this.#hold("pinned", latlng, null);
    });
    map.on("keydown", ({ originalEvent }) => {
      if (originalEvent.target !== map.getContainer()) return; // a button on the map
      if (originalEvent.key === "Enter") this.#hold("pinned", map.getCenter(), null);
      if (originalEvent.key === "Escape") this.#release();
    });
    map.getContainer().addEventListener("focus", () => this.#schedule());
    map.getContainer().addEventListener("blur", () => this.#schedule());
  }

  show(surface: Surface, recipe: Recipe, readout: SurfaceReadout): void {
    if (this.#surface?.hash !== surface.hash) this.#held = null;
    else if (this.#held) this.#ask(this.#held);
    this.#surface = surface;
    this.#readout = readout;
    this.recipe = recipe;
    this.#schedule();
  }

  leave(): void {
    this.#readout = this.#held = null;
    this.#mark.remove();
  }

  /** Reads the place of a feature; null: of none any more. */
  select(entry: Entry | null): void {
    if (entry) this.#hold("selected", reference(entry.feature), nameOf(entry.feature.properties));
    else if (this.#held?.look === "selected") this.#held = null;
    this.#schedule();
  }

  /** Reads the same place again: colours have changed. */
  refresh(): void {
    this.#schedule();
  }

  #release(): void {
    this.#held = null;
    this.#schedule();
  }

  #point(at: L.LatLng | null): void {
    this.#pointer = at;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== 0 || !this.#readout) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#tell();
    });
  }

  #spot(): Spot {
    if (this.#pointer) return { look: "pointer", at: this.#pointer, name: null, exact: null };
    return this.#held ?? { look: "centre", at: this.map.getCenter(), name: null, exact: null };
  }

  #tell(): void {
    const spot = this.#spot();
    const place = { look: spot.look, lon: spot.at.lng, lat: spot.at.lat, name: spot.name };
    const probe = this.#exactly(spot.exact) ?? this.layer.probe(spot.at);
    const { recipe, layer } = this;
    this.#readout?.tell(place, probe, { recipe, range: layer.range }, spot.exact);
    const focused = document.activeElement === this.map.getContainer();
    const marked = this.#held ?? (focused ? spot : null);
    if (marked && this.#readout) this.#mark.setLatLng(marked.at).addTo(this.map);
    else this.#mark.remove();
  }

  /** What the server's cell comes to here: a pixel far out shows one cell of several. */
  #exactly(answer: PlaceAnswer | null): Probe | null {
    if (!answer?.inside || !this.#surface) return null;
    const levels = this.#surface.criteria.map(
      ({ id }) => answer.criteria.find((one) => one.id === id)?.level ?? NO_DATA,
    );
    const met = this.#surface.rules.filter((one) => answer.rules.includes(one.id));
    const flags = bitsOf(met.map((one) => one.number)) & ~OUTSIDE;
    return { levels, flags, colour: colourOf(levels, flags, this.recipe) };
  }

  #hold(look: Look, at: L.LatLng, name: string | null): void {
    if (!this.#readout) return;
    const spot: Spot = { look, at, name, exact: null };
    this.#held = spot;
    this.#schedule();
    this.#ask(spot);
    const value = valueOf(this.layer.probe(at)?.colour ?? 0);
    this.announcer.say(
      t("status.place.worth", {
        place: name ?? t("look.pinned"),
        value: value === null ? t("value.none") : fixed(value, 3),
      }),
    );
  }

  /** Asks for the exact values; a place that cannot be asked keeps those of its level. */
  #ask(spot: Spot): void {
    if (!this.#surface || !isPlace(spot.at.lng, spot.at.lat)) return;
    void readPlace(this.#surface.hash, spot.at.lng, spot.at.lat)
      .then((exact) => {
        spot.exact = exact;
        if (this.#held === spot) this.#schedule();
      })
      .catch(() => undefined);
  }
}
