"""Unit of work: item, change number and audit row are written together or not at all.

How a service uses it::

    with database.write() as unit:                          # BEGIN IMMEDIATE, one writer
        event = unit.load(Event, item_id, version=body.version)   # 404, or 409 with the holder
        policy.check(person, "event.accept", event)               # 403
        head = unit.put(domain.accept(event), by=person, action="event.accept")
    return head                                             # committed and published here

    with database.read() as view:                           # a snapshot, never waits for writers
        gate = view.get(Gate, gate_id)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Row

from backend.domain.refused import not_found, refuse, stale_version
from backend.domain.told import Told
from backend.storage import audit
from backend.storage.dialect import json_field, literal
from backend.storage.tables import CHANGE_COUNT, CHANGE_LOG, META, WORK_ITEM
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.change import ItemKind
from backend_client.contract.clock import Clock
from backend_client.contract.item import Head, WorkItem

T = TypeVar("T", bound=WorkItem)

CHANGES_KEPT = 50_000
_TRIM_EVERY = 500
_COUNT_UP = update(CHANGE_COUNT).values(n=CHANGE_COUNT.c.n + 1).returning(CHANGE_COUNT.c.n)
_COUNT_UP_BY = (
    update(CHANGE_COUNT)
    .values(n=CHANGE_COUNT.c.n + bindparam("by", type_=BigInteger))
    .returning(CHANGE_COUNT.c.n)
)
_ROW = select(WORK_ITEM.c.body, WORK_ITEM.c.version, WORK_ITEM.c.last_by).where(
    WORK_ITEM.c.kind == bindparam("its_kind"), WORK_ITEM.c.item_id == bindparam("its_id")
)
_CHANGED = ("version", "n", "region", "department", "last_by", "body")
_OVER = (
    update(WORK_ITEM)
    .where(WORK_ITEM.c.kind == bindparam("its_kind"), WORK_ITEM.c.item_id == bindparam("its_id"))
    .values({name: bindparam(name) for name in _CHANGED})
)
_LOG, _MAKE = insert(CHANGE_LOG), insert(WORK_ITEM)
"""Made once: to make a statement costs SQLAlchemy more than it costs SQLite to execute one."""
_REPLACE = (
    update(WORK_ITEM)
    .where(WORK_ITEM.c.kind == bindparam("its_kind"), WORK_ITEM.c.item_id == bindparam("its_id"))
    .values({name: bindparam(name) for name in ("version", "n", "last_by", "body")})
)


@dataclass(frozen=True, slots=True)
class Logged:
    """One numbered change as it was written.

    `was_region` and `was_department` are the scope before the change (the same as now for a
    new item); `item` None means the item was removed.
    """

    n: int
    kind: ItemKind
    item_id: str
    region: str
    department: str
    was_region: str
    was_department: str
    body: str | None


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit changed: numbered items, and bulk layers with their new version."""

    changes: tuple[Logged, ...]
    layers: Mapping[str, int]


def kind_of(item: type[WorkItem]) -> ItemKind:
    """Name the kind a contract type carries in its `kind` field."""
    kind: ItemKind = item.model_fields["kind"].default
    return kind


