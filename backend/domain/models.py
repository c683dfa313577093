"""Rules of learned models: what is kept apart to examine them, and which may come into use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from backend.domain.feeds import CITY_TIME
from backend_client.contract.base import Text

CANDIDATE: Final = "candidate"
IN_USE: Final = "in_use"
RULES: Final = "rules"
Measured = Mapping[str, Mapping[str, float]]
"""Named numbers of each that sat the same exam: the candidate, what is in use, the rules alone."""

FEWEST: Final = 50
"""Decisions kept apart from which the service promotes by itself: one is worth two points then."""

_ONE_IN: Final = 5
_NIGHT: Final = timedelta(hours=2)  # the quiet hours after it are the city's least busy


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, as a learned model is taught and examined by it.

    Args:
        key: the pair's or event's own id; decided again, it is the same decision.
        groups: the events it is about, two for a pair of two events. What touches a group kept
            apart examines; lessons, and what follows from them, lie wholly among the others.
        at: when it was decided.
        body: what was asked and the answer, as the model's course reads it; None when the
            decision was taken back.
    """

    key: str
    groups: tuple[str, ...]
    at: datetime
    body: Mapping[str, object] | None


def is_frozen(name: str, group: str) -> bool:
    """Tell whether a group's decisions examine a model and never teach it: one group in five.

    By the hash of its name, so that it falls alike on every machine and for good.
    """
    drawn = hashlib.sha256(f"{name}\n{group}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % _ONE_IN == 0


def split(
    name: str, decided: Sequence[Decision], frozen: frozenset[str]
) -> tuple[list[Decision], list[Decision]]:
    """Part decisions into those to learn from and those to examine by.

    Args:
        name: of the model.
        decided: all of them.
        frozen: keys that examine already; they never teach, whatever groups they are of now.

    Returns: lessons, exam; one that was taken back is in the exam only, to be struck off there.
    """
    exam = [
        one
        for one in decided
        if one.key in frozen or any(is_frozen(name, group) for group in one.groups)
    ]
    apart = {one.key for one in exam}
    return [one for one in decided if one.body is not None and one.key not in apart], exam


def digest(lessons: Sequence[Decision], exam: Sequence[Decision]) -> str:
    """Give the hash of all a version was taught and examined by, in whatever order it came."""
    drawn = hashlib.sha256()
    for part in (lessons, exam):
        for one in sorted(part, key=lambda one: one.key):
            said = json.dumps([one.key, dict(one.body or {})], ensure_ascii=False, sort_keys=True)
            drawn.update(f"{said}\n".encode())
        drawn.update(b"\n")
    return drawn.hexdigest()


def barred(metric: str, measured: Measured, exam: int, *, fewest: int) -> Text | None:
    """Say why a candidate may not come into use; None when it may.

    It must be at least as good as what is in use and as the rules, on decisions it never saw.

    Args:
        metric: the number that counts; more is better.
        measured: what each reached on the same exam.
        exam: how many decisions that exam had.
        fewest: how many it must have.
    """
    if exam < fewest:
        return Text(
            f"考核集只有 {exam} 条决定，至少需要 {fewest} 条",
            f"only {exam} decisions are kept apart to examine by, {fewest} are needed",
        )
    reached = measured[CANDIDATE][metric]
    for rival, zh, en in ((IN_USE, "在用版本", "the one in use"), (RULES, "规则", "the rules")):
        theirs = measured[rival][metric]
        if not reached >= theirs:  # a number that is none is no better
            return Text(
                f"考核集上 {metric} 为 {reached:.3f}，{zh}为 {theirs:.3f}",
                f"{metric} on the exam is {reached:.3f}, of {en} {theirs:.3f}",
            )
    return None


def night_of(at: datetime) -> date:
    """Give the city's day whose night's learning is the last that is due, at two o'clock."""
    return (at.astimezone(CITY_TIME) - _NIGHT).date()
