"""The server as a process: it says where it is, answers there, and tells why it cannot."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.server import AddressError, _listen

COMMAND = "import sys; from api.cli import main; sys.exit(main(sys.argv[1:]))"
PATIENCE_S = 60.0


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield int(holder.getsockname()[1])


def serve(workspace: Path, port: int, *more: str) -> list[str]:
    options = ["--workspace", str(workspace), "--port", str(port), *more]
    return [sys.executable, "-c", COMMAND, "serve", *options]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_named(taken: int) -> None:
    with pytest.raises(AddressError) as caught:
        _listen("127.0.0.1", taken)
    en, zh = caught.value.of("en"), caught.value.of("zh")
    assert en.startswith(f"cannot listen on 127.0.0.1:{taken} (Address already in use)")
    assert "choose another port with --port" in en
    assert f"无法监听 127.0.0.1:{taken}" in zh
    assert "用 --port 换一个端口" in zh


@pytest.mark.parametrize("host", ["256.0.0.1", "a" * 70 + ".example", "192.0.2.1"])
def test_an_address_that_is_not_ours_is_named(host: str) -> None:
    with pytest.raises(AddressError, match=re.escape(f"cannot listen on {host}:0")):
        _listen(host, 0)


def test_a_listener_answers_at_once() -> None:
    with _listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
        with pytest.raises(AddressError):
            _listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "无法监听 127.0.0.1"), ("en", "cannot listen on 127.0.0.1")]
)
def test_a_taken_port_ends_the_command_with_2(
    workspace: Path, taken: int, lang: str, words: str
) -> None:
    command = serve(workspace, taken, "--lang", lang)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_missing_workspace_ends_the_command_with_2(tmp_path: Path) -> None:
    command = serve(tmp_path / "none.gpkg", free_port(), "--lang", "en")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 2
    assert "there is no workspace at" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_server_says_where_it_is_answers_there_and_stops_when_told(workspace: Path) -> None:
    port = free_port()
    command = serve(workspace, port, "--lang", "en")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        try:
            said = process.stderr.readline()
            assert said == f"Ouzhi workbench: http://127.0.0.1:{port} (Ctrl+C stops it)\n"
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/api/health", timeout=30
            ) as answer:
                assert json.load(answer)["lang"] == "en"
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
        assert process.wait(timeout=PATIENCE_S) == 130
    assert "Traceback" not in rest
