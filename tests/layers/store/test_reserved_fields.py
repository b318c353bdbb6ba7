"""Fields that a layer cannot have, because the database has them itself."""

from __future__ import annotations

import pytest

from geo.sentence import Sentence
from layers.catalog import OF_STORES, FieldSpec, free_layer
from layers.errors import LayerError
from layers.store.sql_store import SqlStore

TITLE = Sentence("自有", "Own")


@pytest.mark.parametrize("name", sorted(OF_STORES))
def test_a_field_of_the_database_is_refused_and_nothing_is_made(store: SqlStore, name: str) -> None:
    spec = free_layer("own", TITLE, "Point", (FieldSpec(name, TITLE),))
    with (
        pytest.raises(LayerError, match=f"cannot have the fields {name}") as caught,
        store.changing(author="a", reason="b") as change,
    ):
        change.add_layer(spec)
    assert "由数据库自用" in caught.value.of("zh")
    assert "own" not in store.specs()
    assert store.version() == (0, 0)
