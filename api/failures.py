"""Every way a command can fail, as one sentence (or a problem document) and an exit code."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import typer

from geo.errors import Fault, InfeasibleError, OuzhiError
from geo.sentence import Lang, Sentence

EXIT_OURS, EXIT_INPUT, EXIT_INFEASIBLE, EXIT_CANCELLED = 1, 2, 3, 130

_USAGE = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What the option parser raises: typer's own copy of click, or click itself in older ones."""

_TITLES = {
    EXIT_OURS: Sentence(zh="程序出错", en="Internal error"),
    EXIT_INPUT: Sentence(zh="输入有误", en="Bad input"),
    EXIT_INFEASIBLE: Sentence(zh="没有可行解", en="No feasible solution"),
    EXIT_CANCELLED: Sentence(zh="已取消", en="Cancelled"),
}


def report(error: BaseException, *, as_json: bool, lang: Lang) -> int:
    """Print what went wrong to stderr and return the exit code."""
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, typer.Exit | SystemExit):
        code = error.exit_code if isinstance(error, typer.Exit) else error.code
        return code if isinstance(code, int) else EXIT_OURS
    code, detail = _judge(error, lang)
    if as_json:
        print(json.dumps(_problem(error, code, detail, lang), ensure_ascii=False), file=sys.stderr)
    else:
        print(f"{_TITLES[code].of(lang)}: {detail}", file=sys.stderr)
        if isinstance(error, OuzhiError) and len(error.faults) > 1:
            for fault in error.faults:
                print(f"  {_fault_line(fault, lang)}", file=sys.stderr)
    return code


def _fault_line(fault: Fault, lang: Lang) -> str:
    if fault.is_sentence:
        return fault.expected_of(lang)
    place = " ".join(str(part) for part in (fault.row, fault.field) if part is not None)
    return f"{place}: {fault.value!r} — {fault.expected_of(lang)}"


def _judge(error: BaseException, lang: Lang) -> tuple[int, str]:
    match error:
        case KeyboardInterrupt() | typer.Abort():
            return EXIT_CANCELLED, _TITLES[EXIT_CANCELLED].of(lang)
        case InfeasibleError():
            return EXIT_INFEASIBLE, error.of(lang)
        case OuzhiError():
            return EXIT_INPUT, error.of(lang)
    if isinstance(error, _USAGE):
        return EXIT_INPUT, _usage(error).of(lang)
    return EXIT_OURS, f"{type(error).__name__}: {error}"


def _usage(error: Any) -> Sentence:
    """What is wrong with the command as typed; the parser itself speaks English only."""
    kind = type(error).__name__
    message = error.format_message()
    if kind == "NoArgsIsHelpError":
        return Sentence(zh=f"缺少命令。\n{message}", en=f"a command is missing.\n{message}")
    path = error.ctx.command_path if error.ctx else "ouzhi"
    name = " / ".join(error.param.opts) if getattr(error, "param", None) else ""
    said = {
        "MissingParameter": f"缺少参数 {name}",
        "NoSuchOption": f"没有选项 {getattr(error, 'option_name', '')}",
        "BadParameter": f"参数 {name} 的值无效（{error.message}）",
    }.get(kind, f"命令写法有误（{message}）")
    one_line = " ".join(message.split()).rstrip(".")
    return Sentence(
        zh=f"{said}；用法见 `{path} --help`", en=f"{one_line}; for the usage see `{path} --help`"
    )


def _problem(error: BaseException, code: int, detail: str, lang: Lang) -> dict[str, object]:
    from api.documents.values import fault_documents

    document: dict[str, object] = {
        "type": "about:blank",
        "title": _TITLES[code].of(lang),
        "status": 400 if code == EXIT_INPUT else 422 if code == EXIT_INFEASIBLE else 500,
        "detail": detail,
    }
    if isinstance(error, OuzhiError) and error.faults:
        document["errors"] = fault_documents(error, lang)
    return document
