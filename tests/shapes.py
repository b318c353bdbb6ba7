"""Documents held against the JSON Schemas that outsiders read, in `docs/schemas`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schemas"


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of one schema file, which has to be a sound schema itself."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def require_shape(name: str, document: Any) -> None:
    """Fail with every place where a document is not as its schema says."""
    faults = [
        f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(document)
    ]
    assert not faults, f"{name}: {faults}"
