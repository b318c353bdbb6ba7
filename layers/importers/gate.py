"""The gate that files of others come in by: a copy of ours, opened by a process of its own."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, TypeVar

import layers
from layers.errors import ImportFileError
from layers.importers.archives import geodatabase_file
from layers.importers.child import ANSWER, SOURCE
from layers.importers.limits import GIB, Limits

_log = logging.getLogger(__name__)
_ROOT = str(Path(layers.__file__).resolve().parent.parent)
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from layers.importers.child import main; main()"
)
_KEPT = ("CONDA_PREFIX", "GDAL_DATA", "LD_LIBRARY_PATH", "PROJ_DATA", "PROJ_LIB", "SYSTEMROOT")
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_BLOCK = 1 << 20
_LONGEST_ANSWER = 64 << 20

T = TypeVar("T")


def ask_child(
    path: Path,
    name: str,
    layer: str | None,
    limits: Limits,
    *,
    only_list: bool,
    receive: Callable[[IO[bytes]], T],
) -> tuple[T | None, dict[str, Any]]:
    """Copy a file, have it read by a new process, and return what `receive` made and the answer.

    The process has a fresh interpreter, an empty environment and a folder of its own; it gets
    limits of time, memory and size, and is killed past them. Raises `ImportFileError` for a path
    that is no readable file, for a file that is refused, and for a process that did not finish.
    """
    files = _files_of(path, limits)
    with TemporaryDirectory(prefix="ouzhi-gate-") as made:
        folder = Path(made)
        _copy(files, folder)
        request = {
            "name": name,
            "layer": layer,
            "only_list": only_list,
            "drivers": _drivers(),
            "limits": asdict(limits),
        }
        with _running(folder, request) as child, _limited(child, limits.seconds) as late:
            assert child.stdout is not None
            try:
                received = receive(child.stdout)
            except Exception:
                _log.debug("what the reading process gave is no table", exc_info=True)
                received = None
            while child.stdout.read(_BLOCK):
                pass
            code = child.wait()
        answer = _answer(folder, code, late.is_set(), limits)
    if received is None and not only_list:
        raise _stopped("its table did not come out whole", "表格没有完整传出")
    return received, answer


def _files_of(path: Path, limits: Limits) -> list[tuple[Path, str]]:
    """The files to copy with their names in the child's folder; a Shapefile brings its parts."""
    try:
        if path.is_dir() and path.suffix.lower() == ".gdb":
            inside = [f for f in sorted(path.iterdir()) if geodatabase_file(f.name)]
            files = [(file, f"{SOURCE}/{file.name.lower()}") for file in inside]
        elif path.suffix.lower() == ".shp" and path.is_file():
            parts = _siblings(path)
            files = [(part, f"{SOURCE}/table{part.suffix.lower()}") for part in parts]
            if len(parts) == 1:
                files = [(path, str(SOURCE))]
        else:
            files = [(path, str(SOURCE))]
        regular = [file.is_file() for file, _ in files]
        size = sum(file.stat().st_size for file, _ in files)
    except (OSError, ValueError):
        regular, size = [], 0
    if not regular or not all(regular):
        raise ImportFileError(
            f"{_told(path)} is no file that can be read: give the path of a file on this machine",
            f"{_told(path)} 不是可读取的文件：请给出本机上一个文件的路径",
        )
    if size > limits.file_bytes:
        raise ImportFileError(
            f"the file has {size / GIB:.2f} GB, of which {limits.file_bytes / GIB:.2f} GB are "
            "allowed: split it",
            f"文件有 {size / GIB:.2f} GB，至多 {limits.file_bytes / GIB:.2f} GB：请分成几个文件",
        )
    _require_settled(path)
    return files


def _siblings(path: Path) -> list[Path]:
    parts = {
        file.suffix.lower(): file
        for file in sorted(path.parent.iterdir())
        if file.stem == path.stem and file.suffix.lower() in _PARTS
    }
    return [*parts.values()] if len(parts) > 1 else [path]


