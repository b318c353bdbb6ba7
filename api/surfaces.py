"""Suitability surfaces of a workspace: measured once, kept in memory and beside the workspace.

A surface is named by a hash of all that it depends on: program, cells, search area, criteria, rules
and the content of the layers they measure. Where one of the same cells and search area is known,
only what differs is measured.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyproj
import shapely

import geo.suitability
from api.recent import Recent
from api.version import VERSION
from geo.scenario import CriterionSpec, SitingScenario
from geo.suitability import (
    CompactSurface,
    Covered,
    Grid,
    Ledger,
    Reading,
    Rule,
    Setback,
    Taken,
    Threshold,
    compacted,
    criteria_of,
)
from geo.suitability.levels import Flags, Levels
from geo.zone_plan import Survey, survey_scenario
from layers.errors import LayerError
from layers.store.base import Store
from layers.store.hashing import content_hash
from layers.surfaces import StoredSurface, SurfaceFolder

LONG_CELLS = 5_000_000
"""A grid of more cells (of about 65 m over a whole city) takes too long for one request."""

_SURFACE_BYTES = 1_000_000_000
_TILE_BYTES = 64_000_000
_SURVEYS_KEPT = 16
_LEVEL = 1
"""Of gzip: a tile is served once and cached, and higher levels take ten times longer."""

_RULES: dict[str, type[Rule]] = {one.__name__: one for one in (Covered, Setback, Threshold)}

Kept = TypeVar("Kept")
Inputs = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class KnownSurface:
    """A measured surface: its hash and the inputs that it is of, its criteria, cells and ledger."""

    digest: str
    inputs: Inputs
    specs: tuple[CriterionSpec, ...]
    compact: CompactSurface
    ledger: Ledger


@dataclass(frozen=True, slots=True, eq=False)
class LaidSurface:
    """A scenario's surface with the scenario's own weights, which sum to 1, or changed ones."""

    surface: KnownSurface
    reach_m: float
    specs: tuple[CriterionSpec, ...]
    weights: dict[str, float]
    left_out: tuple[CriterionSpec, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as it is sent: gzipped, empty where no pixel shows a cell; and its entity tag."""

    zipped: bytes
    etag: str

    @property
    def content(self) -> bytes:
        """The bytes: levels of every criterion, then flags, row 0 in the north."""
        return gzip.decompress(self.zipped)


