"""What the analytics of text read of an event."""

from __future__ import annotations

from backend.analytics.text.message import Message
from backend_client.contract.events import Event


def message(event: Event) -> Message:
    """Give what the matcher reads of an event; who reported it is no part of it."""
    return Message(
        id=event.item_id,
        time=event.reported_at.timestamp(),
        title=event.title,
        text=event.text,
        channel=event.channel.value,
        lon=event.lon,
        lat=event.lat,
        place=event.place,
        kind=event.matter,
        region=event.region[:6],
    )