def _require_settled(path: Path) -> None:
    """Refuse a GeoPackage whose latest rows stand beside it, where a copy would lose them."""
    wal = path.with_name(f"{path.name}-wal")
    if wal.is_file() and wal.stat().st_size:
        raise ImportFileError(
            f"{_told(path)} is open in another program that has not written everything into it: "
            "close it there (in QGIS: remove the layer) and try again",
            f"{_told(path)} 正在其他程序中打开，部分内容尚未写入：请先在该程序中关闭"
            "（QGIS 中移除图层）后重试",
        )


def _told(path: Path) -> str:
    text = str(path)
    return "".join(c if c.isprintable() else "?" for c in text)[:120]


def _copy(files: Sequence[tuple[Path, str]], folder: Path) -> None:
    for source, name in files:
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        try:
            with source.open("rb") as opened, target.open("xb") as copy:
                while block := opened.read(_BLOCK):
                    copy.write(block)
        except OSError as error:
            raise ImportFileError(
                f"{_told(source)} cannot be read ({error.strerror}): check that it may be read and "
                "that the disk has room",
                f"{_told(source)} 无法读取（{error.strerror}）：请检查读取权限和磁盘空间",
            ) from None


@cache
def _drivers() -> tuple[str, ...]:
    """All drivers of the GDAL that the child will have too, those skipped here included."""
    import pyogrio

    skipped = os.environ.get("OGR_SKIP", "").replace(" ", ",").split(",")
    return tuple(sorted({*pyogrio.list_drivers(), *filter(None, skipped)}))


@contextmanager
def _running(folder: Path, request: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the child in its folder until the block ends; nothing of it outlives the block."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment = kept | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "CPL_TMPDIR": str(folder),
        "GDAL_CONFIG_FILE": os.devnull,
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    found = [_ROOT, *(entry for entry in sys.path if entry and Path(entry).is_absolute())]
    arguments = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _START, json.dumps(found)]
    with (folder / "stderr").open("wb") as said:
        child = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd=folder,
            env=environment,
        )
    with child:
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(request).encode())
            child.stdin.close()
            yield child
        finally:
            child.kill()


@contextmanager
def _limited(child: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kill the child after so many seconds; the event tells that it came to that."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _answer(folder: Path, code: int, late: bool, limits: Limits) -> dict[str, Any]:
    """What the child wrote; raises `ImportFileError` where it refused or did not finish."""
    if late or code == -24:
        raise ImportFileError(
            f"reading took longer than {limits.seconds:g} seconds and was stopped: split the file "
            "or simplify its geometries",
            f"读取超过 {limits.seconds:g} 秒，已停止：请拆分文件或简化几何",
        )
    try:
        written = (folder / ANSWER).stat().st_size <= _LONGEST_ANSWER
        text = (folder / ANSWER).read_text(encoding="utf-8") if written else ""
        answer = json.loads(text) if code == 0 else None
    except (OSError, ValueError):
        answer = None
    if not isinstance(answer, dict):
        said = (folder / "stderr").read_text(encoding="utf-8", errors="replace")[-2000:]
        _log.info("the reading process ended with %s: %s", code, said)
        raise _stopped(f"the reading process ended with {code}", f"读取进程以 {code} 结束")
    if "memory" in answer:
        raise ImportFileError(
            "reading needs more memory than is allowed: split the file",
            "读取所需内存超过允许值：请拆分文件",
        )
    if "failure" in answer:
        _log.info("the reading process failed: %s", answer["failure"])
        raise _stopped("the reading process failed", "读取进程出错")
    if "error" in answer:
        from layers.importers.findings import faults_of

        en, zh = answer["error"]
        raise ImportFileError(en, zh, faults_of(answer))
    return answer


def _stopped(en: str, zh: str) -> ImportFileError:
    return ImportFileError(
        f"the file could not be read ({en}): it is damaged or too large; save it anew and try "
        "again",
        f"文件无法读取（{zh}）：文件已损坏或过大；请重新保存后重试",
    )
