"""An unsent wish as a value; the file that keeps them is `drafts.py`, which a worker loads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DraftState(StrEnum):
    """What became of a wish; the row stays whatever it is."""

    UNSENT = "unsent"
    SENT = "sent"
    DISCARDED = "discarded"  # by the operator


@dataclass(frozen=True, slots=True)
class Draft:
    """One wish that could not be sent; it goes out only when the operator sends it again.

    Args:
        draft_id: names the wish.
        kind: the verb, e.g. "event.dispatch".
        target: id of the item concerned, empty when it makes a new one.
        body: JSON as it would have been sent.
        idempotency_key: the same for every try.
        person_id: whose wish it is.
        created_at: when it was made.
        state: what became of it.
    """

    draft_id: str
    kind: str
    target: str
    body: str
    idempotency_key: str
    person_id: str
    created_at: datetime
    state: DraftState = DraftState.UNSENT
