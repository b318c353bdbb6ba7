/** The surface on the map: canvas tiles that are recombined here whenever a weight moves. */

import L from "leaflet";

import { NO_DATA, type Recipe, UNSUITABLE } from "./levels";
import {
  dotted,
  hatched,
  pattern,
  pixelsOf,
  type Range,
  WHOLE_RANGE,
} from "./surface_palette";
import { SIDE, type SurfaceTile } from "./surface_tile";
import { SurfaceTiles, type TileAt, tileName } from "./surface_tiles";
import type { Surface } from "./surface_types";
import type { Feature } from "./types";

/** Measures: from an input to the pixels that follow from it, and what of it was spent on them. */
const [REPAINT, PAINT] = ["surface-repaint", "surface-paint"];
/** Borders of districts, light under dark: seen on pale ground and on deep. */
const BORDERS: readonly L.PathOptions[] = [
  { fill: false, color: "#fff", weight: 2.6, opacity: 0.65 },
  { fill: false, color: "#3d4b4a", weight: 0.9, opacity: 0.9 },
];

interface Drawn {
  at: TileAt;
  canvas: HTMLCanvasElement;
  image: ImageData | null;
  tile: SurfaceTile | null;
  /** Whether the server has given it, be it only that there is nothing; null: not yet. */
  come: boolean | null;
  /** What stands there. */
  painted: Colouring | null;
}

/** What tiles are painted by; another one is another object. */
interface Colouring {
  recipe: Recipe;
  range: Range;
  /** The pixel of each level. */
  pixels: Uint32Array;
}

/** How many pixels in view have each colour; those without data are `counts[0]`. */
export interface Census {
  counts: Uint32Array;
  pixels: number;
}

/** What one place shows. */
export interface Probe {
  levels: number[];
  flags: number;
  colour: number;
}

export interface SurfaceEvents {
  /** New pixels stand there, or others have come into view. */
  drawn(): void;
  failed(error: unknown): void;
}

/** So many surfaces keep their tiles while another is shown. */
const SURFACES_KEPT = 2;

const HATCH = pattern(SIDE, hatched);
const DOTS = pattern(SIDE, dotted);
const shades = new Uint32Array(SIDE * SIDE);

/** Puts the colours of a tile on its canvas. */
function paint(drawn: Drawn, tile: SurfaceTile, colouring: Colouring): void {
  const context = drawn.canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return;
  drawn.image ??= new ImageData(SIDE, SIDE);
  tile.recombine(colouring.recipe);
  const { at, kind, colours } = tile;
  for (let k = 0; k < colours.length; k++) shades[k] = colouring.pixels[colours[k] as number] as number;
  const pixels = new Uint32Array(drawn.image.data.buffer);
  for (let i = 0; i < at.length; i++) {
    const pixel = at[i] as number;
    const shade = shades[kind[i] as number] as number;
    if (shade !== 0) pixels[pixel] = shade;
    else {
      const unsuitable = colours[kind[i] as number] === UNSUITABLE;
      pixels[pixel] = (unsuitable ? HATCH : DOTS)[pixel] as number;
    }
  }
  context.putImageData(drawn.image, 0, 0);
  drawn.painted = colouring;
}

class Canvases extends L.GridLayer {
  readonly drawn = new Map<string, Drawn>();

  constructor(
    readonly tiles: SurfaceTiles,
    readonly colouring: () => Colouring,
    readonly events: SurfaceEvents,
  ) {
    const [west, south, east, north] = tiles.surface.extent;
    super({
      pane: "surface",
      bounds: [
        [south, west],
        [north, east],
      ],
      maxNativeZoom: tiles.surface.deepest,
      keepBuffer: 1,
      updateInterval: 80,
      noWrap: true,
      className: "surface-tiles",
    });
    this.on("tileunload", ({ coords }: L.TileEvent) => this.drawn.delete(tileName(coords)));
  }

