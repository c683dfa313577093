"""Tables in, tables out: which pairs are one event, and which reports belong together."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Final, TextIO

import numpy as np

from backend.analytics.text.clues import rows
from backend.analytics.text.index import Index
from backend.analytics.text.judge import Judge, by_hand, evenly, learned
from backend.analytics.text.message import Message, Refusal, TableError, messages, table
from backend.analytics.text.reading import Reading, Wording, cut, weigh
from backend.analytics.text.stream import Stream, events

JOINS: Final = 0.7
"""From here a report joins an event; it is compared with many and may be like one by chance."""

JOINS_PLACED: Final = 0.85
"""The same where the judge knows distance, which brings more that is like it by chance."""

_WITHIN: Final = 25  # more pairs taken from one event
_BETWEEN: Final = 6  # from two events that are not the same
_SEED: Final = 20261129
_NEIGHBOURS: Final = 12
_FRIENDS: Final = 4
_FRIEND: Final = 0.6


@dataclass(frozen=True, slots=True)
class Decided:
    """Hold a pair that was decided by a person."""

    one: str
    other: str
    is_same: bool


Readings = dict[str, Reading]


def pairs_file(
    source: Path,
    pairs: Path,
    out: Path,
    train_messages: Path | None = None,
    train_pairs: Path | None = None,
) -> list[Refusal]:
    """Judge pairs of reports and write `id_a,id_b,pred,score`; give the rows that were refused.

    Raises:
        TableError: a table cannot be read.
    """
    reports, refused = messages(source)
    judge, wording, more = _trained(train_messages, train_pairs)
    readings = read(reports, wording)
    asked, unknown = _pairs(pairs, readings)
    company = Company(judge, readings)
    with _written(out) as plain:
        to = csv.writer(plain)
        to.writerow(("id_a", "id_b", "pred", "score"))
        for one, other in asked:
            score = company.score(one, other)
            to.writerow((one, other, int(score >= judge.threshold), f"{score:.4f}"))
    return [*more, *refused, *unknown]


def merge_file(
    source: Path, out: Path, train_messages: Path | None = None, train_pairs: Path | None = None
) -> list[Refusal]:
    """Merge reports in the order of time and write `id,cluster_id`; give the rows refused.

    Raises:
        TableError: a table cannot be read.
    """
    reports, refused = messages(source)
    judge, wording, more = _trained(train_messages, train_pairs)
    joins = JOINS_PLACED if judge.knows_ground else JOINS
    found = events(Stream(judge.at(joins), wording), reports)
    with _written(out) as plain:
        to = csv.writer(plain)
        to.writerow(("id", "cluster_id"))
        to.writerows((one.id, found[one.id]) for one in reports)
    return [*more, *refused]


def read(reports: Iterable[Message], wording: Wording) -> Readings:
    """Read reports: count the words of all, then weigh each by what was counted."""
    taken = [cut(one) for one in reports]
    for one in taken:
        wording.see(one.marks())
    return {one.message.id: weigh(one, wording) for one in taken}


def train(
    readings: Readings, decided: Sequence[Decided], apart: frozenset[frozenset[str]] = frozenset()
) -> Judge:
    """Learn a judge from decided pairs and from what follows from them.

    Args:
        readings: of every report decided on.
        decided: the pairs.
        apart: pairs that examine and must not be learned from, even where they follow.
    """
    more = following(decided)
    every = [*decided, *(one for one in more if frozenset((one.one, one.other)) not in apart)]
    if not every:
        return by_hand()
    clues = rows([(readings[one.one], readings[one.other]) for one in every])
    return learned(clues, np.array([one.is_same for one in every]))


def following(decided: Sequence[Decided]) -> list[Decided]:
    """Give pairs that follow: all of one event are one, all of two that differ are not."""
    event = joined(decided)
    members: dict[str, list[str]] = {}
    for id_ in sorted(event):
        members.setdefault(event[id_], []).append(id_)
    known = {frozenset((one.one, one.other)) for one in decided}
    chance = random.Random(_SEED)  # noqa: S311  # a sample of training pairs, no secret
    made = []
    for own in members.values():
        made += _some(combinations(own, 2), known, _WITHIN, chance, is_same=True)
    apart = {
        tuple(sorted((event[one.one], event[one.other]))) for one in decided if not one.is_same
    }
    for left, right in sorted(apart):
        if left != right:
            both = product(members[left], members[right])
            made += _some(both, known, _BETWEEN, chance, is_same=False)
    return made


def _some(
    pairs: Iterable[tuple[str, str]],
    known: set[frozenset[str]],
    most: int,
    chance: random.Random,
    *,
    is_same: bool,
) -> list[Decided]:
    fresh = [pair for pair in pairs if frozenset(pair) not in known]
    chance.shuffle(fresh)
    return [Decided(one, other, is_same) for one, other in fresh[:most]]


def joined(decided: Sequence[Decided]) -> dict[str, str]:
    """Name the event of each report by what was decided of pairs."""
    head: dict[str, str] = {}

    def find(id_: str) -> str:
        head.setdefault(id_, id_)
        while head[id_] != id_:
            head[id_] = head[head[id_]]
            id_ = head[id_]
        return id_

    for one in decided:
        left, right = find(one.one), find(one.other)
        if one.is_same:
            head[left] = right
    return {id_: find(id_) for id_ in head}


class Company:
    """Judge pairs among many reports, each in the company of the reports it surely belongs to.

    Two reports that say little of one another are one event when what surely belongs to one
    belongs to the other, and are not when it does not.
    """

    def __init__(self, judge: Judge, readings: Readings) -> None:
        """Put the readings into an index."""
        self._judge = judge
        self._readings = readings
        self._ids = list(readings)
        self._index = Index()
        for slot, reading in enumerate(readings.values()):
            self._index.put(slot, reading)
        self._scores: dict[tuple[str, str], float] = {}
        self._friends: dict[str, list[tuple[float, str]]] = {}

    def score(self, one: str, other: str) -> float:
        """Give the likelihood that two reports are of one event."""
        near = [(friend, other, like) for like, friend in self._friend(one) if friend != other]
        near += [(friend, one, like) for like, friend in self._friend(other) if friend != one]
        self._judge_all([(one, other), *((mine, theirs) for mine, theirs, _ in near)])
        joined = [(self._scores[_key(one, other)], 1.0)]
        joined += [(self._scores[_key(mine, theirs)], like) for mine, theirs, like in near]
        return evenly(joined)

    def _friend(self, one: str) -> list[tuple[float, str]]:
        if one not in self._friends:
            found = self._index.like(self._readings[one], _NEIGHBOURS + 1)
            others = [self._ids[slot] for slot in found if self._ids[slot] != one]
            self._judge_all([(one, other) for other in others])
            scored = sorted((self._scores[_key(one, other)], other) for other in others)
            self._friends[one] = [pair for pair in scored[::-1] if pair[0] > _FRIEND][:_FRIENDS]
        return self._friends[one]

    def _judge_all(self, pairs: list[tuple[str, str]]) -> None:
        fresh = list({_key(*pair) for pair in pairs} - self._scores.keys())
        both = [(self._readings[one], self._readings[other]) for one, other in fresh]
        self._scores.update(zip(fresh, self._judge.scores(rows(both)).tolist(), strict=True))


def _key(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _trained(
    train_messages: Path | None, train_pairs: Path | None
) -> tuple[Judge, Wording, list[Refusal]]:
    wording = Wording()
    if train_messages is None or train_pairs is None:
        return by_hand(), wording, []
    reports, refused = messages(train_messages)
    readings = read(reports, wording)
    decided, unknown = _decided(train_pairs, readings)
    return train(readings, decided), wording, [*refused, *unknown]


def _decided(path: Path, readings: Readings) -> tuple[list[Decided], list[Refusal]]:
    known, refused = [], []
    for line, row in table(path, ("id_a", "id_b", "label")):
        if row["label"] not in {"0", "1"}:
            why = "label 应为 0 或 1 / label is 0 or 1"
            refused.append(Refusal(line, f"{path} 第 {line} 行：{why} / {path}, line {line}"))
        elif missing := [id_ for id_ in (row["id_a"], row["id_b"]) if id_ not in readings]:
            refused.append(_unknown(path, line, missing))
        else:
            known.append(Decided(row["id_a"], row["id_b"], row["label"] == "1"))
    return known, refused


def _pairs(path: Path, readings: Readings) -> tuple[list[tuple[str, str]], list[Refusal]]:
    known, refused = [], []
    for line, row in table(path, ("id_a", "id_b")):
        missing = [id_ for id_ in (row["id_a"], row["id_b"]) if id_ not in readings]
        if missing:
            refused.append(_unknown(path, line, missing))
        else:
            known.append((row["id_a"], row["id_b"]))
    return known, refused


def _unknown(path: Path, line: int, missing: list[str]) -> Refusal:
    names = ", ".join(missing)
    return Refusal(
        line,
        f"{path} 第 {line} 行：报告表中没有 {names}，已跳过 / {path}, line {line}: the table of "
        f"reports has no {names}; the pair was left out",
    )


def _written(path: Path) -> TextIO:
    opener: Callable[..., TextIO] = gzip.open if path.suffix == ".gz" else open
    try:
        return opener(path, "wt", encoding="utf-8", newline="")
    except OSError as fault:
        raise TableError(
            f"{path}：无法写入（{fault}）；请换一个位置 / {path}: cannot be written ({fault}); "
            "choose another place"
        ) from fault
