"""What every test lives under: system parts, no outside network, one Hypothesis profile."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import settings
from system_parts import PARTS, find_chromium, install_command, missing_parts, under_ci

if TYPE_CHECKING:
    from postgis_server import Server

settings.register_profile("ouzhi", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ouzhi")

MISSING = pytest.StashKey[str]()


def parts_needed(item: pytest.Item) -> list[str]:
    """Return the parts that the test's `system` marks name, each of which must be known."""
    names = [name for mark in item.iter_markers("system") for name in mark.args]
    if unknown := sorted(set(names) - set(PARTS)):
        known = ", ".join(PARTS)
        raise pytest.UsageError(f"{item.nodeid}: unknown system part {unknown}; known: {known}")
    return list(dict.fromkeys(names))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip by name what this machine cannot run; under CI=true it fails instead."""
    absent = set(missing_parts())
    for item in items:
        missing = [name for name in parts_needed(item) if name in absent]
        if not missing:
            continue
        reason = f"{item.name} needs {', '.join(missing)}: {install_command(missing)}"
        if under_ci():
            item.stash[MISSING] = reason
        else:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose system part should have been installed."""
    if reason := item.stash.get(MISSING, None):
        pytest.fail(reason, pytrace=False)


def is_local(address: Any) -> bool:
    """Tell whether a socket address stays on this machine."""
    return not isinstance(address, tuple) or str(address[0]) in {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True, scope="session")
def no_outside_network() -> Iterator[None]:
    """Refuse every connection of the test process that leaves this machine."""
    connect = socket.socket.connect

    def connect_locally(self: socket.socket, address: Any) -> None:
        if not is_local(address):
            raise ConnectionRefusedError(f"no test may leave this machine: {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_locally)
        yield


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser; tests that use it carry `system("chromium")`."""
    path = find_chromium()
    assert path is not None, "mark the test with pytest.mark.system('chromium')"
    return path


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the path of Wenzhou's workspace, built once for the whole run; whoever writes copies."""
    from layers.workspace import build_workspace

    path = tmp_path_factory.mktemp("workspace") / "温州市.gpkg"
    build_workspace("温州市", "amap", path)
    built = path.read_bytes()
    yield path
    assert path.read_bytes() == built, "a test wrote to the workspace that all tests share"


@pytest.fixture(scope="session")
def postgis() -> Iterator[Server]:
    """Run a PostGIS server for this process; tests that use it carry `system("postgis")`."""
    from postgis_server import serving

    with serving() as server:
        yield server


@pytest.fixture
def postgis_url(postgis: Server) -> Iterator[str]:
    """Give the address of a schema of the test's own, which does not exist yet."""
    schema = f"w_{uuid4().hex}"
    yield postgis.url(schema)
    postgis.run(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@pytest.fixture
def run(
    tmp_path: Path,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str, str]]:
    """Return a runner of commands in an empty folder, on the workspace built for the whole run.

    It gives the exit code, stdout and stderr.
    """
    from api.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OUZHI_WORKSPACE", str(workspace))
    monkeypatch.delenv("OUZHI_LANG", raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return call
