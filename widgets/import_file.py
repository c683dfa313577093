"""Import a file: what it is, which column is which, its first rows, progress, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QEvent, QObject, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.importing.wish import ENDINGS, Progress, Wish
from maps.spec import LayerSpec
from widgets.deeds import Failed, failure_words
from widgets.panel import Room
from widgets.passing import Passing

if TYPE_CHECKING:
    from backend_client.importing.load import Opened
    from backend_client.importing.look import Look

SIZE: Final = (980, 720)
OURS: Final[Mapping[str, Text]] = {
    "id": Text("编号", "Id"),
    "name": Text("名称", "Name"),
    "lon": Text("经度", "Longitude"),
    "lat": Text("纬度", "Latitude"),
    "kind": Text("类别", "Kind"),
    "region": Text("区划", "Region"),
    "state": Text("状态等级", "State"),
    "value": Text("数值", "Value"),
    "observed": Text("时间", "Time"),
}
CRS: Final[tuple[tuple[str, Text], ...]] = (
    ("", Text("文件自带或 WGS-84", "the file's own, else WGS-84")),
    ("wgs84", Text("WGS-84", "WGS-84")),
    ("gcj02", Text("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)")),
    ("bd09", Text("BD-09（百度）", "BD-09 (Baidu)")),
)
COLUMNS_A_ROW: Final = 3


class Imports(Protocol):
    """What the dialog may ask for."""

    def look_at(self, wish: Wish, done: Callable[[Look], None], failed: Failed) -> None:
        """Look at a file, off the main thread."""
        ...

    def import_file(
        self, opened: Opened, report: Path, each: Callable[[Progress], None], failed: Failed
    ) -> Callable[[], None]:
        """Send a file; gives the way to cancel it."""
        ...


class ImportDialog(Passing):
    """Show what a file would become, then bring it in."""

    def __init__(
        self,
        room: Room,
        deeds: Imports,
        path: Path,
        *,
        specs: Mapping[str, LayerSpec],
        reports: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._room, self._deeds, self._path, self._reports = room, deeds, path, reports
        self._cancel: Callable[[], None] | None = None
        self._look: Look | None = None
        self._asked: Wish | None = None
        words = room.words
        self.setStyleSheet(room.theme.qss("desk"))
        self.setWindowTitle(words.pick("导入文件", "Import a file"))
        self.about = QLabel(path.name, self)
        self.about.setProperty("role", "m")
        self.layer, self.crs = QComboBox(self), QComboBox(self)
        self.layer.addItem(words.pick("选择图层", "choose a layer"), "")
        for layer_id, spec in specs.items():
            self.layer.addItem(f"{words.say(spec.title)} {layer_id}", layer_id)
        for value, text in CRS:
            self.crs.addItem(words.say(text), value)
        self.columns = {ours: QComboBox(self) for ours in OURS}
        self.table, self.bar, self.message = QTableWidget(self), QProgressBar(self), QLabel(self)
        self.bar.hide()
        self.message.setWordWrap(True)
        self.go = QPushButton(words.pick("导入 Enter", "Import Enter"), self)
        self.go.setProperty("kind", "primary")
        self.go.setDefault(True)
        self.stop = QPushButton(words.pick("取消 Esc", "Cancel Esc"), self)
        self.report = QPushButton(words.pick("打开报告", "Open the report"), self)
        self.report.hide()
        self._build()
        self._wire()
        self.look()

    def _build(self) -> None:
        words = self._room.words
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        names = (Text("图层", "Layer"), Text("坐标系", "Datum"), *OURS.values())
        fields = (self.layer, self.crs, *self.columns.values())
        for at, (name, field) in enumerate(zip(names, fields, strict=True)):
            label = QLabel(words.say(name), self)
            label.setProperty("tone", "t2")
            row, column = divmod(at, COLUMNS_A_ROW)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(field, row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        foot = QHBoxLayout()
        for button in (self.go, self.stop, self.report):
            foot.addWidget(button)
        foot.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(12)
        box.addWidget(self.about)
        box.addLayout(grid)
        box.addWidget(self.table, 1)
        box.addWidget(self.bar)
        box.addWidget(self.message)
        box.addLayout(foot)
        self.resize(*SIZE)

    def _wire(self) -> None:
        self.go.clicked.connect(self.start)
        self.stop.clicked.connect(self.reject)
        self.report.clicked.connect(self._on_report)
        for field in (self.layer, self.crs, *self.columns.values()):
            field.activated.connect(self.look)

    # ---- before ------------------------------------------------------------------------------

    def wish(self) -> Wish:
        """Give what is chosen; columns only where the person chose otherwise than we found."""
        found = self._look.found if self._look else {}
        chosen = {ours: str(field.currentData() or "") for ours, field in self.columns.items()}
        given = {ours: theirs for ours, theirs in chosen.items() if theirs}
        if self._look and {**found, **given} == dict(found):
            given = {}
        layer, crs = str(self.layer.currentData()), str(self.crs.currentData())
        return Wish(layer, self._path, crs=crs, columns=given)

    def look(self) -> None:
        """Look at the file again as things are chosen now."""
        self._asked = self.wish()
        self.go.setEnabled(False)
        self._say(Text("读取中", "reading"))
        self._deeds.look_at(self._asked, self._on_look, self.here(self._on_failed))

    def _on_look(self, seen: Look) -> None:
        if seen.wish is not self._asked:
            return  # something else was chosen meanwhile
        self._look = seen
        words = self._room.words
        self.about.setText(words.join(self._path.name, seen.about, seen.crs))
        for ours, field in self.columns.items():
            self._fill(field, seen.columns, seen.found.get(ours, ""))
        self._fill_table(seen)
        self.go.setEnabled(seen.opened is not None)
        rest = len(seen.columns) - len(seen.found)
        if seen.fault is not None:
            self.message.setText(seen.fault.say(words.language))
        else:
            self._say(Text(f"其余 {rest} 列进入属性", f"{rest} other columns become properties"))
        self.go.setFocus()

    def _fill(self, field: QComboBox, columns: Sequence[str], chosen: str) -> None:
        field.clear()
        field.addItem("—", "")
        for column in columns:
            field.addItem(column, column)
        field.setCurrentIndex(max(0, field.findData(chosen)))

    def _fill_table(self, seen: Look) -> None:
        titles = {theirs: ours for ours, theirs in seen.found.items()}
        words = self._room.words
        heads = [
            f"{column}\n→ {words.say(OURS[titles[column]])}"
            if titles.get(column) in OURS
            else column
            for column in seen.columns
        ]
        self.table.clear()
        self.table.setColumnCount(len(heads))
        self.table.setRowCount(len(seen.rows))
        self.table.setHorizontalHeaderLabels(heads)
        for at, row in enumerate(seen.rows):
            for column, cell in enumerate(row):
                self.table.setItem(at, column, QTableWidgetItem(cell))
        self.table.resizeColumnsToContents()

    # ---- the import --------------------------------------------------------------------------

    def start(self) -> None:
        """Bring the file in."""
        seen = self._look
        if seen is None or seen.opened is None or self._cancel is not None:
            return
        for field in (self.layer, self.crs, *self.columns.values(), self.go):
            field.setEnabled(False)
        self.bar.setRange(0, 1000)
        self.bar.setValue(0)
        self.bar.show()
        report = self._reports / f"{self._path.name}.rejected.csv"
        self._cancel = self._deeds.import_file(
            seen.opened, report, self._on_progress, self.here(self._on_failed)
        )

    def _on_progress(self, now: Progress) -> None:
        self.bar.setValue(round(1000 * max(0.0, now.done)))
        lines = [
            Text(
                f"读 {now.read:,} 行，收 {now.accepted:,}，拒 {now.rejected:,}",
                f"read {now.read:,} rows, took {now.accepted:,}, rejected {now.rejected:,}",
            )
        ]
        if now.ended:
            self._end()
            if now.changed == 0:
                lines.append(Text("无变化（0 changed）", "0 changed"))
            lines += now.notes
            if now.report is not None:
                lines.append(Text(f"报告 {now.report}", f"report {now.report}"))
                self.report.show()
        self.message.setText("\n".join(self._room.words.say(line) for line in lines))

    def _end(self) -> None:
        self._cancel = None
        self.bar.hide()
        self.go.hide()
        self.stop.setText(self._room.words.pick("关闭 Esc", "Close Esc"))
        self.stop.setFocus()

    def _on_failed(self, error: Exception) -> None:
        if self._cancel is not None:
            self._end()
        self.message.setText(failure_words(error, self._room.words))

    def _on_report(self) -> None:
        path = self._reports / f"{self._path.name}.rejected.csv"
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def reject(self) -> None:
        """Cancel what runs, else close."""
        if self._cancel is not None:
            self._cancel()
            self._say(Text("取消中，已送的行保留", "cancelling; what was sent stays"))
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let nothing run behind a closed window."""
        if self._cancel is not None:
            self._cancel()
        super().closeEvent(event)

    def _say(self, text: Text) -> None:
        self.message.setText(self._room.words.say(text))


class FileDrops(QObject):
    """Take files that are dropped onto a widget or anything in it.

    Signals:
        dropped(Path): a file of a kind that can be imported.
        refused(Text): something else was dropped.
    """

    dropped = Signal(object)
    refused = Signal(object)

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, _target: QObject, event: QEvent) -> bool:
        """Accept a file while it hovers, take it when it falls."""
        if isinstance(event, QDragEnterEvent) and event.mimeData().hasUrls():
            event.acceptProposedAction()
            return True
        if not isinstance(event, QDropEvent) or event.type() != QEvent.Type.Drop:
            return False
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        fit = [path for path in paths if path.suffix.lower() in ENDINGS]
        event.acceptProposedAction()
        if len(paths) == 1 and fit:
            self.dropped.emit(fit[0])
        else:
            kinds = " ".join(ENDINGS)
            self.refused.emit(Text(f"一次一个文件：{kinds}", f"One file at a time: {kinds}"))
        return True
