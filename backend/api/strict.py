"""Read a JSON body strictly: what two parsers could read differently is refused."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import NoReturn

from backend.domain.refused import Refused, refuse
from backend_client.contract.base import Text

MAX_DEPTH = 32
MAX_STRING = 1_000_000
_MAX_INT = 2**63 - 1
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKET = bytes(code for code in range(256) if code not in _STEP)

_TODO = Text("改正正文后再发送。", "Correct the body and send it again.")


class _UnfitError(ValueError):
    """A value JSON allows and we do not."""

    def __init__(self, code: str, what: Text) -> None:
        super().__init__(code)
        self.code = code
        self.what = what


def check_json(body: bytes) -> None:
    """Refuse a body that is not strict JSON.

    Raises:
        Refused: 400 `bad_encoding`, `too_deep`, `duplicate_key`, `not_finite`, `bad_number`,
            `long_string`, `zero` or `bad_json`.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(
            "bad_encoding", "正文不是有效的 UTF-8。", "The body is not valid UTF-8."
        ) from error
    try:
        _check_depth(text)
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
        _check_zero(text)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except _UnfitError as error:
        raise refuse(400, error.code, error.what, _TODO, where="body") from error
    except UnicodeEncodeError as error:
        raise _bad(
            "bad_encoding", "正文含残缺字符。", "The body holds half a character."
        ) from error
    except ValueError as error:
        raise _bad("bad_json", "正文不是有效的 JSON。", "The body is not valid JSON.") from error


def _bad(code: str, zh: str, en: str) -> Refused:
    return refuse(400, code, Text(zh, en), _TODO, where="body")


def _check_depth(text: str) -> None:
    """Measure strings and nesting by splitting at quotes: one pass, whatever the text is."""
    parts = text.replace("\\\\", "  ").replace('\\"', "  ").split('"')
    if max(map(len, parts[1::2]), default=0) > MAX_STRING:
        raise _UnfitError("long_string", Text("字符串过长。", "A string is too long."))
    brackets = "".join(parts[::2]).encode().translate(None, _NO_BRACKET)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise _UnfitError(
            "too_deep", Text(f"嵌套超过 {MAX_DEPTH} 层。", f"Nested over {MAX_DEPTH} levels.")
        )


def _check_zero(text: str) -> None:
    """Refuse an escaped zero character, which JSON allows and not every database keeps."""
    if "\\u0000" in text and "\\u0000" in text.replace("\\\\", "  "):
        raise _UnfitError("zero", Text("文字中有空字符。", "A text holds a zero character."))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _UnfitError("duplicate_key", Text("字段重复。", "A field is given twice."))
    return value


def _no_constant(name: str) -> NoReturn:
    raise _UnfitError("not_finite", Text(f"不接受 {name}。", f"{name} is not a number here."))


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        _no_constant(digits[:40])
    return value


def _bounded(digits: str) -> int:
    if len(digits) > 20 or not -_MAX_INT <= (value := int(digits)) <= _MAX_INT:
        raise _UnfitError("bad_number", Text("整数超出范围。", "An integer is out of range."))
    return value
