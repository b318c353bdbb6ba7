"""The house stands as designed: one way of imports, pure geo, rooms with names of the field."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("geo", "layers", "api")
MAY_IMPORT = {"geo": {"geo"}, "layers": {"geo", "layers"}, "api": {"geo", "layers", "api"}}
BEHIND_THE_DOOR = {"sqlite3", "fastapi", "folium", "requests", "pyogrio"}
OUTSIDE_WORLD = {
    *("os", "io", "pathlib", "shutil", "tempfile", "glob", "subprocess", "time"),
    *("socket", "urllib", "http", "requests", "sqlite3", "pyogrio", "fastapi", "folium", "random"),
}
FOR_TESTS = {
    *("scipy", "networkx", "hypothesis", "pytest", "pymcdm", "skcriteria", "spopt", "pulp"),
}
STOPWATCH = {("geo/location/watch.py", "time"), ("geo/compiling.py", "time")}
"""A time limit needs a stopwatch; what hour it is stays unknown to geo."""
METHODS_OF_ANALYSIS = {
    *("acceptability", "changes", "contrast", "delineation", "discs", "drawn_measures"),
    *("drawn_ranks", "drawn_shares", "hubs"),
    *("location", "methods", "odds", "position_draws", "ranking", "resolution", "scoring"),
    *("sensitivity", "suitability", "uncertainty", "weight_draws", "weighting", "weights"),
}
NOT_A_NOUN = {"utils", "util", "helpers", "helper", "core", "common", "manager", "misc"}
LONGEST_FILE = 500


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below the folders, sorted, as paths relative to the checkout."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found if "node_modules" not in path.parts)


def module_name(path: Path) -> str:
    """Return `geo.measure` for `geo/measure.py` and `geo` for `geo/__init__.py`."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imported_modules(source: str) -> Iterator[str]:
    """Yield the absolute names a source imports; `from a import b` yields `a` and `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield "." * node.level + (node.module or "")
            elif node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(path: Path) -> set[str]:
    """Return what one file of the checkout imports."""
    return set(imported_modules((ROOT / path).read_text(encoding="utf-8")))


def test_the_reader_of_imports_sees_each_form() -> None:
    source = "import a.b\nfrom c import d\nfrom . import e\ndef f():\n    from .g import h\n"
    assert set(imported_modules(source)) == {"a.b", "c", "c.d", ".", ".g"}


def test_each_package_has_rooms() -> None:
    for package in PACKAGES:
        assert len(python_files(package)) > 1, package


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(package: str) -> None:
    against = {
        f"{path} imports {name}"
        for path in python_files(package)
        for name in imports_of(path)
        if name.split(".")[0] in set(PACKAGES) - MAY_IMPORT[package]
    }
    assert not against


def test_the_product_imports_nothing_that_only_tests_and_benchmarks_install() -> None:
    foreign = {
        f"{path} imports {name}"
        for path in python_files(*PACKAGES)
        for name in imports_of(path)
        if name.split(".")[0] in FOR_TESTS
    }
    assert not foreign


def test_compiled_loops_ask_for_no_linear_algebra() -> None:
    """Numba has it from SciPy, which a user does not install."""
    asks = set()
    for path in (path for path in python_files("geo") if path.stem.endswith("kernels")):
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.MatMult):
                asks.add(f"{path} @")
            if isinstance(node, ast.Attribute) and node.attr in {"dot", "vdot", "linalg"}:
                asks.add(f"{path}:{node.lineno} .{node.attr}")
    assert not asks


def test_imports_are_absolute() -> None:
    relative = {
        f"{path} imports {name}"
        for path in python_files(*PACKAGES, "tests", "benchmarks")
        for name in imports_of(path)
        if name.startswith(".")
    }
    assert not relative


def test_geo_names_no_file_network_clock_or_environment() -> None:
    impure = {
        f"{path} imports {name}"
        for path in python_files("geo")
        for name in imports_of(path)
        if name.split(".")[0] in OUTSIDE_WORLD and (str(path), name) not in STOPWATCH
    }
    assert not impure


def test_geo_calls_no_open_and_asks_no_clock() -> None:
    asks = set()
    for path in python_files("geo"):
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name) and node.id in {"open", "input", "print"}:
                asks.add(f"{path}:{node.lineno} {node.id}")
            if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}:
                asks.add(f"{path}:{node.lineno} .{node.attr}")
    assert not asks


def test_importing_all_of_geo_loads_no_store_server_or_map() -> None:
    names = [module_name(path) for path in python_files("geo")]
    code = (
        "import importlib, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(*sorted({BEHIND_THE_DOOR!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_storage_depends_on_no_method_of_analysis() -> None:
    methods = {
        f"{path} imports {name}"
        for path in python_files("layers")
        for name in imports_of(path)
        if name.startswith("geo.") and name.split(".")[1] in METHODS_OF_ANALYSIS
    }
    assert not methods


def test_every_module_is_a_domain_noun() -> None:
    parts = {part for path in python_files(*PACKAGES) for part in path.with_suffix("").parts}
    assert not parts & NOT_A_NOUN


def test_no_file_is_two_rooms() -> None:
    lengths = {
        str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in python_files(*PACKAGES, "tests", "benchmarks")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path)
        for path in python_files(*PACKAGES)
        if not ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    ]
    assert not silent


def test_tests_mirror_the_packages() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    assert folders <= {*PACKAGES, "browser"}
    assert not list((ROOT / "tests").rglob("__init__.py"))
