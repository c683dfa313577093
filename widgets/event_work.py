"""The selected event's steps: the straight line by one key each, side paths by a list.

What was typed into a question is never lost to a refusal: the question comes back with the words
in it and says who changed what; it is sent anew only when the operator says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from pydantic import ValidationError
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from backend_client.contract.events import Classify, Event
from backend_client.contract.orders import Order
from widgets.ask import MAP_MIDDLE, PlaceQuestion
from widgets.case_paths import Offer, Said, body_of, offers, orders_of
from widgets.case_question import CaseQuestion, MoreQuestion
from widgets.classify import ClassifyQuestion
from widgets.close_question import CloseQuestion
from widgets.commands import Command
from widgets.deeds import Deeds, Failed, Sending, failure_words
from widgets.panel import Room
from widgets.panels.event import MORE, VERBS
from widgets.panels.events import event_number
from widgets.panels.photos import PhotoViewer, shots_of
from widgets.panels.reading import EventReading
from widgets.passing import when_free
from widgets.stale import fresh, is_kept, told

STREAM_MS = 250
"""The change that made a step stale comes down the stream about as soon as its refusal."""
Told = Callable[[], str]
Thing = TypeVar("Thing", bound=Event | Order)


@dataclass(frozen=True, slots=True)
class EventSeat:
    """What the steps need of the desk they belong to.

    Args:
        desk: stands behind the questions.
        chosen: the selected event.
        read: what was understood of it.
        why_held: says whose hands an event is in when they are not this seat's.
        take: takes an event in hand.
        middle: the middle of the map.
        begin: puts the hands on the form that sends.
        done: hears that a step was taken.
        failed: hears why not.
        say: shows what came of a step.
        say_beside: shows on the form that sends why it was not sent.
    """

    desk: QWidget
    chosen: Callable[[], Event | None]
    read: EventReading
    why_held: Callable[[Event], Text | None]
    take: Callable[[str], None]
    middle: Callable[[], tuple[float, float]]
    begin: Callable[[], None]
    done: Callable[[], None]
    failed: Failed
    say: Callable[[Text], None]
    say_beside: Callable[[str], None]


class EventWork:
    """Every step on the selected event; results are said where the desk says them."""

    def __init__(self, room: Room, deeds: Deeds, seat: EventSeat) -> None:
        self._room, self._deeds, self._seat = room, deeds, seat

    def commands(self) -> tuple[Command, ...]:
        """Give the keys: the four of the straight line, class, photos, the list of the others."""

        def doer(verb: str) -> Callable[[], None]:
            return lambda: self.do(verb)

        return (
            *(
                Command((one.key,), one.words, doer(one.verb), in_bar=True)
                for one in (*VERBS, MORE)
            ),
            Command(("Shift+C",), Text("定性", "classify"), doer("classify")),
            Command(("Shift+P",), Text("看照片", "photos"), self.photos),
        )

    def do(self, verb: str) -> None:
        """Begin a step on the selected event."""
        event = self._seat.chosen()
        if event is None:
            return
        if verb == MORE.verb:
            self.more(event)
            return
        if verb == "dispatch":
            self.begin_sending()
            return
        if not self._may(verb, event, event):
            return
        if verb == "accept":
            self._deeds.accept(event, self._done(event), self._failed(event))
        if verb == "close":
            self._close(event)
        if verb == "locate":
            self._locate(event, self._seat.middle())
        if verb == "classify":
            self._classify(event)

    def begin_sending(self) -> bool:
        """Put the hands on the form that sends, where that is open; tell whether it was."""
        event = self._seat.chosen()
        if event is None or not self._may("dispatch", event, event):
            return False
        self._seat.begin()
        return True

    def answer_as(self, words: str) -> None:
        """Close the selected event with a like case's answer as the draft."""
        event = self._seat.chosen()
        if event is not None and self._may("close", event, event):
            self._close(event, words)

    def classify_as(self, matter: str) -> None:
        """Classify the selected event; a class of the reading is proposed."""
        event = self._seat.chosen()
        if event is not None and self._may("classify", event, event):
            self._classify(event, matter=matter)

    def locate_at(self, lonlat: tuple[float, float], name: str) -> None:
        """Locate the selected event; a place of the reading is proposed."""
        event = self._seat.chosen()
        if event is not None and self._may("locate", event, event):
            source = Text(f"初值为“{name}” · WGS-84", f"Starts from {name} · WGS-84")
            self._locate(event, lonlat, source=source)

    def photos(self) -> None:
        """Open the photos of the selected event."""
        event = self._seat.chosen()
        if event is None:
            return
        shots = shots_of(event, orders_of(event, self._room.stores), self._room)
        if not shots:
            self._seat.say(Text("此件没有附件", "this event has no files"))
            return
        PhotoViewer(self._room, event, shots, self._seat.desk).exec()

    def more(self, event: Event) -> None:
        """List the side paths the event and its orders allow, and begin the one chosen."""
        offered = offers(event, orders_of(event, self._room.stores))
        if not offered:
            self._seat.say(Text("此状态下没有其他操作", "nothing else may be done in this state"))
            return
        question = MoreQuestion(self._room, event, offered, self._seat.desk)
        if question.exec():
            self.begin(question.chosen, event)

    def begin(self, offer: Offer, event: Event) -> None:
        """Ask what a side path needs, then take it once."""
        if self._may(offer.path.verb, event, offer.item):
            self._ask_path(offer)

    def send(self, sending: Sending) -> None:
        """Send the selected event as the form says; refused, the form keeps what was typed."""
        event = self._seat.chosen()
        if event is None:
            return

        def failed(error: Exception) -> None:
            self._failed(event)(error)
            if self._is_chosen(event):
                self._seat.say_beside(told(error, event, self._room))

        self._deeds.dispatch(event, sending, self._done(event), failed)
        # the Return that sent it opens nothing
        QTimer.singleShot(0, self._seat.desk, self._seat.desk.setFocus)

    # ---- questions that come back ----------------------------------------------------------

    def _close(self, event: Event, draft: str = "", told_: Told | None = None) -> None:
        question = CloseQuestion(self._room, event, self._seat.desk, draft=draft, told=told_)
        if not question.exec():
            return
        text = question.text

        def again(now: Event, why: Told) -> None:
            self._close(now, text, why)

        self._deeds.close(event, text, self._done(event), self._again(event, again))

    def _locate(
        self,
        event: Event,
        start: tuple[float, float],
        told_: Told | None = None,
        *,
        source: Text = MAP_MIDDLE,
    ) -> None:
        question = PlaceQuestion(
            self._room, event, start, self._seat.desk, source=source, told=told_
        )
        if not question.exec():
            return
        lonlat = question.lonlat

        def again(now: Event, why: Told) -> None:
            self._locate(now, lonlat, why, source=source)

        self._deeds.locate(event, lonlat, self._done(event), self._again(event, again))

    def _classify(
        self,
        event: Event,
        told_: Told | None = None,
        *,
        matter: str | None = None,
        level: int | None = None,
    ) -> None:
        read = self._seat.read
        reading = read.reading(event)
        if matter is None and (event.matter or reading is None or not reading.classes):
            matter = event.matter
        if level is None and event.level:
            level = event.level
        question = ClassifyQuestion(
            self._room,
            Text(f"定性 · {event.title}", f"Classify · {event.title}"),
            read.matters,
            self._seat.desk,
            reading=reading,
            matter=matter,
            level=level,
            told=told_() if told_ else "",
        )
        if not question.exec():
            return
        chosen, grave = question.matter, question.level_said
        body = Classify(version=event.version, matter=chosen, level=grave)

        def again(now: Event, why: Told) -> None:
            self._classify(now, why, matter=chosen, level=grave)

        self._deeds.step("classify", event, body, self._done(event), self._again(event, again))

    def _ask_path(
        self, offer: Offer, told_: Told | None = None, *, said: Said | None = None
    ) -> None:
        typed = said or Said()
        if offer.path.fields:
            question = CaseQuestion(self._room, offer, self._seat.desk, said=said, told=told_)
            if not question.exec():
                return
            typed = question.said
        try:
            body = body_of(offer, typed)
        except ValidationError as error:
            self._seat.failed(error)
            return

        def again(now: Event | Order, why: Told) -> None:
            self._ask_path(replace(offer, item=now), why, said=typed)

        item = offer.item
        failed = self._again(item, again) if offer.path.fields else self._failed(item)
        self._deeds.step(offer.path.verb, item, body, self._done(item), failed)

    def _again(self, item: Thing, ask: Callable[[Thing, Told], None]) -> Failed:
        """Say why a step was refused and ask anew, on the item of now, the words still there.

        A step is always sent with the version that was on the screen when it was asked: what
        somebody else did meanwhile is refused, told, and only then gone over by the operator.
        """

        def failed(error: Exception) -> None:
            self._failed(item)(error)
            if is_kept(error):
                why = partial(told, error, item, self._room)
                desk, room = self._seat.desk, self._room
                when_free(desk, lambda: ask(fresh(item, room), why), STREAM_MS)

        return failed

    # ---- what came of it -------------------------------------------------------------------

    def _done(self, item: Event | Order) -> Callable[[], None]:
        """Say that a step was taken: beside its event, or with its number beside another."""

        def done() -> None:
            if self._is_chosen(item):
                self._seat.done()
            else:
                name = self._name(item)
                self._seat.say(Text(f"{name}：已记录", f"{name}: recorded"))

        return done

    def _failed(self, item: Event | Order) -> Failed:
        """Say why a step was not taken, in the same way."""

        def failed(error: Exception) -> None:
            if self._is_chosen(item):
                self._seat.failed(error)
            else:
                why = f"{self._name(item)}: {failure_words(error, self._room.words)}"
                self._seat.say(Text(why, why))

        return failed

    def _is_chosen(self, item: Event | Order) -> bool:
        chosen = self._seat.chosen()
        return chosen is not None and chosen.item_id == _event_id(item)

    def _name(self, item: Event | Order) -> str:
        event = self._room.stores.events.get(_event_id(item))
        return event_number(event, self._room.words) if event else item.title

    def _may(self, verb: str, event: Event, item: Event | Order) -> bool:
        """Take the event in hand for a step on it or its order, or say why it is not open."""
        why = self._deeds.why_not(verb, item) or self._seat.why_held(event)
        if why is not None:
            self._seat.say(why)
            return False
        self._seat.take(event.item_id)
        return True


def _event_id(item: Event | Order) -> str:
    return item.item_id if isinstance(item, Event) else item.event_id or ""