class View:
    """Read work items inside one transaction. `connection` is open to an owner's own tables."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, kind: type[T], item_id: str) -> T | None:
        """Read one item, None when there is none."""
        row = self._row(kind, item_id)
        return kind.model_validate_json(row.body) if row else None

    def find(self, kind: type[T], **fields: str | int) -> list[T]:
        """Read items whose body fields equal the given values, by item id.

        The fields searched by should have an expression index in a migration.
        """
        if missing := fields.keys() - kind.model_fields.keys():
            raise ValueError(f"{kind.__name__} has no field {', '.join(sorted(missing))}")
        asked = _finding(kind_of(kind), tuple((name, type(fields[name])) for name in fields))
        rows = self.connection.execute(asked, fields)
        return [kind.model_validate_json(row.body) for row in rows]

    def bodies(
        self, kind: ItemKind, *, states: Sequence[str], after: str, limit: int, since: int = 0
    ) -> list[str]:
        """Read the JSON of a kind's items that are in some states, in the order of their ids.

        Args:
            kind: which.
            states: theirs.
            after: the id to begin after.
            limit: how many at most.
            since: leave out what no change after this number was of.
        """
        asked = select(WORK_ITEM.c.body).where(
            WORK_ITEM.c.kind == literal(kind),
            WORK_ITEM.c.item_id > after,
            WORK_ITEM.c.n > since,
            json_field(WORK_ITEM.c.body, "state").in_(states),
        )
        rows = self.connection.execute(asked.order_by(WORK_ITEM.c.item_id).limit(limit))
        return [row.body for row in rows]

    def load(self, kind: type[T], item_id: str, *, version: int | None = None) -> T:
        """Read one item that must exist, at the version the caller has seen.

        Raises:
            Refused: 404, or 409 `stale_version` naming who changed it last.
        """
        row = self._row(kind, item_id)
        if row is None:
            raise not_found(item_id)
        if version is not None and row.version != version:
            raise stale_version(item_id, row.last_by)
        return kind.model_validate_json(row.body)

    def head(self, item: WorkItem) -> Head:
        """Give the id, version and change number of an item that was read."""
        n = self.connection.execute(
            select(WORK_ITEM.c.n).where(
                WORK_ITEM.c.kind == kind_of(type(item)), WORK_ITEM.c.item_id == item.item_id
            )
        ).scalar_one()
        return Head(item_id=item.item_id, version=item.version, n=n)

    def n(self) -> int:
        """Give the newest change number, 0 before the first change."""
        return int(self.connection.execute(select(CHANGE_COUNT.c.n)).scalar_one())

    def meta(self, key: str) -> str | None:
        """Read one fact about the database itself, e.g. its `epoch`."""
        value = self.connection.execute(select(META.c.value).where(META.c.key == key)).scalar()
        return None if value is None else str(value)

    def changes(self, *, after: int, limit: int) -> tuple[Logged, ...] | None:
        """Read logged changes after a number, None when some of them are no longer kept."""
        oldest = self.connection.execute(select(func.min(CHANGE_LOG.c.n))).scalar()
        if after > self.n() or after < (oldest or self.n() + 1) - 1:
            return None
        rows = self.connection.execute(
            select(CHANGE_LOG).where(CHANGE_LOG.c.n > after).order_by(CHANGE_LOG.c.n).limit(limit)
        )
        return tuple(Logged(*row) for row in rows)

    def _row(self, kind: type[WorkItem], item_id: str) -> Row[str, int, str] | None:
        asked = {"its_kind": kind_of(kind), "its_id": item_id}
        return self.connection.execute(_ROW, asked).first()


@lru_cache(maxsize=64)
def _finding(kind: ItemKind, fields: tuple[tuple[str, type], ...]) -> Select[str]:
    """Ask for the items of a kind by some fields, whose values are the parameters."""
    asked = select(WORK_ITEM.c.body).where(WORK_ITEM.c.kind == literal(kind))
    for name, what in fields:
        field = json_field(WORK_ITEM.c.body, name)
        wanted = cast(field, BigInteger) if issubclass(what, int) else field
        asked = asked.where(wanted == bindparam(name))
    return asked.order_by(WORK_ITEM.c.item_id)


Scribe = Callable[["Unit", Sequence[Told]], None]
"""Write down, inside a unit, what it did."""


class Unit(View):
    """Change work items; made by `Database.write`, never by hand."""

    def __init__(self, connection: Connection, clock: Clock, scribe: Scribe | None = None) -> None:
        super().__init__(connection)
        self.clock = clock
        self._scribe = scribe
        self._told: list[Told] = []
        self._changes: list[Logged] = []
        self._layers: dict[str, int] = {}
        self._then: list[Callable[[], None]] = []

    def add(
        self,
        item: WorkItem,
        *,
        by: Person | None,
        action: str,
        detail: Mapping[str, object] | None = None,
    ) -> Head:
        """Write a new item as version 1, number the change and audit it.

        Args:
            item: the item; its version and `allowed` are set here.
            by: who did it, None for the service itself.
            action: policy action, e.g. `event.intake`; goes into the audit row.
            detail: further particulars for the audit row.

        Raises:
            Refused: 409 `exists`.
        """
        if self._row(type(item), item.item_id) is not None:
            raise refuse(
                409,
                "exists",
                Text("已存在同号对象。", "An item of this number exists already."),
                Text("刷新后再试。", "Refresh and try again."),
                where=item.item_id,
            )
        new = item.model_copy(update={"version": 1, "allowed": ()})
        n = self._log(new, was=new, body=new.model_dump_json())
        self.connection.execute(_MAKE, _columns(new, n, by))
        return self._seal(new, n, by=by, deed=(action, detail), was=None)

    def put(
        self,
        item: WorkItem,
        *,
        by: Person | None,
        action: str,
        detail: Mapping[str, object] | None = None,
    ) -> Head:
        """Write the next version of an item read in this unit, number the change and audit it.

        Args:
            item: the changed item, still carrying the version that was read; it is stored as
                `version + 1` with `updated_at` now.
            by: who did it, None for the service itself.
            action: policy action, e.g. `event.accept`; goes into the audit row.
            detail: further particulars for the audit row.

        Raises:
            Refused: 404, or 409 `stale_version` with the holder.
        """
        old, new, n = self._advance(item, by)
        return self._seal(new, n, by=by, deed=(action, detail), was=old)

    def put_all(
        self,
        new: Sequence[WorkItem],
        changed: Sequence[tuple[WorkItem, WorkItem]],
        *,
        by: Person | None,
        action: str,
    ) -> list[Head]:
        """Write many items of one kind at a stroke: each numbered and audited like one alone.

        For floods, where a statement per item would keep the writer too long.

        Args:
            new: items whose ids are fresh.
            changed: items as they were read in this unit, and as they shall be, still carrying
                that version; region and department have not changed.
            by: who did it, None for the service itself.
            action: policy action; goes into every audit row.

        Returns: the heads of `new`, then of `changed`.
        """
        at = self.clock.now()
        items = [one.model_copy(update={"version": 1, "allowed": ()}) for one in new]
        items += [
            one.model_copy(update={"version": one.version + 1, "updated_at": at, "allowed": ()})
            for _, one in changed
        ]
        if not items:
            return []
        last_n = int(self.connection.execute(_COUNT_UP_BY, {"by": len(items)}).scalar_one())
        first_n = last_n - len(items) + 1
        rows = [_columns(item, first_n + turn, by) for turn, item in enumerate(items)]
        logged = [_logged(row) for row in rows]
        self.connection.execute(insert(CHANGE_LOG), logged)
        if new:
            self.connection.execute(insert(WORK_ITEM), rows[: len(new)])
        if changed:
            self.connection.execute(_REPLACE, [_keyed(row) for row in rows[len(new) :]])
        if first_n // _TRIM_EVERY != last_n // _TRIM_EVERY:
            self._trim(last_n)
        self._changes += [Logged(**row) for row in logged]
        heads = [
            Head(item_id=item.item_id, version=item.version, n=first_n + turn)
            for turn, item in enumerate(items)
        ]
        kind = kind_of(type(items[0]))
        deeds = [
            audit.Deed(action, f"{kind}/{head.item_id}", {"version": head.version}, head.n)
            for head in heads
        ]
        audit.append_all(self.connection, deeds, by=by, at=at)
        was = [*(None for _ in new), *(old for old, _ in changed)]
        self._told += [
            Told(action, deed.target, by, item, old, {})
            for deed, item, old in zip(deeds, items, was, strict=True)
        ]
        return heads

    def observe(self, item: WorkItem) -> Head:
        """Write what a device or feed was read to be: numbered like `put`, but not audited.

        For readings nobody decided; what a person or a rule decides goes through `put`.

        Raises:
            Refused: 404, or 409 `stale_version`.
        """
        _, new, n = self._advance(item, None)
        return Head(item_id=new.item_id, version=new.version, n=n)

    def remove(
        self,
        item: WorkItem,
        *,
        by: Person | None,
        action: str,
        detail: Mapping[str, object] | None = None,
    ) -> Head:
        """Delete an item; readers who saw it get a change without an item.

        Raises:
            Refused: 404, or 409 `stale_version` with the holder.
        """
        old = self.load(type(item), item.item_id, version=item.version)
        n = self._log(old, was=old, body=None)
        self.connection.execute(
            delete(WORK_ITEM).where(
                WORK_ITEM.c.kind == kind_of(type(item)), WORK_ITEM.c.item_id == item.item_id
            )
        )
        return self._seal(old, n, by=by, deed=(action, detail), was=old)

    def audit(
        self,
        action: str,
        target: str,
        *,
        by: Person | None,
        detail: Mapping[str, object] | None = None,
    ) -> int:
        """Audit a deed that changes no work item (sign-in, bulk upsert, refusal) and number it."""
        deed = audit.Deed(action, target, detail)
        self._told.append(Told(action, target, by, None, None, detail or {}))
        return audit.append(self.connection, deed, by=by, at=self.clock.now())

    def layer_moved(self, layer: str, version: int) -> None:
        """Tell the stream after the commit that a bulk layer has a newer version."""
        self._layers[layer] = version

    def then(self, step: Callable[[], None]) -> None:
        """Call `step` after the commit, in this thread, before another unit begins.

        For indexes kept in memory: a rolled-back unit never reaches them. It must not raise.
        """
        self._then.append(step)

    def wind_up(self) -> None:
        """Let the scribe write down what the unit did, before it is kept; by `Database.write`."""
        told, self._told = self._told, []
        if told and self._scribe is not None:
            self._scribe(self, told)

    def finish(self) -> tuple[Committed, tuple[Callable[[], None], ...]]:
        """Give what was changed; called by `Database.write` after the commit."""
        return Committed(tuple(self._changes), dict(self._layers)), tuple(self._then)

    def _advance(self, item: T, by: Person | None) -> tuple[T, T, int]:
        old = self.load(type(item), item.item_id, version=item.version)
        new = item.model_copy(
            update={"version": item.version + 1, "updated_at": self.clock.now(), "allowed": ()}
        )
        n = self._log(new, was=old, body=new.model_dump_json())
        named = {"its_kind": kind_of(type(item)), "its_id": item.item_id}
        columns = _columns(new, n, by)
        self.connection.execute(_OVER, named | {name: columns[name] for name in _CHANGED})
        return old, new, n

    def _log(self, now: WorkItem, *, was: WorkItem, body: str | None) -> int:
        kind = kind_of(type(now))
        n = int(self.connection.execute(_COUNT_UP).scalar_one())
        values: dict[str, str | int | None] = {
            "n": n,
            "kind": kind,
            "item_id": now.item_id,
            "region": now.region,
            "department": now.department,
            "was_region": was.region,
            "was_department": was.department,
            "body": body,
        }
        self.connection.execute(_LOG, values)
        self._changes.append(Logged(**values))  # type: ignore[arg-type]  # one dict, two uses
        if n % _TRIM_EVERY == 0:
            self._trim(n)
        return n

    def _trim(self, n: int) -> None:
        self.connection.execute(delete(CHANGE_LOG).where(CHANGE_LOG.c.n <= n - CHANGES_KEPT))

    def _seal(
        self,
        item: WorkItem,
        n: int,
        *,
        by: Person | None,
        deed: tuple[str, Mapping[str, object] | None],
        was: WorkItem | None,
    ) -> Head:
        action, detail = deed
        target = f"{kind_of(type(item))}/{item.item_id}"
        self._told.append(Told(action, target, by, item, was, detail or {}))
        audit.append(
            self.connection,
            audit.Deed(action, target, {"version": item.version, **(detail or {})}, n),
            by=by,
            at=self.clock.now(),
        )
        return Head(item_id=item.item_id, version=item.version, n=n)


def _columns(item: WorkItem, n: int, by: Person | None) -> dict[str, object]:
    return {
        "kind": kind_of(type(item)),
        "item_id": item.item_id,
        "version": item.version,
        "n": n,
        "region": item.region,
        "department": item.department,
        "last_by": by.name if by else "",
        "body": item.model_dump_json(),
    }


def _logged(row: Mapping[str, object]) -> dict[str, Any]:
    """Give the change log's row of an item that stayed where it was."""
    kept = {name: row[name] for name in ("n", "kind", "item_id", "region", "department", "body")}
    return {**kept, "was_region": row["region"], "was_department": row["department"]}


def _keyed(row: Mapping[str, object]) -> dict[str, object]:
    kept = {name: row[name] for name in ("version", "n", "last_by", "body")}
    return {**kept, "its_kind": row["kind"], "its_id": row["item_id"]}
