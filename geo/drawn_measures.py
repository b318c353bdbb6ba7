"""Measures from point to point, measured again at many drawn positions at once.

A measure keeps the pairs of places that some draw can make count; the rest is a constant. Distances
are chords through the ellipsoid turned into arcs of one radius, scaled pair by pair so that
undisturbed positions give the geodesic itself. Elsewhere the arc is off by no more than the spread
of the ellipsoid's curvatures lets it: the chord is shorter by distance³ / (24 · radius²), and the
radius is known to 0.7 %, which makes 2 cm at 100 km and grows with the cube (16 cm at 200 km).
Positions are known to no better than hundreds of metres.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike

from geo.arrays import Floats, Mask
from geo.chords import Indices, arc_of
from geo.drawn_shares import DrawnShares
from geo.proximity import Decay, z_score

MEAN_RADIUS_M = 6_371_008.8

_AT_ONCE = 65_536
"""Pairs times draws measured in one go: few enough to stay in the processor's cache."""


class Drawn(NamedTuple):
    """Drawn positions: degrees, and earth-centred x, y, z in m, (places, draws) each."""

    lon: Floats
    lat: Floats
    space: tuple[Floats, Floats, Floats]


class DrawnMeasure(Protocol):
    """A criterion that is measured at drawn positions."""

    @property
    def places(self) -> Indices:
        """Numbers of the places it needs, in any order."""
        ...

    def among(self, used: Indices) -> Self:
        """Return the measure with places numbered within `used` (ascending)."""
        ...

    def measure(self, drawn: Drawn, result: Floats) -> None:
        """Fill (alternatives, draws) in the criterion's unit; NaN where not located."""
        ...


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of places to be measured in every draw, those of one alternative together.

    `origin` and `target` (pairs,) are places; `stretch` brings the chord to the geodesic. Each of
    `rows` (alternatives with pairs) begins at its one of `starts`.
    """

    origin: Indices
    target: Indices
    stretch: Floats
    starts: Indices
    rows: Indices

    @property
    def places(self) -> Indices:
        """Places at either end."""
        return np.concatenate([self.origin, self.target])

    def among(self, used: Indices) -> Pairs:
        """Return the pairs with places numbered within `used` (ascending)."""
        origin, target = np.searchsorted(used, self.origin), np.searchsorted(used, self.target)
        return replace(self, origin=origin, target=target)

    def parts(self, drawn: Drawn) -> Iterator[tuple[Indices, slice, Indices, Floats]]:
        """Yield rows, their pairs, where each row begins among these, and squared chords in m².

        Chords are stretched: (pairs, draws).
        """
        draws = drawn.lon.shape[1]
        ends = np.append(self.starts[1:], len(self.origin))
        first = 0
        while first < len(self.rows):
            limit = self.starts[first] + max(1, _AT_ONCE // max(1, draws))
            last = max(first + 1, int(np.searchsorted(ends, limit, side="right")))
            pairs = slice(int(self.starts[first]), int(ends[last - 1]))
            starts = self.starts[first:last] - pairs.start
            yield self.rows[first:last], pairs, starts, self._squared(drawn, pairs)
            first = last

    def _squared(self, drawn: Drawn, pairs: slice) -> Floats:
        origin, target = self.origin[pairs], self.target[pairs]
        total = np.zeros((len(origin), drawn.lon.shape[1]))
        for axis in drawn.space:
            step = axis[origin]
            step -= axis[target]
            step *= step
            total += step
        total *= self.stretch[pairs, None] ** 2
        return total


@dataclass(frozen=True, slots=True)
class _OfPairs:
    """What all measures over pairs share."""

    pairs: Pairs

    @property
    def places(self) -> Indices:
        """Places of the pairs."""
        return self.pairs.places

    def among(self, used: Indices) -> Self:
        """Return the measure with places numbered within `used` (ascending)."""
        return replace(self, pairs=self.pairs.among(used))


@dataclass(frozen=True, slots=True)
class DrawnNearest(_OfPairs):
    """Distance to the nearest target times `per_metre`."""

    per_metre: float

    def measure(self, drawn: Drawn, result: Floats) -> None:
        """Fill (alternatives, draws); rows without pairs are left."""
        for rows, _, starts, squared in self.pairs.parts(drawn):
            least = np.minimum.reduceat(squared, starts, axis=0)
            result[rows] = arc_m(np.sqrt(least)) * self.per_metre


@dataclass(frozen=True, slots=True)
class DrawnWithin(_OfPairs):
    """Sum over the targets within a radius: those inside in every draw, and the pairs in doubt."""

    always: Floats
    amount: Floats
    radius_m: float

    def measure(self, drawn: Drawn, result: Floats) -> None:
        """Fill (alternatives, draws)."""
        result[:] = self.always[:, None]
        limit = float(chord_m(self.radius_m)) ** 2
        for rows, pairs, starts, squared in self.pairs.parts(drawn):
            counted = (squared <= limit) * self.amount[pairs, None]
            result[rows] += np.add.reduceat(counted, starts, axis=0)


@dataclass(frozen=True, slots=True)
class DrawnDecaying(_OfPairs):
    """Sum over targets, each times the decay of its distance; constant where no end moves."""

    always: Floats
    amount: Floats
    decay: Decay

    def measure(self, drawn: Drawn, result: Floats) -> None:
        """Fill (alternatives, draws)."""
        result[:] = self.always[:, None]
        for rows, pairs, starts, squared in self.pairs.parts(drawn):
            counted = self.decay(arc_of(np.sqrt(squared), 1.0 / MEAN_RADIUS_M))
            counted *= self.amount[pairs, None]
            result[rows] += np.add.reduceat(counted, starts, axis=0)


@dataclass(frozen=True, slots=True)
class DrawnAccess:
    """Sum over targets near and far, each times the decay of its distance.

    `origin` (rows,) and `target` (m,) are places; `moving` (rows, m) says which pairs are measured
    in every draw, `held` (rows,) what the others make; `stretch` (rows, m) brings chords to
    geodesics. Numbers are of single precision: positions to centimetres, sums to 1 part in 100,000.
    """

    rows: Indices
    origin: Indices
    target: Indices
    moving: Mask
    held: Floats
    stretch: Floats
    amount: Floats
    decay: Decay

    @property
    def places(self) -> Indices:
        """Places of the alternatives and the targets."""
        return np.concatenate([self.origin, self.target])

    def among(self, used: Indices) -> DrawnAccess:
        """Return the measure with places numbered within `used` (ascending)."""
        origin, target = np.searchsorted(used, self.origin), np.searchsorted(used, self.target)
        return replace(self, origin=origin, target=target)

    def measure(self, drawn: Drawn, result: Floats) -> None:
        """Fill (alternatives, draws); rows that are not located are left."""
        middle = [axis[self.places].mean() if len(self.places) else 0.0 for axis in drawn.space]
        here, there = (
            [_single(axis[at] - about) for axis, about in zip(drawn.space, middle, strict=True)]
            for at in (self.origin, self.target)
        )
        for k, row in enumerate(self.rows):
            near = np.flatnonzero(self.moving[k])
            squared = np.zeros((len(near), drawn.lon.shape[1]), dtype=np.float32)
            for start, end in zip(here, there, strict=True):
                step = end.take(near, axis=0)
                step -= start[k]
                step *= step
                squared += step
            chord = np.sqrt(squared)
            chord *= _single(self.stretch[k, near])[:, None]
            squared *= np.float32(1.0 / (24.0 * MEAN_RADIUS_M**2))
            squared *= chord
            chord += squared
            result[row] = self.held[k] + _single(self.amount[near]) @ self.decay(chord)


def _single(numbers: Floats) -> Any:
    """Numbers in single precision."""
    return numbers.astype(np.float32)


@dataclass(frozen=True, slots=True)
class DrawnHotSpot(_OfPairs):
    """Gi*: of the targets inside in every draw sum and number, and the pairs in doubt.

    `deviation` (pairs,) from the mean over all targets in standard deviations; `all` targets.
    """

    always: Floats
    number: Floats
    deviation: Floats
    all: int
    radius_m: float

    def measure(self, drawn: Drawn, result: Floats) -> None:
        """Fill (alternatives, draws)."""
        recorded = z_score(self.always, self.number, self.all)
        result[:] = np.where(np.isnan(self.always), np.nan, recorded)[:, None]
        limit = float(chord_m(self.radius_m)) ** 2
        for rows, pairs, starts, squared in self.pairs.parts(drawn):
            inside = (squared <= limit).astype(np.float64)
            number = self.number[rows, None] + np.add.reduceat(inside, starts, axis=0)
            inside *= self.deviation[pairs, None]
            total = self.always[rows, None] + np.add.reduceat(inside, starts, axis=0)
            result[rows] = z_score(total, number, self.all)


@dataclass(frozen=True, slots=True)
class DrawnShare:
    """Share of circles inside polygons: their `places`, their alternatives' `rows`.

    `constant` (alternatives,) is the share of those that are measured by their shape.
    """

    places: Indices
    rows: Indices
    constant: Floats
    shares: DrawnShares

    def among(self, used: Indices) -> DrawnShare:
        """Return the measure with places numbered within `used` (ascending)."""
        return replace(self, places=np.searchsorted(used, self.places))

    def measure(self, drawn: Drawn, result: Floats) -> None:
        """Fill (alternatives, draws)."""
        result[:] = self.constant[:, None]
        result[self.rows] = self.shares.at(drawn.lon[self.places], drawn.lat[self.places])


def arc_m(chord: ArrayLike) -> Floats:
    """Arc in m on the mean sphere over a chord in m."""
    half = np.asarray(chord, dtype=np.float64) / (2.0 * MEAN_RADIUS_M)
    result: Floats = 2.0 * MEAN_RADIUS_M * np.arcsin(np.minimum(half, 1.0))
    return result


def chord_m(arc: ArrayLike) -> Floats:
    """Chord in m under an arc in m on the mean sphere, up to half the circumference."""
    angle = np.asarray(arc, dtype=np.float64) / (2.0 * MEAN_RADIUS_M)
    result: Floats = 2.0 * MEAN_RADIUS_M * np.sin(np.minimum(angle, np.pi / 2.0))
    return result