  override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const at = { x: coords.x, y: coords.y, z: coords.z };
    canvas.dataset["tile"] = tileName(at);
    const drawn: Drawn = { at, canvas, image: null, tile: null, come: null, painted: null };
    this.drawn.set(tileName(at), drawn);
    this.tiles
      .read(at)
      .then((tile) => {
        drawn.tile = tile;
        drawn.come = true;
        if (tile) paint(drawn, tile, this.colouring());
        done(undefined, canvas);
        this.events.drawn();
      })
      .catch((error: unknown) => {
        drawn.come = false;
        done(error instanceof Error ? error : new Error(String(error)), canvas);
        this.events.failed(error);
      });
    return canvas;
  }
}

export class SurfaceLayer {
  readonly #borders: L.LayerGroup;
  #canvases: Canvases | null = null;
  #kept: SurfaceTiles[] = [];
  #colouring: Colouring = {
    recipe: { weights: [], cutOffs: [], rules: [] },
    range: WHOLE_RANGE,
    pixels: pixelsOf(WHOLE_RANGE),
  };
  #frame = 0;
  /** When the oldest input was made that has no pixels yet. */
  #since: number | null = null;

  constructor(
    readonly map: L.Map,
    districts: readonly Feature[],
    readonly events: SurfaceEvents,
  ) {
    this.#borders = L.layerGroup(
      BORDERS.map((line) =>
        L.geoJSON(districts as Feature[], { pane: "borders", interactive: false, style: () => line }),
      ),
    );
    map.on("move", () => this.#schedule());
    map.on("moveend", () => {
      if (this.#tiles().some((one) => one.come === false)) this.again();
      this.events.drawn();
    });
  }

  /** The surface that is drawn. */
  get surface(): Surface | null {
    return this.#canvases?.tiles.surface ?? null;
  }

  /** Whether every tile in view stands there. */
  get ready(): boolean {
    return this.map.getContainer().dataset["surface"] === "ready";
  }

  /** Whether no tile on the map is still to come or could not be had. */
  get complete(): boolean {
    return this.#tiles().every((one) => one.come);
  }

  /** Draws a surface by a recipe; null takes it off the map. One that is drawn stays. */
  show(surface: Surface | null, recipe: Recipe): void {
    this.#colouring = { ...this.#colouring, recipe };
    this.#since = null;
    const holder = this.map.getContainer();
    holder.classList.toggle("shows-surface", surface !== null);
    if (surface === null) {
      this.#canvases?.remove();
      this.#borders.remove();
      this.#canvases = null;
    } else if (this.surface?.hash !== surface.hash) {
      this.#canvases?.remove();
      this.#canvases = new Canvases(this.#tilesOf(surface), () => this.#colouring, this.events);
      this.#canvases.on("loading", () => this.#mark("loading"));
      this.#canvases.on("load", () => this.#mark("ready"));
      this.#canvases.addTo(this.map);
      this.#borders.addTo(this.map);
    }
    this.#schedule();
  }

  /** The tiles of a surface, those fetched before with them. */
  #tilesOf(surface: Surface): SurfaceTiles {
    const tiles = this.#kept.find((one) => one.surface.hash === surface.hash);
    const found = tiles ?? new SurfaceTiles(surface);
    this.#kept = [found, ...this.#kept.filter((one) => one !== found)].slice(0, SURFACES_KEPT);
    return found;
  }

  /**
   * Asks once more for the tiles that are not there. Leaflet's `redraw` would take the map's zoom as
   * it is, and ask for tiles of zoom 9.25.
   */
  again(): void {
    this.#canvases?.remove().addTo(this.map);
  }

  /** Follows another recipe in the next frame; `start` is when its input was made. */
  follow(recipe: Recipe, start: number): void {
    this.#colouring = { ...this.#colouring, recipe };
    this.#since ??= start;
    this.#schedule();
  }

  /** The levels that the ramp runs over. */
  get range(): Range {
    return this.#colouring.range;
  }

  /** Lets the ramp run over other levels, from the next frame on. */
  stretch(range: Range): void {
    if (range[0] === this.range[0] && range[1] === this.range[1]) return;
    this.#colouring = { ...this.#colouring, range, pixels: pixelsOf(range) };
    this.#schedule();
  }

  /** What stands at a place; null outside the search area and where no tile has come. */
  probe(place: L.LatLng): Probe | null {
    if (!this.#canvases) return null;
    const z = this.#zoom();
    const { x, y } = this.map.project(place, z).floor();
    const at = { z, x: Math.floor(x / SIDE), y: Math.floor(y / SIDE) };
    const drawn = this.#canvases.drawn.get(tileName(at));
    const tile = drawn?.tile;
    const kind = tile?.kindOf(x - at.x * SIDE, y - at.y * SIDE) ?? null;
    if (!drawn || !tile || kind === null) return null;
    if (drawn.painted !== this.#colouring) paint(drawn, tile, this.#colouring);
    return {
      levels: tile.planes.map((plane) => plane[kind] ?? NO_DATA),
      flags: tile.flags[kind] ?? 0,
      colour: tile.colours[kind] ?? NO_DATA,
    };
  }

  /** Counts the pixels in view by their colour. */
  census(): Census {
    const counts = new Uint32Array(256);
    const z = this.#zoom();
    for (const drawn of this.#tiles()) {
      const { tile, at } = drawn;
      const part = this.#inView(at);
      if (!tile || !part || at.z !== z) continue;
      if (drawn.painted !== this.#colouring) paint(drawn, tile, this.#colouring);
      count(tile, part, counts);
    }
    return { counts, pixels: counts.reduce((sum, one) => sum + one, 0) };
  }

  #tiles(): Drawn[] {
    return [...(this.#canvases?.drawn.values() ?? [])];
  }

  /** The zoom of the tiles in view. */
  #zoom(): number {
    return Math.min(Math.round(this.map.getZoom()), this.surface?.deepest ?? 0);
  }

  #mark(state: string): void {
    this.map.getContainer().dataset["surface"] = state;
  }

  #schedule(): void {
    if (this.#frame !== 0 || !this.#canvases) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#repaint();
    });
  }

  /** Paints what is in view and has other colours; the rest when it comes into view. */
  #repaint(): void {
    const start = performance.now();
    for (const drawn of this.#tiles()) {
      if (!drawn.tile || drawn.painted === this.#colouring || !this.#inView(drawn.at)) continue;
      paint(drawn, drawn.tile, this.#colouring);
    }
    if (this.#since === null) return;
    const end = performance.now();
    for (const [name, from] of [[REPAINT, this.#since], [PAINT, start]] as const) {
      performance.clearMeasures(name);
      performance.measure(name, { start: from, end });
    }
    this.#since = null;
    this.events.drawn();
  }

  /** The pixels of a tile that are in view, in its own pixels; null for none. */
  #inView({ x, y, z }: TileAt): L.Bounds | null {
    const scale = this.map.getZoomScale(z, this.map.getZoom());
    const { min, max } = this.map.getPixelBounds();
    if (!min || !max) return null;
    const corner = L.point(x * SIDE, y * SIDE);
    const low = min.multiplyBy(scale).subtract(corner).floor();
    const high = max.multiplyBy(scale).subtract(corner).ceil();
    const clamped = (one: L.Point): L.Point =>
      L.point(Math.min(SIDE, Math.max(0, one.x)), Math.min(SIDE, Math.max(0, one.y)));
    const part = L.bounds(clamped(low), clamped(high));
    const { x: wide, y: high_ } = part.getSize();
    return wide > 0 && high_ > 0 ? part : null;
  }
}

/** Adds the pixels of a part of a tile to the counts of their colours. */
function count(tile: SurfaceTile, part: L.Bounds, counts: Uint32Array): void {
  const { at, kind, colours } = tile;
  const [left, top] = [part.min?.x ?? 0, part.min?.y ?? 0];
  const [right, bottom] = [part.max?.x ?? SIDE, part.max?.y ?? SIDE];
  if (right - left === SIDE && bottom - top === SIDE) {
    tile.count.forEach((pixels, k) => {
      const colour = colours[k] as number;
      counts[colour] = (counts[colour] as number) + pixels;
    });
    return;
  }
  for (let i = 0; i < at.length; i++) {
    const [x, y] = [(at[i] as number) & (SIDE - 1), (at[i] as number) >> 8];
    if (x < left || x >= right || y < top || y >= bottom) continue;
    const colour = colours[kind[i] as number] as number;
    counts[colour] = (counts[colour] as number) + 1;
  }
}
