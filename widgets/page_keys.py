"""The keys of a stage's pages, and what a page asks of its window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, SignalInstance

from widgets.brief import save_brief
from widgets.commands import Command, bind
from widgets.panels.cockpit import KeyedPage
from widgets.shell import Standing
from widgets.stage import Stage


class PageKeys(QObject):
    """Bind each page's keys once it is made; they work while it is shown."""

    def __init__(
        self, stage: Stage, facts: Standing, exports: Path, scene_wanted: SignalInstance
    ) -> None:
        super().__init__(stage)
        self._stage = stage
        self._facts, self._exports, self._scene_wanted = facts, exports, scene_wanted
        stage.page_made.connect(self._on_page)
        for page in stage.pages():
            self._on_page(page)

    def _on_page(self, page: KeyedPage) -> None:
        commands = [Command(one.keys, one.words, one.run) for one in page.commands()]
        bind(commands, page, soft=True)
        page.brief_wanted.connect(lambda: save_brief(page, self._facts, self._exports))
        page.object_wanted.connect(self._on_object)

    def _on_object(self, layer: str, oid: int) -> None:
        """Show a row's object on the general scene, which has a map."""
        self._scene_wanted.emit("general")
        self._stage.show_object(layer, oid)
