"""What can be done with the scene that stands on a stage, out of the palette only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import SignalInstance

from backend_client.contract.base import Text
from widgets.commands import Command
from widgets.stage import Stage

MAP_NAME = "map"


@dataclass(frozen=True, slots=True)
class Call:
    """Ask for one thing by its name when called."""

    wanted: SignalInstance
    name: str

    def __call__(self) -> None:
        """Ask."""
        self.wanted.emit(self.name)


def scene_deeds(
    stage: Stage | None, pull_wanted: SignalInstance, remove: Callable[[], None]
) -> tuple[Command, ...]:
    """Give what can be pulled out, and the way to remove an own scene.

    Args:
        stage: what stands there, None before there is one.
        pull_wanted: asks for a panel by its name, or for the map, in a window of its own.
        remove: forgets the own scene.
    """
    if stage is None:
        return ()
    rows = [Command((), Text("拉出 地图", "pull out the map"), Call(pull_wanted, MAP_NAME))]
    for panel in stage.panels():
        if panel.isVisible():
            words = Text(f"拉出 {panel.heading()}", f"pull out {panel.heading()}")
            rows.append(Command((), words, Call(pull_wanted, panel.panel_name)))
    if stage.scene.own:
        words = Text(f"删除场景 {stage.scene.title.zh}", f"remove {stage.scene.title.en}")
        rows.append(Command((), words, remove))
    return tuple(rows)
