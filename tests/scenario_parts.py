"""The parts of a scenario file, found from the models: kinds, keys, the words a key may hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from geo.scenario import Scenario

CHOICES = ("kind", "method")
"""Keys that say which kind a part is."""


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that a key may hold, through lists, unions and annotations."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def words_of(annotation: Any) -> list[str]:
    """Every word that a key may hold."""
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    return [word for part in get_args(annotation) for word in words_of(part)]


def choice_of(model: type[BaseModel]) -> tuple[str, list[str]]:
    """The key that says which kind a part is, and the words it may have."""
    (key,) = [name for name in CHOICES if name in model.model_fields]
    return key, words_of(model.model_fields[key].annotation)


def kinds_under(model: type[BaseModel], key: str) -> set[str]:
    """Every kind that may stand under a key."""
    models = models_in(model.model_fields[key].annotation)
    return {word for one in models for word in choice_of(one)[1]}


def title_of(key: str, model: type[BaseModel], beside: int) -> str:
    """How the heading of a part begins: its kinds where there are several, else its key."""
    if beside == 1:
        return f"`{key}`"
    choice, words = choice_of(model)
    return ", ".join(f"`{choice}: {word}`" for word in words)


@cache
def parts() -> dict[str, type[BaseModel]]:
    """Every part that a scenario file may have, by how its heading begins, in depth."""
    found: dict[str, type[BaseModel]] = {}

    def walk(key: str, annotation: Any) -> None:
        models = list(models_in(annotation))
        for model in models:
            if model not in found.values():
                found[title_of(key, model, len(models))] = model
                for name, field in model.model_fields.items():
                    walk(name, field.annotation)

    walk("", Scenario)
    return found
