"""What a database records about itself: revisions, free layers, metadata, and sums of hashes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from geo.sentence import Sentence
from layers.catalog import LAYERS, TABLES, FieldSpec, LayerSpec
from layers.errors import LayerError
from layers.store import hashing
from layers.store.history import read_after, read_before, read_state
from layers.store.session import Session

FORMAT = "2"
METADATA = "ouzhi_workspace"
"""Table of key and value: city, boundaries, format."""

FREE_LAYERS = "ouzhi_layers"
"""Table of the layers that users made: id and specification in JSON."""

_NOTHING = Sentence("", "")
_EMPTY = LAYERS["parcels"].when_empty


def _internal(name: str, *fields: str) -> LayerSpec:
    specs = tuple(FieldSpec(field, Sentence(field, field)) for field in fields)
    return LayerSpec(name, Sentence(name, name), None, specs, _NOTHING)


INTERNAL = {
    METADATA: _internal(METADATA, "key", "value"),
    FREE_LAYERS: _internal(FREE_LAYERS, "id", "spec"),
}
"""Tables of our own that have a history like every layer."""


def free_specs(session: Session, revision: int | None) -> dict[str, LayerSpec]:
    """The layers that users made, by id, after a revision (None: now)."""
    state = read_state(session, INTERNAL[FREE_LAYERS], revision)
    pairs = sorted((str(name), str(text)) for name, text in state.rows.tuples)
    return {name: spec_of(name, text) for name, text in pairs}


def spec_text(spec: LayerSpec) -> str:
    """The specification of a free layer as JSON."""
    fields = [
        {
            "name": field.name,
            "title": asdict(field.title),
            "unit": None if field.unit is None else asdict(field.unit),
            "type": field.type,
        }
        for field in spec.fields
    ]
    whole = {"title": asdict(spec.title), "geometry_type": spec.geometry_type, "fields": fields}
    return json.dumps(whole, ensure_ascii=False)


def spec_of(name: str, text: str) -> LayerSpec:
    """The reverse of `spec_text`."""
    said = json.loads(text)
    fields = tuple(
        FieldSpec(
            one["name"],
            Sentence(**one["title"]),
            None if one["unit"] is None else Sentence(**one["unit"]),
            one["type"],
        )
        for one in said["fields"]
    )
    title = Sentence(**said["title"])
    return LayerSpec(name, title, said["geometry_type"], fields, _EMPTY, free=True)


def widest(spec: LayerSpec, now: LayerSpec | None) -> LayerSpec:
    """A free layer with the fields it had and those it has: both have columns."""
    known = {one.name for one in spec.fields}
    more = () if now is None else tuple(one for one in now.fields if one.name not in known)
    return replace(spec, fields=(*spec.fields, *more))


def require_layer(name: str, specs: Mapping[str, LayerSpec]) -> LayerSpec:
    """Return the specification of a layer; raise `LayerError` naming those that exist."""
    if name not in specs:
        shown = [one for one in specs if one not in TABLES]
        raise LayerError(
            f"unknown layer {name!r}; the workspace has {', '.join(shown)}",
            f"没有图层 {name!r}；工作区有 {'、'.join(shown)}",
        )
    return specs[name]


def kept_specs(session: Session) -> dict[str, LayerSpec]:
    """All that has a history: layers, tables, and our own."""
    return {**LAYERS, **free_specs(session, None), **TABLES, **INTERNAL}


def last_own_revision(session: Session) -> int:
    """The last revision that this program made: sums of hashes are as of it."""
    sql = "SELECT max(revision) FROM ouzhi_revisions WHERE kind <> 'outside' AND NOT open"
    return int(session.rows(sql)[0][0] or 0)


def sum_of(session: Session, spec: LayerSpec, revision: int | None) -> int:
    """The sum of the hashes of a layer's rows after a revision (None: now).

    Starts from the sum that is stored as of the last revision of ours; what other programs changed
    since is read. Of a layer that has other fields now all rows are read.
    """
    if revision is not None and spec.free:
        now = free_specs(session, None).get(spec.id)
        if now is None or now.fields != spec.fields:
            return hashing.total(read_state(session, spec, revision).rows.digests(spec.fields))
    sql = "SELECT total FROM ouzhi_sums WHERE name = ?"
    found = session.rows(sql, (spec.id,))
    stored = int(str(found[0][0]), 16) if found else 0
    own = last_own_revision(session)
    current = stored + _gain(session, spec, own)
    if revision is None:
        return current % hashing.MODULUS
    return (current - _gain(session, spec, revision)) % hashing.MODULUS


def store_sum(session: Session, spec: LayerSpec, amount: int) -> None:
    """Store the sum of a layer's rows as of the revision in the making."""
    text = f"{amount % hashing.MODULUS:064x}"
    if not session.run("UPDATE ouzhi_sums SET total = ? WHERE name = ?", (text, spec.id)):
        session.run("INSERT INTO ouzhi_sums (name, total) VALUES (?, ?)", (spec.id, text))


def _gain(session: Session, spec: LayerSpec, since: int) -> int:
    """What the changes after a revision added to the sum."""
    before = read_before(session, spec, since, None).rows
    after = read_after(session, spec, since, None).rows
    return hashing.total(after.digests(spec.fields)) - hashing.total(before.digests(spec.fields))
