"""Who may read an event besides its own scope: the units at work on it."""

from __future__ import annotations

from backend.services.policy import Policy
from backend.storage.unit import View
from backend_client.contract.auth import Person
from backend_client.contract.events import Event
from backend_client.contract.orders import Order, OrderState


def works_on(view: View, policy: Policy, person: Person, event: Event) -> bool:
    """Tell whether a person sees an order of an event that was not taken back."""
    return any(
        order.state is not OrderState.WITHDRAWN and policy.sees_item(person, order)
        for order in view.find(Order, event_id=event.item_id)
    )
