"""The ledger: every event and order as columns in memory, patched at each commit."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from backend.domain.events import OWNER
from backend.storage.codes import Codes
from backend.storage.database import Database
from backend.storage.dialect import literal
from backend.storage.tables import WORK_ITEM
from backend.storage.unit import Committed
from backend_client.contract.events import Channel, EventState
from backend_client.contract.orders import OrderState

Column = npt.NDArray[Any]
Body = Mapping[str, Any]
CHANNELS: Final = tuple(Channel)
EVENT_STATES: Final = tuple(EventState)
ORDER_STATES: Final = tuple(OrderState)
_READ: Final = 2_000
_FIRST_ROOM: Final = 1_024


def _seconds(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else float("nan")


def _event(body: Body) -> tuple[object, ...]:
    return (
        EVENT_STATES.index(EventState(body["state"])),
        CHANNELS.index(Channel(body["channel"])),
        _seconds(body["reported_at"]),
        _seconds(body["updated_at"]),
        _seconds(body.get("due_at")),
    )


def _order(body: Body) -> tuple[object, ...]:
    return (
        ORDER_STATES.index(OrderState(body["state"])),
        _seconds(body["created_at"]),
        _seconds(body["updated_at"]),
        _seconds(body["due_at"]),
        _seconds(body.get("signed_at")),
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept of one kind of work item, beside its id, version, region and department."""

    names: tuple[str, ...]
    read: Callable[[Body], tuple[object, ...]]


KINDS: Final[Mapping[str, Kind]] = {
    "event": Kind(("state", "channel", "reported_s", "updated_s", "due_s"), _event),
    "order": Kind(("state", "created_s", "updated_s", "due_s", "signed_s"), _order),
}


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One kind's columns at one moment; never changed.

    Shape: `pair` and every column (n,), row i is the item `ids[i]`; `pair` points into `scopes`.
    """

    ids: tuple[str, ...]
    scopes: tuple[tuple[str, str], ...]
    pair: npt.NDArray[np.int64]
    columns: Mapping[str, Column]

    def __getitem__(self, name: str) -> Column:
        """Give one column."""
        return self.columns[name]

    @property
    def regions(self) -> tuple[str, ...]:
        """Give the region of each scope."""
        return tuple(region for region, _ in self.scopes)

    @property
    def departments(self) -> tuple[str, ...]:
        """Give the department of each scope."""
        return tuple(department for _, department in self.scopes)


class _Book:
    """One kind's rows, growing."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.ids: list[str] = []
        self.rows: dict[str, int] = {}
        self.scopes = Codes()
        self.room = np.zeros((_FIRST_ROOM, len(kind.names) + 2), np.float64)  # version, pair first
        self.sheet: Sheet | None = None

    def put(self, bodies: Iterable[Body]) -> None:
        for body in bodies:
            row = self.rows.setdefault(body["item_id"], len(self.ids))
            if row == len(self.ids):
                self.ids.append(body["item_id"])
                if row == len(self.room):
                    self.room = np.concatenate([self.room, np.zeros_like(self.room)])
            elif self.room[row, 0] >= body["version"]:
                continue
            pair = self.scopes.of(body["region"], body.get("department") or OWNER)
            self.room[row] = (body["version"], pair, *self.kind.read(body))
            self.sheet = None

    def look(self) -> Sheet:
        if self.sheet is None:
            held = self.room[: len(self.ids)]
            columns = {name: held[:, at + 2].copy() for at, name in enumerate(self.kind.names)}
            scopes = tuple((region, department) for region, department in self.scopes.words)
            pair = held[:, 1].astype(np.int64)
            self.sheet = Sheet(tuple(self.ids), scopes, pair, columns)
        return self.sheet


class Ledger:
    """Follow events and orders; `note` is called at each commit, `fill` once after the start."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._books = {name: _Book(kind) for name, kind in KINDS.items()}
        self._is_filled = False

    def note(self, committed: Committed) -> None:
        """Take over what one commit changed."""
        told: dict[str, list[Body]] = {}
        for one in committed.changes:
            if one.kind in KINDS and one.body is not None:
                told.setdefault(one.kind, []).append(json.loads(one.body))
        with self._lock:
            for kind, bodies in told.items():
                self._books[kind].put(bodies)

    def fill(self) -> None:
        """Read what was there before; what was noted meanwhile is newer and stays."""
        for kind in KINDS:
            last = ""
            while batch := self._batch(kind, last):
                bodies = [json.loads(body) for _, body in batch]
                with self._lock:
                    self._books[kind].put(bodies)
                last = batch[-1][0]
        self._is_filled = True

    def sheet(self, kind: str) -> Sheet:
        """Give one kind's columns as they are now; before the first filling they are read now."""
        if not self._is_filled:
            self.fill()
        with self._lock:
            return self._books[kind].look()

    def _batch(self, kind: str, after: str) -> Sequence[tuple[str, str]]:
        with self._database.read() as view:
            rows = view.connection.execute(
                select(WORK_ITEM.c.item_id, WORK_ITEM.c.body)
                .where(WORK_ITEM.c.kind == literal(kind), WORK_ITEM.c.item_id > after)
                .order_by(WORK_ITEM.c.item_id)
                .limit(_READ)
            )
            return [(row.item_id, row.body) for row in rows]
