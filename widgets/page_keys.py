"""The keys of a stage's pages, and what a page asks of its window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, SignalInstance

from widgets.brief import save_brief
from widgets.commands import Command, bind
from widgets.panels.cockpit import KeyedPage
from widgets.shell import Standing
from widgets.stage import Stage


def serve_page(page: KeyedPage, facts: Standing, exports: Path) -> tuple[Command, ...]:
    """Bind a page's keys, which work while it is shown, and write its brief when it asks."""
    commands = tuple(Command(one.keys, one.words, one.run) for one in page.commands())
    bind(commands, page, soft=True)
    page.brief_wanted.connect(lambda: save_brief(page, facts, exports))
    return commands


class PageKeys(QObject):
    """Bind each page's keys once it is made; they work while it is shown.

    Signals:
        gate_wanted(str): a page asks for a sluice's panel.
    """

    gate_wanted = Signal(str)

    def __init__(
        self, stage: Stage, facts: Standing, exports: Path, scene_wanted: SignalInstance
    ) -> None:
        super().__init__(stage)
        self._stage = stage
        self._facts, self._exports, self._scene_wanted = facts, exports, scene_wanted
        self._commands: dict[KeyedPage, tuple[Command, ...]] = {}
        stage.page_made.connect(self._on_page)
        for page in stage.pages():
            self._on_page(page)

    def commands(self) -> tuple[Command, ...]:
        """Give the keys of the pages shown, for palette and sheet."""
        shown = (one for one in self._stage.panels() if one.isVisible())
        found = (self._commands.get(one, ()) for one in shown if isinstance(one, KeyedPage))
        return tuple(command for page in found for command in page)

    def _on_page(self, page: KeyedPage) -> None:
        self._commands[page] = serve_page(page, self._facts, self._exports)
        page.object_wanted.connect(self._on_object)
        page.gate_wanted.connect(self.gate_wanted)

    def _on_object(self, layer: str, oid: int) -> None:
        """Show a row's object on the general scene, which has a map."""
        self._scene_wanted.emit("general")
        self._stage.show_object(layer, oid)
