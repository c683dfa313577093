"""What the console knows: work items by kind with version and age, bulk layers, the link."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from app.answers import Answers
from app.blocks import UNKNOWN_AGE_S, Blocks, Positions
from app.loads import SeatLoads
from app.models import ModelLines
from app.shift_log import ShiftLog
from app.suggestions import Suggestions
from backend_client.contract.alarms import Alarm, Suppression
from backend_client.contract.change import Change, ItemKind
from backend_client.contract.claims import Claim
from backend_client.contract.clock import Clock
from backend_client.contract.events import Event
from backend_client.contract.feeds import Feed
from backend_client.contract.gates import Gate, GateCommand
from backend_client.contract.instructions import Instruction
from backend_client.contract.item import Head, WorkItem
from backend_client.contract.matches import Match
from backend_client.contract.orders import Order
from backend_client.contract.resources import Circle, Inside, Polygon
from backend_client.contract.shifts import ShiftPage

T = TypeVar("T", bound=WorkItem)
BEATS_KEPT_S: Final = 30.0


class Link(StrEnum):
    """How the console stands to the service."""

    STARTING = "starting"  # nothing shown yet
    CACHED = "cached"  # the last picture, before the first answer
    ONLINE = "online"
    LATE = "late"  # no sign of life for 2 s
    OFFLINE = "offline"  # none for 4 s, or the connection is lost


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the guard remembers of one item, also after it is gone."""

    n: int
    version: int
    received_s: float


