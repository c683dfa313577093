"""How the judge of pairs is taught and examined by what people decided: one event, or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np

from backend.analytics.text.clues import rows
from backend.analytics.text.judge import FEWEST, bounds, by_hand, load, save
from backend.analytics.text.learning import Body
from backend.analytics.text.merging import Decided, Readings, joined, read, train
from backend.analytics.text.message import Message
from backend.analytics.text.reading import Wording

_FIELDS: Final = tuple(field.name for field in fields(Message))
_PARTS: Final = 4
_RIGHT: Final = 0.98  # of what joins by itself, at least
_SURE: Final = 0.02  # what surer likelihoods are taken for: one slip must not outweigh all else


def body(one: Message, other: Message, *, same: bool) -> dict[str, object]:
    """Give a decided pair as the course reads it."""
    return {"one": asdict(one), "other": asdict(other), "same": same}


@dataclass(frozen=True, slots=True)
class MergeCourse:
    """Teach the judge from pairs of reports, each whole, and examine it by others."""

    def teach(self, lessons: Sequence[Body], exam: Sequence[Body], path: Path) -> bool:
        """Learn a judge; False where the pairs are too few of one kind or in all."""
        readings = _readings([*lessons, *exam])
        apart = frozenset(frozenset((one.one, one.other)) for one in map(_decided, exam))
        judge = train(readings, [_decided(one) for one in lessons], apart)
        if judge.forest is None:
            return False
        save(replace(judge, sure=surely(readings, [_decided(one) for one in lessons])), path)
        return True

    def examine(self, path: Path | None, exam: Sequence[Body]) -> dict[str, float]:
        """Give the shares judged right, right of those said and of those that are one event.

        `loss` is the mean surprise in natural units, less is better; `same` the share of one event.
        """
        judge = by_hand() if path is None else load(path)
        readings, pairs = _readings(exam), [_decided(one) for one in exam]
        likely = judge.scores(rows([(readings[one.one], readings[one.other]) for one in pairs]))
        truth = np.array([one.is_same for one in pairs])
        said = likely >= judge.threshold
        hits = float((said & truth).sum())
        kept = np.clip(likely, _SURE, 1 - _SURE)
        reached = {
            "right": float((said == truth).mean()),
            "loss": float(-np.log(np.where(truth, kept, 1 - kept)).mean()),
            "same": float(truth.mean()),
        }
        if said.any():
            reached["precision"] = hits / float(said.sum())
        if truth.any():
            reached["recall"] = hits / float(truth.sum())
        return reached


COURSE: Final = MergeCourse()


def surely(readings: Readings, decided: Sequence[Decided]) -> float:
    """Choose the score from which enough of what is one event by it really is.

    Each pair is scored by a judge taught without it and without anything of its events; 1 where
    none is that sure, or too little was decided to say.
    """
    event = joined(decided)
    part = np.array([crc32(event[one.one].encode()) % _PARTS for one in decided])
    other = np.array([crc32(event[one.other].encode()) % _PARTS for one in decided])
    scores, asked = np.zeros(len(decided)), np.zeros(len(decided), dtype=np.bool_)
    for own in range(_PARTS):
        out = (part == own) | (other == own)
        judge = train(readings, [one for one, away in zip(decided, out, strict=True) if not away])
        if judge.forest is None:
            continue
        tried = part == own
        pairs = [one for one, mine in zip(decided, tried, strict=True) if mine]
        clues = rows([(readings[one.one], readings[one.other]) for one in pairs])
        scores[tried], asked = judge.scores(clues), asked | tried
    same = np.array([one.is_same for one in decided])
    if int(asked.sum()) < FEWEST:
        return 1.0
    return bounds(scores[asked], same[asked], _RIGHT)[0]


def _readings(bodies: Sequence[Body]) -> Readings:
    """Read every report once, in the order of time, as the city did."""
    reports = [_report(one[side]) for one in bodies for side in ("one", "other")]
    every = {one.id: one for one in sorted(reports, key=lambda one: (one.time, one.id))}
    return read(every.values(), Wording())


def _report(told: Any) -> Message:
    """Read a report; what a program of another day said more of it is passed over."""
    given: Mapping[str, Any] = told
    return Message(**{name: given[name] for name in _FIELDS if name in given})


def _decided(one: Body) -> Decided:
    return Decided(_report(one["one"]).id, _report(one["other"]).id, one["same"] is True)
