"""Search rules: folding, what is searched, how well a text fits, what the index is asked."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import search
from backend.domain.search import Rank, Scope


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("苏F·D3017挂", "苏fd3017挂"),
        ("苏Ｆ Ｄ－３０１７挂", "苏fd3017挂"),
        ("  0513-8501 2345", "051385012345"),
        ("\ue000人民\ue001路", "人民路"),
        ("…—·", ""),
        ("Straße №5", "strasseno5"),
        ("x" * 200, "x" * 64),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert search.fold(text) == folded


def test_which_own_fields_are_searched() -> None:
    fields = search.fields_of(
        "S1",
        "一号",
        {
            "name_en": "One",
            "plate": "苏F1",
            "part_code": 17,
            "un_no": "1203",
            "note": "x",
            "no_go": "x",
            "phone": "",
            "code": True,
            "duty_phone": ["0513"],
            "waybill": "w" * 65,
        },
    )
    assert fields == {
        "name": "一号",
        "id": "S1",
        "name_en": "One",
        "plate": "苏F1",
        "part_code": "17",
        "un_no": "1203",
    }


def test_the_best_field_wins() -> None:
    fields = {"name": "人民路水位站", "id": "S1", "plate": "人民"}
    assert search.best("人民", fields) == (Rank.EXACT, "plate")
    assert search.best("人民路", fields) == (Rank.BEGINS, "name")
    assert search.best("水位", fields) == (Rank.HOLDS, "name")
    assert search.best("青年", fields) is None


letters = st.text(alphabet="人民路闸ab12", max_size=9)


@given(st.lists(letters, min_size=1, max_size=3), letters.filter(bool), st.sampled_from(Rank))
def test_the_index_never_misses_what_fits(texts: list[str], words: str, rank: Rank) -> None:
    """Against SQLite's own full-text engine: whatever fits a rank is among what is asked for."""
    fields = {str(number): text for number, text in enumerate(texts)}
    fit = search.best(words, fields)
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE gram USING fts5(run, tokenize='ascii', detail=none)")
    connection.execute(
        "INSERT INTO gram (run) VALUES (?)", (search.tokens(texts, "320613001", "D27"),)
    )
    asked = search.question(words, rank, Scope(("320613",), ("D27", "D33")))
    found = connection.execute("SELECT 1 FROM gram WHERE gram MATCH ?", (asked,)).fetchall()
    foreign = search.question(words, rank, Scope(("320623",), ()))
    assert not connection.execute("SELECT 1 FROM gram WHERE gram MATCH ?", (foreign,)).fetchall()
    connection.close()
    if fit is not None and fit[0] <= rank:
        assert found
    if rank is Rank.EXACT and len(words) == 1:
        assert bool(found) is (fit is not None and fit[0] is Rank.EXACT)


@pytest.mark.parametrize(
    ("words", "rank", "asked"),
    [
        ("051312345678", Rank.HOLDS, ("345", "456", "567", "678")),
        ("051312345678", Rank.BEGINS, ("345", "456", "567", "678")),
        ("051312345678", Rank.EXACT, ("456", "567", "678", "78\ue001")),
        ("yd0012345678", Rank.HOLDS, ("345", "456", "567", "678")),
        ("20260000001", Rank.HOLDS, ("260", "600", "000", "001")),
        ("人民中路12", Rank.HOLDS, ("人民中", "民中路", "中路1", "路12")),
        ("苏fd3017", Rank.BEGINS, ("\ue000苏f", "苏fd", "fd3", "d30", "301", "017")),
    ],
)
def test_of_a_number_only_its_end_is_asked(words: str, rank: Rank, asked: tuple[str, ...]) -> None:
    assert search.question(words, rank, Scope()) == " AND ".join(f'"{run}"' for run in asked)


numbers = st.text(alphabet="0123", min_size=6, max_size=14)


@given(numbers, st.integers(0, 8), st.integers(6, 14), st.sampled_from(Rank))
def test_an_end_never_misses_the_number(text: str, start: int, size: int, rank: Rank) -> None:
    words = text[start : start + size]
    if not words or (fit := search.rank_of(words, text)) is None or fit > rank:
        return
    asked = search.question(words, rank, Scope()).replace('"', "").split(" AND ")
    held = search.tokens([text], "", "").split(" ")
    assert all(any(one.startswith(run.removesuffix(" *")) for one in held) for run in asked)


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (Scope(), ""),
        (Scope(("3206",), ()), ""),  # no such token: whoever answers looks at each
        (Scope(("320613", "3206"), ()), ""),
        (Scope((), ("D27",)), ' AND ("\ue003D27")'),
        (Scope(("320613", "320623001"), ()), ' AND ("\ue002320613" OR "\ue002320623001")'),
    ],
)
def test_scope_narrows_only_where_the_index_can(scope: Scope, told: str) -> None:
    assert search.question("人民路", Rank.HOLDS, scope) == f'"人民路"{told}'
