"""All faults of a question in one error."""

from __future__ import annotations

from collections.abc import Sequence

from geo.errors import Fault, OuzhiError
from geo.sentence import LANGS, Lang, Sentence

_SHOWN = 5


def refuse_faults(faults: Sequence[Fault], error: type[OuzhiError], what: Sentence) -> None:
    """Raise one `error` that names every fault of `what` was asked, if there are any.

    The first five are in the sentence, all are in its `faults`.
    """
    if not faults:
        return
    left = len(faults) - _SHOWN
    more = Sentence(f"；另有 {left} 处", f"; and {left} more") if left > 0 else Sentence("", "")
    listed = {lang: [_described(fault, lang) for fault in faults[:_SHOWN]] for lang in LANGS}
    raise error(
        f"{what.en} has {len(faults)} fault(s): {'; '.join(listed['en'])}{more.en}; correct them",
        f"{what.zh}的输入有 {len(faults)} 处错误：{'；'.join(listed['zh'])}{more.zh}；请更正",
        faults,
    )


def _described(fault: Fault, lang: Lang) -> str:
    if fault.is_sentence:
        return fault.expected_of(lang)
    place = fault.field if fault.row is None else f"{fault.field}[{fault.row}]"
    if lang == "zh":
        return f"{place} 为 {fault.value}，应为 {fault.expected_of('zh')}"
    return f"{place} is {fault.value}, expected {fault.expected}"
