"""Steps on orders: sign for one, report it done."""

from __future__ import annotations

from app.actions.send import Done, Failed, send
from app.reach import Reach
from backend_client.contract.events import Close, Touch
from backend_client.contract.orders import Order


def sign(
    reach: Reach, order: Order, *, done: Done | None = None, failed: Failed | None = None
) -> None:
    """Sign for an order (签收)."""
    body = Touch(version=order.version)
    send(reach, "order.sign", order.item_id, body, done=done, failed=failed)


def report(
    reach: Reach,
    order: Order,
    *,
    answer: str,
    done: Done | None = None,
    failed: Failed | None = None,
) -> None:
    """Report an order done (反馈)."""
    body = Close(version=order.version, answer=answer)
    send(reach, "order.report", order.item_id, body, done=done, failed=failed)
