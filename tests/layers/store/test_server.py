"""A PostGIS server as a place of workspaces: addresses, faults in words, and no password shown."""

from __future__ import annotations

import sys
import threading
import traceback
from contextlib import closing

import psycopg
import pytest
from postgis_server import ESCAPED, PASSWORD, READER, Server

from layers.errors import WorkspaceError
from layers.store import server
from layers.store.server import is_address, read_address, reading, writing

SECRETS = (PASSWORD, ESCAPED, "p@ss", "p%40ss")


def refused(error: WorkspaceError) -> tuple[str, str]:
    """Both sentences; neither they nor the traceback hold the password."""
    told = "".join(traceback.format_exception(error))
    for secret in SECRETS:
        assert secret not in told
        assert secret not in error.of("zh")
    return str(error), error.of("zh")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://a@h/d", True),
        ("POSTGRES://h/d", True),
        ("postgresql.gpkg", False),
        ("/postgresql://x", False),
        ("http://h/d", False),
    ],
)
def test_an_address_is_told_from_a_file(text: str, expected: bool) -> None:
    assert is_address(text) is expected


def test_an_address_names_server_database_and_schema_without_the_password() -> None:
    address = read_address(f"postgresql://planner:{ESCAPED}@db.local:5433/city?schema=温州")
    assert address.schema == "温州"
    assert dict(address.parameters) == {
        "user": "planner",
        "password": PASSWORD,
        "host": "db.local",
        "port": "5433",
        "dbname": "city",
    }
    assert str(address) == "postgresql://planner@db.local:5433/city?schema=%E6%B8%A9%E5%B7%9E"
    assert read_address(str(address)).schema == "温州"
    assert not any(secret in repr(address) for secret in SECRETS)


def test_the_schema_has_a_default_and_the_rest_of_the_query_is_for_postgresql() -> None:
    address = read_address("postgres://h1:1,h2:2/city?sslmode=require&password=geheim")
    assert address.schema == "ouzhi"
    assert address.parameters["sslmode"] == "require"
    assert address.parameters["host"] == "h1,h2"
    assert str(address) == "postgresql://h1:1,h2:2/city?schema=ouzhi"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://planner:geh@eim@h/d",
        "postgresql://planner:geh/eim@h/d",
        "postgresql://planner:geh?eim@h/d",
        "postgresql://planner:geh?eim=eim@h/d",
        "postgresql://planner:geh#eim@h/d",
        "postgresql://planner:geh%eim@h/d",
        "postgresql://planner:geheim/d",
        "postgresql://planner:geh[eim@h/d",
        "postgresql://h/d?geheim=1",
        "mysql://planner:geheim@h/d",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(
        WorkspaceError, match=r"cannot be read; write it as postgresql://"
    ) as caught:
        read_address(url)
    assert "数据库地址无法识别" in caught.value.of("zh")
    told = "".join(traceback.format_exception(caught.value)) + caught.value.of("zh")
    assert "eim" not in told.replace(url, "")


@pytest.mark.parametrize(
    "schema", ["", "public", "PUBLIC", "pg_temp", "information_schema", "市" * 22, "a%00b"]
)
def test_a_schema_that_is_not_for_workspaces_is_refused(schema: str) -> None:
    with pytest.raises(WorkspaceError, match="cannot be the schema of a workspace") as caught:
        read_address(f"postgresql://h/d?schema={schema}")
    assert "不能作为工作区的 schema" in caught.value.of("zh")


def test_without_psycopg_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WorkspaceError, match=r"pip install 'ouzhi\[postgis\]'") as caught:
        read_address("postgresql://h/d")
    assert "需要 psycopg" in caught.value.of("zh")


def test_a_server_that_does_not_answer_is_named() -> None:
    address = read_address(f"postgresql://planner:{ESCAPED}@127.0.0.1:1/city")
    with (
        pytest.raises(WorkspaceError, match=r"127\.0\.0\.1:1/city.* cannot be reached") as caught,
        reading(address),
    ):
        pass
    en, zh = refused(caught.value)
    assert "see that the server runs" in en
    assert "无法连接数据库 postgresql://planner@127.0.0.1:1/city" in zh


needs_server = pytest.mark.system("postgis")


@needs_server
@pytest.mark.parametrize("wrong", ["password", "user", "database"])
def test_a_wrong_part_of_the_address_is_said_without_the_password(
    wrong: str, postgis: Server
) -> None:
    url = {
        "password": postgis.url().replace(ESCAPED, f"{ESCAPED}x"),
        "user": postgis.url(user="nobody-here"),
        "database": postgis.url(database="nowhere"),
    }[wrong]
    with (
        pytest.raises(WorkspaceError, match="cannot be reached") as caught,
        reading(read_address(url)),
    ):
        pass
    refused(caught.value)


@needs_server
def test_a_database_without_postgis_says_what_its_administrator_runs(postgis: Server) -> None:
    with (
        pytest.raises(WorkspaceError, match=r"has no PostGIS.*CREATE EXTENSION postgis") as caught,
        reading(read_address(postgis.url(database="bare"))),
    ):
        pass
    assert "没有安装 PostGIS" in refused(caught.value)[1]


