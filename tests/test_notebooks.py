"""The notebooks: kept without outputs, run from a fresh workspace without a network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from api.palette import BANDS

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

OFFLINE = """
import socket
connect = socket.socket.connect
def connect_locally(self, address):
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise ConnectionRefusedError(f"no notebook may leave this machine: {address}")
    return connect(self, address)
socket.socket.connect = connect_locally
"""


def read(path: Path) -> Any:
    """Return a notebook, checked against the format."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return notebook


def run(notebook: Any, workspace: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run all cells in a kernel that sees the workspace and cannot leave this machine."""
    (folder / "sitecustomize.py").write_text(OFFLINE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(ROOT)]))
    monkeypatch.setenv("OUZHI_WORKSPACE", str(workspace))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    place = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=120, resources=place).execute()


def shown(notebook: Any, cell_id: str) -> str:
    """Return all that a cell printed or displayed, as text."""
    (cell,) = [cell for cell in notebook.cells if cell.id == cell_id]
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        else:
            parts += [output.data.get("text/plain", ""), output.data.get("text/html", "")]
    return "\n".join(parts)


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS][:2] == ["01_first_look", "02_core_zone"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = read(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_enters_by_geo_layers_and_maps_alone(path: Path) -> None:
    lines = [line for cell in read(path).cells for line in cell.source.splitlines()]
    ours = [line.split()[1] for line in lines if line.startswith(("from api", "import api"))]
    assert set(ours) <= {"api.maps", "api.zone_map"}


def test_the_first_look_loads_runs_and_shows(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = read(ROOT / "notebooks" / "01_first_look.ipynb")
    run(notebook, workspace, tmp_path, monkeypatch)
    assert "'zones': 80" in shown(notebook, "load")
    assert "8359.00" in shown(notebook, "measure")
    assert "未核对三区三线" in shown(notebook, "rank")
    assert "龙湾区" in shown(notebook, "rank")
    assert shown(notebook, "show").count("工业区") > 3
    assert shown(notebook, "sure").count("weights") > 3
    assert shown(notebook, "hubs").count("optimal") == 2
    drawn = shown(notebook, "map")
    assert "leaflet" in drawn
    assert "cdn" not in drawn


def test_the_core_zone_is_measured_delineated_and_shown(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = read(ROOT / "notebooks" / "02_core_zone.ipynb")
    run(notebook, workspace, tmp_path, monkeypatch)
    assert "未核对三区三线" in shown(notebook, "load")
    assert "规上" in shown(notebook, "ground")
    assert "optimal" in shown(notebook, "plan")
    bounds = shown(notebook, "bounds")
    assert [side for side in "东南西北" if f"{side}侧" in bounds or f"{side}至" in bounds] == [
        *"东南西北"
    ]
    assert "east" in bounds
    assert "次好 / next" in shown(notebook, "beside")
    assert "50 draws" in shown(notebook, "odds")
    assert shown(notebook, "odds").count("≥") > 4
    for cell in ("map", "zones", "odds-map"):
        drawn = shown(notebook, cell)
        assert "data:image/png;base64" in drawn
        assert "cdn" not in drawn
    assert BANDS[0] in shown(notebook, "odds-map")
    assert BANDS[0] not in shown(notebook, "zones")


def test_a_notebook_that_leaves_the_machine_fails(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    notebook: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(call)])  # type: ignore[no-untyped-call]
    with pytest.raises(CellExecutionError, match="no notebook may leave this machine"):
        run(notebook, workspace, tmp_path, monkeypatch)
