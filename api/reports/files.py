"""Files of a report: all of them whole, or none."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from layers.errors import WorkspaceError


def write_files(texts: Mapping[Path, str]) -> None:
    """Write each text as UTF-8 to its path, making folders; what stood there stays on a fault.

    All drafts are written beside their places first and put there only when every one is whole.
    Raises `WorkspaceError` where a folder or file cannot be written.
    """
    folders: list[tempfile.TemporaryDirectory[str]] = []
    drafts: dict[Path, Path] = {}
    path = Path()
    try:
        for path, text in texts.items():
            _require_no_folder(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.append(tempfile.TemporaryDirectory(prefix=".ouzhi-", dir=path.parent))
            drafts[path] = Path(folders[-1].name) / "draft"
            drafts[path].write_text(text, encoding="utf-8")
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be written ({error.strerror}); name a file in a folder that you may "
            "write to",
            f"无法写入 {path}（{error.strerror}）；请指定可写文件夹中的文件",
        ) from error
    finally:
        for folder in folders:
            folder.cleanup()


def _require_no_folder(path: Path) -> None:
    if path.is_dir():
        raise WorkspaceError(
            f"{path} is a folder; name the file to write, for instance {path / 'report.html'}",
            f"{path} 是文件夹；请写明文件名，例如 {path / 'report.html'}",
        )
