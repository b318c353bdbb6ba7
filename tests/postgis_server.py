"""A PostGIS server of the tests' own: temporary, on a free port, gone when the tests end.

It runs under an unprivileged user, since PostgreSQL refuses root, asks for a password as a server
in an office does, and sorts Chinese and capitals by their own rules (ICU), so that an order that
depends on the server shows. Nothing of a PostgreSQL that the machine runs already is touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from system_parts import find_postgis

PASSWORD = "秘密 p@ss/w:ord?#%"  # every sign that a URL has to escape
ESCAPED = "%E7%A7%98%E5%AF%86%20p%40ss%2Fw%3Aord%3F%23%25"
ADMIN, PLANNER, READER = "keeper", "planner", "reader"
DATABASE = "city"
_PREFIX = "ouzhi-postgis-"
STARTS_WITHIN_S = 60.0
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=zh")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server with one database that has PostGIS, its process and its folder."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def url(
        self, schema: str | None = None, *, user: str = PLANNER, database: str = DATABASE
    ) -> str:
        """Address of a workspace on this server, its password escaped as in any URL."""
        asked = "" if schema is None else f"?schema={schema}"
        return f"postgresql://{user}:{ESCAPED}@127.0.0.1:{self.port}/{database}{asked}"

    def connect(
        self, *, user: str = ADMIN, database: str = DATABASE
    ) -> psycopg.Connection[tuple[object, ...]]:
        """Open a connection as another program does; each statement is its own transaction."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, password=PASSWORD, dbname=database,
            autocommit=True,
        )  # fmt: skip

    def run(self, *statements: str, user: str = ADMIN, database: str = DATABASE) -> None:
        """Run statements one by one, each committed."""
        with closing(self.connect(user=user, database=database)) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def serving() -> Iterator[Server]:
    """Run a new server until the block is left, and leave nothing of it behind."""
    programs = find_postgis()
    assert programs is not None, "mark the test with pytest.mark.system('postgis')"
    account = _account()
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        _make_cluster(programs, folder, account)
        with _running(programs, folder, account) as server:
            _make_database(server)
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove what tests that were killed left; their servers ended with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        ended = owner.isdecimal() and not _is_alive(int(owner))
        if ended and not (folder / "data" / "postmaster.pid").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _account() -> pwd.struct_passwd | None:
    """The account the server runs under; None for the one that runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _make_cluster(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> None:
    secret = folder / "secret"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    if account is not None:
        os.chown(secret, account.pw_uid, account.pw_gid)
    command = [
        *(str(programs / "initdb"), f"--pgdata={folder / 'data'}", f"--username={ADMIN}"),
        *("--auth=scram-sha-256", f"--pwfile={secret}", *_LOCALE),
    ]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, **_as(account)
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _running(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> Iterator[Server]:
    """Start the server; another program may take the port in between, then another is tried."""
    for _ in range(5):
        server = _started(programs, folder, account)
        if server is not None:
            break
    else:
        raise AssertionError((folder / "log").read_text(encoding="utf-8", errors="replace"))
    try:
        yield server
    finally:
        _stop(server.process)


def _started(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> Server | None:
    port = _free_port()
    settings = {**_SETTINGS, "port": port, "unix_socket_directories": folder}
    command = [
        *_dying_with_us(),
        *(str(programs / "postgres"), "-D", str(folder / "data")),
        *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
    ]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_as(account)
        )
    server = Server(port, folder, process)
    end = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < end:
        try:
            server.connect(database="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return server
    _stop(process)
    return None


def _dying_with_us() -> list[str]:
    """What makes the server end with the tests even where those are killed (Linux)."""
    setpriv = shutil.which("setpriv")
    return [] if setpriv is None else [setpriv, "--pdeathsig", "INT", "--"]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it at once, as `pg_ctl stop -m immediate` does: nothing of it is wanted any more."""
    process.send_signal(signal.SIGQUIT)
    process.wait(timeout=60)


def _make_database(server: Server) -> None:
    """One database with PostGIS; who plans may make schemas in it, who reads may not."""
    with closing(server.connect(database="postgres")) as connection:
        for role in (PLANNER, READER):
            make = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(make.format(sql.Identifier(role), sql.Literal(PASSWORD)))
        connection.execute(f"CREATE DATABASE {DATABASE}")
        connection.execute(f"GRANT CREATE ON DATABASE {DATABASE} TO {PLANNER}")
        connection.execute("CREATE DATABASE bare")
        connection.execute(f"GRANT CREATE ON DATABASE bare TO {PLANNER}")
    server.run("CREATE EXTENSION postgis")