class Surfaces:
    """The surfaces of one workspace, of its layers as `follow` said last."""

    def __init__(self, store: Store, folder: SurfaceFolder | None = None) -> None:
        self._store = store
        self._folder = folder
        self._surveys: Recent[tuple[Survey, Inputs, str]] = Recent(_SURVEYS_KEPT)
        self._making: Recent[KnownSurface] = Recent(_SURVEYS_KEPT)
        self._kept: _Held[KnownSurface] = _Held(_SURFACE_BYTES)
        self._tiles: _Held[Tile] = _Held(_TILE_BYTES)
        self._cutter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ouzhi-tile")
        """One thread: PROJ takes 70 ms to begin in each new one, and a tile 5 ms."""

    def follow(self, store: Store) -> None:
        """Measure what is asked for from now on on these layers; what is known stays known."""
        self._store = store

    def lay(
        self,
        scenario: SitingScenario,
        *,
        cell_m: float,
        reach_m: float,
        weights: Mapping[str, float] | None = None,
    ) -> LaidSurface:
        """The surface of a scenario, measured where it is not known. Raises as `build_ground`."""
        survey, inputs, digest = self._surveyed(scenario, cell_m, reach_m, weights)
        found = self._get(digest, lambda: self._measured(survey, inputs, digest))
        return LaidSurface(
            found, reach_m, survey.specs, survey.weights, survey.left_out, bool(weights)
        )

    def is_long(self, scenario: SitingScenario, *, cell_m: float, reach_m: float) -> bool:
        """Whether `lay` takes longer than a request should. Raises as `survey_scenario`."""
        survey, _, digest = self._surveyed(scenario, cell_m, reach_m, None)
        if survey.grid.cells <= LONG_CELLS or self._kept.get(digest) is not None:
            return False
        return self._folder is None or not self._folder.has(digest)

    def known(self, digest: str) -> KnownSurface:
        """A surface by its hash; raises `LayerError` (404) where it is not kept."""
        return self._get(digest, lambda: self._stored(digest) or _unknown(digest))

    def tile(self, digest: str, *, zoom: int, column: int, row: int) -> Tile:
        """A map tile. Raises `LayerError` for an unknown hash, `GeometryError` for no tile."""
        name = f"{digest}-{zoom}-{column}-{row}"
        tile = self._tiles.get(name)
        if tile is not None:
            return tile
        compact = self.known(digest).compact

        def cut() -> Tile:
            made = self._tiles.get(name)
            if made is None:
                made = _tile(name, compact.tile(zoom=zoom, column=column, row=row))
                self._tiles.put(name, made, len(made.zipped) + len(name))
            return made

        return self._cutter.submit(cut).result()

    def prepare(self, digest: str) -> None:
        """Begin to make what the first tile would wait for; raises `LayerError`."""
        self._cutter.submit(self.known(digest).compact.prepare)

    def at(self, digest: str, lon: float, lat: float) -> Reading:
        """What a surface says of a place in degrees. Raises `LayerError` for an unknown hash."""
        compact = self.known(digest).compact
        return self._cutter.submit(compact.at, lon, lat).result()

    def _surveyed(
        self,
        scenario: SitingScenario,
        cell_m: float,
        reach_m: float,
        weights: Mapping[str, float] | None,
    ) -> tuple[Survey, Inputs, str]:
        changes = tuple(sorted((weights or {}).items()))

        store = self._store

        def look() -> tuple[Survey, Inputs, str]:
            survey = survey_scenario(
                scenario, store.read_layers(), cell_m=cell_m, reach_m=reach_m, weights=weights
            )
            inputs = self._inputs(survey, scenario.alternatives)
            return survey, inputs, _digest(inputs)

        asked = (store.version(), scenario.model_dump_json(), cell_m, reach_m, changes)
        return self._surveys.get(asked, look)

    def _inputs(self, survey: Survey, alternatives: str) -> Inputs:
        """All that a surface depends on, as JSON."""
        grid, area = survey.grid, survey.area
        outline = hashlib.sha256(shapely.to_wkb(area.geometry.iloc[0], byte_order=1)).hexdigest()
        return {
            "program": _program(),
            "grid": {
                "crs": grid.crs,
                "west_m": grid.west_m,
                "north_m": grid.north_m,
                "cell_m": grid.cell_m,
                "rows": grid.rows,
                "columns": grid.columns,
            },
            "area": outline,
            "alternatives": alternatives,
            "criteria": [one.model_dump(mode="json") for one in survey.specs],
            "rules": [{"kind": type(one).__name__, **asdict(one)} for one in survey.rules],
            "layers": {name: self._hash(name, survey) for name in survey.measured},
        }

    def _hash(self, name: str, survey: Survey) -> str:
        """The hash of a layer's content; of one that is of no workspace, by reading it."""
        if name in self._store.specs():
            return self._store.layer_hash(name)
        return content_hash({name: survey.layers[name]} if name in survey.layers else {})

    def _get(self, digest: str, make: Callable[[], KnownSurface]) -> KnownSurface:
        """A surface that is kept, or is made by the first who asks."""
        kept = self._kept.get(digest)
        if kept is not None:
            return kept
        found = self._making.get(digest, lambda: self._kept.get(digest) or make())
        self._kept.put(digest, found, found.compact.held_bytes)
        self._making.forget(digest)
        return found

    def _measured(self, survey: Survey, inputs: Inputs, digest: str) -> KnownSurface:
        """A surface from the disk, or from one that it shares something with, or from nothing."""
        stored = self._stored(digest)
        if stored is not None:
            return stored
        near = self._nearest(survey, inputs)
        if near is None:
            surface = survey.build()
        else:
            changed = _changed(near.inputs, inputs)
            surface = survey.after(near.compact.whole(), changed=changed)
        made = KnownSurface(digest, inputs, survey.specs, compacted(surface), surface.ledger)
        if self._folder is not None:
            self._folder.write(digest, _header(made), _arrays(made.compact))
        return made

    def _stored(self, digest: str) -> KnownSurface | None:
        stored = None if self._folder is None else self._folder.read(digest)
        return None if stored is None else _restored(digest, stored)

    def _nearest(self, survey: Survey, inputs: Inputs) -> KnownSurface | None:
        """The known surface that spares most measuring; None where none spares any."""
        asked = [one.field for one in survey.criteria]
        most, found = 0, ""
        for digest, known in self._similar(inputs):
            changed = _changed(known, inputs)
            specs = _specs_of(known)
            fields = {
                one.field
                for one in criteria_of(specs, alternatives=known["alternatives"])
                if not one.field.layers & changed
            }
            spared = sum(one in fields for one in asked)
            if spared > most:
                most, found = spared, digest
        return (self._kept.get(found) or self._stored(found)) if found else None

    def _similar(self, inputs: Inputs) -> Iterator[tuple[str, Inputs]]:
        """Known surfaces of the same program, cells and search area, those in memory first."""
        headers = [(one.digest, one.inputs) for one in self._kept.values()]
        if self._folder is not None:
            headers += [(name, header["inputs"]) for name, header in self._folder.headers()]
        same = ("program", "grid", "area")
        for digest, known in headers:
            if all(known.get(key) == inputs[key] for key in same):
                yield digest, known


