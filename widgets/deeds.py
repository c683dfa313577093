"""What a panel may ask for; the composition gives the real deeds, a test gives its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from pydantic import BaseModel

from app.i18n import Words
from backend_client.contract.alarms import Alarm, Suppress
from backend_client.contract.base import Text
from backend_client.contract.claims import Claim
from backend_client.contract.drawings import DrawingIn
from backend_client.contract.events import Event
from backend_client.contract.gates import Gate, GateCommand, StopResult
from backend_client.contract.orders import Order
from backend_client.contract.repairs import RepairsPage
from backend_client.contract.resources import Circle, Polygon
from backend_client.contract.shifts import LineKind, LineRef, PageProof, Ref, ShiftPage, Sight
from backend_client.draft import Draft
from backend_client.errors import ClientError
from backend_client.importing.wish import Progress, Wish

if TYPE_CHECKING:
    from backend_client.importing.load import Opened
    from backend_client.importing.look import Look

Failed = Callable[[Exception], None]
Shape = Literal["rectangle", "polygon", "circle"]
SHAPE_WORDS: Mapping[Shape, Text] = {
    "rectangle": Text("矩形", "rectangle"),
    "polygon": Text("多边形", "polygon"),
    "circle": Text("圆", "circle"),
}


def shape_after(shape: Shape | None) -> Shape:
    """Give the shape that comes after one, the first after none."""
    shapes = get_args(Shape)
    known: Shape = shapes[0 if shape is None else (shapes.index(shape) + 1) % len(shapes)]
    return known


Form = Literal["csv", "geojson"]
AnyArea = Polygon | Circle


@dataclass(frozen=True, slots=True)
class Ask:
    """One wish for a gate: bays, target, why, under which order."""

    bays: tuple[int, ...]
    target_m: float
    reason: str
    dispatch_no: str


@dataclass(frozen=True, slots=True)
class Second:
    """The second person's own credentials; never kept."""

    account: str
    password: str
    totp: str


