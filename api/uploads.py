"""Files sent to the server: streamed to a path of ours, counted, one at a time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from geo.errors import OuzhiError
from layers.errors import ReadOnlyError

MOST_BYTES = 512 * 1024 * 1024
"""A request with more than this is refused while it comes in."""

_FIELDS = 60
_LONGEST_NAME = 200
_MIB = 1024 * 1024


class UploadError(OuzhiError):
    """What was sent is no form with one file."""


class TooLargeError(OuzhiError):
    """More was sent than is taken."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent: where it lies, how its sender calls it, and the fields beside it.

    `filename` is for messages and its suffix only. A field may come several times.
    """

    folder: Path
    path: Path
    filename: str
    bytes: int
    fields: tuple[tuple[str, str], ...]

    def remove(self) -> None:
        """Delete it; nothing happens where it is gone."""
        shutil.rmtree(self.folder, ignore_errors=True)


def require_own_page(request: Request) -> None:
    """Raise `ReadOnlyError` for a form that a page of another site sends through the browser.

    Forms need no leave to be sent across sites; browsers name the page's origin with each.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ReadOnlyError(
            f"a page of {origin!r} cannot import anything here; use the workbench of this server",
            f"来自 {origin!r} 的页面不能向此处导入；请使用本服务的工作台",
        )


async def receive(request: Request, *, field: str = "file", most: int = MOST_BYTES) -> Upload:
    """Take one file and the fields beside it out of a form (multipart/form-data).

    The caller removes it. Raises `TooLargeError` as soon as more than `most` bytes have come, and
    `UploadError` for what is no such form.
    """
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise _no_form(field)
    parser = MultiPartParser(
        request.headers, _counted(request, most), max_files=1, max_fields=_FIELDS
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise UploadError(
            f"the form cannot be read ({error.message}); send one file in the field {field!r}",
            f"表单无法读取（{error.message}）；请在字段 {field!r} 中发送一个文件",
        ) from error
    except KeyError as error:
        raise _no_form(field) from error
    try:
        return await _kept(form, field)
    finally:
        await form.close()


async def _counted(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes; raises once it is more than is taken."""
    taken = 0
    async for chunk in request.stream():
        taken += len(chunk)
        if taken > most:
            raise _too_large(most)
        yield chunk


async def _kept(form: FormData, field: str) -> Upload:
    sent = form.get(field)
    others = [(name, value) for name, value in form.multi_items() if name != field]
    files = [name for name, value in others if isinstance(value, UploadFile)]
    if not isinstance(sent, UploadFile) or files:
        raise _no_form(field)
    return await run_in_threadpool(
        _copied, sent, tuple((name, str(value)) for name, value in others)
    )


def _copied(sent: UploadFile, fields: tuple[tuple[str, str], ...]) -> Upload:
    folder = Path(tempfile.mkdtemp(prefix="ouzhi-import-"))
    path = folder / "upload"
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(sent.file, file, _MIB)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Upload(folder, path, _plain_name(sent.filename), path.stat().st_size, fields)


def _plain_name(filename: str | None) -> str:
    """The last part of a name, without what could not be shown or said."""
    last = PurePosixPath((filename or "").replace("\\", "/")).name
    plain = "".join(sign for sign in last if sign.isprintable())[-_LONGEST_NAME:]
    return plain or "upload"


@contextmanager
def removed_after(upload: Upload) -> Iterator[Upload]:
    """Delete an upload when the block ends, however it ends."""
    try:
        yield upload
    finally:
        upload.remove()


def _too_large(most: int) -> TooLargeError:
    size = most // _MIB
    return TooLargeError(
        f"more than {size} MB were sent; bring the file in with `ouzhi import` on the machine "
        "itself, or in parts",
        f"发送的内容超过 {size} MB；请在本机用 `ouzhi import` 导入，或分几次导入",
    )


def _no_form(field: str) -> UploadError:
    return UploadError(
        f"expected a form (multipart/form-data) with one file in the field {field!r}",
        f"应为表单（multipart/form-data），并在字段 {field!r} 中带一个文件",
    )
