"""Steps on citizens' events: accept, locate, dispatch, close, and every side path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel

from app.actions.send import Done, Failed, ask, send
from app.reach import Reach
from backend_client.contract.claims import Claim, Claiming
from backend_client.contract.events import Close, Dispatch, Event, Locate, Touch
from backend_client.contract.item import Head
from backend_client.contract.orders import Order


def accept(
    reach: Reach,
    event: Event,
    *,
    note: str = "",
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Accept an event (受理)."""
    body = Touch(version=event.version, note=note)
    send(reach, "event.accept", event.item_id, body, done=done, failed=failed)


def locate(
    reach: Reach,
    event: Event,
    lonlat: tuple[float, float],
    *,
    place: str | None = None,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Correct an event's place."""
    body = Locate(version=event.version, lon=lonlat[0], lat=lonlat[1], place=place)
    send(reach, "event.locate", event.item_id, body, done=done, failed=failed)


def dispatch(
    reach: Reach,
    event: Event,
    *,
    department: str,
    due_at: datetime | None = None,
    note: str = "",
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Send an event to the responsible unit (派单); without a deadline the table's is taken."""
    body = Dispatch(version=event.version, department=department, due_at=due_at, note=note)
    send(reach, "event.dispatch", event.item_id, body, done=done, failed=failed)


def close(
    reach: Reach,
    event: Event,
    *,
    answer: str,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Close an event with the answer the citizen gets (办结)."""
    body = Close(version=event.version, answer=answer)
    send(reach, "event.close", event.item_id, body, done=done, failed=failed)


def step(
    reach: Reach,
    verb: str,
    item: Event | Order,
    body: BaseModel,
    *,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Take a side path of an event or order, e.g. `withdraw`.

    Args:
        reach: where it is sent.
        verb: one the item's `allowed` names.
        item: whose path it is.
        body: what the verb's door takes, with the version the operator saw.
        done: hears when the change is on the screen.
        failed: hears why not.
    """
    send(reach, f"{item.kind}.{verb}", item.item_id, body, done=done, failed=failed)


def undo(
    reach: Reach, event: Event, *, done: Done | None = None, failed: Failed | None = None
) -> None:
    """Take one's own dispatch or close back (撤销); never kept: ten seconds later it is void."""
    touch = Touch(version=event.version)

    def answered(head: Head) -> None:
        reach.waits.until("event", head, done or _rest)

    ask(reach, lambda: reach.client.undo_event(event.item_id, touch), answered, failed)


def claim(
    reach: Reach,
    event_id: str,
    *,
    take_over: bool,
    done: Callable[[Claim], None],
    failed: Failed | None = None,
) -> None:
    """Take an event in hand, or keep it (锁定); never kept for later."""
    wish = Claiming(take_over=take_over)
    ask(reach, lambda: reach.client.claim_event(event_id, wish), done, failed)


def release(reach: Reach, event_id: str) -> None:
    """Let an event go; what the service does not hear of ends by itself."""
    ask(reach, lambda: reach.client.release_event(event_id), _rest, _rest)


def _rest(_: object) -> None:
    """Wait for nothing more."""
