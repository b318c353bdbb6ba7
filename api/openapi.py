"""The OpenAPI description of the app: problems as problem+json, and what queries it declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from starlette.routing import compile_path

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_BY_FASTAPI = ("HTTPValidationError", "ValidationError")

Query = tuple[re.Pattern[str], str, frozenset[str]]


class DescribedApp(FastAPI):
    """A FastAPI whose description says what its routes really answer.

    Every answer from 400 on is a problem document; what pydantic refuses is 400, never the 422 that
    FastAPI would list by itself.
    """

    def openapi(self) -> dict[str, Any]:
        """Return the description, made at the first call."""
        if self.openapi_schema is None:
            document = super().openapi()
            for _, _, operation in operations(document):
                _correct(operation["responses"])
            for name in _BY_FASTAPI:
                document["components"]["schemas"].pop(name, None)
            self.openapi_schema = document
        return self.openapi_schema

    @cached_property
    def queries(self) -> list[Query]:
        """Pattern of the path, method and declared query parameters of every operation."""
        return [
            (compile_path(path)[0], method.upper(), _declared(operation))
            for path, method, operation in operations(self.openapi())
        ]

    def methods_of(self, path: str) -> list[str]:
        """Return the methods that an address of the API takes, none for an unknown one."""
        return [method for pattern, method, _ in self.queries if pattern.match(path)]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method in lower case, and description of every operation, in order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _correct(responses: dict[str, Any]) -> None:
    ours = responses.get("422", {}).get("content", {}).get("application/json", {})
    if ours.get("schema", {}).get("$ref", "").endswith("/HTTPValidationError"):
        del responses["422"]
    for status, response in responses.items():
        if int(status) >= 400:
            response["content"] = _PROBLEM


def _declared(operation: dict[str, Any]) -> frozenset[str]:
    parameters = operation.get("parameters", [])
    return frozenset(one["name"] for one in parameters if one["in"] == "query")
