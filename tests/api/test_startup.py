"""The start check names the package that is not ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.startup import OURS, ForeignPackageError, require_own_packages

HOME = Path(__file__).resolve().parents[2]


def start_with(first_on_path: Path, *, regular: bool) -> subprocess.CompletedProcess[str]:
    """Run the check in a new process that finds a foreign `layers` before ours."""
    intruder = first_on_path / "layers"
    intruder.mkdir()
    if regular:
        (intruder / "__init__.py").write_text("raise RuntimeError('it was imported')\n")
    code = (
        f"import sys; sys.path[:0] = [{str(first_on_path)!r}, {str(HOME)!r}]\n"
        "from api.startup import ForeignPackageError, require_own_packages\n"
        "try: require_own_packages()\n"
        "except ForeignPackageError as error: print(error.en); print(error.zh); sys.exit(3)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=first_on_path
    )


def test_our_three_packages_share_one_parent() -> None:
    require_own_packages()
    require_own_packages(HOME)


def test_a_foreign_package_is_named_with_its_place_and_never_imported(tmp_path: Path) -> None:
    done = start_with(tmp_path, regular=True)
    assert done.returncode == 3, done.stderr
    english, chinese = done.stdout.splitlines()
    assert f"The package layers comes from {tmp_path / 'layers'}, not from {HOME}" in english
    assert "own virtual environment" in english
    assert f"包 layers 来自 {tmp_path / 'layers'}" in chinese


def test_a_folder_without_init_does_not_displace_ours(tmp_path: Path) -> None:
    assert start_with(tmp_path, regular=False).returncode == 0


@pytest.mark.parametrize("name", OURS)
def test_a_missing_package_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(wanted: str) -> Path | None:
        return None if wanted == name else tmp_path / wanted

    monkeypatch.setattr("api.startup.package_folder", found)
    with pytest.raises(ForeignPackageError, match=f"The package {name} is missing from") as caught:
        require_own_packages(tmp_path)
    assert f"找不到包 {name}" in caught.value.zh