@dataclass(frozen=True, slots=True)
class Sending:
    """Where an event goes: the unit, until when (None: by the table), with which words."""

    department: str
    due_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What somebody types into the log: words, whether to carry on, about what, seen where."""

    text: str
    carry: bool = False
    ref: Ref | None = None
    sight: Sight | None = None
    kind: Literal[LineKind.NOTE, LineKind.CORRECTION, LineKind.SETTLED] = LineKind.NOTE
    refers_to: LineRef | None = None


class WatchDeeds(Protocol):
    """What a person on watch asks for: hands on events, undo, the log, the handover."""

    def claim(
        self, event_id: str, *, take_over: bool, done: Callable[[Claim], None], failed: Failed
    ) -> None:
        """Take an event in hand, or keep it."""
        ...

    def release(self, event_id: str) -> None:
        """Let an event go."""
        ...

    def undo(self, event: Event, done: Callable[[], None], failed: Failed) -> None:
        """Take one's own dispatch or close back."""
        ...

    def write(
        self, page: ShiftPage, noted: Noted, done: Callable[[], None], failed: Failed
    ) -> None:
        """Write a line into the log."""
        ...

    def hand_over(
        self,
        page: ShiftPage,
        second: Second,
        *,
        lines: int,
        note: str,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Hand the page over to an incoming person who signs with their own credentials."""
        ...

    def prove(self, page: ShiftPage, done: Callable[[PageProof], None], failed: Failed) -> None:
        """Ask whether a page's chain is whole."""
        ...

    def person_id(self) -> str:
        """Name who is signed in, empty for nobody."""
        ...


class RepairDeeds(Protocol):
    """What a person at the desk asks of the repair list."""

    def refused(self, done: Callable[[RepairsPage], None], failed: Failed) -> None:
        """Read what the door refused and nobody has seen to."""
        ...

    def hand_in(
        self,
        repair_id: str,
        report: str | Mapping[str, object],
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Hand an item in as it was mended."""
        ...

    def set_aside(
        self, repair_id: str, reason: str, done: Callable[[], None], failed: Failed
    ) -> None:
        """Take an item off the list with a reason."""
        ...


class Deeds(WatchDeeds, RepairDeeds, Protocol):
    """Every verb the desk can ask the service for; an answer comes to `done` or `failed`."""

    def accept(self, event: Event, done: Callable[[], None], failed: Failed) -> None:
        """Accept an event."""
        ...

    def dispatch(
        self, event: Event, sending: Sending, done: Callable[[], None], failed: Failed
    ) -> None:
        """Send an event to a unit."""
        ...

    def locate(
        self, event: Event, lonlat: tuple[float, float], done: Callable[[], None], failed: Failed
    ) -> None:
        """Correct an event's place."""
        ...

    def close(self, event: Event, answer: str, done: Callable[[], None], failed: Failed) -> None:
        """Close an event with an answer."""
        ...

    def step(
        self,
        verb: str,
        item: Event | Order,
        body: BaseModel,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Take a side path of an event or order; the body is what the verb's door takes."""
        ...

    def acknowledge(
        self, alarm: Alarm, done: Callable[[], None], failed: Failed, *, note: str = ""
    ) -> None:
        """Acknowledge one alarm, with a comment where there is one."""
        ...

    def acknowledge_together(
        self, alarms: Sequence[Alarm], note: str, done: Callable[[], None], failed: Failed
    ) -> None:
        """Acknowledge alarms of one cause."""
        ...

    def shelve(
        self,
        alarm: Alarm,
        reason: str,
        until_at: datetime,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        """Put one alarm aside until an instant."""
        ...

    def withdraw(self, alarm: Alarm, reason: str, done: Callable[[], None], failed: Failed) -> None:
        """Take one alarm out of service."""
        ...

    def suppress(self, wish: Suppress, done: Callable[[], None], failed: Failed) -> None:
        """Begin or end folding away what is not part of a response."""
        ...

    def restore(self, alarm: Alarm, done: Callable[[], None], failed: Failed) -> None:
        """Put one alarm back into service."""
        ...

    def request(
        self, gate: Gate, ask: Ask, done: Callable[[GateCommand], None], failed: Failed
    ) -> None:
        """Ask for a target opening."""
        ...

    def authorise(
        self,
        command: GateCommand,
        second: Second,
        done: Callable[[GateCommand], None],
        failed: Failed,
    ) -> None:
        """Consent to a command as another person."""
        ...

    def abort(
        self, command: GateCommand, done: Callable[[GateCommand], None], failed: Failed
    ) -> None:
        """Take a command back."""
        ...

    def stop(self, gate: Gate, done: Callable[[StopResult], None], failed: Failed) -> None:
        """Stop every bay now."""
        ...

    def within(self, area: AnyArea, done: Callable[[], None], failed: Failed) -> None:
        """Ask what lies inside an area; the answer goes to the store of resources."""
        ...

    def export(self, form: Form, path: Path, done: Callable[[Path], None], failed: Failed) -> None:
        """Write what lies inside the last area to a file."""
        ...

    def region(self) -> str:
        """Give the region the person signed in belongs to."""
        ...

    def draw(self, drawing: DrawingIn, done: Callable[[int], None], failed: Failed) -> None:
        """Put a drawing on the shared map; `done` hears its number in the layer."""
        ...

    def erase(self, drawing_id: str, done: Callable[[], None], failed: Failed) -> None:
        """Take a drawing off the shared map."""
        ...

    def look_at(self, wish: Wish, done: Callable[[Look], None], failed: Failed) -> None:
        """Look at a file to be imported, off the main thread."""
        ...

    def import_file(
        self, opened: Opened, report: Path, each: Callable[[Progress], None], failed: Failed
    ) -> Callable[[], None]:
        """Bring a file in; gives the way to cancel it."""
        ...

    def unsent(self) -> tuple[Draft, ...]:
        """Give the operator's wishes that could not be sent."""
        ...

    def send_again(self, draft: Draft, done: Callable[[], None], failed: Failed) -> None:
        """Send a wish again because the operator asked."""
        ...

    def discard(self, draft: Draft) -> None:
        """Drop a wish."""
        ...

    def why_not(self, verb: str, item: Event | Order | Gate | GateCommand | Alarm) -> Text | None:
        """Say why a step is not open; None when it is."""
        ...


def failure_words(error: Exception, words: Words) -> str:
    """Say what went wrong, in the language in force."""
    if isinstance(error, ClientError):
        return error.say(words.language)
    return words.pick(f"程序出错:{error}", f"A fault in the program: {error}")
