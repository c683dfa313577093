"""Learned models: every version with what it was taught, what it reached, who let it in."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from backend_client.contract.base import Count, Flag, Frozen, Instant, Line, Number, Text
from backend_client.contract.item import PersonRef

ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,31}$")]
VersionNo = Annotated[int, Field(strict=True, ge=1)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Metrics = dict[str, Number]


class ModelState(StrEnum):
    """How far a version has come."""

    CANDIDATE = "candidate"  # 候选
    PROMOTED = "promoted"  # 在用
    RETIRED = "retired"  # 退役


class LiveDay(Frozen):
    """What people said of a model's proposals on one of the city's days."""

    day: date
    right: Count
    wrong: Count


class Live(Frozen):
    """How often people agreed with what was proposed: `decided` and the share `right`, and by day.

    `metrics` is over the days given, the last thirty; without a decision there is no `right`.
    """

    metrics: Metrics
    days: tuple[LiveDay, ...] = ()


class ModelVersion(Frozen):
    """One version of a model.

    It learned from `decisions` decided between `from_at` and `to_at`. `frozen` is what it reached
    on the `exam` decisions kept apart, `rivals` what the one in use and the rules alone reached on
    the same. `before` is the version it took over from, 0 the rules. `promoted_by` None is the
    service itself. `sha256` is its file's, `taught_by` that of all it was taught and examined by;
    `kept` tells whether its file is still there.
    """

    number: VersionNo
    state: ModelState
    made_at: Instant
    from_at: Instant
    to_at: Instant
    decisions: Count
    exam: Count
    frozen: Metrics
    rivals: dict[str, Metrics]
    live: Live
    before: Count = 0
    promoted_at: Instant | None = None
    promoted_by: PersonRef | None = None
    reason: Annotated[str, Field(max_length=1_000)] = ""
    sha256: Line
    taught_by: Line
    kept: Flag = True


class ModelLine(Frozen):
    """A model and its versions, newest first.

    `in_use` is the version promoted, 0 the rules; `answers` the one that really answers, another
    only where `fault` says what is wrong with the file of the one promoted. `held`: after a roll
    back the service promotes nothing by itself until a person does. `exam` is how many decisions
    are kept apart by now, `fewest` from how many on the service promotes by itself, and `metric`
    the number it goes by.
    """

    name: ModelName
    title: Text
    metric: Line
    fewest: Count
    exam: Count
    in_use: Count
    answers: Count
    fault: Text | None = None
    held: Flag = False
    learning: Flag = False
    rules: Live
    versions: tuple[ModelVersion, ...]


class ModelList(Frozen):
    """Every learned model."""

    models: tuple[ModelLine, ...]


class Promote(Frozen):
    """Take a version into use."""

    number: VersionNo
    reason: Reason


class RollBack(Frozen):
    """Go back to what was in use before."""

    reason: Reason
