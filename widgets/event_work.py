"""The selected event's steps: the straight line by one key each, side paths by a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.orders import Order
from widgets.ask import CloseQuestion, PlaceQuestion
from widgets.case_paths import Offer, Said, body_of, offers, orders_of
from widgets.case_question import CaseQuestion, MoreQuestion
from widgets.commands import Command
from widgets.deeds import Deeds, Failed, Sending
from widgets.panel import Room
from widgets.panels.event import MORE, VERBS


@dataclass(frozen=True, slots=True)
class EventSeat:
    """What the steps need of the desk they belong to.

    Args:
        desk: stands behind the questions.
        chosen: the selected event.
        why_held: says whose hands an event is in when they are not this seat's.
        take: takes an event in hand.
        middle: the middle of the map.
        begin: puts the hands on the form that sends.
        done: hears that a step was taken.
        failed: hears why not.
        say: shows what came of a step.
    """

    desk: QWidget
    chosen: Callable[[], Event | None]
    why_held: Callable[[Event], Text | None]
    take: Callable[[str], None]
    middle: Callable[[], tuple[float, float]]
    begin: Callable[[], None]
    done: Callable[[], None]
    failed: Failed
    say: Callable[[Text], None]


class EventWork:
    """Every step on the selected event; results are said where the desk says them."""

    def __init__(self, room: Room, deeds: Deeds, seat: EventSeat) -> None:
        self._room, self._deeds, self._seat = room, deeds, seat

    def commands(self) -> tuple[Command, ...]:
        """Give the keys: the four of the straight line, and the list of the others."""

        def doer(verb: str) -> Callable[[], None]:
            return lambda: self.do(verb)

        return tuple(
            Command((one.key,), one.words, doer(one.verb), in_bar=True) for one in (*VERBS, MORE)
        )

    def do(self, verb: str) -> None:
        """Begin a step on the selected event."""
        event = self._seat.chosen()
        if event is None:
            return
        if verb == MORE.verb:
            self.more(event)
            return
        if not self._may(verb, event, event):
            return
        done, failed = self._seat.done, self._seat.failed
        if verb == "accept":
            self._deeds.accept(event, done, failed)
        if verb == "dispatch":
            self._seat.begin()
        if verb == "close":
            question = CloseQuestion(self._room, event, self._seat.desk)
            if question.exec():
                self._deeds.close(event, question.text, done, failed)
        if verb == "locate":
            place = PlaceQuestion(self._room, event, self._seat.middle(), self._seat.desk)
            if place.exec():
                self._deeds.locate(event, place.lonlat, done, failed)

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
        if not self._may(offer.path.verb, event, offer.item):
            return
        said = Said()
        if offer.path.fields:
            question = CaseQuestion(self._room, offer, self._seat.desk)
            if not question.exec():
                return
            said = question.said
        try:
            body = body_of(offer, said)
        except ValidationError as error:
            self._seat.failed(error)
            return
        self._deeds.step(offer.path.verb, offer.item, body, self._seat.done, self._seat.failed)

    def send(self, sending: Sending) -> None:
        """Send the selected event as the form says."""
        event = self._seat.chosen()
        if event is not None:
            self._deeds.dispatch(event, sending, self._seat.done, self._seat.failed)
            # the Return that sent it opens nothing
            QTimer.singleShot(0, self._seat.desk, self._seat.desk.setFocus)

    def _may(self, verb: str, event: Event, item: Event | Order) -> bool:
        """Take the event in hand for a step on it or its order, or say why it is not open."""
        why = self._deeds.why_not(verb, item) or self._seat.why_held(event)
        if why is not None:
            self._seat.say(why)
            return False
        self._seat.take(event.item_id)
        return True
