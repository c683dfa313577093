"""Steps on citizens' events: accept, locate, dispatch, close."""

from __future__ import annotations

from datetime import datetime

from app.actions.send import Done, Failed, send
from app.reach import Reach
from backend_client.contract.events import Close, Dispatch, Event, Locate, Touch


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
    due_at: datetime,
    note: str = "",
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Send an event to the responsible unit with a deadline (派单)."""
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
