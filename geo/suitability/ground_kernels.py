"""Compiled loops of areas on a lattice: chords of circles, scan lines, exact shares of cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.compiled import njit


@njit(cache=True)
def _reaches(dx: Any, dy: Any, radius: Any) -> Any:
    """Whether a step is at most the radius long, asked as GEOS asks it."""
    return np.sqrt(dx * dx + dy * dy) <= radius


@njit(cache=True)
def chords(
    easting: Any, northing: Any, step: Any, x: Any, y: Any, amount: Any, radius: Any, steps: Any
) -> None:
    """Add each amount where its circle begins in a row and take it off behind where it ends.

    `easting` (columns,) rises and `northing` (rows,) falls; `steps` (rows, columns + 1) integers.
    The running sum along a row is then the sum within the radius, the boundary inside.
    """
    rows, columns = len(northing), len(easting)
    for k in range(len(x)):
        reach = radius[k]
        top = (northing[0] - y[k] - reach) / step
        low = int(max(0.0, np.floor(top)))
        high = int(min(rows - 1.0, np.ceil(top + 2.0 * reach / step)))
        for r in range(low, high + 1):
            dy = y[k] - northing[r]
            room = reach * reach - dy * dy
            half = np.sqrt(room) if room > 0.0 else 0.0
            left = (x[k] - half - easting[0]) / step
            right = (x[k] + half - easting[0]) / step
            a = int(max(0.0, min(columns - 1.0, np.floor(left))))
            b = int(max(0.0, min(columns - 1.0, np.ceil(right))))
            while a <= b and not _reaches(x[k] - easting[a], dy, reach):
                a += 1
            while b >= a and not _reaches(x[k] - easting[b], dy, reach):
                b -= 1
            if a <= b:
                steps[r, a] += amount[k]
                steps[r, b + 1] -= amount[k]


@njit(cache=True)
def run_sums(steps: Any, scale: Any, sums: Any) -> None:
    """Write the running sums of each row of `steps`, times `scale`."""
    rows, columns = sums.shape
    for r in range(rows):
        total = steps[r, 0] * 0
        for c in range(columns):
            total += steps[r, c]
            sums[r, c] = total * scale


@njit(cache=True)
def _grown(list_: Any, count: Any) -> Any:
    """The same list with room for one more row."""
    if count < len(list_):
        return list_
    larger = np.empty((2 * len(list_), list_.shape[1]), dtype=list_.dtype)
    larger[:count] = list_[:count]
    return larger


@njit(cache=True)
def scan(u: Any, v: Any, step: Any, edges: Any, owners: Any, unsure: Any, label: Any) -> Any:
    """Number the cells by the first polygon that holds their middle; returns what is left open.

    `edges` (n, 4), those of one owner together and owners rising; `label` (rows, columns) starts
    at -1. Even-odd rule along each row (Shimrat 1962). Middles within `unsure` m of an edge come
    back as (owner, row, column) and are left to an exact predicate.
    """
    rows, columns = label.shape
    left_open, count = np.empty((64, 3), dtype=np.int64), 0
    begin = 0
    while begin < len(edges):
        end = begin
        low, high = np.inf, -np.inf
        while end < len(edges) and owners[end] == owners[begin]:
            low = min(low, edges[end, 1], edges[end, 3])
            high = max(high, edges[end, 1], edges[end, 3])
            end += 1
        top = int(max(0.0, np.floor((low - v[0]) / step)))
        bottom = int(min(rows - 1.0, np.ceil((high - v[0]) / step)))
        if top <= bottom:
            turns = np.zeros((bottom - top + 1, columns + 1), dtype=np.uint8)
            for k in range(begin, end):
                left_open, count = _turn(
                    u, v, step, edges[k], owners[begin], top, unsure, turns, left_open, count
                )
            _fill(turns, owners[begin], label[top : bottom + 1])
        begin = end
    return left_open[:count]


@njit(cache=True)
def _turn(
    u: Any, v: Any, step: Any, edge: Any, owner: Any, top: Any, unsure: Any, turns: Any,
    left_open: Any, count: Any,
) -> Any:  # fmt: skip
    """Turn inside and outside over behind one edge, and note the middles on it."""
    x0, y0, x1, y1 = edge
    columns = len(u)
    low, high = min(y0, y1), max(y0, y1)
    first = int(max(0.0, np.floor((low - unsure - v[0]) / step)))
    last = int(min(len(v) - 1.0, np.ceil((high + unsure - v[0]) / step)))
    for r in range(first, last + 1):
        if v[r] < low - unsure or v[r] > high + unsure:
            continue
        left, right = min(x0, x1), max(x0, x1)
        if y1 != y0:
            slope = (x1 - x0) / (y1 - y0)
            middle = x0 + min(1.0, max(0.0, (v[r] - y0) / (y1 - y0))) * (x1 - x0)
            lean = min(right - left, abs(slope) * 2.0 * unsure)
            left, right = middle - lean, middle + lean
            if low <= v[r] < high:
                c = int(max(0.0, min(columns + 0.0, np.ceil((middle - u[0]) / step))))
                turns[r - top, c] ^= 1
        a = int(max(0.0, np.ceil((left - unsure - u[0]) / step)))
        b = int(min(columns - 1.0, np.floor((right + unsure - u[0]) / step)))
        for c in range(a, b + 1):
            left_open = _grown(left_open, count)
            left_open[count, 0], left_open[count, 1], left_open[count, 2] = owner, r, c
            count += 1
            turns[r - top, c] |= 2
    return left_open, count


@njit(cache=True)
def _fill(turns: Any, owner: Any, label: Any) -> None:
    """Give the inside of one polygon its number where it has none."""
    rows, columns = label.shape
    for r in range(rows):
        inside = 0
        for c in range(columns):
            inside ^= turns[r, c] & 1
            if inside and turns[r, c] < 2 and label[r, c] < 0:
                label[r, c] = owner


@njit(cache=True)
def _cover(line: Any, cut: Any, x0: Any, x1: Any, height: Any) -> None:
    """Enter one piece of an edge within a row: `height` signed, x in cells, any order.

    What is entered at a cell is covered from there on to the right in the running sum.
    """
    columns = len(cut)
    if x0 > x1:
        x0, x1 = x1, x0
    if x1 <= 0.0:
        line[0] += height
        return
    whole = x1 - x0
    if x0 < 0.0:
        line[0] += height * (-x0 / whole)
        height *= x1 / whole
        x0, whole = 0.0, x1
    while height != 0.0 and x0 < columns:
        c = int(x0)
        end = min(x1, c + 1.0)
        part = height * ((end - x0) / whole) if x1 > end else height
        within = 0.5 * (x0 + end) - c
        line[c] += part * (1.0 - within)
        line[c + 1] += part * within
        cut[c] = True
        if x1 <= end:
            break
        height -= part
        whole = x1 - end
        x0 = end


@njit(cache=True)
def cover(edges: Any, line: Any, cut: Any) -> None:
    """Enter the edges of oriented rings, in cells from the lattice's corner.

    `line` (rows, columns + 1): its running sums along rows are the covered shares of cells, signed
    by the rings' sense; `cut` (rows, columns): cells that an edge passes.
    """
    rows = len(cut)
    for k in range(len(edges)):
        x0, y0, x1, y1 = edges[k]
        sign = 1.0
        if y0 > y1:
            x0, y0, x1, y1, sign = x1, y1, x0, y0, -1.0
        if y0 == y1 or y1 <= 0.0 or y0 >= rows:
            if y0 == y1:
                _mark(cut, x0, x1, y0)
            continue
        slope = (x1 - x0) / (y1 - y0)
        y = max(y0, 0.0)
        x = x0 + (y - y0) * slope
        r = int(y)
        while r < rows and y < y1:
            end = min(y1, r + 1.0)
            there = x1 if end == y1 else x0 + (end - y0) * slope
            _cover(line[r], cut[r], x, there, sign * (end - y))
            x, y = there, end
            r += 1


@njit(cache=True)
def _mark(cut: Any, x0: Any, x1: Any, y: Any) -> None:
    """Mark the cells along a level edge as cut."""
    rows, columns = cut.shape
    if 0.0 <= y < rows:
        a = int(max(0.0, np.floor(min(x0, x1))))
        b = int(min(columns - 1.0, np.floor(max(x0, x1))))
        for c in range(a, b + 1):
            cut[int(y), c] = True


@njit(cache=True)
def settle(line: Any, cut: Any, shares: Any) -> None:
    """Write the covered shares, exactly 0 or 1 where no edge passes."""
    rows, columns = shares.shape
    for r in range(rows):
        total = 0.0
        for c in range(columns):
            total += line[r, c]
            share = abs(total)
            near = np.rint(share)
            if not cut[r, c] or abs(share - near) < 1e-12:
                share = near
            shares[r, c] = min(1.0, share)
