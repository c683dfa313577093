"""The reading at the desk: one key shows it, Enter takes its selected row over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend_client.contract.base import Text
from backend_client.contract.events import Event
from widgets.commands import Command
from widgets.event_work import EventWork
from widgets.panel import Room
from widgets.panels.dispatch import DispatchForm
from widgets.panels.reading import EventReading, unit_name


@dataclass(slots=True)
class ReadWork:
    """What a row of the reading is taken over as: class, unit, place, or a draft of the answer."""

    room: Room
    read: EventReading
    work: EventWork
    form: DispatchForm
    chosen: Callable[[], Event | None]
    say: Callable[[Text], None]

    def commands(self, show: Callable[[], None]) -> tuple[Command, ...]:
        """Give the key that shows the reading."""
        return (Command(("Shift+V",), Text("研判与旧案", "reading and like cases"), show),)

    def take(self, key: str) -> None:
        """Take a row over: every one opens the question it answers, none is said by itself."""
        event = self.chosen()
        reading = self.read.reading(event) if event is not None else None
        kind, _, what = key.partition(":")
        if event is None:
            return
        if kind == "class":
            self.work.classify_as(what)
        elif kind == "level":
            self.work.do("classify")
        elif kind == "unit":
            if self.work.begin_sending():
                self.form.choose(self.room.words.say(unit_name(what, self.room)))
        elif kind == "place" and reading is not None:
            place = reading.places[int(what)]
            if place.lon is None or place.lat is None:
                self.say(Text("此地点没有坐标", "this place has no point"))
            else:
                self.work.locate_at((place.lon, place.lat), place.name)
        elif kind == "case":
            found = [one for one in self.read.cases(event) if one.event_id == what]
            if found:
                self.work.answer_as(found[0].answer)
