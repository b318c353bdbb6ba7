/** The tiles of a surface: each fetched and sorted once, the ones used last kept. */

import { readTile } from "./api";
import type { Surface } from "./surface_types";
import { SurfaceTile } from "./surface_tile";

/** Half a gigabyte at worst, a tenth of that as a rule: several screens of several zooms. */
const KEPT = 160;

export interface TileAt {
  x: number;
  y: number;
  z: number;
}

export const tileName = ({ z, x, y }: TileAt): string => `${z}/${x}/${y}`;

/** Whether there is such a tile: of a whole zoom, in a column and a row that it has. */
export function tileExists({ z, x, y }: TileAt, deepest: number): boolean {
  if (![z, x, y].every(Number.isInteger) || z < 0 || z > deepest) return false;
  const side = 2 ** z;
  return x >= 0 && x < side && y >= 0 && y < side;
}

/** Whether these are degrees of a place: maps run on beyond 180 degrees, places do not. */
export const isPlace = (lon: number, lat: number): boolean =>
  Math.abs(lon) <= 180 && Math.abs(lat) <= 90;

export class SurfaceTiles {
  readonly #kept = new Map<string, Promise<SurfaceTile | null>>();

  constructor(readonly surface: Surface) {}

  /** The tile; null where it shows no cell of the search area. A failed tile is forgotten. */
  read(at: TileAt): Promise<SurfaceTile | null> {
    if (!tileExists(at, this.surface.deepest)) return Promise.resolve(null);
    const name = tileName(at);
    const known = this.#kept.get(name);
    this.#kept.delete(name);
    const asked = known ?? this.#ask(at);
    this.#kept.set(name, asked);
    if (!known) asked.catch(() => this.#kept.delete(name));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return asked;
  }

  async #ask({ z, x, y }: TileAt): Promise<SurfaceTile | null> {
    const path = Object.entries({ z, x, y }).reduce(
      (held, [name, value]) => held.replace(`{${name}}`, String(value)),
      this.surface.tiles,
    );
    const bytes = await readTile(path);
    return bytes && new SurfaceTile(bytes, this.surface.criteria.length);
  }
}
