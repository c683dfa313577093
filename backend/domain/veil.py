"""Hide who reported in a body that was refused, however it is written, and leave the rest."""

from __future__ import annotations

import json
import re
from typing import Final

from backend.domain.events import masked
from backend_client.contract.events import Reporter

_REPORTER: Final = re.compile(r'"reporter"\s*:\s*')
_STRING: Final = r'"(?:\\.|[^"\\])*(?:"|\\?\Z)'
"""Every quote begins one, or each of many open ones would be tried to the end of the text."""
_KEYS: Final = (
    r"name|contact|tel|telephone|phone|mobile|"
    r"姓名|联系人|来电人|反映人|报警人|上报人|电话|手机|手机号|联系电话|联系方式|来电号码"
)
_KEYED: Final = re.compile(
    rf'("(?:{_KEYS})"\s*:\s*)({_STRING}|[\w+.-]+)', re.IGNORECASE | re.DOTALL
)
_PIECE: Final = re.compile(rf"{_STRING}|[\[{{]|[\]}}]|[^\s\"\[\]{{}},:]+", re.DOTALL)
_VALUE: Final = re.compile(rf"({_STRING})(\s*:)?|([+-]?\d[\d.eE+-]*)", re.DOTALL)
_MOBILE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_PERSONAL: Final = frozenset(_KEYS.split("|"))
_WORD: Final = re.compile(r"[^\s,，;；:：、/|]+")
_LONGEST_NAME: Final = 6  # letters
_LONGEST: Final = 60


def veil(text: str) -> str:
    """Hide names and numbers of reporters in a refused body.

    What no parser reads is searched for mobile numbers as well: nobody knows what is whose there.
    A body that is veiled already stays as it is.
    """
    hidden = _KEYED.sub(lambda found: found[1] + _hide(found[2]), _in_reporter(text))
    try:
        told = json.loads(hidden)
        covered = _covered(told, is_theirs=False)  # keys spelled with escapes
        return hidden if covered == told else json.dumps(covered, ensure_ascii=False)
    except (ValueError, RecursionError):  # nested deeper than anybody reads
        return _MOBILE.sub(lambda found: _cover(found[0]), hidden)


def _in_reporter(text: str) -> str:
    """Hide every value of each reporter, an object, a list or a word."""
    done, at = [], 0
    while found := _REPORTER.search(text, at):
        end = _end_of_value(text, found.end())
        hidden = _VALUE.sub(
            lambda one: one[0] if one[2] else _hide(one[0]), text[found.end() : end]
        )
        done += [text[at : found.end()], hidden]
        at = end
    return "".join([*done, text[at:]])


def _end_of_value(text: str, start: int) -> int:
    """Find where a JSON value ends that may be cut off or broken: then it goes to the end."""
    depth = 0
    for piece in _PIECE.finditer(text, start):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(piece[0], 0)
        if depth <= 0:
            return piece.end()
    return len(text)


def _hide(spelled: str) -> str:
    """Cover a JSON string or number, keeping its quotes as they are."""
    if not spelled.startswith('"'):
        return spelled if spelled in ("null", "true", "false") else f'"{_cover(spelled)}"'
    whole = len(spelled) > 1 and spelled.endswith('"')
    inner = spelled[1:-1] if whole else spelled[1:]
    try:
        said = str(json.loads(f'"{inner}"'))
    except ValueError:
        said = inner.replace("\\", "")
    covered = json.dumps(_cover(said), ensure_ascii=False)
    return covered if whole else covered[:-1]


def _cover(said: str) -> str:
    """Cover each word of a value: a number as a number, a name as a name, both together whole."""
    return _WORD.sub(lambda found: _cover_word(found[0]), said)


def _cover_word(word: str) -> str:
    if word.isascii() and len(word) <= _LONGEST:
        hidden = masked(Reporter(contact=word))
        return hidden.contact if hidden else ""
    if len(word) <= _LONGEST_NAME and not any(one.isdigit() for one in word):
        hidden = masked(Reporter(name=word))
        return hidden.name if hidden else ""
    return word[:1] + "*" * min(8, len(word) - 1)


def _covered(told: object, *, is_theirs: bool) -> object:
    if isinstance(told, dict):
        return {
            key: _covered(value, is_theirs=is_theirs or key == "reporter" or _is_name(key))
            for key, value in told.items()
        }
    if isinstance(told, list):
        return [_covered(one, is_theirs=is_theirs) for one in told]
    if not is_theirs or told is None or isinstance(told, bool):
        return told
    return _cover(str(told))


def _is_name(key: str) -> bool:
    return key.lower() in _PERSONAL
