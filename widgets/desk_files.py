"""Files at the desk: one that is chosen or dropped becomes an import, a lasso goes out as one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from backend_client.contract.base import Text
from backend_client.importing.wish import ENDINGS
from maps.spec import LayerSpec
from widgets.commands import Command
from widgets.deeds import Deeds, Form, failure_words
from widgets.import_file import FileDrops, ImportDialog
from widgets.panel import Room
from widgets.panels.resources import ResourcesPanel
from widgets.repairs import RepairsDialog


class DeskFiles:
    """What one desk reads in and writes out; `folder` is where reports and exports go."""

    def __init__(
        self,
        room: Room,
        deeds: Deeds,
        specs: Mapping[str, LayerSpec],
        *,
        folder: Path,
        desk: QWidget,
    ) -> None:
        self._room, self._deeds, self._specs = room, deeds, specs
        self._folder, self._desk = folder, desk
        self.drops = FileDrops(desk)
        self.drops.dropped.connect(self.bring_in)

    def commands(self) -> tuple[Command, ...]:
        """Give the keys of what comes in as files, and of what came in badly."""
        return (
            Command(("Ctrl+O",), Text("导入文件", "import a file"), self.choose),
            Command(("Shift+U",), Text("待修清单", "repair list"), self.mend),
        )

    def mend(self) -> None:
        """Show what the door refused; the person mends it or sets it aside."""
        sheet = RepairsDialog(self._room, self._deeds, parent=self._desk)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def choose(self) -> None:
        """Choose a file to be imported."""
        kinds = " ".join(f"*{ending}" for ending in ENDINGS)
        title = self._room.words.pick("导入文件", "Import a file")
        name, _kind = QFileDialog.getOpenFileName(self._desk, title, "", kinds)
        if name:
            self.bring_in(Path(name))

    def bring_in(self, path: Path) -> None:
        """Show what a file would become; those who may bring it in."""
        sheet = ImportDialog(
            self._room,
            self._deeds,
            path,
            specs=self._specs,
            reports=self._folder,
            parent=self._desk,
        )
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def export(self, form: Form, panel: ResourcesPanel) -> None:
        """Write the resources inside the area to a file; the panel says what came of it."""
        stamp = self._room.words.local(self._room.stores.server_now()).strftime("%Y%m%d-%H%M%S")
        words = self._room.words

        def done(path: Path) -> None:
            panel.say_result(words.pick(f"已存 {path}", f"saved {path}"))

        def failed(error: Exception) -> None:
            panel.say_result(failure_words(error, words))

        self._deeds.export(form, self._folder / f"lasso-{stamp}.{form}", done, failed)
