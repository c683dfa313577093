"""An event on its way through the doors of the real application, for tests of its paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend_client.contract import paths
from backend_client.contract.events import Event
from backend_client.contract.orders import Order
from backend_client.contract.timeline import Timeline
from tests.service import Service, intake


@dataclass
class Case:
    """One event on its way through the doors."""

    service: Service
    event_id: str

    async def event(self, event_id: str = "") -> Event:
        path = paths.ITEM.format(kind="event", item_id=event_id or self.event_id)
        return Event.model_validate((await self.service.get("dispatcher", path)).json())

    async def order(self) -> Order:
        event = await self.event()
        path = paths.ITEM.format(kind="order", item_id=event.order_id)
        return Order.model_validate((await self.service.get("dispatcher", path)).json())

    async def on_event(
        self, verb: str, account: str = "dispatcher", event_id: str = "", **body: Any
    ) -> int:
        event = await self.event(event_id)
        path = paths.EVENT_VERB.format(item_id=event.item_id, verb=verb)
        reply = await self.service.post(account, path, {"version": event.version, **body})
        return reply.status_code

    async def on_order(self, verb: str, account: str = "dispatcher", **body: Any) -> int:
        order = await self.order()
        path = paths.ORDER_VERB.format(item_id=order.item_id, verb=verb)
        reply = await self.service.post(account, path, {"version": order.version, **body})
        return reply.status_code

    async def send(self, department: str = "D24") -> None:
        assert await self.on_event("dispatch", department=department) == 200

    async def finish(self, answer: str = "已办结，感谢反映") -> None:
        """Let its unit sign and report, and answer it."""
        assert await self.on_order("sign") == 200
        assert await self.on_order("report", answer=answer) == 200
        assert await self.on_event("close", answer=answer) == 200

    async def steps(self, account: str = "dispatcher") -> Timeline:
        path = paths.EVENT_STEPS.format(item_id=self.event_id)
        return Timeline.model_validate((await self.service.get(account, path)).json())


async def begin(
    service: Service, number: int = 1, *, accepted: bool = True, **changed: object
) -> Case:
    made = await service.post("feed", paths.EVENTS, intake(number, **changed))
    assert made.status_code == 201, made.text
    case = Case(service, str(made.json()["item_id"]))
    if accepted:
        assert await case.on_event("accept") == 200
    return case
