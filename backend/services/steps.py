"""What the services of events and orders share: load with scope and version, put and project."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from backend.domain import order_paths
from backend.domain.deadlines import Deadlines
from backend.services.answers import owe
from backend.services.claims import must_be_free
from backend.services.policy import Policy
from backend.services.roster import Roster
from backend.storage.database import Database
from backend.storage.unit import Unit
from backend_client.contract.auth import Person
from backend_client.contract.clock import Clock
from backend_client.contract.events import Event
from backend_client.contract.item import Head, Mark, PersonRef
from backend_client.contract.orders import Order, OrderState

Project = Callable[[Unit, Event], None]
"""Show an event on the map inside the same unit."""


class Hold(Protocol):
    """Keep attachments a step refers to; refuses those that are not there."""

    def __call__(self, unit: Unit, ids: Sequence[str], event_id: str = "") -> object:
        """Keep them, as those a new event came with when its id is given."""
        ...


Detail = Mapping[str, object]


SERVICE: Final = PersonRef(person_id="service", name="系统 service")
"""Who did what nobody did."""


def ref(person: Person) -> PersonRef:
    """Name a person inside an item."""
    return PersonRef(person_id=person.person_id, name=person.name)


def new_id(kind: str) -> str:
    """Make an id nobody can guess."""
    return f"{kind}-{secrets.token_hex(8)}"


def heard_by(event: Event) -> dict[str, object]:
    """Note with a first word by when it was due: the event forgets it once the word is said."""
    at = event.answer_by_at
    return {"answer_by": at.isoformat()} if at is not None else {}


@dataclass(frozen=True, slots=True)
class Steps:
    """One way to take a step on an event or an order inside a unit."""

    database: Database
    policy: Policy
    clock: Clock
    project: Project
    deadlines: Deadlines
    hold: Hold
    roster: Roster

    def event(
        self, unit: Unit, person: Person, item_id: str, *, action: str, version: int
    ) -> Event:
        """Load an event a person may take a step on, at the version they have seen.

        Raises:
            Refused: 404, 403, 409 `claimed` or `stale_version`.
        """
        event = unit.load(Event, item_id)
        self.policy.check_item(person, action, event)
        must_be_free(unit, person, item_id)
        return unit.load(Event, item_id, version=version)

    def order(
        self, unit: Unit, person: Person, item_id: str, *, action: str, version: int
    ) -> Order:
        """Load an order a person may take a step on, at the version they have seen.

        Raises:
            Refused: 404, 403, 409 `stale_version`.
        """
        order = unit.load(Order, item_id)
        self.policy.check_item(person, action, order)
        return unit.load(Order, item_id, version=version)

    def put(
        self,
        unit: Unit,
        event: Event,
        *,
        by: Person | None,
        action: str,
        detail: Detail | None = None,
    ) -> Head:
        """Write an event, show it on the map as it is now, and note what its reporter is told."""
        owe(unit, unit.load(Event, event.item_id), event)
        head = unit.put(event, by=by, action=action, detail=detail)
        self.project(unit, event)
        return head

    def pressed(self, order: Order) -> Order:
        """Mark an order whose time ran out while nobody could look: the escalation is past it.

        A new one inherits its event's clock, one given back had none, an old one had no lamps.
        """
        if order.state is OrderState.SUSPENDED:
            return order
        now = self.clock.now()
        mark = Mark(by=SERVICE, at=now, reason="期限已过 · its time was over when it was sent")
        if order.led is None and order.led_at is not None and order.led_at <= now:
            return order_paths.escalate(order, mark)
        over_at = order.supervised_at
        if order.supervised is None and over_at is not None and over_at <= now:
            return order_paths.supervise(order, mark)
        return order

    def mark(self, person: Person, reason: str) -> Mark:
        """Note who, now and why."""
        return Mark(by=ref(person), at=self.clock.now(), reason=reason)

    def lead_order(self, unit: Unit, event: Event) -> Order | None:
        """Give the order of the unit that leads."""
        return unit.get(Order, event.order_id) if event.order_id else None

    def orders(self, unit: Unit, event: Event) -> Iterator[Order]:
        """Give the lead's order and those of the units that help."""
        for order_id in (*filter(None, (event.order_id,)), *event.assist_ids):
            if (order := unit.get(Order, order_id)) is not None:
                yield order

    def take_back(
        self, unit: Unit, orders: Iterable[Order], *, by: Person | None, reason: str
    ) -> None:
        """Take back what units still have to do."""
        for order in list(orders):
            if (taken := order_paths.take_back(order)) != order:
                unit.put(taken, by=by, action="order.withdraw", detail={"reason": reason})

    def give_back(self, unit: Unit, orders: Iterable[Order], *, by: Person) -> None:
        """Give units back what a step that is taken back itself had taken from them."""
        for order in list(orders):
            if (given := order_paths.give_back(order)) != order:
                unit.put(self.pressed(given), by=by, action="order.restore")
