"""Claims: who has an event in hand just now; a lease that ends by itself."""

from __future__ import annotations

from typing import Literal

from backend_client.contract.base import Flag, Frozen, Instant, Line
from backend_client.contract.item import PersonRef, WorkItem


class Claim(WorkItem):
    """One event being worked on; `item_id` is the event's, `title` its matter."""

    kind: Literal["claim"] = "claim"
    title: Line
    holder: PersonRef
    until_at: Instant


class Claiming(Frozen):
    """Take an event in hand, or keep it; a supervisor may take it over from somebody else."""

    take_over: Flag = False
