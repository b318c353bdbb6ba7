"""A real server of an application on a free port of this machine, and questions to it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import uvicorn
from fastapi import FastAPI

OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one question."""

    status: int
    headers: dict[str, str]
    text: str

    def document(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A server that runs at `url`, which ends without a slash."""

    url: str

    def ask(self, path: str, body: Any = None) -> Answer:
        """GET the path, or POST the body to it as JSON; an error is an answer too."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}{path}", data, {"content-type": "application/json"})
        try:
            response = OPENER.open(request, timeout=60)
        except HTTPError as error:
            response = error
        with response:
            return Answer(response.status, dict(response.headers), response.read().decode())

    def read(self, path: str, body: Any = None) -> Any:
        """The document at the path, which must be there."""
        answer = self.ask(path, body)
        assert answer.status == 200, answer.text
        return answer.document()

    def run(self, scenario: str, lang: str = "zh", **asked: Any) -> Any:
        """The run of a scenario."""
        return self.read(f"/api/scenarios/{scenario}/run?lang={lang}", asked)

    def features(self, layer: str) -> dict[str, dict[str, Any]]:
        """The properties of a layer's features, by id."""
        found = self.read(f"/api/layers/{layer}/items")["features"]
        return {one["id"]: one["properties"] for one in found}


@contextmanager
def serving(app: FastAPI) -> Iterator[LiveServer]:
    """Serve the application in a thread until the block is left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        try:
            yield LiveServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join()
