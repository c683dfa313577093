"""Answers: what a channel is to tell the person who reported, until it has told them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from backend_client.contract.base import Count, Frozen, Id, Instant, Prose
from backend_client.contract.events import Channel


class Said(StrEnum):
    """What is told."""

    ACCEPTED = "accepted"  # 已受理
    REFUSED = "refused"  # 不予受理
    ANSWERED = "answered"  # 已办结
    AGAIN = "again"  # 重新办理
    WITHDRAWN = "withdrawn"  # 已撤销


class Answer(Frozen):
    """One thing to tell one reporter; the channel knows them by its own `intake_id`."""

    n: Count
    event_id: Id
    intake_id: Id
    channel: Channel
    said: Said
    words: Prose
    at: Instant


class Answers(Frozen):
    """What a channel still has to tell, the oldest first."""

    answers: tuple[Answer, ...]


class ToldAnswers(Frozen):
    """What a channel has told: the numbers of answers it delivered."""

    numbers: Annotated[tuple[Count, ...], Field(min_length=1, max_length=1_000)]
