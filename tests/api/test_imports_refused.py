"""Every bad file, by the command line and by HTTP: one sentence, all faults, nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bad_files import BAD, BadFile, many_vertices, text
from brought_files import SECRET
from fastapi.testclient import TestClient
from shapes import require_shape
from small_workspace import copied

from api.app import create_app
from api.settings import Settings
from layers.store.geopackage import GeoPackageStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def own(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the path of a workspace in which nothing may change."""
    path = copied(workspace, tmp_path_factory.mktemp("refused") / "own.gpkg")
    before = path.read_bytes()
    yield path
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.fixture(scope="module")
def client(own: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(base_map_url="", base_map_attribution="")
    bundle = tmp_path_factory.mktemp("none")
    app = create_app(GeoPackageStore(own), settings=settings, bundle=bundle)
    with TestClient(app, raise_server_exceptions=False) as one:
        yield one


def arguments_of(bad: BadFile, path: Path, own: Path) -> list[str]:
    """How the command line asks for it."""
    told = ["import", str(path), "--layer", bad.layer, "--workspace", str(own)]
    for name, value in bad.options.items():
        for one in value if isinstance(value, list) else [value]:
            told += [f"--{name.replace('_', '-')}", one]
    return told


def require_sentence(said: str, words: str) -> None:
    """Fail where it is no single line that says the words."""
    assert said
    assert "\n" not in said.strip()
    assert words in said
    for inside in ("Traceback", "Error:", SECRET, "root:x:", "/tmp/", "object at 0x"):
        assert inside not in said


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_file_is_refused_the_same_way_by_both_doors(
    run: Run,
    client: TestClient,
    own: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    bad = BAD[name]
    path = bad.make(tmp_path)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    code, out, err = run(*arguments_of(bad, path, own), "--lang", "en", "--json")
    assert (code, out) == (2, ""), err
    problem = json.loads(err)
    require_sentence(problem["detail"], bad.en)
    assert len(problem.get("errors", [])) >= bad.faults
    answer = client.post(
        "/api/imports",
        files={"file": (path.name, path.read_bytes())},
        data={"layer": bad.layer, **bad.options},
        params={"lang": "zh"},
    )
    assert answer.status_code == 400, answer.text
    require_shape("problem", answer.json())
    require_sentence(answer.json()["detail"], bad.zh)
    assert len(answer.json().get("errors", [])) >= bad.faults
    assert list(folder.iterdir()) == []


def test_a_polygon_of_five_million_vertices_is_refused(run: Run, own: Path, tmp_path: Path) -> None:
    path = many_vertices(tmp_path)
    told = arguments_of(BadFile(text("a", ""), "", ""), path, own)
    for lang, word in (("en", "vertices"), ("zh", "点")):
        code, out, err = run(*told, "--lang", lang)
        assert (code, out) == (2, "")
        assert word in err
        assert "1000000" in err.replace(",", "")
        assert len(err.splitlines()) == 1


def test_the_program_itself_prints_one_line(own: Path, tmp_path: Path) -> None:
    """Whatever libraries log or warn: in a process of its own nothing hides it."""
    bad = BAD["vrt"]
    program = "import sys; from api.cli import main; sys.exit(main())"
    told = [sys.executable, "-c", program, *arguments_of(bad, bad.make(tmp_path), own)]
    ended = subprocess.run(
        [*told, "--lang", "en"], capture_output=True, text=True, check=False, timeout=120
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    require_sentence(ended.stderr, bad.en)


@pytest.mark.parametrize(
    "name", ["/vsicurl/http://127.0.0.1:9/a.geojson", "/vsizip/a.zip", "http://127.0.0.1:9/a", ""]
)
def test_an_address_is_no_file(run: Run, own: Path, name: str) -> None:
    for lang in ("en", "zh"):
        told = ["import", name, "--layer", "parcels", "--workspace", str(own), "--lang", lang]
        code, out, err = run(*told)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
        assert len(err.splitlines()) == 1


def test_what_the_tests_make_is_what_they_say(tmp_path: Path) -> None:
    """The builders write files at all, each in the folder that it is given."""
    for name, bad in BAD.items():
        folder = tmp_path / name
        folder.mkdir()
        path = bad.make(folder)
        assert path.is_file()
        assert path.parent == folder
