/** Where small labels stand beside their points, so that none covers another. */

export interface Spot {
  x: number;
  y: number;
  /** The label's width; all are equally tall. */
  width: number;
}

export interface Offset {
  dx: number;
  dy: number;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Directions in the order in which they are tried: right above first, then round the point. */
const TRIED: readonly (readonly [x: number, y: number])[] = [
  [1, -1],
  [1, 1],
  [-1, -1],
  [-1, 1],
  [0, -1],
  [0, 1],
  [1, 0],
  [-1, 0],
];
/** How far a label's edges stand from the point, beside and above it: near, then a row away. */
const REACHES: readonly (readonly [beside: number, above: number])[] = [
  [9, 4.5],
  [16, 21],
];

function boxAt({ x, y, width }: Spot, { dx, dy }: Offset, height: number): Box {
  const middle = { x: x + dx, y: y + dy };
  return {
    left: middle.x - width / 2,
    right: middle.x + width / 2,
    top: middle.y - height / 2,
    bottom: middle.y + height / 2,
  };
}

function overlap(a: Box, b: Box): number {
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return wide > 0 && tall > 0 ? wide * tall : 0;
}

/** The offsets of a label around its point, near ones before far ones. */
function offsets(width: number, height: number): Offset[] {
  return REACHES.flatMap(([beside, above]) =>
    TRIED.map(([x, y]) => ({ dx: x * (width / 2 + beside), dy: y * (height / 2 + above) })),
  );
}

/**
 * From each point to the middle of its label: the first offset at which the label covers none of
 * those placed before it, else the one that covers least.
 */
export function placeLabels(spots: readonly Spot[], height: number): Offset[] {
  const taken: Box[] = [];
  return spots.map((spot) => {
    let best: Offset = { dx: 0, dy: 0 };
    let least = Infinity;
    for (const offset of offsets(spot.width, height)) {
      const box = boxAt(spot, offset, height);
      const covered = taken.reduce((sum, one) => sum + overlap(box, one), 0);
      if (covered < least) [best, least] = [offset, covered];
      if (covered === 0) break;
    }
    taken.push(boxAt(spot, best, height));
    return best;
  });
}
