"""Compiled loops of distances on a lattice: sweeps over points, strips along segments.

Places are in m from the lattice's corner, `v` growing with the row. `u` (columns,) and `v` (rows,)
are the middles of the cells, evenly `step` apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.compiled import njit


@njit(cache=True)
def _column_after(place: Any, first: Any, step: Any, columns: Any) -> Any:
    """Return the number of columns whose middle is at most `place`, from 0 to all."""
    passed = (place - first) / step
    if not passed >= 0.0:
        return 0
    if passed >= columns:
        return columns
    return int(passed) + 1 if passed + 1.0 <= columns else columns


@njit(cache=True)
def _join(x: Any, y: Any, count: Any, new_x: Any, new_y: Any) -> Any:
    """Merge new sites into `count` active ones, both by rising x, from behind; returns how many."""
    i, j = count - 1, len(new_x) - 1
    k = count + j
    while j >= 0:
        if i >= 0 and x[i] > new_x[j]:
            x[k], y[k] = x[i], y[i]
            i -= 1
        else:
            x[k], y[k] = new_x[j], new_y[j]
            j -= 1
        k -= 1
    return count + len(new_x)


@njit(cache=True)
def _envelope(x: Any, y: Any, count: Any, row: Any, off: Any, start: Any) -> Any:
    """Keep the sites that are nearest somewhere on the line `row`; returns how many.

    Lower envelope of the parabolas (x - x_i)² + off_i² (Felzenszwalb & Huttenlocher 2012, at any
    places). From `start` on each is nearer than those before it.
    """
    kept = 0
    for i in range(count):
        here, away = x[i], row - y[i]
        begin = -np.inf
        while kept:
            before = here - x[kept - 1]
            if before == 0.0:
                if abs(away) >= abs(off[kept - 1]):
                    begin = np.inf
                    break
                kept -= 1
                begin = -np.inf
                continue
            rise = (away - off[kept - 1]) * (away + off[kept - 1])
            begin = 0.5 * (here + x[kept - 1]) + 0.5 * rise / before
            if begin > start[kept - 1]:
                break
            kept -= 1
            begin = -np.inf
        if begin < np.inf:
            x[kept], y[kept], off[kept], start[kept] = here, y[i], away, begin
            kept += 1
    return kept


@njit(cache=True)
def sweep(
    u: Any, v: Any, step: Any, x: Any, y: Any, bounds: Any, spans: Any, squared: Any, back: Any
) -> None:
    """Lower `squared` (rows, columns) to the squared distance from the sites a line has passed.

    Cells outside the rows' `spans` (rows, 2) are left. The line goes with the rows, or with `back`
    against them. Sites passed at row r are those from
    `bounds[r]` to `bounds[r + 1]` (`x` rising there). A Voronoi region is convex and holds its
    site, so a site behind the line that is nearest nowhere on it is nearest nowhere beyond.
    """
    rows, columns = squared.shape
    active_x, active_y = np.empty(len(x)), np.empty(len(x))
    off, start = np.empty(len(x)), np.empty(len(x) + 1)
    count = 0
    for turn in range(rows):
        r = rows - 1 - turn if back else turn
        low, high = bounds[r], bounds[r + 1]
        count = _join(active_x, active_y, count, x[low:high], y[low:high])
        count = _envelope(active_x, active_y, count, v[r], off, start)
        start[count] = np.inf
        line = squared[r]
        begin, behind = spans[r]
        for k in range(count):
            end = min(_column_after(start[k + 1], u[0], step, columns), behind)
            here, away = active_x[k], off[k] * off[k]
            for c in range(begin, end):
                across = u[c] - here
                line[c] = min(line[c], across * across + away)
            begin = max(begin, end)
            if begin >= behind:
                break


@njit(cache=True)
def strips(u: Any, v: Any, step: Any, segments: Any, spans: Any, squared: Any) -> None:
    """Lower `squared` (rows, columns) to the squared distance from the insides of segments.

    `segments` (n, 4) are x and y of both ends, x rising and more across than along: each row meets
    the strip of places whose foot lies in the segment in one short section. From the segment the
    rows are followed outwards until a section is lost as a whole, after which all others are (what
    is nearest at a place is nearest all the way to its foot). Needs the ends' distances before.
    """
    for k in range(len(segments)):
        x, y = segments[k, 0], segments[k, 1]
        along, up = segments[k, 2] - x, segments[k, 3] - y
        length = np.hypot(along, up)
        if length == 0.0:
            continue
        along, up = along / length, up / length
        slope, wide = up / along, length / along
        middle = y + 0.5 * length * up
        begin = _column_after(middle, v[0], step, len(v))
        _follow(u, v, step, x, y, along, up, slope, wide, begin, 1, spans, squared)
        _follow(u, v, step, x, y, along, up, slope, wide, begin - 1, -1, spans, squared)


@njit(cache=True)
def _follow(
    u: Any, v: Any, step: Any, x: Any, y: Any, along: Any, up: Any, slope: Any, wide: Any,
    r: Any, way: Any, spans: Any, squared: Any,
) -> None:  # fmt: skip
    """Follow one strip outwards, row by row.

    Every fourth section is asked whether it is lost: whether the distance known at the cell next to
    its middle, with the way from there to its furthest place, is less than that place can have from
    the segment.
    """
    first, inverse = u[0], 1.0 / step
    half, lean = 0.5 * wide, 0.5 * wide * abs(up)
    drift = -slope * way
    while 0 <= r < len(v):
        begin, behind = spans[r, 0], spans[r, 1]
        rise = v[r] - y
        left = x - rise * slope
        column = (left - first) * inverse
        further = column + wide * inverse
        if (column > len(u) and drift >= 0.0) or (further < 0.0 and drift <= 0.0):
            break
        low = int(min(max(column, 0.0), behind + 0.0))
        low = max(begin, low + 1 if low < column else low)
        high = int(min(max(further, -1.0), behind - 1.0) + 1.0) - 1
        for c in range(low, high + 1):
            away = rise * along - (u[c] - x) * up
            squared[r, c] = min(squared[r, c], away * away)
        if r % 4 == 0 and behind > begin:
            middle = left + half
            c = int(min(max(column + 0.5 * (further - column) + 0.5, 0.0), behind - 1.0))
            c = max(c, begin)
            slack = half + abs(u[c] - middle)
            most = abs(rise * along - (middle - x) * up) - lean - slack
            if most > 0.0 and squared[r, c] < most * most:
                break
        r += way
