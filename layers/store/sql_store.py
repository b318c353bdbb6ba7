"""A workspace in an SQL database: what GeoPackage and PostGIS do alike."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from datetime import UTC, datetime, time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.sentence import Sentence
from layers.catalog import LAYERS, TABLES, FieldSpec, LayerSpec
from layers.clock import Clock, time_of, utc_now
from layers.errors import LayerError, RevisionError, WorkspaceError
from layers.filters import Box, Condition
from layers.store import hashing
from layers.store.base import (
    Change,
    DocumentHead,
    DocumentKind,
    Feature,
    FeatureChange,
    Found,
    Put,
    Revision,
    RevisionKind,
    StoredDocument,
)
from layers.store.change import SqlChange
from layers.store.documents import Documents
from layers.store.features import features_of, read_feature
from layers.store.history import count_rows, read_after, read_before, read_state
from layers.store.memory import LayersRead
from layers.store.records import (
    FORMAT,
    INTERNAL,
    METADATA,
    free_specs,
    require_layer,
    sum_of,
    widest,
)
from layers.store.rows import frame_of
from layers.store.session import Session

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class SqlStore(ABC):
    """One workspace in a database; every read and every change opens and closes a connection.

    A store that `at` gives is bound to a revision and can be read only.
    """

    _revision: int | None = None
    """The revision that is read; None: the last one."""

    clock: Clock = staticmethod(utc_now)

    @abstractmethod
    def reading(self) -> AbstractContextManager[Session]:
        """A session that reads one state; raises `WorkspaceError`."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Session]:
        """A session that alone writes, stored when it is left; raises `WorkspaceError`."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the workspace is, for messages: no password is in it."""

    # --- reading ---------------------------------------------------------------------------------

    @property
    def metadata(self) -> Mapping[str, str]:
        """City, boundaries, format, revision, and the hash of all layers and tables, as of now."""
        with self.reading() as session:
            state = read_state(session, INTERNAL[METADATA], self._bound(session))
            kept = {str(row[0]): str(row[1]) for row in state.rows.tuples}
            specs = self._all_specs(session)
            hashes = {name: self._hash(session, spec) for name, spec in specs.items()}
            number = self._revision or _version(session)[0]
        return {**kept, "hash": hashing.combined(hashes), "revision": str(number)}

    def specs(self) -> Mapping[str, LayerSpec]:
        """Every layer by id: the catalogue's in its order, then the free ones by id."""
        with self.reading() as session:
            return self._specs(session)

    def read_layer(self, name: str) -> gpd.GeoDataFrame:
        """All features of a layer, in the order stored; raises `LayerError` for an unknown one."""
        with self.reading() as session:
            spec = require_layer(name, self._specs(session))
            state = read_state(session, spec, self._bound(session))
        return features_of(state, spec)

    def find(
        self,
        name: str,
        *,
        bbox: Box | None = None,
        where: Sequence[Condition] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> Found:
        """Features whose geometry meets a box, its edge included, and that meet all conditions."""
        with self.reading() as session:
            spec = require_layer(name, self._specs(session))
            if bbox is None:
                state = read_state(
                    session, spec, self._bound(session), where=where, limit=limit, offset=offset
                )
                matched = len(state.fids)
                if limit is not None or offset:
                    matched = count_rows(session, spec, self._bound(session), where)
                return Found(features_of(state, spec), matched)
            state = read_state(session, spec, self._bound(session), bbox=bbox, where=where)
        frame = features_of(state, spec)
        meeting = frame[shapely.intersects(frame.geometry.to_numpy(), shapely.box(*bbox))]
        end = None if limit is None else offset + limit
        return Found(meeting.iloc[offset:end].reset_index(drop=True), len(meeting))

    def feature(self, name: str, key: str) -> Feature:
        """One feature by its key; raises `LayerError` where there is none."""
        with self.reading() as session:
            spec = require_layer(name, self._specs(session))
            return read_feature(session, spec, key, self._bound(session))

    def count(self, name: str) -> int:
        """How many features a layer has; raises `LayerError` for an unknown one."""
        with self.reading() as session:
            spec = require_layer(name, self._specs(session))
            return count_rows(session, spec, self._bound(session))

    def extent(self, name: str) -> Box | None:
        """West, south, east and north of all geometries; None where there is none."""
        with self.reading() as session:
            spec = require_layer(name, self._specs(session))
            if self._bound(session) is None:
                return session.extent(spec)
            bounds = read_state(session, spec, self._bound(session)).rows.bounds
        if not len(bounds) or np.isnan(bounds).all():
            return None
        west, south = np.nanmin(bounds[:, :2], axis=0).tolist()
        east, north = np.nanmax(bounds[:, 2:], axis=0).tolist()
        return west, south, east, north

    def layer_hash(self, name: str) -> str:
        """The hash of a layer's content; raises `LayerError` for an unknown one."""
        with self.reading() as session:
            return self._hash(session, require_layer(name, self._specs(session)))

    def read_table(self, name: str) -> pd.DataFrame:
        """All rows of a table without geometry; raises `LayerError` for an unknown one."""
        if name not in TABLES:
            raise LayerError(
                f"unknown table {name!r}; the workspace has {', '.join(TABLES)}",
                f"没有表 {name!r}；工作区有 {'、'.join(TABLES)}",
            )
        with self.reading() as session:
            return frame_of(
                read_state(session, TABLES[name], self._bound(session)).rows, TABLES[name]
            )

    def read_layers(self) -> Mapping[str, gpd.GeoDataFrame]:
        """All layers by id as they stand now, each read when it is first looked up."""
        return LayersRead(self.snapshot())

    def snapshot(self) -> SqlStore:
        """The workspace bound to its last revision: what comes later is not seen."""
        number = self.version()[0]
        if self._revision is not None or not number:
            return self
        bound = copy(self)
        bound._revision = number
        return bound

    def version(self) -> tuple[int, int]:
        """Changes with every change of a layer or table, whoever made it; quick to ask."""
        if self._revision is not None:
            return self._revision, 0
        with self.reading() as session:
            return _version(session)

    # --- history ---------------------------------------------------------------------------------

    def at(self, when: str | int) -> SqlStore:
        """The workspace as it was: after a revision, or at the end of a day; it can only be read.

        Raises `RevisionError` for what is neither, and for a time before the first revision.
        """
        with self.reading() as session:
            past = copy(self)
            past._revision = _revision_at(session, when)
        return past

    def revisions(self, *, limit: int | None = None) -> list[Revision]:
        """The revisions, the newest first."""
        sql = "SELECT revision, made, author, reason, kind, summary FROM ouzhi_revisions"
        bound = "" if self._revision is None else f" WHERE revision <= {self._revision:d}"
        few = "" if limit is None else f" LIMIT {limit:d}"
        with self.reading() as session:
            rows = session.rows(f"{sql}{bound} ORDER BY revision DESC{few}")
        return [
            Revision(number, made, author, why, kind, _counts(summary))
            for number, made, author, why, kind, summary in rows
        ]

    def differences(self, since: int, until: int, layer: str | None = None) -> list[FeatureChange]:
        """Features that differ between the states after two revisions (0: before the first)."""
        with self.reading() as session:
            last = _version(session)[0]
            for number in (since, until):
                _require_number(number, last)
            turned = since > until
            first, second = sorted((since, until))
            every = self._all_specs(session)
            for number in (first, second):
                for name, spec in free_specs(session, number).items():
                    every[name] = widest(spec, every.get(name))
            specs = every if layer is None else {layer: require_layer(layer, every)}
            changes = [
                change
                for spec in specs.values()
                for change in _differences(session, spec, first, second)
            ]
        if turned:
            return [FeatureChange(one.layer, one.key, one.after, one.before) for one in changes]
        return changes

    @contextmanager
    def changing(
        self, *, author: str, reason: str, kind: RevisionKind = "edit"
    ) -> Iterator[Change]:
        """Begin a change: what is done in the block is one revision, all of it or nothing."""
        self._require_present()
        with self.writing() as session:
            self._require_format(session)
            change = SqlChange.begin(
                session, author=author, reason=reason, kind=kind, made=time_of(self.clock)
            )
            yield change
            if not change.finish():
                session.rollback()

    def _require_present(self) -> None:
        if self._revision is not None:
            raise RevisionError(
                f"the workspace as of revision {self._revision} can only be read; change it "
                "without --as-of",
                f"工作区在版本 {self._revision} 的状态只能读取；请不加 --as-of 再修改",
            )

    # --- saved documents -------------------------------------------------------------------------

    def list_documents(self, kind: DocumentKind) -> list[DocumentHead]:
        """All saved documents of a kind, without their bodies, by id."""
        with self.reading() as session:
            return Documents(session).heads(kind)

    def read_document(self, kind: DocumentKind, name: str) -> StoredDocument | None:
        """One saved document; None where there is none of this kind and id."""
        with self.reading() as session:
            return Documents(session).read(kind, name)

    def write_document(self, document: StoredDocument, *, replace: bool = False) -> bool:
        """Save a document in one transaction; False where one stands and `replace` is not given.

        Raises `WorkspaceError` where nothing can be written.
        """
        self._require_present()
        with self.writing() as session:
            self._require_format(session)
            return Documents(session).write(document, replace=replace)

    def delete_document(self, kind: DocumentKind, name: str) -> bool:
        """Delete a saved document and tell whether there was one; raises `WorkspaceError`."""
        self._require_present()
        with self.writing() as session:
            self._require_format(session)
            return Documents(session).delete(kind, name)

    # --- what is where ---------------------------------------------------------------------------

    def require_format(self) -> None:
        """Raise `WorkspaceError` where the database is of another format than this version's."""
        with self.reading() as session:
            self._require_format(session)

    def _require_format(self, session: Session) -> None:
        rows = session.rows(f"SELECT value FROM {METADATA} WHERE key = ?", ("format",))
        found = str(rows[0][0]) if rows else "?"
        if found != FORMAT:
            raise _other_format(self.place, found)

    def _bound(self, session: Session) -> int | None:
        """The revision to be read; None where it is the last one, which needs no history."""
        return None if self._revision == _version(session)[0] else self._revision

    def _specs(self, session: Session) -> dict[str, LayerSpec]:
        return {**LAYERS, **free_specs(session, self._bound(session))}

    def _all_specs(self, session: Session) -> dict[str, LayerSpec]:
        """Layers and tables: all that counts as content."""
        return {**self._specs(session), **TABLES}

    def _hash(self, session: Session, spec: LayerSpec) -> str:
        names = [field.name for field in spec.fields]
        if spec.free and self._bound(session) is not None:
            state = read_state(session, spec, self._bound(session))  # fields may be others since
            return hashing.layer_hash(
                spec.id, names, hashing.total(state.rows.digests(spec.fields))
            )
        return hashing.layer_hash(spec.id, names, sum_of(session, spec, self._bound(session)))


def _version(session: Session) -> tuple[int, int]:
    found = session.rows(
        "SELECT revision, edits FROM ouzhi_revisions ORDER BY revision DESC LIMIT 1"
    )
    return (int(found[0][0]), int(found[0][1])) if found else (0, 0)


def _counts(summary: str) -> dict[str, Put]:
    return {name: Put(*counts) for name, counts in json.loads(summary or "{}").items()}


def _require_number(number: int, last: int) -> None:
    if not 0 <= number <= last:
        raise RevisionError(
            f"there is no revision {number}; the last one is {last}, list them with "
            "`ouzhi revisions log`",
            f"没有版本 {number}；最新为 {last}，列表见 `ouzhi revisions log`",
        )


def _revision_at(session: Session, when: str | int) -> int:
    text = str(when).strip().removeprefix("r")
    last = _version(session)[0]
    if text.isdecimal() and len(text) < 10:
        number = int(text)
        _require_number(number, last)
        if number:
            return number
    else:
        moment = _moment(text)
        made = time_of(lambda: moment)
        found = session.rows("SELECT max(revision) FROM ouzhi_revisions WHERE made <= ?", (made,))
        if found[0][0] is not None:
            return int(found[0][0])
    first = session.rows("SELECT min(made) FROM ouzhi_revisions")[0][0]
    raise RevisionError(
        f"nothing was there as of {when}; the first revision was made at {first}",
        f"{when} 时尚无数据；第一个版本建于 {first}",
    )


def _moment(text: str) -> datetime:
    """The time that a person names; the last moment of a day."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise RevisionError(
            f"{text!r} is neither a revision nor a day; write a number such as 12, a day such as "
            "2026-11-29, or a time such as 2026-11-29T08:00",
            f"{text!r} 既不是版本号也不是日期；可写 12、2026-11-29 或 2026-11-29T08:00",
        ) from error
    if _DAY.fullmatch(text):
        found = datetime.combine(found.date(), time.max)
    return found.astimezone(UTC)


def _differences(
    session: Session, spec: LayerSpec, since: int, until: int
) -> Iterator[FeatureChange]:
    before = read_before(session, spec, since, until).by_fid()
    after = read_after(session, spec, since, until).by_fid()
    for fid in sorted({*before, *after}):
        one, other = before.get(fid), after.get(fid)
        if one != other:
            held = one or other
            assert held is not None
            key = str(held[0][0])
            yield FeatureChange(spec.id, key, _values(spec, one), _values(spec, other))


def _values(
    spec: LayerSpec, row: tuple[tuple[object, ...], bytes | None] | None
) -> dict[str, object] | None:
    if row is None:
        return None
    values: dict[str, object] = {
        field.name: _truth(field, value) for field, value in zip(spec.fields, row[0], strict=True)
    }
    if spec.geometry_type is not None:
        values["geometry"] = None if row[1] is None else shapely.from_wkb(row[1])
    return values


def _truth(field: FieldSpec, value: object) -> object:
    return bool(value) if field.type == "boolean" and value is not None else value


def _other_format(place: str, found: str) -> WorkspaceError:
    newer = found.isdecimal() and int(found) > int(FORMAT)
    do = (
        Sentence("请升级 ouzhi", "update ouzhi")
        if newer
        else Sentence("请另选位置重新生成", "build a new one at another place")
    )
    return WorkspaceError(
        f"{place} is a workspace of format {found}, this version reads format {FORMAT}; {do.en}",
        f"{place} 的工作区格式为 {found}，本版本读取格式 {FORMAT}；{do.zh}",
    )
