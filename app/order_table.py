"""Orders as columns: how much each unit has in hand, which are due, which ask for more time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from app.columns import Columns, seconds
from backend_client.contract.orders import Order, OrderState


@dataclass(frozen=True, slots=True)
class Load:
    """What a unit has in hand: open orders, and those past their deadline."""

    open: int = 0
    overdue: int = 0


class OrderTable(Columns[Order]):
    """Keep what is counted of every order."""

    types = {  # noqa: RUF012  # declared as one in the base
        "open": np.bool_,
        "stands": np.bool_,  # its clock: suspended
        "asks": np.bool_,  # for more time
        "due_s": np.float64,
        "sign_s": np.float64,  # NaN: signed
        "unit": np.uint16,
    }

    def loads(self, now: datetime) -> dict[str, Load]:
        """Count what each unit has in hand."""
        units = self.coded("unit")
        has = self.column("open") & self.column("alive")
        late = has & ~self.column("stands") & (self.column("due_s") < now.timestamp())
        unit = self.column("unit")
        counts = (np.bincount(unit[rows], minlength=len(units)).tolist() for rows in (has, late))
        return {name: Load(open_, late_) for name, open_, late_ in zip(units, *counts, strict=True)}

    def due_before(self, at: datetime, most: int) -> list[str]:
        """Name the open orders whose clock runs and ends before an instant, the first first."""
        runs = self.column("open") & self.column("alive") & ~self.column("stands")
        rows = np.flatnonzero(runs & (self.column("due_s") <= at.timestamp()))
        return self.ids(rows[np.argsort(self.column("due_s")[rows], kind="stable")[:most]])

    def unsigned(self, now: datetime, most: int) -> list[str]:
        """Name the orders nobody has signed in their time, the oldest first."""
        rows = np.flatnonzero(self.column("alive") & (self.column("sign_s") < now.timestamp()))
        return self.ids(rows[np.argsort(self.column("sign_s")[rows], kind="stable")[:most]])

    def asking(self, most: int) -> list[str]:
        """Name the orders whose units ask for more time."""
        return self.ids(np.flatnonzero(self.column("asks") & self.column("alive"))[:most])

    def _values(self, items: Sequence[Order]) -> dict[str, list[Any]]:
        return {
            "open": [order.is_open for order in items],
            "stands": [order.state is OrderState.SUSPENDED for order in items],
            "asks": [asks_time(order) for order in items],
            "due_s": [order.due_at.timestamp() for order in items],
            "sign_s": [seconds(_sign_by(order)) for order in items],
            "unit": [self._code("unit", order.department) for order in items],
        }


def _sign_by(order: Order) -> datetime | None:
    return order.sign_by_at if order.state is OrderState.SENT else None


def asks_time(order: Order) -> bool:
    """Tell whether an order's unit waits to hear whether it gets more time."""
    wish = order.extension
    return order.is_open and wish is not None and wish.decided is None
