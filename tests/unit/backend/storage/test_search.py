"""The index file: only what changed is written, keys stay, another database begins anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.domain.search import Rank, Scope, question, tokens
from backend.storage.search import Found, Index


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index(tmp_path / "search.db", "one")
    yield made
    made.close()


def words(text: str) -> str:
    return tokens([text], "320613", "D27")


def found(index: Index, text: str, *, after: int = 0, limit: int = 10) -> list[Found]:
    keys = index.find(question(text, Rank.HOLDS, Scope()), after=after, limit=limit)
    return [index.what(key) for key in keys]


def test_only_what_changed_is_written(index: Index) -> None:
    assert index.put("water", {1: words("人民路"), 2: words("青年路")}) == 2
    assert index.put("water", {1: words("人民路"), 2: words("青年路")}) == 0
    assert index.put("water", {1: words("人民西路"), 2: None, 3: None}) == 2
    assert found(index, "路") == [Found("water", 1)]
    assert found(index, "民西") == [Found("water", 1)]
    assert found(index, "民路") == []


def test_sources_do_not_mix_and_pages_go_on(index: Index) -> None:
    index.put("event", {7: words("人民路")}, 12)
    index.put("water", {7: words("人民路"), 2**32 - 1: words("人民路")}, 5)
    assert found(index, "人民") == [Found("event", 7), Found("water", 7), Found("water", 2**32 - 1)]
    (first,) = index.find(question("人民", Rank.HOLDS, Scope()), after=0, limit=1)
    assert found(index, "人民", after=first) == [Found("water", 7), Found("water", 2**32 - 1)]
    assert index.marks() == {"event": 12, "water": 5}


def test_items_keep_their_numbers(index: Index) -> None:
    first = index.number_items(["a", 'b"'])
    assert index.number_items(['b"', "c", "a"]) == {**first, "c": 3}
    assert index.item_ids([2, 3, 99]) == {2: 'b"', 3: "c"}


def test_another_start_goes_on_and_another_database_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    made = Index(path, "one")
    made.put("water", {1: words("人民路")}, 9)
    made.close()
    again = Index(path, "one")
    assert found(again, "人民") == [Found("water", 1)]
    assert again.marks() == {"water": 9}
    again.close()
    other = Index(path, "two")
    assert found(other, "人民") == []
    assert other.marks() == {}
    other.close()
