"""Tables go in and come out whole; company helps; what follows from decisions is taken along."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from backend.analytics.text.judge import by_hand
from backend.analytics.text.merging import (
    Company,
    Decided,
    following,
    merge_file,
    pairs_file,
    train,
)
from backend.analytics.text.message import Message, TableError
from tests.unit.backend.analytics.text.made_up import city, decisions, readings


def _reports(path: Path, reports: list[Message]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as plain:
        to = csv.writer(plain)
        to.writerow(("id", "user", "time", "title", "text"))
        for one in reports:
            seconds = int(one.time - 1_800_000_000)
            clock = f"{1 + seconds // 86400:02}T{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}"
            to.writerow((one.id, "u", f"2026-05-{clock}:00", one.title, one.text))
    return path


def _pairs(path: Path, decided: list[Decided]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as plain:
        to = csv.writer(plain)
        to.writerow(("id_a", "id_b", "label"))
        to.writerows((one.one, one.other, int(one.is_same)) for one in decided)
    return path


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as plain:
        return list(csv.DictReader(plain))


def test_judges_pairs_by_rule_and_by_lessons(tmp_path: Path) -> None:
    reports = city()
    decided = decisions(reports)
    source = _reports(tmp_path / "m.csv", reports)
    pairs = _pairs(tmp_path / "p.csv", decided)
    right = []
    for lessons in ((), (source, pairs)):
        assert pairs_file(source, pairs, tmp_path / "o.csv", *lessons) == []
        made = _rows(tmp_path / "o.csv")
        assert list(made[0]) == ["id_a", "id_b", "pred", "score"]
        assert [(one["id_a"], one["id_b"]) for one in made] == [(p.one, p.other) for p in decided]
        hits = [int(one["pred"]) == p.is_same for one, p in zip(made, decided, strict=True)]
        right.append(sum(hits) / len(hits))
    assert 0.6 < right[0] < right[1]


def test_merges_by_rule_and_by_lessons(tmp_path: Path) -> None:
    reports = city()
    source = _reports(tmp_path / "m.csv", reports)
    pairs = _pairs(tmp_path / "p.csv", decisions(reports))
    for lessons in ((), (source, pairs)):
        assert merge_file(source, tmp_path / "o.csv", *lessons) == []
        made = {one["id"]: one["cluster_id"] for one in _rows(tmp_path / "o.csv")}
        assert made.keys() == {one.id for one in reports}
    joined = sum(made[f"{event}-0"] == made[f"{event}-1"] for event in range(48))
    assert joined > 40


def test_tells_of_pairs_it_does_not_know(tmp_path: Path) -> None:
    source = _reports(tmp_path / "m.csv", city(events=8))
    pairs = _pairs(tmp_path / "p.csv", [Decided("0-0", "0-1", True), Decided("0-0", "zz", True)])
    refused = pairs_file(source, pairs, tmp_path / "o.csv")
    assert [one.line for one in refused] == [3]
    assert "zz" in refused[0].why
    assert len(_rows(tmp_path / "o.csv")) == 1
    (tmp_path / "q.csv").write_text("id_a,id_b,label\n0-0,0-1,maybe\n", encoding="utf-8")
    refused = merge_file(source, tmp_path / "o.csv", source, tmp_path / "q.csv")
    assert "0 or 1" in refused[0].why


def test_says_where_it_cannot_write(tmp_path: Path) -> None:
    source = _reports(tmp_path / "m.csv", city(events=8))
    with pytest.raises(TableError, match="cannot be written"):
        merge_file(source, tmp_path / "none" / "o.csv")


def test_pairs_that_follow_agree_with_what_was_decided() -> None:
    decided = [Decided("a", "b", True), Decided("b", "c", True), Decided("c", "x", False)]
    made = {(frozenset((one.one, one.other)), one.is_same) for one in following(decided)}
    assert made == {
        (frozenset("ac"), True),
        (frozenset("ax"), False),
        (frozenset("bx"), False),
    }


def test_nothing_decided_leaves_the_rules() -> None:
    assert train({}, []).forest is None


def test_company_is_the_same_both_ways_and_brings_far_ones_together() -> None:
    every = readings(city())
    company = Company(by_hand(), every)
    assert company.score("5-0", "5-1") == pytest.approx(company.score("5-1", "5-0"))
    assert company.score("5-0", "5-1") > company.score("5-0", "6-1")