class Store(QObject, Generic[T]):
    """Hold the work items of one kind, newest version of each.

    Signals:
        changed(tuple[str, ...]): ids that were replaced, added or removed.
    """

    changed = Signal(tuple)

    def __init__(
        self, kind: ItemKind, item_type: type[T], clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._type = item_type
        self._clock = clock
        self._items: dict[str, T] = {}
        self._kept: dict[str, _Kept] = {}

    def get(self, item_id: str) -> T | None:
        """Give one item, or None when it is not in sight."""
        return self._items.get(item_id)

    def all(self) -> tuple[T, ...]:
        """Give every item in sight, in the order they first came."""
        return tuple(self._items.values())

    def ids(self) -> frozenset[str]:
        """Give the ids in sight."""
        return frozenset(self._items)

    def version(self, item_id: str) -> int:
        """Give the version held, 0 when the item is not in sight."""
        item = self._items.get(item_id)
        return item.version if item else 0

    def number(self, item_id: str) -> int:
        """Give the number of the change that brought the item, 0 when it never came."""
        kept = self._kept.get(item_id)
        return kept.n if kept else 0

    def age_s(self, item_id: str) -> float:
        """Give the seconds since this version came; infinite when it never did."""
        kept = self._kept.get(item_id)
        if kept is None or item_id not in self._items:
            return UNKNOWN_AGE_S
        return self._clock.steady_s() - kept.received_s

    def apply(self, changes: Sequence[Change], *, age_s: float = 0.0) -> None:
        """Take changes in; an older version or number never replaces a newer one.

        Args:
            changes: in the order of their numbers.
            age_s: how old they were when they came (out of the cache).
        """
        received_s = self._clock.steady_s() - age_s
        moved = [change.item_id for change in changes if self._take(change, received_s)]
        if moved:
            self.changed.emit(tuple(dict.fromkeys(moved)))

    def restart(self) -> None:
        """Let any version replace what is held: the service's history began anew."""
        self._kept = {
            item_id: _Kept(n=0, version=0, received_s=kept.received_s)
            for item_id, kept in self._kept.items()
            if item_id in self._items
        }

    def _take(self, change: Change, received_s: float) -> bool:
        kept = self._kept.get(change.item_id)
        item = change.item
        if item is not None and not isinstance(item, self._type):
            return False
        version = item.version if item is not None else 0
        if kept and (change.n < kept.n or (item is not None and version < kept.version)):
            return False
        if item is None:
            self._kept[change.item_id] = _Kept(change.n, 0, received_s)
            return self._items.pop(change.item_id, None) is not None
        self._kept[change.item_id] = _Kept(change.n, version, received_s)
        same = self._items.get(change.item_id) == item
        self._items[change.item_id] = item
        return not same


AnyStore = (
    Store[Event]
    | Store[Order]
    | Store[Gate]
    | Store[GateCommand]
    | Store[Alarm]
    | Store[Instruction]
    | Store[Feed]
    | Store[ShiftPage]
    | Store[Claim]
    | Store[Match]
    | Store[Suppression]
)


class Resources(QObject):
    """Hold what lies inside the area last drawn.

    Signals:
        changed(): another area, another answer, or none came.
    """

    changed = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.asked: Polygon | Circle | None = None
        self.area: Polygon | Circle | None = None
        self.inside: Inside | None = None
        self._received_s = 0.0

    @property
    def is_waiting(self) -> bool:
        """Tell whether the answer for the area drawn last is still to come."""
        return self.asked is not None

    def ask(self, area: Polygon | Circle) -> None:
        """Note that this area is being asked for; answers for others come too late."""
        self.asked = area
        self.changed.emit()

    def put(self, area: Polygon | Circle, inside: Inside) -> None:
        """Show an answer."""
        self.area, self.inside, self.asked = area, inside, None
        self._received_s = self._clock.steady_s()
        self.changed.emit()

    def miss(self) -> None:
        """Note that no answer comes; the one shown stays."""
        self.asked = None
        self.changed.emit()

    def clear(self) -> None:
        """Show nothing."""
        self.area = self.inside = self.asked = None
        self.changed.emit()

    def age_s(self) -> float:
        """Give the seconds since the answer came; infinite when there is none."""
        if self.inside is None:
            return UNKNOWN_AGE_S
        return self._clock.steady_s() - self._received_s


class Stores(QObject):
    """Everything the console knows, and how fresh the road to the service is.

    Signals:
        link_changed(str): the new value of `link`.
        moved(int): the number the work items now stand at.
    """

    link_changed = Signal(str)
    moved = Signal(int)

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.events = Store("event", Event, clock, self)
        self.orders = Store("order", Order, clock, self)
        self.gates = Store("gate", Gate, clock, self)
        self.gate_commands = Store("gate_command", GateCommand, clock, self)
        self.alarms = Store("alarm", Alarm, clock, self)
        self.instructions = Store("instruction", Instruction, clock, self)
        self.feeds = Store("feed", Feed, clock, self)
        self.shift_pages = Store("shift_page", ShiftPage, clock, self)
        self.claims = Store("claim", Claim, clock, self)
        self.matches = Store("match", Match, clock, self)
        self.suppressions = Store("suppression", Suppression, clock, self)
        self._by_kind: dict[ItemKind, AnyStore] = {
            "event": self.events,
            "order": self.orders,
            "gate": self.gates,
            "gate_command": self.gate_commands,
            "alarm": self.alarms,
            "instruction": self.instructions,
            "feed": self.feeds,
            "shift_page": self.shift_pages,
            "claim": self.claims,
            "match": self.matches,
            "suppression": self.suppressions,
        }
        self.blocks = Blocks(clock, self)
        self.positions = Positions(clock, self)
        self.resources = Resources(clock, self)
        self.log = ShiftLog(self.shift_pages, self)
        self.answers = Answers(clock, self)
        self.loads = SeatLoads(self)
        self.suggestions = Suggestions(self)
        self.models = ModelLines(clock, self)
        self.n = 0
        self.epoch = ""
        self._link = Link.STARTING
        self._heard_s: float | None = None
        self._beats: deque[tuple[float, datetime]] = deque()
        self.since_at: datetime | None = None
        self._retry_at_s: float | None = None

    @property
    def link(self) -> Link:
        """Tell how the console stands to the service."""
        return self._link

    def set_link(self, link: Link) -> None:
        """Change the link state; the same one again says nothing."""
        if link is Link.ONLINE:
            self._retry_at_s = None
        if link is self._link:
            return
        self._link = link
        self.link_changed.emit(link.value)

    def of(self, kind: ItemKind) -> AnyStore:
        """Give the store of one kind."""
        return self._by_kind[kind]

    def version(self, kind: ItemKind, item_id: str) -> int:
        """Give the version held of an item, 0 when it is not in sight."""
        return self._by_kind[kind].version(item_id)

    def apply(self, changes: Sequence[Change], *, n: int | None = None, age_s: float = 0.0) -> None:
        """Take changes of any kinds in: the only caller of `Store.apply`.

        Args:
            changes: in the order of their numbers.
            n: the number the picture stands at afterwards; the newest change's when None.
            age_s: how old they were when they came (out of the cache).
        """
        by_kind: defaultdict[ItemKind, list[Change]] = defaultdict(list)
        for change in changes:
            by_kind[change.kind].append(change)
        for kind, group in by_kind.items():
            self._by_kind[kind].apply(group, age_s=age_s)
        newest = max((change.n for change in changes), default=self.n) if n is None else n
        self.n = max(self.n, newest)
        self.moved.emit(self.n)

    def changes(self) -> tuple[Change, ...]:
        """Give every work item in sight, of all kinds, as the change that brought it."""
        made = Change.model_construct  # the items were checked when they came
        return tuple(
            made(n=store.number(item.item_id), kind=kind, item_id=item.item_id, item=item)
            for kind, store in self._by_kind.items()
            for item in store.all()
        )

    def restart(self, epoch: str, n: int) -> None:
        """Begin another history of the service: any version may replace what is held."""
        self.epoch, self.n = epoch, n
        for store in self._by_kind.values():
            store.restart()
        self.blocks.restart()

    def clear(self) -> None:
        """Forget everything: another person signs in."""
        for kind, store in self._by_kind.items():
            store.restart()
            store.apply(
                [Change(n=0, kind=kind, item_id=item_id, item=None) for item_id in store.ids()]
            )
            store.restart()
        for layer in self.blocks.layers():
            self.blocks.drop(layer)
        self.positions.clear()
        self.resources.clear()
        self.log.clear()
        self.epoch, self.n = "", 0

    def has_reached(self, kind: ItemKind, head: Head) -> bool:
        """Tell whether the change an answer promised is on the screen."""
        return self.version(kind, head.item_id) >= head.version or self.n >= head.n

    def hear(self, at: datetime | None = None) -> None:
        """Note a sign of life; `at` is the service's clock when it said so."""
        self._heard_s = self._clock.steady_s()
        if at is not None:
            self.since_at = at
            self._beats.append((self._heard_s, at))
            while self._heard_s - self._beats[0][0] > BEATS_KEPT_S:
                self._beats.popleft()

    def retry_in(self, pause_s: float) -> None:
        """Note when the next try to connect comes."""
        self._retry_at_s = self._clock.steady_s() + pause_s

    def retry_s(self) -> float | None:
        """Give the seconds to the next try, 0 while it is under way; None when none is due."""
        if self._retry_at_s is None:
            return None
        return max(0.0, self._retry_at_s - self._clock.steady_s())

    def silent_s(self) -> float:
        """Give the seconds since the last sign of life; infinite when there was none."""
        if self._heard_s is None:
            return UNKNOWN_AGE_S
        return self._clock.steady_s() - self._heard_s

    def server_now(self) -> datetime:
        """Give the service's time, carried on by the steady clock; ours before its first beat.

        A beat can come late but not early, so the one of the last while that says most is the
        one that was least under way.
        """
        now_s = self._clock.steady_s()
        carried = (at + timedelta(seconds=now_s - heard_s) for heard_s, at in self._beats)
        return max(carried, default=self._clock.now())

    @property
    def clock_offset_s(self) -> float | None:
        """Give how far the service's clock is before this machine's, None before its first beat."""
        if not self._beats:
            return None
        return (self.server_now() - self._clock.now()).total_seconds()

    def age_of_s(self, observed_at: datetime) -> float:
        """Give the age of a value the service's side stamped, never below 0."""
        return max(0.0, (self.server_now() - observed_at).total_seconds())