class _Held(Generic[Kept]):
    """What was asked for last, so many bytes of it in all; one thing at least."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._total = 0
        self._found: OrderedDict[str, tuple[Kept, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Kept | None:
        with self._lock:
            if key not in self._found:
                return None
            self._found.move_to_end(key)
            return self._found[key][0]

    def put(self, key: str, thing: Kept, size: int) -> None:
        with self._lock:
            _, before = self._found.pop(key, (None, 0))
            self._found[key] = thing, size
            self._total += size - before
            while self._total > self._most and len(self._found) > 1:
                _, (_, gone) = self._found.popitem(last=False)
                self._total -= gone

    def values(self) -> list[Kept]:
        with self._lock:
            return [thing for thing, _ in self._found.values()]


def _tile(name: str, shown: tuple[Levels, Flags] | None) -> Tile:
    zipped = b""
    if shown is not None:
        content = shown[0].tobytes() + shown[1].astype("<u4").tobytes()
        zipped = gzip.compress(content, compresslevel=_LEVEL, mtime=0)
    return Tile(zipped, f'"{name}"')


@lru_cache(maxsize=1)
def _program() -> list[str]:
    """What measures: this version, its very sources, and the libraries of geometry beneath."""
    sources = hashlib.sha256()
    home = Path(geo.suitability.__file__).parents[1]
    for path in sorted(home.rglob("*.py")):
        sources.update(path.relative_to(home).as_posix().encode() + path.read_bytes())
    beneath = [np.__version__, shapely.__version__, pyproj.__version__]
    return [VERSION, sources.hexdigest()[:16], *beneath]


def _unknown(digest: str) -> KnownSurface:
    raise LayerError(
        f"there is no surface {digest!r} any more; ask for the surface again, at "
        "/api/scenarios/{id}/surface",
        f"适宜性面 {digest!r} 已不存在；请在 /api/scenarios/{{id}}/surface 重新获取",
    )


def _changed(before: Inputs, now: Inputs) -> set[str]:
    """Layers whose content is another, or that were not measured."""
    known = before["layers"]
    return {name for name, digest in now["layers"].items() if known.get(name) != digest}


def _digest(inputs: Inputs) -> str:
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _header(known: KnownSurface) -> dict[str, Any]:
    compact = known.compact
    return {
        "inputs": known.inputs,
        "study_area": compact.study_area,
        "ledger": asdict(known.ledger),
    }


def _arrays(compact: CompactSurface) -> dict[str, Any]:
    assert compact.grid.only is not None
    named = {"performance": compact.performance, "levels": compact.levels, "met": compact.met}
    return {
        "only": compact.grid.only.reshape(-1),
        "share": compact.share,
        **{f"{name}/{k}": one for name, arrays in named.items() for k, one in enumerate(arrays)},
    }


def _restored(digest: str, stored: StoredSurface) -> KnownSurface | None:
    """A surface from what was stored; None for inputs that have not this hash."""
    inputs, arrays = stored.header["inputs"], stored.arrays
    if _digest(inputs) != digest:
        return None
    specs = _specs_of(inputs)
    rules = tuple(_rule(**one) for one in inputs["rules"])
    grid = Grid(**inputs["grid"])
    only = np.asarray(arrays["only"]).reshape(grid.shape)
    compact = CompactSurface(
        grid.limited(only),
        criteria_of(specs, alternatives=inputs["alternatives"]),
        rules,
        stored.header["study_area"],
        arrays["share"],
        tuple(arrays[f"performance/{k}"] for k in range(len(specs))),
        tuple(arrays[f"levels/{k}"] for k in range(len(specs))),
        tuple(arrays[f"met/{k}"] for k in range(len(rules))),
    )
    ledger = stored.header["ledger"]
    taken = tuple(Taken(**one) for one in ledger["taken"])
    return KnownSurface(digest, inputs, specs, compact, Ledger(**{**ledger, "taken": taken}))


def _specs_of(inputs: Inputs) -> tuple[CriterionSpec, ...]:
    return tuple(CriterionSpec.model_validate(one) for one in inputs["criteria"])


def _rule(kind: str, **said: Any) -> Rule:
    return _RULES[kind](**said)
