"""The whole console, a desk beside a wall, told which keys to press; it says what came of them.

Started like `wall_process`, whose monitors and pictures it shares; nobody is signed in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QWidget

from app.console import build
from app.director import Director
from app.stores import Link
from backend_client.contract.clock import SystemClock
from maps import engine, scheme
from maps.view import MapView
from tests.end2end.key_record import Record, name_of
from tests.end2end.wall_process import box_of, plug, say
from widgets.commands import KeySheet
from widgets.desk import Desk
from widgets.panels.cockpit import CockpitPage
from widgets.panels.linkage_page import LinkagePage
from widgets.parts import Parts
from widgets.program import compose
from widgets.run import direct
from widgets.wall import Windows
from widgets.window import Window

HOLD_MS = 1_300
PATIENCE = 4


class Manager:
    """Give the keys to the window on top: a bare X server has no window manager that would."""

    def __init__(self, app: QApplication, windows: Windows) -> None:
        self._app, self._windows = app, windows
        self._last: QWidget | None = None
        self._lost = PATIENCE
        self._timer = QTimer(app, interval=40)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        active = self._app.activeWindow()
        if isinstance(active, Window):
            self._last = active
        self._lost = 0 if QGuiApplication.focusWindow() is not None else self._lost + 1
        if self._lost < PATIENCE:  # what comes to the front by itself has a moment to
            return
        desk = next((one for one in self._windows.all() if one.seat == "desk"), None)
        top = self._app.activeModalWidget() or self._last or desk
        if top is not None and top.isVisible():
            top.raise_()
            top.activateWindow()


class Keyboard:
    """Press keys where the focus is, and say what stands then."""

    def __init__(self, parts: Parts, windows: Windows, director: Director, record: Record) -> None:
        self.parts, self.windows, self.director, self.record = parts, windows, director, record

    def told(self) -> None:
        verb, _, words = sys.stdin.readline().strip().partition(" ")
        verbs: dict[str, Callable[[str], None]] = {
            "press": self.press,
            "hold": self.hold,
            "type": self.type,
            "look": self.look,
            "covered": self.covered,
            "save": self.save,
        }
        if verb in verbs:
            verbs[verb](words)
        else:
            QApplication.quit()

    # ---- keys ------------------------------------------------------------------------------

    def press(self, words: str) -> None:
        self._perform(partial(self._press, words))

    def hold(self, words: str) -> None:
        self._perform(partial(self._press, words, hold=True))

    def type(self, words: str) -> None:
        self._perform(partial(self._type, json.loads(words)))

    def _perform(self, deed: Callable[[], None]) -> None:
        """Answer when the keys are through, or when a question they opened has its own loop."""
        QTimer.singleShot(0, partial(self._do, deed))

    def _do(self, deed: Callable[[], None], tries: int = 150) -> None:
        if QGuiApplication.focusWindow() is None and tries:  # a question has just gone
            QTimer.singleShot(20, partial(self._do, deed, tries - 1))
            return
        before, answered = QApplication.activeModalWidget(), [False]

        def look() -> None:
            if not answered[0] and QApplication.activeModalWidget() is not before:
                answer()

        def answer() -> None:
            watch.stop()
            if not answered[0]:
                answered[0] = True
                say(done=True)

        watch = QTimer(interval=10)
        watch.timeout.connect(look)
        watch.start()
        deed()
        answer()

    def _press(self, words: str, *, hold: bool = False) -> None:
        window = QGuiApplication.focusWindow()
        if window is None:
            self.record.faults.append(f"no window has the keys for {words}")
            return
        self.record.look()
        stroke = QKeySequence(words)[0]  # type: ignore[index]  # the stub does not know it
        key, more = stroke.key(), stroke.keyboardModifiers()
        with self.record.key():
            if hold:
                QTest.keyPress(window, key, more)
                QTimer.singleShot(HOLD_MS, partial(QTest.keyRelease, window, key, more))
            else:
                QTest.keyClick(window, key, more)

    def _type(self, text: str) -> None:
        self.record.look()
        with self.record.key():
            for letter in text:
                window = QGuiApplication.focusWindow()
                if window is None:
                    self.record.faults.append(f"no window has the keys for {text}")
                    return
                code = Qt.Key(ord(letter.upper()))
                shift = Qt.KeyboardModifier.ShiftModifier
                more = shift if letter.isupper() else Qt.KeyboardModifier.NoModifier
                QTest.sendKeyEvent(QTest.KeyAction.Click, window, code, letter, more)

    # ---- what stands -----------------------------------------------------------------------

    def save(self, words: str) -> None:
        """Write a picture of every window in sight."""
        folder = Path(words)
        folder.mkdir(parents=True, exist_ok=True)
        for at, window in enumerate(QApplication.topLevelWidgets()):
            if window.isVisible():
                window.grab().save(str(folder / f"{at}-{type(window).__name__}.png"))
        say(saved=words)

    def covered(self, _words: str) -> None:
        record = self.record
        record.look()
        say(
            made=record.made,
            ran=sorted(record.ran),
            seen=sorted(record.seen),
            pressed=sorted(record.pressed),
            ambiguous=sorted(record.ambiguous),
            clashes=record.clashes(),
            named=sorted(record.named),
        )

    def look(self, _words: str) -> None:
        self.record.look()
        parts, stores = self.parts, self.parts.room.stores
        active = QApplication.activeWindow()
        person = parts.session.person
        desk = next((one.desk for one in self.windows.all() if one.desk is not None), None)
        wall = next((one for one in self.windows.all() if one.seat == "wall"), None)
        annunciator = parts.annunciator
        say(
            front=type(active).__name__ if active else "",
            name=active.windowTitle() if active else "",
            focus=name_of(QApplication.focusWidget()),
            typed=_text(),
            way_in=[one.sign_in.message.text() for one in self.windows.all() if one.sign_in],
            online=stores.link is Link.ONLINE,
            person=person.person_id if person else "",
            language=parts.room.words.language,
            palette=parts.room.theme.name,
            carousel=[parts.settings.text("carousel"), self.director.is_turning],
            notices=[one.text.en for one in parts.notices.kept()],
            broken=[one.text.en for one in parts.notices.kept() if one.weight == "fault"],
            unsent=[one.kind for one in parts.deeds.unsent()],
            own_scenes=[one.title.en for one in parts.book.all() if one.own],
            replay=parts.replay.at.timestamp() if parts.replay.at else 0,
            muted=annunciator is not None and annunciator.is_muted,
            responses=[one.region for one in parts.room.alarms.suppressions()],
            pulled={key: self._pulled(one) for key, one in self.windows._pulled.items()},
            sheet=self._sheet(),
            rows=_rows(active),
            events={one.item_id: one.version for one in stores.events.all()},
            orders={one.item_id: one.version for one in stores.orders.all()},
            faults=self.record.faults,
            desk=self._desk(desk) if desk else {},
            wall=self._wall(wall) if wall else {},
        )

    def _pulled(self, pulled: Any) -> dict[str, object]:
        content = pulled.content
        camera = content.camera() if isinstance(content, MapView) else None
        return {"box": box_of(pulled), "camera": camera}

    def _sheet(self) -> list[list[str]]:
        found = QApplication.activeModalWidget()
        if not isinstance(found, KeySheet):
            return []
        texts = " ".join(label.text() for label in found.findChildren(QLabel))
        words = self.parts.room.words
        said = {one.words.en: escape(words.sentence(one.words)) for one in found.hints}
        self.record.named |= {name for name, words_said in said.items() if words_said in texts}
        return [[one.key, one.words.en] for one in found.hints if one.key in texts]

    def _desk(self, desk: Desk) -> dict[str, object]:
        stores, panel = self.parts.room.stores, desk.gate_panel
        inside, area = stores.resources.inside, stores.resources.area
        page = stores.log.page()
        lines = stores.log.lines(page.item_id) if page else ()
        command = stores.gate_commands.get(panel.command_id) if panel else None
        return {
            "active": type(desk._active).__name__,
            "under": type(desk.under.currentWidget()).__name__,
            "side": type(desk.side.currentWidget()).__name__,
            "queue": [desk.queue.key, desk.queue._filter, list(desk.queue.keys)],
            "alarms": [
                desk.alarms.key,
                len(desk.alarms.keys),
                str(desk.alarms.view),
                list(desk.alarms.keys),
            ],
            "gates": desk.gates.key,
            "line": desk.watch.log.key,
            "page": page.item_id if page else "",
            "pages": [one.item_id for one in stores.log.open_pages()],
            "lines": [line.text.zh for line in lines],
            "said": desk.page.message,
            "marked": [one.item_id for one in desk.queue.marked],
            "reading": [desk.reading.key, list(desk.reading.keys)],
            "proposed": [desk.form.unit.currentText(), desk.form.unit.unit_id or ""],
            "until": desk.form.until.text(),
            "layers": list(desk.layers.offered()),
            "shape": desk._shape,
            "area": type(area).__name__,
            "inside": inside.count if inside else -1,
            "export": desk.resources.message,
            "row": desk.resources.table.currentIndex().row(),
            "object": desk.object.heading(),
            "camera": desk.map_view.camera() if desk.map_view else None,
            "gate": panel.gate_id if panel and panel.isVisible() else "",
            "step": [command.item_id, str(command.status)] if command else [],
            "seq": panel.gate.seq if panel and panel.gate else -1,
            "told": panel.message if panel else "",
            "claims": [one.item_id for one in stores.claims.all()],
        }

    def _wall(self, window: Window) -> dict[str, object]:
        stage = window.stage
        if stage is None:
            return {}
        view = stage.map_view
        found = next((one for one in stage.pages() if one.isVisible()), None)
        told: dict[str, object] = {}
        if isinstance(found, CockpitPage):
            told = {
                "kind": "cockpit",
                "tiles": sorted(found.shared.focus.spots),
                "at": found.shared.focus.key,
                "steps": [[one.indicator, one.is_rows] for one in found.drill.steps],
                "row": found.drill.at,
                "defined": found.drill.shows_definition,
            }
        if isinstance(found, LinkagePage):
            told = {
                "kind": "linkage",
                "tiles": sorted(found.shared.focus.spots),
                "at": found.shared.focus.key,
                "open": not found.list.isHidden(),
            }
        return {
            "scene": stage.scene.scene_id,
            "layers": list(window.layers.offered()) if window.layers else [],
            "camera": view.camera() if isinstance(view, MapView) else None,
            "object": stage.object.heading() if stage.object and stage.object.isVisible() else "",
            "turned": stage._is_turned,
            "linked": window.shares_map,
            "page": told,
        }


def _text() -> str:
    """Give what the field that has the keys holds."""
    found = QApplication.focusWidget()
    return found.text() if isinstance(found, QLineEdit) else ""


def _rows(window: QWidget | None) -> int:
    """Count the rows of a dialog's list."""
    listed = getattr(window, "list", None)
    return listed.count() if isinstance(listed, QListWidget) else -1


def run(folder: str, url: str, _credentials: str, _wall_file: str, *monitors: str) -> int:
    """Run until told to quit, or until a key quits."""
    for monitor in monitors:
        plug(monitor)
    record = Record()
    record.watch_commands()
    engine.prepare()
    scheme.register()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    clock = SystemClock()
    console = build(Path(folder), clock, url=url)
    parts = compose(console, clock, Path(folder) / "exports")
    windows = Windows(parts, "general")
    windows.gone.connect(app.quit)
    director = direct(parts, windows, clock)
    manager = Manager(app, windows)
    told = Keyboard(parts, windows, director, record)
    windows.place()
    director.start()
    console.start()
    listener = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    listener.activated.connect(told.told)
    manager.look()
    QTimer.singleShot(0, lambda: say(started=True))
    code = app.exec()
    director.stop()
    parts.room.pulse.stop()
    windows.close()
    parts.host.close()
    console.close()
    say(ended=code)
    return code


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
