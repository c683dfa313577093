"""What else a desk shows than its first picture: every list, every page, every question.

The gallery draws them from the running city, the tests of looks from made data: one table for
both. A window of a new class is named here, or a test says that it is missing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QDialog, QWidget

from app.stores import Stores
from backend_client.contract.base import Text
from backend_client.contract.events import Event
from backend_client.contract.resources import Circle
from maps.scenes import scene
from maps.spec import load_layers
from widgets.alarm_work import ReasonQuestion
from widgets.ask import PlaceQuestion
from widgets.bulk import MANY, BulkQuestion, BulkResult, ManyReason
from widgets.case_paths import Offer, offers, orders_of
from widgets.case_question import CaseQuestion, MoreQuestion
from widgets.classify import ClassifyQuestion
from widgets.close_question import CloseQuestion
from widgets.commands import CommandPalette, KeySheet
from widgets.deeds import Deeds
from widgets.desk import Desk
from widgets.drafts import DraftsDialog
from widgets.drawing import DrawingQuestion
from widgets.import_file import ImportDialog
from widgets.own_scene import SceneQuestion
from widgets.panels.gate_command import GatePanel
from widgets.panels.photos import PhotoViewer, shots_of
from widgets.parts import Parts
from widgets.repairs import RepairsDialog
from widgets.replay_control import InstantQuestion
from widgets.search import SearchBox
from widgets.settings_dialog import SettingsDialog
from widgets.sign_in import SignInPage
from widgets.watch import HandoverQuestion, LineQuestion, WakeQuestion
from widgets.window import Window

AREA: Final = Circle(lon=120.88, lat=31.99, radius_m=3_000)
Face = Callable[[Desk], None]
Asked = Callable[[Desk, Deeds], QWidget | None]
InWindow = Callable[[Window, Desk, Parts], QWidget | None]


def _busy_event(desk: Desk) -> None:
    """Choose the event most can be done with."""
    event = _busiest(desk.room.stores)
    if event is not None:
        desk.queue.reveal(event.item_id)


def _trail(desk: Desk) -> None:
    _busy_event(desk)
    desk.bring(desk.trail)


def _reading(desk: Desk) -> None:
    _busy_event(desk)
    desk.bring(desk.reading)


def _object(desk: Desk) -> None:
    block = desk.room.stores.blocks.get("water")
    if block.oid.size:
        desk.show_object("water", int(block.oid[0]))


def _press(key: str) -> Face:
    """Do what a key of the desk does."""

    def press(desk: Desk) -> None:
        next(one for one in desk.commands if key in one.keys).run()

    return press


FACES: Final[Mapping[str, Face]] = {
    "alarms": lambda desk: desk.show_alarms(),
    "sluices": lambda desk: desk.bring(desk.gates),
    "feeds": lambda desk: desk.show_feeds(),
    "performance": lambda desk: desk.show_kpis(),
    "log": lambda desk: desk.show_log(),
    "due": lambda desk: desk.bring(desk.due),
    "review": lambda desk: desk.show_review(),
    "trail": _trail,
    "reading": _reading,
    "hot-spots": _press("Shift+H"),
    "requests": _press("Shift+I"),
    "models": _press("Shift+Y"),
    "resources": lambda desk: desk.take_area(AREA),
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


def _more(desk: Desk, _deeds: Deeds) -> QWidget | None:
    found = _offered(desk.room.stores)
    return MoreQuestion(desk.room, *found[0], desk) if found and found[0][1] else None


def _case(verb: str) -> Asked:
    def ask(desk: Desk, _deeds: Deeds) -> QWidget | None:
        every = (offer for _, offered in _offered(desk.room.stores) for offer in offered)
        offer = next((one for one in every if one.path.verb == verb), None)
        return CaseQuestion(desk.room, offer, desk) if offer is not None else None

    return ask


def _classify(desk: Desk, _deeds: Deeds) -> QWidget | None:
    event, read = desk.queue.chosen, desk.page.read
    if event is None:
        return None
    title = Text(f"定性 · {event.title}", f"Classify · {event.title}")
    return ClassifyQuestion(desk.room, title, read.matters, desk, reading=read.reading(event))


def _line(desk: Desk, _deeds: Deeds) -> QWidget | None:
    page = desk.room.stores.log.page()
    return LineQuestion(desk.room, page, about=None, sight=None, parent=desk) if page else None


def _handover(desk: Desk, deeds: Deeds) -> QWidget | None:
    page = desk.room.stores.log.page()
    return HandoverQuestion(desk.room, deeds, page, desk) if page else None


def _gate(desk: Desk, _deeds: Deeds) -> QWidget | None:
    gate_id = next(iter(desk.room.stores.gates.ids()), None)
    if gate_id is not None:
        desk.open_gate(gate_id)
    return desk.gate_panel


def _close(desk: Desk, _deeds: Deeds) -> QWidget | None:
    event = desk.queue.chosen
    return CloseQuestion(desk.room, event, desk) if event else None


def _place(desk: Desk, _deeds: Deeds) -> QWidget | None:
    event = desk.queue.chosen
    return PlaceQuestion(desk.room, event, (120.9, 32.0), desk) if event else None


def _photos(desk: Desk, _deeds: Deeds) -> QWidget | None:
    """Show the files of an event; one that has none gets one that is gone."""
    event = desk.queue.chosen
    if event is None:
        return None
    files = event.attachments or ("file-none",)
    held = event.model_copy(update={"attachments": files})
    shots = shots_of(held, orders_of(event, desk.room.stores), desk.room)
    return PhotoViewer(desk.room, held, shots, desk)


def _bulk(desk: Desk, _deeds: Deeds) -> QWidget | None:
    counts = [(one, 9) for one in MANY]
    return BulkQuestion(desk.room, counts, 12, desk.queue.chosen, desk)


def _result(desk: Desk, _deeds: Deeds) -> QWidget | None:
    why = desk.room.words.pick(
        "王强 已修改此件：状态 已登记 → 已受理 · 级别 – → Ⅱ级",
        "Wang Qiang has changed it: state registered → accepted · level – → II",
    )
    events = [event for one in desk.queue.keys[:4] if (event := desk.room.stores.events.get(one))]
    return BulkResult(desk.room, MANY[0], 11, [(one, why) for one in events], desk)


def _shelve(desk: Desk, _deeds: Deeds) -> QWidget | None:
    words = Text("搁置告警", "Shelve the alarm")
    return ReasonQuestion(desk.room, words, words, last_line=words, ends=True, parent=desk)


def _import(desk: Desk, deeds: Deeds) -> QWidget | None:
    path = Path(tempfile.gettempdir()) / "nantong-file-to-import.csv"
    path.write_text("编号,名称,经度,纬度\n" + "H1,房,120.9,32.0\n" * 9, encoding="utf-8")
    specs = {spec.layer_id: spec for spec in load_layers()}
    return ImportDialog(desk.room, deeds, path, specs=specs, reports=path.parent, parent=desk)


def _instant(desk: Desk, _deeds: Deeds) -> QWidget | None:
    return InstantQuestion(desk.room, desk.room.stores.server_now() - timedelta(hours=3), desk)


AT_DESK: Final[Mapping[str, Asked]] = {
    "more": _more,
    "supervise": _case("supervise"),
    "transfer": _case("transfer"),
    "extend": _case("extend"),
    "merge": _case("merge"),
    "return": _case("return"),
    "classify": _classify,
    "close": _close,
    "place": _place,
    "photos": _photos,
    "bulk": _bulk,
    "bulk-reason": lambda desk, _deeds: ManyReason(desk.room, MANY[2], 12, desk),
    "bulk-result": _result,
    "repairs": lambda desk, deeds: RepairsDialog(desk.room, deeds, desk),
    "shelve": _shelve,
    "drawing": lambda desk, _deeds: DrawingQuestion(desk.room, AREA, (AREA.lon, AREA.lat), desk),
    "line": _line,
    "handover": _handover,
    "gate": _gate,
    "instant": _instant,
    "import": _import,
    "own-scene": lambda desk, _deeds: SceneQuestion(desk.room, scene("desk"), desk),
    "drafts": lambda desk, deeds: DraftsDialog(desk.room, deeds, desk),
    "palette": lambda desk, _deeds: CommandPalette(desk.room, desk.every_command(), desk),
    "keys": lambda desk, _deeds: KeySheet(desk.room, desk.every_command(), desk),
}
"""Windows that ask something; made anew for each language, as when a person opens them."""


def _sign_in(window: Window, _desk: Desk, _parts: Parts) -> QWidget | None:
    page = window.sign_in
    if isinstance(page, SignInPage):
        page.show()
        page.raise_()
    return page


def _at_desk(ask: Asked) -> InWindow:
    return lambda _window, desk, parts: ask(desk, parts.deeds)


QUESTIONS: Final[Mapping[str, InWindow]] = {
    **{name: _at_desk(ask) for name, ask in AT_DESK.items()},
    "wake": lambda _window, desk, parts: WakeQuestion(desk.room, parts.session, desk),
    "settings": lambda _window, desk, parts: SettingsDialog(
        parts.settings, desk.room.theme, desk.room.words, desk
    ),
    "search": lambda _window, desk, parts: SearchBox(desk.room, parts.search, parts.specs, desk),
    "sign-in": _sign_in,
}
"""The same, and those that need the whole program."""


def shut(asked: QWidget, desk: Desk) -> None:
    """Take a question away unanswered."""
    if isinstance(asked, GatePanel):
        desk.gate_panel = None
    if isinstance(asked, QDialog):
        asked.close()
        asked.deleteLater()
    else:
        asked.hide()
