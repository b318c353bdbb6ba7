"""Files brought into layers: sent as a form, checked as a whole, written as one revision."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.desk import Desk, TheDesk
from api.documents.values import Document, fault_documents
from api.errors import problem, problems, status_of
from api.import_records import SHEET_NAME, ImportRecords
from api.imports import import_into, order_of
from api.language import Language
from api.models import JobState
from api.models.imports import ImportFields, ImportReport
from api.refusals import refusal
from api.routes.jobs import LOCATION, start_job
from api.routes.saved import require_writable
from api.uploads import Upload, receive, require_own_page
from geo.sentence import Lang

router = APIRouter(prefix="/api/imports", tags=["imports"])

_LONG_BYTES = 4 * 1024 * 1024
"""Files larger than this are brought in by a job."""

_AUTHOR = "http"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LINK = {
    "description": 'Where the report will be or is, rel="describedby"',
    "schema": {"type": "string"},
}


class WorkbookResponse(Response):
    """Names the media type of Excel files in OpenAPI."""

    media_type = _XLSX


def _form() -> dict[str, Any]:
    """The form in OpenAPI: the file and the fields beside it."""
    shape = ImportFields.model_json_schema()
    file = {"type": "string", "format": "binary", "description": "The file, in any format read"}
    schema = {**shape, "properties": {"file": file, **shape["properties"]}}
    schema["required"] = ["file", *shape["required"]]
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }


@router.post(
    "",
    response_model=ImportReport,
    responses={
        202: {
            "model": JobState,
            "headers": {"Location": LOCATION, "Link": _LINK},
            "description": "A large file, or `background`",
        },
        **problems(403, 409, 413),
    },
    dependencies=[Depends(require_writable), Depends(require_own_page)],
    openapi_extra=_form(),
)
async def import_file(request: Request, desk: TheDesk, lang: Language) -> Any:
    """Bring a file into a layer; the answer says what was written, or all faults and nothing is.

    A large file answers 202 with the address of its job; the job's result is the same. The report
    stands as an Excel file at the address in `report`; where the file has faults, `Link` names it.
    """
    upload = await receive(request)
    try:
        asked = _fields(upload)
        if asked.background or upload.bytes > _LONG_BYTES:
            return _as_job(request, desk, upload, asked, lang)
        return await run_in_threadpool(_at_once, request, desk, upload, asked, lang)
    except BaseException:
        upload.remove()
        raise


@router.get("/{import_id}", response_model=ImportReport, responses=problems(404))
def show_import(import_id: str, request: Request, lang: Language) -> Document:
    """What an import came to, also one that faults stopped; the last twenty are remembered."""
    return _records(request).get(import_id).document(lang)


@router.get("/{import_id}/report.xlsx", response_class=WorkbookResponse, responses=problems(404))
def show_sheet(import_id: str, request: Request, lang: Language) -> Response:
    """The report of an import as an Excel file: summary, faults row by row, repairs."""
    content = _records(request).get(import_id).sheet(lang)
    named = f'attachment; filename="{SHEET_NAME}"'
    return WorkbookResponse(content, headers={"Content-Disposition": named})


def _at_once(
    request: Request, desk: Desk, upload: Upload, asked: ImportFields, lang: Lang
) -> Response | Document:
    from layers.importers.importing import RefusedImportError

    records = _records(request)
    name = records.new_id()
    try:
        return _imported(records, name, desk, upload, asked, lang)
    except RefusedImportError as error:
        faults = fault_documents(error, lang)
        answer = problem(status_of(error), error.of(lang), lang, faults)
        answer.headers["Link"] = _link(name)
        return answer


def _as_job(
    request: Request, desk: Desk, upload: Upload, asked: ImportFields, lang: Lang
) -> Response:
    records = _records(request)
    name = records.new_id()
    order_of(asked, upload.filename, author=_AUTHOR)
    work = partial(_imported, records, name, desk, upload, asked, lang)
    answer = start_job(desk, lambda _: work(), lang)
    answer.headers["Link"] = _link(name)
    return answer


def _imported(
    records: ImportRecords, name: str, desk: Desk, upload: Upload, asked: ImportFields, lang: Lang
) -> Document:
    """Bring the file in, keep its report, and delete it; raises where it has faults."""
    from layers.importers.importing import RefusedImportError

    try:
        order = order_of(asked, upload.filename, author=_AUTHOR)
        done = import_into(desk.renew(), upload.path, order, source_layer=asked.source_layer)
    except RefusedImportError as error:
        records.keep(name, error.result)
        raise
    finally:
        upload.remove()
        desk.renew()
    return records.keep(name, done).document(lang)


def _fields(upload: Upload) -> ImportFields:
    """The fields of the form; raises with every one that is unknown, missing or wrongly written.

    Empty ones count as not given; `map` may be there several times.
    """
    given: dict[str, Any] = {}
    for name, value in upload.fields:
        if name == "map":
            given.setdefault(name, []).append(value)
        elif value != "":
            given[name] = value
    try:
        return ImportFields.model_validate(given)
    except ValidationError as error:
        raise refusal(error.errors()) from None


def _records(request: Request) -> ImportRecords:
    state = request.app.state
    if not isinstance(getattr(state, "imports", None), ImportRecords):
        state.imports = ImportRecords()
    records = state.imports
    assert isinstance(records, ImportRecords)
    return records


def _link(name: str) -> str:
    return f'</api/imports/{name}/{SHEET_NAME}>; rel="describedby"'
