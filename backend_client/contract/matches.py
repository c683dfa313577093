"""Matches: two reports that may be one event, why, and what was decided of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backend_client.contract.base import Flag, Frozen, Id, Line, Number, Text
from backend_client.contract.item import Mark, WorkItem


class MatchState(StrEnum):
    """What became of a match."""

    OPEN = "open"  # a person is to judge
    SAME = "same"  # one event: they were merged
    APART = "apart"  # not the same, and never asked of again
    GONE = "gone"  # one of the two is over: nothing to judge any more


class Evidence(Frozen):
    """One thing for or against: `shared` is what of the writing shows it, to mark in both texts."""

    kind: Literal["place", "thing", "time", "distance", "class", "wording", "against", "decided"]
    words: Text
    shared: tuple[Line, ...] = ()


class Match(WorkItem):
    """A report and an earlier one that may be the same event.

    `auto` says that the service merged them by itself; `model` which version of it did the
    judging, 0 the rules of a new city.
    """

    kind: Literal["match"] = "match"
    event_id: Id
    other_id: Id
    score: Annotated[Number, Field(ge=0, le=1)]
    evidence: tuple[Evidence, ...]
    state: MatchState
    auto: Flag = False
    decided: Mark | None = None
    model: Line = "0"
