"""The tour: let the city run, visit every scene, draw a lasso, ask for a gate, save pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.stores import Link
from backend_client.contract.clock import Clock
from backend_client.contract.gates import TERMINAL, Gate, GateKind
from backend_client.contract.resources import Circle
from maps.view import MapView
from widgets.panels.gate_forms import fit_bays
from widgets.parts import Parts
from widgets.wall import Windows
from widgets.window import Window

STEP_MS = 150
SETTLE_S = 2.5
WALL_SIZE = (3840, 1080)
DESK_SIZE = (1920, 1080)
LASSO = Circle(lon=120.86, lat=32.01, radius_m=6_000.0)


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on when `until` holds, or after the limit with a word about it."""

    what: str
    limit_s: float
    until: Callable[[], bool] | None = None


Script = Iterator[Wait]


def head_m(gate: Gate) -> float:
    """Give how far the inner water stands above the outer; unknown is least."""
    if gate.inner_level_m is None or gate.outer_level_m is None:
        return -99.0
    return gate.inner_level_m - gate.outer_level_m


def is_worth_showing(gate: Gate) -> bool:
    """Tell whether a gate has bays to see and head enough to drain."""
    return len(gate.bays) >= 3 and head_m(gate) >= 0.15


class Tour(QObject):
    """Walk through the console as a person would.

    Signals:
        told(str): a line for the terminal.
        ended(bool): everything that was waited for came.
    """

    told = Signal(str)
    ended = Signal(bool)

    def __init__(
        self,
        parts: Parts,
        windows: Windows,
        folder: Path,
        *,
        run_s: float,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts, self._windows, self._folder = parts, windows, folder
        self._run_s, self._clock = run_s, clock
        self._script: Script = self._walk()
        self._now: Wait | None = None
        self._since_s = 0.0
        self._well = True
        self._seen: list[MapView] = []
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._on_step)

    def start(self) -> None:
        """Begin."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._timer.start()

    def _on_step(self) -> None:
        if self._now is not None and not self._is_over(self._now):
            return
        self._now = next(self._script, None)
        self._since_s = self._clock.steady_s()
        if self._now is None:
            self._timer.stop()
            self.ended.emit(self._well)

    def _is_over(self, wait: Wait) -> bool:
        late = self._clock.steady_s() - self._since_s >= wait.limit_s
        if wait.until is None:
            return late
        if wait.until():
            return True
        if late:
            self._well = False
            self.told.emit(f"tour: waited {wait.limit_s:.0f} s in vain for {wait.what}")
        return late

    def _walk(self) -> Script:
        stores = self._parts.room.stores
        yield Wait("the service", 120, lambda: stores.link is Link.ONLINE)
        yield Wait("the layers", 60, lambda: len(stores.blocks.layers()) >= 3)
        yield Wait("the city", self._run_s)
        yield from self._walls()
        yield from self._desks()

    def _walls(self) -> Script:
        wall = self._windows.open("tour-wall", "wall")
        yield from self._open(wall, WALL_SIZE)
        for scene_id in ("general", "water"):
            self._windows.show_scene(scene_id)
            yield Wait("the scene", SETTLE_S)
            self._save(wall, f"wall-{scene_id}-zh")
        self._windows.shut("tour-wall")

    def _desks(self) -> Script:
        desk = self._windows.open("tour-desk", "desk")
        yield from self._open(desk, DESK_SIZE)
        self._windows.show_scene("desk")
        yield from self._map_of(desk)
        for name, language, palette in (
            ("desk-zh", "zh", "night"),
            ("desk-en", "en", "night"),
            ("desk-day-zh", "zh", "day"),
        ):
            self._look(language, palette)
            yield Wait("the look", SETTLE_S)
            self._save(desk, name)
        self._look("zh", "night")
        yield from self._lasso(desk)
        yield from self._gate(desk)
        self._windows.shut("tour-desk")

    def _open(self, window: Window, size: tuple[int, int]) -> Script:
        window.setGeometry(0, 0, *size)
        window.show()
        yield from self._map_of(window)

    def _map_of(self, window: Window) -> Script:
        shown: list[str] = []
        view = next((one for one in window.findChildren(MapView) if one.isVisible()), None)
        if view is None or view in self._seen:
            return
        self._seen.append(view)
        view.ready.connect(lambda: shown.append("map"))
        yield Wait("the map", 30, lambda: bool(shown))
        yield Wait("the map's words", SETTLE_S)

    def _look(self, language: str, palette: str) -> None:
        self._parts.settings.set("language", language)
        self._parts.settings.set("palette", palette)

    def _lasso(self, window: Window) -> Script:
        desk, resources = window.desk, self._parts.room.stores.resources
        if desk is None:
            return
        desk.take_area(LASSO)
        yield Wait("the lasso's answer", 20, lambda: resources.inside is not None)
        yield Wait("the picture", SETTLE_S)
        self._save(window, "desk-lasso-zh")

    def _gate(self, window: Window) -> Script:
        desk = window.desk
        gate = self._gate_to_ask()
        if desk is None or gate is None:
            self._well = False
            self.told.emit("tour: no sluice may be asked for")
            return
        desk.show_gates()
        desk.gates.select(gate.item_id)
        yield Wait("the list", SETTLE_S)
        self._save(window, "desk-gates-zh")
        desk.open_gate(gate.item_id)
        panel = desk.gate_panel
        if panel is None:
            return
        form = panel.ask_form
        present = max(bay.opening_m for bay in gate.bays)
        form.target.set_value(present + 0.1 if present + 0.1 <= gate.full_open_m else present / 2)
        form.reason.setText("抢潮排涝演示")
        form.number.setText(f"DD-{self._clock.now():%Y}-118")
        yield Wait("the panel", SETTLE_S / 2)
        self._save(panel, "gate-target-zh")
        form.submit()
        yield Wait("the request", 20, lambda: panel.command is not None)
        yield Wait("the panel", SETTLE_S / 2)
        self._save(panel, "gate-second-zh")
        for language, palette, name in (("en", "day", "gate-second-day-en"),):
            self._look(language, palette)
            yield Wait("the look", SETTLE_S / 2)
            self._save(panel, name)
        self._look("zh", "night")
        panel.take_back()
        yield Wait("the wish to be taken back", 10, lambda: self._is_ended(panel.command_id))
        panel.close()

    def _is_ended(self, command_id: str) -> bool:
        command = self._parts.room.stores.gate_commands.get(command_id)
        return command is None or command.status in TERMINAL

    def _gate_to_ask(self) -> Gate | None:
        deeds = self._parts.deeds
        gates = self._parts.room.stores.gates.all()
        free = [gate for gate in gates if fit_bays(gate) and not gate.vessels_near]
        free = [
            gate for gate in free if gate.gate_kind is not GateKind.LOCK
        ]  # its leaves take turns
        fit = [gate for gate in free if not deeds.why_not("request", gate)]
        return max(fit, key=lambda gate: (is_worth_showing(gate), head_m(gate)), default=None)

    def _save(self, widget: QWidget, name: str) -> None:
        path = self._folder / f"{name}.png"
        if not widget.grab().save(str(path)):
            self._well = False
        self.told.emit(f"tour: {path}")
