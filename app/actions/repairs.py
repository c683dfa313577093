"""The repair list: read what the door refused, hand an item in mended, or set it aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from app.actions.send import Failed, ask, once
from app.reach import Reach
from backend_client import repairs
from backend_client.contract.item import Head
from backend_client.contract.repairs import Mending, Repair, RepairsPage, RepairState

MOST: Final = 100


def read(
    reach: Reach, *, done: Callable[[RepairsPage], None], failed: Failed | None = None
) -> None:
    """Read what nobody has seen to yet, newest first."""
    client = reach.client
    ask(reach, lambda: repairs.repairs(client, limit=MOST, state=RepairState.OPEN), done, failed)


def hand_in(
    reach: Reach,
    repair_id: str,
    report: str | Mapping[str, object],
    *,
    done: Callable[[Head], None],
    failed: Failed | None = None,
) -> None:
    """Hand an item in as a person mended it; the door judges it like any other.

    A seat that is read-only sends nothing. Nothing is kept for later: the item stays on the list.
    """
    client = reach.client
    once(reach, lambda: repairs.hand_in_again(client, repair_id, report), done, failed)


def set_aside(
    reach: Reach,
    repair_id: str,
    reason: str,
    *,
    done: Callable[[Repair], None],
    failed: Failed | None = None,
) -> None:
    """Take an item off the list with a reason."""
    client, body = reach.client, Mending(outcome="dropped", note=reason)
    once(reach, lambda: repairs.mend(client, repair_id, body), done, failed)
