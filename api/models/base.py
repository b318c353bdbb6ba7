"""What all shapes share."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: object) -> object:
    """Only days as text: pydantic by itself also takes seconds since 1970 and times."""
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "a day, written 2023-01-01")


Day = Annotated[date, BeforeValidator(_day)]
"""A day of the calendar in a request, written 2023-01-01."""

Number = Annotated[float, Field(strict=True)]
"""A JSON number in a request; neither text nor true or false."""


class Shape(BaseModel):
    """Base: exactly the declared keys."""

    model_config = ConfigDict(extra="forbid")


class Source(Shape):
    """A source with its validity."""

    id: str
    title: str
    number: str | None
    valid_from: str | None
    valid_to: str | None
    licence: str | None
    note: str | None
