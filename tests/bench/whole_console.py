"""The console of the bench `whole`: as `wall_process`, and it times switches and says its memory.

A switch is over when every shown map has drawn what it is to draw and the panels stand.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial

import psutil
from PySide6.QtCore import QTimer

from maps.scenes import scene
from maps.view import MapView
from tests.end2end.wall_process import Wall, run, say

LOOK_MS = 4
GIVE_UP_S = 20.0


class Timed(Wall):
    """Answer also how long a switch takes, and what the console holds."""

    def verbs(self) -> dict[str, Callable[..., None]]:
        return super().verbs() | {
            "switch": self.switch,
            "layer": self.layer,
            "memory": self.memory,
            "shown": self.shown,
        }

    def _on_placed(self) -> None:
        super()._on_placed()
        self.seen: dict[MapView, dict[str, int]] = defaultdict(dict)
        for view in self.views():
            view.shown.connect(partial(self._on_shown, view))

    def _on_shown(self, view: MapView, channel: str, layer: str, seq: int) -> None:
        if channel == "static":
            self.seen[view][layer] = seq

    def views(self) -> list[MapView]:
        stages = [one.stage for one in self.windows.all() if one.stage is not None]
        return [one.map_view for one in stages if isinstance(one.map_view, MapView)]

    def shown(self) -> None:
        """Say how many layers every map has drawn."""
        say(shown=min(len(self.seen[view]) for view in self.views()))

    def switch(self, scene_id: str) -> None:
        """Change the scene on every wall; over when its maps and panels are drawn."""
        began_s, before = time.perf_counter(), {view: view._window for view in self.views()}
        floors: dict[MapView, int] = {}
        blocks = self.console.reach.stores.blocks
        wanted = [one for one in scene(scene_id).layers if blocks.get(one).oid.size]
        self.windows.show_scene(scene_id)

        def is_over() -> bool:
            for view in self.views():
                if view not in floors and view._window is not before[view]:
                    floors[view] = view._host._numbers.last  # what comes now is of the new window
            stages = [one.stage for one in self.windows.all() if one.stage is not None]
            stand = all(panel.isVisible() for stage in stages for panel in stage.panels())
            return stand and len(floors) == len(before) and self._have(wanted, floors)

        self._tell(is_over, began_s)

    def layer(self, layer: str) -> None:
        """Hide a layer on every wall, then show it; over when its maps have drawn it."""
        owners = [one.layers for one in self.windows.all() if one.layers is not None]
        for owner in owners:
            owner.toggle(layer)
        QTimer.singleShot(600, lambda: self._show(layer))

    def _show(self, layer: str) -> None:
        began_s = time.perf_counter()
        floors = {view: view._host._numbers.last for view in self.views()}
        for one in self.windows.all():
            if one.layers is not None:
                one.layers.toggle(layer)
        self._tell(lambda: self._have([layer], floors), began_s)

    def _have(self, layers: list[str], floors: dict[MapView, int]) -> bool:
        return all(
            self.seen[view].get(layer, 0) > floor or self._rests(view, layer)
            for view, floor in floors.items()
            for layer in layers
        )

    def _rests(self, view: MapView, layer: str) -> bool:
        """Tell whether a layer was drawn and came out as it stands there: no new bytes are due."""
        host, seen = view._host, self.seen[view].get(layer, 0)
        ready = host.tray._parts.get(view._id, {}).items()
        waits = any(key[1] == layer and number - 1 > seen for key, (number, _) in ready)
        busy = {key[1] for key in (*host.painter._dirty, *host.painter._busy)}
        return seen > 0 and not waits and layer not in busy

    def _tell(self, is_over: Callable[[], bool], began_s: float) -> None:
        timer = QTimer(self.app)

        def look() -> None:
            took_s = time.perf_counter() - began_s
            if is_over() or took_s > GIVE_UP_S:
                timer.stop()
                say(ms=took_s * 1000)

        timer.timeout.connect(look)
        timer.start(LOOK_MS)

    def memory(self) -> None:
        """Say the proportional set size of this process and of the web engine's."""
        own = psutil.Process()
        web = [pss(child) for child in own.children(recursive=True)]
        say(own_mb=pss(own), web_mb=sum(web), processes=len(web))


def pss(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


if __name__ == "__main__":
    sys.exit(run(Timed, *sys.argv[1:]))
