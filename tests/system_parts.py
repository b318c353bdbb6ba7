"""The parts of the operating system that some tests need, and the one line that installs them.

Standard library only: `python3 tests/system_parts.py` runs before the virtual environment exists.
It installs what is missing only under CI=true or OUZHI_INSTALL_SYSTEM=1, and otherwise names it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CJK_FONTS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
)
SYSTEM_PYTHON = Path("/usr/bin/python3")
POSTGRES_HOME = Path("/usr/lib/postgresql")
POSTGRES_SHARE = Path("/usr/share/postgresql")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: the Debian package that brings it, and how to see that it is there."""

    package: str
    is_there: Callable[[], bool]


def find_chromium() -> str | None:
    """Return the path of a Chromium that browser tests can drive."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def has_cjk_font() -> bool:
    """Tell whether a font with Chinese characters is installed."""
    names = ("*CJK*", "*PingFang*", "*WenQuan*", "*wqy*")
    folders = [Path(folder) for folder in CJK_FONTS if Path(folder).is_dir()]
    return any(next(folder.rglob(name), None) for folder in folders for name in names)


def has_gpkg_validator() -> bool:
    """Tell whether the system Python can run GDAL's `validate_gpkg`."""
    if not SYSTEM_PYTHON.exists():
        return False
    probe = [str(SYSTEM_PYTHON), "-c", "import osgeo.ogr, osgeo_utils.samples.validate_gpkg"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def find_postgis() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs that PostGIS is installed for."""
    homes = [home for home in POSTGRES_HOME.glob("*") if home.name.isdecimal()]
    for home in sorted(homes, key=lambda home: int(home.name), reverse=True):
        control = POSTGRES_SHARE / home.name / "extension" / "postgis.control"
        if control.is_file() and (home / "bin" / "initdb").is_file():
            return home / "bin"
    return None


def has_venv() -> bool:
    """Tell whether this Python can make a virtual environment with pip."""
    return importlib.util.find_spec("ensurepip") is not None


PARTS: Mapping[str, Part] = {
    "chromium": Part("chromium", lambda: find_chromium() is not None),
    "cjk-font": Part("fonts-noto-cjk", has_cjk_font),
    "validate_gpkg": Part("python3-gdal", has_gpkg_validator),
    "gdal-bin": Part("gdal-bin", lambda: shutil.which("ogrinfo") is not None),
    "pdftotext": Part("poppler-utils", lambda: shutil.which("pdftotext") is not None),
    "postgis": Part("postgresql-postgis", lambda: find_postgis() is not None),
    "venv": Part("python3-venv", has_venv),
}


def missing_parts(names: Iterable[str] = PARTS) -> list[str]:
    """Return those of `names` that this machine lacks; raises `KeyError` on an unknown name."""
    return [name for name in names if not PARTS[name].is_there()]


def install_command(names: Iterable[str]) -> str:
    """Return the one line that installs these parts on Debian and its kin."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    packages = " ".join(sorted(PARTS[name].package for name in names))
    return (
        f"{sudo}apt-get update && {sudo}env DEBIAN_FRONTEND=noninteractive"
        f" apt-get install -y --no-install-recommends {packages}"
    )


def under_ci() -> bool:
    """Tell whether a missing part is a failure rather than a reason to skip."""
    return os.environ.get("CI", "").lower() == "true"


def main() -> int:
    """Install or name what is missing; 1 only where an installation was asked for and failed."""
    missing = missing_parts()
    if not missing:
        return 0
    line = install_command(missing)
    if not (under_ci() or os.environ.get("OUZHI_INSTALL_SYSTEM") == "1"):
        print(f"缺少 / missing: {', '.join(missing)}。安装 / install:\n  {line}", file=sys.stderr)
        print(
            "需要它们的测试将按名跳过 / tests that need them are skipped by name", file=sys.stderr
        )
        return 0
    print(f"正在安装 / installing: {line}", file=sys.stderr, flush=True)
    done = subprocess.run(["/bin/sh", "-c", line], stdout=2, stdin=subprocess.DEVNULL, check=False)
    still = missing_parts()
    if done.returncode or still:
        print(f"安装后仍缺 / still missing: {', '.join(still) or line}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
