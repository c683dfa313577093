"""The things behind a number, named: read only when somebody opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from backend.domain.indicators import I64, Found
from backend.services.facts import Wish
from backend.services.measures import MEASURES
from backend.storage import features as table
from backend.storage.unit import View
from backend_client.contract.alarms import Alarm
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.feeds import Feed
from backend_client.contract.gates import Gate
from backend_client.contract.indicators import Entry
from backend_client.contract.item import WorkItem
from backend_client.contract.orders import Order

Sees = Callable[[str, str], bool]
"""Whether a region and department are in the reader's sight."""


def name_entries(view: View, wish: Wish, found: Found, rows: I64, sees: Sees) -> list[Entry]:
    """Name some of the entries a measure found, those in the reader's sight only.

    Args:
        view: the snapshot they are read from.
        wish: what the measure was asked.
        found: what it found.
        rows: which of them.
        sees: the reader's sight.
    """
    kind = MEASURES[wish["measure"]][0]
    named = []
    for row in rows.tolist():
        key = int(found.key[row])
        one = _item(view, kind, found.ids[key]) if found.ids else _object(view, wish["layer"], key)
        if one is not None and sees(one["region"], one["department"]):
            top, bottom = float(found.top[row]), float(found.bottom[row])
            named.append(Entry.model_validate({"kind": kind, **one, "top": top, "bottom": bottom}))
    return named


def _same(words: str) -> Text:
    return Text(words, words)


_Said = tuple[Text, datetime | None]
_WORDS: Final[Mapping[str, tuple[type[WorkItem], Callable[[Any], _Said]]]] = {
    "event": (Event, lambda event: (_same(event.title), event.reported_at)),
    "order": (Order, lambda order: (_same(order.title), order.due_at)),
    "alarm": (Alarm, lambda alarm: (alarm.title, alarm.raised_at)),
    "gate": (Gate, lambda gate: (gate.name, gate.observed_at)),
    "feed": (Feed, lambda feed: (feed.title, feed.heard_at)),
}
"""Per kind of work item its type, and its name with the instant that matters."""


def _item(view: View, kind: str, item_id: str) -> dict[str, Any] | None:
    known, words = _WORDS[kind]
    item = view.get(known, item_id)
    if item is None:
        return None
    name, at = words(item)
    head = {"item_id": item_id, "region": item.region, "department": item.department}
    return {**head, "name": name, "at": at}


def _object(view: View, layer: str, oid: int) -> dict[str, Any] | None:
    feature = table.get(view.connection, layer, oid)
    if feature is None:
        return None
    english = feature.properties.get("name_en")
    return {
        "item_id": feature.id,
        "layer": feature.layer,
        "oid": feature.oid,
        "name": Text(feature.name, english if isinstance(english, str) else feature.name),
        "region": feature.region,
        "department": feature.department,
        "at": feature.observed_at,
    }
