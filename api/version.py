"""The version of this program, as installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _installed() -> str:
    try:
        return version("ouzhi")
    except PackageNotFoundError:
        return "0+unknown"


VERSION = _installed()
