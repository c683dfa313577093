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
from backend_client.contract.orders import OrderState, Task

Column = npt.NDArray[Any]
Body = Mapping[str, Any]
CHANNELS: Final = tuple(Channel)
EVENT_STATES: Final = tuple(EventState)
ORDER_STATES: Final = tuple(OrderState)
_READ: Final = 2_000
_FIRST_ROOM: Final = 1_024


class Numbers:
    """Number event ids and classes, so that columns can point at them; none is ever taken back."""

    def __init__(self) -> None:
        self._events: dict[str, int] = {}
        self._matters: dict[str, int] = {}

    def event(self, event_id: str) -> int:
        """Give an event's number, the next one for a new event."""
        return self._events.setdefault(event_id, len(self._events))

    def matter(self, code: str) -> int:
        """Give a class code's number, the next one for a new code."""
        return self._matters.setdefault(code, len(self._matters))

    def __len__(self) -> int:
        """Count the events."""
        return len(self._events)

    def matters(self) -> tuple[str, ...]:
        """Give every class code by its number."""
        return tuple(self._matters)


def _seconds(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else float("nan")


def _degrees(number: float | None) -> float:
    return float("nan") if number is None else number


def _event(body: Body, names: Numbers) -> tuple[float, ...]:
    return (
        EVENT_STATES.index(EventState(body["state"])),
        CHANNELS.index(Channel(body["channel"])),
        _seconds(body["reported_at"]),
        _seconds(body["updated_at"]),
        _seconds(body.get("due_at")),
        names.event(body["item_id"]),
        names.matter(body.get("matter") or ""),
        _degrees(body.get("lon")),
        _degrees(body.get("lat")),
        body.get("main_id") is not None,
        body.get("redone") or 0,
        _seconds(body.get("answer_by_at")),
    )


def _order(body: Body, names: Numbers) -> tuple[float, ...]:
    wish = body.get("extension") or {}
    event_id = body.get("event_id")
    return (
        ORDER_STATES.index(OrderState(body["state"])),
        _seconds(body["created_at"]),
        _seconds(body["updated_at"]),
        _seconds(body["due_at"]),
        _seconds(body.get("signed_at")),
        names.event(event_id) if event_id else -1,
        body.get("task", Task.HANDLE) == Task.HANDLE,
        _seconds(body.get("sign_by_at")),
        _seconds((body.get("returned") or {}).get("at")),
        bool(wish.get("granted")),
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept of one kind of work item, beside its id, version, region and department."""

    names: tuple[str, ...]
    read: Callable[[Body, Numbers], tuple[float, ...]]


KINDS: Final[Mapping[str, Kind]] = {
    "event": Kind(
        (
            *("state", "channel", "reported_s", "updated_s", "due_s", "number", "matter"),
            *("lon", "lat", "is_merged", "redone", "answer_by_s"),
        ),
        _event,
    ),
    "order": Kind(
        (
            *("state", "created_s", "updated_s", "due_s", "signed_s", "event", "handles"),
            *("sign_by_s", "returned_s", "extended"),
        ),
        _order,
    ),
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

    def __init__(self, kind: Kind, names: Numbers) -> None:
        self.kind, self.names = kind, names
        self.ids: list[str] = []
        self.rows: dict[str, int] = {}
        self.scopes = Codes()
        self.room = np.zeros((_FIRST_ROOM, len(kind.names) + 2), np.float64)  # version, pair first
        self.sheet: Sheet | None = None

    def put(self, bodies: Iterable[Body]) -> None:
        for body in bodies:
            row = self._row(body["item_id"])
            if self.room[row, 0] >= body["version"]:
                continue
            pair = self.scopes.of(body["region"], body.get("department") or OWNER)
            self.room[row] = (body["version"], pair, *self.kind.read(body, self.names))
            self.sheet = None

    def drop(self, item_id: str, region: str, department: str) -> None:
        """Count an item that was removed nowhere any more: its row stays, with nothing in it."""
        row = self._row(item_id)
        self.room[row] = np.nan
        self.room[row, :2] = (np.inf, self.scopes.of(region, department or OWNER))
        self.sheet = None

    def _row(self, item_id: str) -> int:
        row = self.rows.setdefault(item_id, len(self.ids))
        if row == len(self.ids):
            self.ids.append(item_id)
            if row == len(self.room):
                self.room = np.concatenate([self.room, np.zeros_like(self.room)])
        return row

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
        self._names = Numbers()
        self._books = {name: _Book(kind, self._names) for name, kind in KINDS.items()}
        self._is_filled = False

    def note(self, committed: Committed) -> None:
        """Take over what one commit changed."""
        told = [one for one in committed.changes if one.kind in KINDS]
        bodies = [json.loads(one.body) if one.body is not None else None for one in told]
        with self._lock:
            for one, body in zip(told, bodies, strict=True):
                if body is None:
                    self._books[one.kind].drop(one.item_id, one.region, one.department)
                else:
                    self._books[one.kind].put([body])

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

    def number(self, event_ids: Sequence[str]) -> list[int]:
        """Give the numbers that the columns `number` and `event` know events by."""
        with self._lock:
            return [self._names.event(one) for one in event_ids]

    def numbered(self) -> int:
        """Count the events that have a number."""
        with self._lock:
            return len(self._names)

    def matters(self) -> tuple[str, ...]:
        """Give the class codes that the column `matter` points into."""
        with self._lock:
            return self._names.matters()

    def _batch(self, kind: str, after: str) -> Sequence[tuple[str, str]]:
        with self._database.read() as view:
            rows = view.connection.execute(
                select(WORK_ITEM.c.item_id, WORK_ITEM.c.body)
                .where(WORK_ITEM.c.kind == literal(kind), WORK_ITEM.c.item_id > after)
                .order_by(WORK_ITEM.c.item_id)
                .limit(_READ)
            )
            return [(row.item_id, row.body) for row in rows]
