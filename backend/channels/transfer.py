"""Orders of a channel's own unit go out to it; its receipts and results come back as steps."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from backend.channels.folder import STATE, TRANSFERS, Folder
from backend.channels.line import Line
from backend_client.channels.records import Record
from backend_client.channels.spec import Spec, Transfer
from backend_client.contract.base import Text
from backend_client.contract.events import Close, Event, Touch
from backend_client.contract.orders import Order, OrderState
from backend_client.errors import Refused
from backend_client.geo.datum import gcj02_to_bd09, wgs84_to_gcj02
from backend_client.importing.values import CHINA

_ALONE: Final = frozenset({400, 403, 404, 409, 413, 422})
_TRIES: Final = 3
SENT: Final = OrderState.SENT.value
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NO_ORDER: Final = Text("看不懂其工单号。", "The order's id is none of ours.")
_NO_STATE: Final = Text("看不懂其状态。", "Its state is none we know.")


@dataclass(slots=True)
class Transfers:
    """Pass orders on and take what comes back, as the unit's own account."""

    spec: Spec
    way: Transfer
    folder: Folder
    line: Line
    _seen_n: int = field(default=-1)

    def send(self) -> int:
        """Write each order of the unit that waits to be signed; give how many are new.

        An order is one file by its number: the same again after a kill covers itself. What went
        out is remembered apart, for whoever reads the file may take it away.
        """
        made, after, n = 0, "", -1
        while True:
            page = self.line.say(lambda client: client.items("order", after=after, state=SENT))  # noqa: B023  asked at once
            if page.n == self._seen_n:
                return made
            n = page.n if n < 0 else n
            for order in page.items:
                if isinstance(order, Order) and self._is_due(order):
                    text = json.dumps(self._write(order), ensure_ascii=False, indent=1)
                    self.folder.put(TRANSFERS, f"{order.item_id}.json", text)
                    self.folder.put(STATE, order.item_id, "")
                    made += 1
            if page.next is None:
                self._seen_n = n
                return made
            after = page.next

    def is_reply(self, record: Record) -> bool:
        """Tell whether a record is about an order of ours."""
        return bool(record.fields.get(self.way.order_id))

    def reply(self, record: Record) -> Text | None:
        """Take the step a receipt or a result tells of; give why it was not taken.

        The same again changes nothing.

        Raises:
            Refused: the service takes nothing just now.
            Unreachable: it does not answer.
        """
        order_id, state = self._field(record, "order_id"), self._field(record, "state")
        if state not in (*self.way.signed, *self.way.done):
            return _NO_STATE
        if not _ID.fullmatch(order_id):  # it becomes part of an address
            return _NO_ORDER
        try:
            self._follow(record, order_id, is_done=state in self.way.done)
        except Refused as no:
            if no.problem.status not in _ALONE:
                raise
            return no.problem.what
        return None

    def _follow(self, record: Record, order_id: str, *, is_done: bool) -> None:
        number = self._field(record, "number")
        note = f"{self.spec.title.zh} {number}".strip()
        for _ in range(_TRIES):
            order = self.line.say(lambda client: client.item("order", order_id))
            if not isinstance(order, Order):
                return
            if order.state is OrderState.SENT:
                touch = Touch(version=order.version, note=note[:200])
                self.line.say(lambda client: client.sign_order(order_id, touch))  # noqa: B023  asked at once
            elif order.state is OrderState.SIGNED and is_done:
                said = (self._field(record, "text") or note)[:2_000]
                body = Close(version=order.version, answer=said)
                self.line.say(lambda client: client.report_order(order_id, body))  # noqa: B023  asked at once
            else:
                return

    def _field(self, record: Record, name: str) -> str:
        value = record.fields.get(getattr(self.way, name), "")
        return value if isinstance(value, str) else "，".join(value)

    def _is_due(self, order: Order) -> bool:
        there = self.folder.home / STATE / order.item_id
        return (
            order.state is OrderState.SENT
            and order.department == self.way.department
            and not there.exists()
        )

    def _write(self, order: Order) -> dict[str, str]:
        known = {"order_id": order.item_id, "title": order.title, "note": order.note}
        known["due_at"] = order.due_at.astimezone(CHINA).isoformat(timespec="seconds")
        if order.event_id is not None:
            event_id = order.event_id
            event = self.line.say(lambda client: client.item("event", event_id))
            if isinstance(event, Event):
                known |= {"event_id": event_id, "text": event.text, "place": event.place}
                known |= self._lonlat(event)
        return self.way.order.write(known)

    def _lonlat(self, event: Event) -> dict[str, str]:
        """Give a place in the channel's own datum."""
        if event.lon is None or event.lat is None:
            return {}
        made = np.array([[event.lon, event.lat]])
        if self.spec.datum != "wgs84":
            made = wgs84_to_gcj02(made)
        if self.spec.datum == "bd09":
            made = gcj02_to_bd09(made)
        return {"lon": f"{made[0][0]:.6f}", "lat": f"{made[0][1]:.6f}"}
