"""What else a desk shows than its first picture: every list, every page, every question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtWidgets import QDialog, QWidget

from app.stores import Stores
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.resources import Circle
from widgets.alarm_work import ReasonQuestion
from widgets.ask import PlaceQuestion
from widgets.case_paths import Offer, offers, orders_of
from widgets.case_question import CaseQuestion, MoreQuestion
from widgets.close_question import CloseQuestion
from widgets.commands import CommandPalette, KeySheet
from widgets.desk import Desk
from widgets.drafts import DraftsDialog
from widgets.drawing import DrawingQuestion
from widgets.panels.gate_command import GatePanel
from widgets.parts import Parts
from widgets.search import SearchBox
from widgets.settings_dialog import SettingsDialog
from widgets.sign_in import SignInPage
from widgets.watch import HandoverQuestion, LineQuestion, WakeQuestion
from widgets.window import Window

AREA: Final = Circle(lon=120.88, lat=31.99, radius_m=3_000)
Face = Callable[[Desk], None]
Asked = Callable[[Window, Desk, Parts], QWidget | None]


def _alarms(desk: Desk) -> None:
    desk.show_alarms()


def _busy_event(desk: Desk) -> None:
    """Show the event most has happened to, with its whole trail."""
    event = _busiest(desk.room.stores)
    if event is not None:
        desk.queue.reveal(event.item_id)
    desk.bring(desk.trail)


def _resources(desk: Desk) -> None:
    desk.take_area(AREA)


def _object(desk: Desk) -> None:
    block = desk.room.stores.blocks.get("water")
    if block.oid.size:
        desk.show_object("water", int(block.oid[0]))


FACES: Final[Mapping[str, Face]] = {
    "alarms": _alarms,
    "sluices": lambda desk: desk.bring(desk.gates),
    "feeds": lambda desk: desk.show_feeds(),
    "performance": lambda desk: desk.show_kpis(),
    "log": lambda desk: desk.show_log(),
    "due": lambda desk: desk.bring(desk.due),
    "review": lambda desk: desk.show_review(),
    "trail": _busy_event,
    "resources": _resources,
    "object": _object,
    "lasso": lambda desk: desk.lasso(),
}
"""Lists and pages that take the place of others on the desk."""


def _offered(stores: Stores) -> list[tuple[Event, list[Offer]]]:
    events = [event for one in stores.events.ids() if (event := stores.events.get(one))]
    found = [(event, offers(event, orders_of(event, stores))) for event in events]
    return sorted(found, key=lambda one: -len(one[1]))


def _busiest(stores: Stores) -> Event | None:
    found = _offered(stores)
    return found[0][0] if found and found[0][1] else None


def _more(_window: Window, desk: Desk, _parts: Parts) -> QWidget | None:
    found = _offered(desk.room.stores)
    return MoreQuestion(desk.room, *found[0], desk) if found and found[0][1] else None


def _case(verb: str) -> Asked:
    def ask(_window: Window, desk: Desk, _parts: Parts) -> QWidget | None:
        every = (offer for _, offered in _offered(desk.room.stores) for offer in offered)
        offer = next((one for one in every if one.path.verb == verb), None)
        return CaseQuestion(desk.room, offer, desk) if offer is not None else None

    return ask


def _line(_window: Window, desk: Desk, _parts: Parts) -> QWidget | None:
    page = desk.room.stores.log.page()
    return LineQuestion(desk.room, page, about=None, sight=None, parent=desk) if page else None


def _handover(_window: Window, desk: Desk, parts: Parts) -> QWidget | None:
    page = desk.room.stores.log.page()
    return HandoverQuestion(desk.room, parts.deeds, page, desk) if page else None


def _gate(_window: Window, desk: Desk, _parts: Parts) -> QWidget | None:
    gates = desk.room.stores.gates.ids()
    if not gates:
        return None
    desk.open_gate(next(iter(gates)))
    return desk.gate_panel


def _close(_window: Window, desk: Desk, _parts: Parts) -> QWidget | None:
    event = desk.queue.chosen
    return CloseQuestion(desk.room, event, desk) if event else None


def _place(_window: Window, desk: Desk, _parts: Parts) -> QWidget | None:
    event = desk.queue.chosen
    return PlaceQuestion(desk.room, event, (120.9, 32.0), desk) if event else None


def _shelve(_window: Window, desk: Desk, _parts: Parts) -> QWidget | None:
    words = Text("搁置告警", "Shelve the alarm")
    return ReasonQuestion(desk.room, words, words, last_line=words, ends=True, parent=desk)


def _drawing(_window: Window, desk: Desk, _parts: Parts) -> QWidget | None:
    return DrawingQuestion(desk.room, AREA, (AREA.lon, AREA.lat), desk)


def _sign_in(window: Window, _desk: Desk, _parts: Parts) -> QWidget | None:
    page = window.sign_in
    if isinstance(page, SignInPage):
        page.show()
        page.raise_()
    return page


QUESTIONS: Final[Mapping[str, Asked]] = {
    "more": _more,
    "supervise": _case("supervise"),
    "transfer": _case("transfer"),
    "extend": _case("extend"),
    "merge": _case("merge"),
    "return": _case("return"),
    "close": _close,
    "place": _place,
    "shelve": _shelve,
    "drawing": _drawing,
    "line": _line,
    "handover": _handover,
    "gate": _gate,
    "wake": lambda _window, desk, parts: WakeQuestion(desk.room, parts.session, desk),
    "drafts": lambda _window, desk, parts: DraftsDialog(desk.room, parts.deeds, desk),
    "palette": lambda _window, desk, _parts: CommandPalette(desk.room, desk.every_command(), desk),
    "keys": lambda _window, desk, _parts: KeySheet(desk.room, desk.every_command(), desk),
    "settings": lambda _window, desk, parts: SettingsDialog(
        parts.settings, desk.room.theme, desk.room.words, desk
    ),
    "search": lambda _window, desk, parts: SearchBox(desk.room, parts.search, parts.specs, desk),
    "sign-in": _sign_in,
}
"""Windows that ask something; made anew for each language, as when a person opens them."""


def shut(asked: QWidget, desk: Desk) -> None:
    """Take a question away unanswered."""
    if isinstance(asked, GatePanel):
        desk.gate_panel = None
    if isinstance(asked, QDialog):
        asked.close()
        asked.deleteLater()
    else:
        asked.hide()
