"""Deeds that answer at once from the picture, and remember what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from backend_client.contract.alarms import Alarm, Suppress
from backend_client.contract.base import Text
from backend_client.contract.claims import Claim
from backend_client.contract.drawings import DrawingIn
from backend_client.contract.events import Event
from backend_client.contract.gates import CommandStatus, Gate, GateCommand, StopResult
from backend_client.contract.orders import Order
from backend_client.contract.repairs import RepairsPage
from backend_client.contract.resources import Circle, Inside, Polygon, Resource, Total
from backend_client.contract.shifts import PageProof, ShiftPage
from backend_client.draft import Draft
from backend_client.importing.load import Opened
from backend_client.importing.look import Look, look
from backend_client.importing.wish import Progress, Wish
from tests.qt.picture import CHEN, NOW, ZHOU, Picture, command
from tests.qt.shift_picture import claim
from widgets.deeds import AnyArea, Ask, Failed, Form, Noted, Second, Sending

MINE = ZHOU


@dataclass
class FakeDeeds:
    """Answer every verb; `refuses` makes them fail instead."""

    picture: Picture
    asked: list[tuple[str, object]] = field(default_factory=list)
    refuses: Exception | None = None
    drafts: list[Draft] = field(default_factory=list)
    barred: dict[str, Text] = field(default_factory=dict)
    repairs: RepairsPage = field(default_factory=lambda: RepairsPage(rows=(), next=None, lost=0))

    def _answer(self, verb: str, what: object, done: Callable[[], None], failed: Failed) -> None:
        self.asked.append((verb, what))
        if self.refuses is not None:
            failed(self.refuses)
        else:
            done()

    def refused(self, done: Callable[[RepairsPage], None], failed: Failed) -> None:
        self._answer("refused", "", lambda: done(self.repairs), failed)

    def hand_in(
        self,
        repair_id: str,
        report: str | Mapping[str, object],
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        self._answer("hand_in", (repair_id, report), done, failed)

    def set_aside(
        self, repair_id: str, reason: str, done: Callable[[], None], failed: Failed
    ) -> None:
        self._answer("set_aside", (repair_id, reason), done, failed)

    def look_at(self, wish: Wish, done: Callable[[Look], None], failed: Failed) -> None:
        self._answer("look_at", wish, lambda: done(look(wish)), failed)

    def import_file(
        self, opened: Opened, report: Path, each: Callable[[Progress], None], failed: Failed
    ) -> Callable[[], None]:
        self._answer("import_file", opened, lambda: None, failed)
        return lambda: None

    def accept(self, event: Event, done: Callable[[], None], failed: Failed) -> None:
        self._answer("accept", event.item_id, done, failed)

    def dispatch(
        self, event: Event, sending: Sending, done: Callable[[], None], failed: Failed
    ) -> None:
        self._answer("dispatch", sending, done, failed)

    def locate(
        self, event: Event, lonlat: tuple[float, float], done: Callable[[], None], failed: Failed
    ) -> None:
        self._answer("locate", lonlat, done, failed)

    def close(self, event: Event, answer: str, done: Callable[[], None], failed: Failed) -> None:
        self._answer("close", answer, done, failed)

    def step(
        self,
        verb: str,
        item: Event | Order,
        body: BaseModel,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        self._answer(verb, (item.item_id, body), done, failed)

    def acknowledge(
        self, alarm: Alarm, done: Callable[[], None], failed: Failed, *, note: str = ""
    ) -> None:
        said = (alarm.item_id, note) if note else alarm.item_id
        self._answer("acknowledge", said, done, failed)

    def acknowledge_together(
        self, alarms: Sequence[Alarm], note: str, done: Callable[[], None], failed: Failed
    ) -> None:
        self._answer("together", ([one.item_id for one in alarms], note), done, failed)

    def shelve(
        self,
        alarm: Alarm,
        reason: str,
        until_at: datetime,
        done: Callable[[], None],
        failed: Failed,
    ) -> None:
        self._answer("shelve", (alarm.item_id, reason, until_at), done, failed)

    def withdraw(self, alarm: Alarm, reason: str, done: Callable[[], None], failed: Failed) -> None:
        self._answer("withdraw", (alarm.item_id, reason), done, failed)

    def suppress(self, wish: Suppress, done: Callable[[], None], failed: Failed) -> None:
        self._answer("suppress", wish, done, failed)

    def restore(self, alarm: Alarm, done: Callable[[], None], failed: Failed) -> None:
        self._answer("restore", alarm.item_id, done, failed)

    def request(
        self, gate: Gate, ask: Ask, done: Callable[[GateCommand], None], failed: Failed
    ) -> None:
        made = command(gate_id=gate.item_id, bays=ask.bays, target_m=ask.target_m)
        self.picture.put(made)
        self._answer("request", ask, lambda: done(made), failed)

    def authorise(
        self,
        command: GateCommand,
        second: Second,
        done: Callable[[GateCommand], None],
        failed: Failed,
    ) -> None:
        moved = command.model_copy(
            update={
                "status": CommandStatus.EXECUTING,
                "version": command.version + 1,
                "authorised_by": CHEN,
            }
        )

        def agreed() -> None:
            self.picture.put(moved)
            done(moved)

        self._answer("authorise", second, agreed, failed)

    def abort(
        self, command: GateCommand, done: Callable[[GateCommand], None], failed: Failed
    ) -> None:
        moved = command.model_copy(
            update={"status": CommandStatus.ABORTED, "version": command.version + 1}
        )
        self.picture.put(moved)
        self._answer("abort", command.item_id, lambda: done(moved), failed)

    def stop(self, gate: Gate, done: Callable[[StopResult], None], failed: Failed) -> None:
        result = StopResult(device_id=gate.item_id, accepted=True, at=NOW)
        self._answer("stop", gate.item_id, lambda: done(result), failed)

    def within(self, area: AnyArea, done: Callable[[], None], failed: Failed) -> None:
        self.picture.stores.resources.put(area, inside())
        self._answer("within", area, done, failed)

    def export(self, form: Form, path: Path, done: Callable[[Path], None], failed: Failed) -> None:
        self._answer("export", path, lambda: done(path), failed)

    def region(self) -> str:
        return "320613"

    def draw(self, drawing: DrawingIn, done: Callable[[int], None], failed: Failed) -> None:
        self._answer("draw", drawing, lambda: done(1), failed)

    def erase(self, drawing_id: str, done: Callable[[], None], failed: Failed) -> None:
        self._answer("erase", drawing_id, done, failed)

    def claim(
        self, event_id: str, *, take_over: bool, done: Callable[[Claim], None], failed: Failed
    ) -> None:
        made = claim(event_id, MINE)
        self._answer("take over" if take_over else "claim", event_id, lambda: done(made), failed)

    def release(self, event_id: str) -> None:
        self.asked.append(("release", event_id))

    def undo(self, event: Event, done: Callable[[], None], failed: Failed) -> None:
        self._answer("undo", event.item_id, done, failed)

    def write(
        self, page: ShiftPage, noted: Noted, done: Callable[[], None], failed: Failed
    ) -> None:
        self._answer("write", noted, done, failed)

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
        self._answer("hand_over", (page.item_id, second, lines, note), done, failed)

    def prove(self, page: ShiftPage, done: Callable[[PageProof], None], failed: Failed) -> None:
        proof = PageProof(page_id=page.item_id, lines=page.lines, head=page.head, fault=None)
        self._answer("prove", page.item_id, lambda: done(proof), failed)

    def person_id(self) -> str:
        return MINE.person_id

    def unsent(self) -> tuple[Draft, ...]:
        return tuple(self.drafts)

    def send_again(self, draft: Draft, done: Callable[[], None], failed: Failed) -> None:
        if self.refuses is None:
            self.drafts.remove(draft)
        self._answer("send", draft.draft_id, done, failed)

    def discard(self, draft: Draft) -> None:
        self.asked.append(("discard", draft.draft_id))
        self.drafts.remove(draft)

    def why_not(self, verb: str, item: Event | Order | Gate | GateCommand | Alarm) -> Text | None:
        return self.barred.get(verb)


def inside() -> Inside:
    """Give what lies in an area: three kinds, two rows."""
    rows = tuple(
        Resource(
            layer="water",
            oid=number,
            id=f"NT-S{number:02d}",
            kind="sluice",
            name=name,
            lon=120.8,
            lat=32.0,
            state=0,
            distance_m=640.0 * number,
            contact="值班室",
            phone="0513-85000001",
            observed_at=NOW,
        )
        for number, name in enumerate(("九圩港闸", "南通节制闸"), start=1)
    )
    totals = (
        Total(layer="water", kind="sluice", count=2, abnormal=0, nearest_m=640.0),
        Total(layer="hazmat", kind="vehicle", count=1_204, abnormal=3, nearest_m=120.0),
        Total(layer="requests", kind="hotline", count=31, abnormal=1, nearest_m=1_400.0),
    )
    return Inside(
        area_km2=62.4, centre=(120.8, 32.0), count=1_237, totals=totals, rows=rows, as_of=NOW
    )


AREA = Circle(lon=120.8, lat=32.0, radius_m=4_000.0)
SQUARE = Polygon(ring=((120.7, 31.9), (120.9, 31.9), (120.9, 32.1)))
