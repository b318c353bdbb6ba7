"""The time at which something is saved: a clock is passed in, and read once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Read the clock of this machine, in UTC."""
    return datetime.now(UTC)


def time_of(clock: Clock) -> str:
    """The time as stored: UTC to the millisecond, ``2023-01-01T08:00:00.000Z``."""
    text = clock().astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