@needs_server
def test_postgis_is_found_in_whatever_schema_it_lives(postgis: Server) -> None:
    make = "CREATE DATABASE elsewhere"
    postgis.run(make, database="postgres")
    postgis.run(
        'CREATE SCHEMA "Geo"',
        'CREATE EXTENSION postgis SCHEMA "Geo"',
        'GRANT USAGE ON SCHEMA "Geo" TO planner',
        database="elsewhere",
    )
    with reading(read_address(postgis.url(database="elsewhere"))) as connection:
        row = connection.execute("SELECT ST_X(ST_Point(120, 28, 4490))").fetchone()
    assert row == (120.0,)


@needs_server
def test_who_may_not_write_is_told(postgis: Server) -> None:
    with (
        pytest.raises(WorkspaceError, match=r"may not do this.*permission denied") as caught,
        writing(read_address(postgis.url(user=READER))) as connection,
    ):
        connection.execute("CREATE SCHEMA mine")
    assert "没有相应权限" in refused(caught.value)[1]


@needs_server
def test_reading_cannot_write(postgis: Server, postgis_url: str) -> None:
    address = read_address(postgis_url)
    with pytest.raises(WorkspaceError, match="cannot be read now"), reading(address) as connection:
        connection.execute(f"CREATE SCHEMA {address.schema}")


@needs_server
def test_readers_see_one_state_while_others_write(postgis: Server, postgis_url: str) -> None:
    address = read_address(postgis_url)
    with writing(address) as one:
        one.execute(f"CREATE SCHEMA {address.schema}")
        one.execute("CREATE TABLE t (n integer)")
    count = "SELECT count(*) FROM t"
    with reading(address) as reader:
        assert reader.execute(count).fetchone() == (0,)
        with writing(address) as writer:
            writer.execute("INSERT INTO t VALUES (1)")
        assert reader.execute(count).fetchone() == (0,)
    with reading(address) as reader:
        assert reader.execute(count).fetchone() == (1,)


@needs_server
def test_a_fault_undoes_the_whole(postgis: Server, postgis_url: str) -> None:
    address = read_address(postgis_url)
    with pytest.raises(RuntimeError), writing(address) as one:
        one.execute(f"CREATE SCHEMA {address.schema}")
        raise RuntimeError
    with writing(address) as one:
        one.execute(f"CREATE SCHEMA {address.schema}")


@needs_server
def test_a_second_writer_waits_and_is_told_when_it_lasts(
    postgis: Server, postgis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = read_address(postgis_url)
    monkeypatch.setattr(server, "PATIENCE_S", 1.0)
    with (
        writing(address),
        pytest.raises(WorkspaceError, match="another program is chang") as caught,
        writing(address),
    ):
        pass
    assert "另一程序正在修改工作区" in refused(caught.value)[1]
    other = read_address(postgis.url("another"))
    with writing(address), writing(other):
        pass


@needs_server
def test_writers_take_turns(postgis: Server, postgis_url: str) -> None:
    address = read_address(postgis_url)
    with writing(address) as one:
        one.execute(f"CREATE SCHEMA {address.schema}")
        one.execute("CREATE TABLE t AS SELECT 0 AS n")

    def add() -> None:
        for _ in range(5):
            with writing(address) as each:
                row = each.execute("SELECT n FROM t").fetchone()
                assert row is not None
                each.execute("UPDATE t SET n = %s", (row[0] + 1,))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(address) as reader:
        assert reader.execute("SELECT n FROM t").fetchone() == (20,)


@needs_server
@pytest.mark.parametrize("use", [reading, writing])
def test_a_connection_that_is_cut_is_said(
    use: server.Using, postgis: Server, postgis_url: str
) -> None:
    with (
        pytest.raises(WorkspaceError, match=r"the connection to .* was lost") as caught,
        use(read_address(postgis_url)) as connection,
    ):
        with closing(postgis.connect()) as keeper:
            keeper.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.execute("SELECT 1")
    en, zh = refused(caught.value)
    assert en.startswith("nothing was saved: ") is (use is writing)
    assert "连接中断" in zh


@needs_server
def test_a_full_disk_is_said(postgis: Server, postgis_url: str) -> None:
    """The server says 53100 where its disk is full; here a trigger says it."""
    address = read_address(postgis_url)
    raising = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
    with (
        pytest.raises(WorkspaceError, match=r"nothing was saved: .*disk of the server") as caught,
        writing(address) as connection,
    ):
        connection.execute(raising)
    assert "服务器磁盘空间" in refused(caught.value)[1]


@needs_server
def test_even_a_server_that_repeats_the_password_does_not_show_it(
    postgis: Server, postgis_url: str
) -> None:
    address = read_address(postgis_url)
    raising = psycopg.sql.SQL("DO {}").format(
        psycopg.sql.Literal(f"BEGIN RAISE USING ERRCODE = '53100', MESSAGE = $r${PASSWORD}$r$; END")
    )
    with pytest.raises(WorkspaceError) as caught, writing(address) as connection:
        connection.execute(raising)
    assert "(***)" in str(caught.value)
    assert PASSWORD not in caught.value.of("zh")
