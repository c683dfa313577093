"""Strict JSON: depth, doubles, non-numbers, broken characters; and quick on hostile input."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.api.strict import MAX_DEPTH, check_json
from backend.domain.refused import Refused

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


def code(body: bytes) -> str:
    with pytest.raises(Refused) as caught:
        check_json(body)
    assert caught.value.problem.status == 400
    return caught.value.problem.code


@given(VALUES)
def test_every_ordinary_value_passes(value: object) -> None:
    check_json(json.dumps(value).encode())
    try:
        raw = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    check_json(raw)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b'[{"b":{"a":1,"a":1}}]', "duplicate_key"),
        (b"NaN", "not_finite"),
        (b"[-Infinity]", "not_finite"),
        (b"1e400", "not_finite"),
        (b"9223372036854775808", "bad_number"),
        (b"1" * 5_000, "bad_number"),
        (b'"\xff"', "bad_encoding"),
        (b'"\\ud800"', "bad_encoding"),
        (b'{"\\udfff":1}', "bad_encoding"),
        (b'{"a":"x\\u0000"}', "zero"),
        (b'"\\\\\\u0000"', "zero"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too_deep"),
        (b"[" * 1_000_000, "too_deep"),
        (b'["' + b"a" * 1_000_001 + b'"]', "long_string"),
        (b"{", "bad_json"),
        (b"", "bad_json"),
        (b"[1]x", "bad_json"),
        (b"'a'", "bad_json"),
        (b"\xef\xbb\xbf{}", "bad_json"),
    ],
)
def test_unstrict_bodies_are_named(body: bytes, expected: str) -> None:
    assert code(body) == expected


def test_brackets_inside_strings_do_not_count() -> None:
    check_json(json.dumps({"a": "[" * 100, "b": '\\"[' * 50}).encode())
    check_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    check_json(b'"\\ud83d\\ude00"')
    check_json(b'"\\\\u0000"')  # a backslash and five letters, no zero character


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b'\\"' * 3_900_000,
        b'{"' * 3_000_000,
        b'"' * 8_000_000,
        b"\\" * 8_000_000,
        b"[]" * 4_000_000,
    ],
)
def test_hostile_bodies_are_refused_quickly(body: bytes) -> None:
    started = time.process_time()
    code(body)
    assert time.process_time() - started < 2.0
