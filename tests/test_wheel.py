"""The wheel alone, in an empty folder: its packages, facts and workbench are enough to build."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = {
    *("districts", "zones", "towns", "clusters", "hubs"),
    *("places", "demand", "control_lines", "land_use"),
}
START = "import sys; sys.argv[0] = 'ouzhi'; from api.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the tools of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-index"]
    command = [*pip, "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("ouzhi-*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, without its dependencies, into an empty folder."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-index"]
    command = [*pip, "--no-deps", "--quiet", "--target", str(folder), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def run_installed(
    site: Path, cwd: Path, code: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with the installed wheel and this environment's libraries, and nothing else.

    `-S` reads no `.pth` file, so an editable install of the checkout is out of reach.
    """
    libraries = [str(site), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(libraries))}
    environment = {key: value for key, value in environment.items() if key[:6] != "OUZHI_"}
    return subprocess.run(
        [sys.executable, "-S", "-P", "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        *("geo", "layers", "api")
    }
    assert "api/web/dist/index.html" in names
    assert [name for name in names if name.startswith("api/web/dist/assets/")]
    assert not [name for name in names if name.startswith("api/web/") and "/dist/" not in name]
    facts = {path.relative_to(ROOT / "data") for path in (ROOT / "data").rglob("*.*")}
    assert facts
    assert not [path for path in facts if f"layers/data/{path.as_posix()}" not in names]
    assert not [name for name in names if name.endswith((".gpkg", ".pyc", ".map"))]
    for licence in ("LICENSE", "THIRD_PARTY.md"):
        assert [name for name in names if name.endswith(f".dist-info/licenses/{licence}")]


def test_the_wheel_brings_the_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert "ouzhi = api.cli:main" in archive.read(name).decode().splitlines()


def test_the_three_packages_come_from_the_wheel(site: Path, tmp_path: Path) -> None:
    code = "import geo, layers, api; print(geo.__file__, layers.__file__, api.__file__)"
    done = run_installed(site, tmp_path, code)
    assert done.returncode == 0, done.stderr
    expected = [str(site / name / "__init__.py") for name in ("geo", "layers", "api")]
    assert done.stdout.split() == expected


def test_a_workspace_is_built_from_the_wheel_in_an_empty_folder(site: Path, tmp_path: Path) -> None:
    done = run_installed(site, tmp_path, START, "build", "--out", "city.gpkg", "--json")
    assert done.returncode == 0, done.stderr
    built = {layer["id"]: layer for layer in json.loads(done.stdout)["layers"]}
    assert set(built) >= LAYERS
    assert (built["zones"]["features"], built["districts"]["features"]) == (80, 12)
    assert built["control_lines"]["features"] == built["land_use"]["features"] == 0
    assert {layer["crs"] for layer in built.values()} == {"EPSG:4490"}
    assert [path.name for path in tmp_path.iterdir()] == ["city.gpkg"]
