"""A file dropped onto the desk: looked at, mapped, brought into the real service, reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.console import Console, build
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import SystemClock
from maps.spec import load_layers
from tests.end2end.stack import Service
from tests.qt.picture import make_picture
from widgets.import_file import FileDrops, ImportDialog
from widgets.reach_deeds import ReachDeeds

HEAD = "编号,名称,东经值,纬度,层数\n"
ROWS = "".join(f"H{n},房{n},{120.8 + n / 1000:.3f},32.01,{n}\n" for n in range(30))
SPECS = {spec.layer_id: spec for spec in load_layers()}
WAIT_MS = 30_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("import") / "service").start()
    yield running
    running.stop()


@pytest.fixture
def console(service: Service, tmp_path: Path, qtbot: QtBot) -> Iterator[Console]:
    made = build(tmp_path / "console", SystemClock(), url=service.url)
    yield made
    made.close()


def signed(console: Console, service: Service, account: str) -> Client:
    client = console.reach.client
    client.sign_in(account, str(service.account(account)["password"]))
    return client


def dialog(qtbot: QtBot, console: Console, path: Path, reports: Path) -> ImportDialog:
    room = make_picture().room("desk")
    made = ImportDialog(room, ReachDeeds(console.reach), path, specs=SPECS, reports=reports)
    qtbot.addWidget(made)
    made.show()
    return made


def counted(client: Client, layer: str) -> int:
    """Ask how many of a layer are there; rows taken in are counted a moment later."""
    return {one.layer: one.count for one in client.layers().layers}.get(layer, 0)


def choose(made: ImportDialog, field: str, data: str) -> None:
    """Choose as a person does; the choice is looked at again."""
    box = {"layer": made.layer, "crs": made.crs, **made.columns}[field]
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_a_file_is_mapped_brought_in_and_reported(
    qtbot: QtBot, console: Console, service: Service, tmp_path: Path
) -> None:
    path = tmp_path / "房屋.csv"
    path.write_text(HEAD + ROWS + "H0,again,120.9,32.0,1\n", encoding="gb18030")
    signed(console, service, "maintainer")
    made = dialog(qtbot, console, path, tmp_path / "exports")
    qtbot.waitUntil(lambda: made.table.rowCount() == 20, timeout=WAIT_MS)
    assert not made.go.isEnabled()
    assert "找不到经度和纬度列" in made.message.text()
    assert "GB18030" in made.about.text()
    choose(made, "lon", "东经值")
    choose(made, "layer", "housing")
    qtbot.waitUntil(made.go.isEnabled, timeout=WAIT_MS)
    first = made.table.item(0, 1)
    assert first is not None
    assert first.text() == "房0"
    QTest.keyClick(made, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not made.report.isHidden(), timeout=WAIT_MS)
    assert "读 31 行，收 30，拒 1" in made.message.text()
    assert (tmp_path / "exports" / "房屋.csv.rejected.csv").exists()
    reader = service.client("dispatcher")  # a maintainer may fill housing, not look at it
    qtbot.waitUntil(lambda: counted(reader, "housing") == 30, timeout=WAIT_MS)
    QTest.keyClick(made, Qt.Key.Key_Escape)
    assert not made.isVisible()


def test_who_may_not_feed_a_layer_is_told_so(
    qtbot: QtBot, console: Console, service: Service, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    signed(console, service, "dispatcher")
    made = dialog(qtbot, console, path, tmp_path)
    choose(made, "layer", "housing")
    qtbot.waitUntil(
        lambda: "权限" in made.message.text() or "无权" in made.message.text(), timeout=WAIT_MS
    )
    assert not made.go.isEnabled()


def test_cancelling_keeps_what_was_sent(
    qtbot: QtBot, console: Console, service: Service, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"C{n},n,120.9,{31.9 + n % 500 / 1000},1\n" for n in range(300_000))
    path.write_text("id,name,lon,lat,floors\n" + rows, encoding="utf-8")
    signed(console, service, "maintainer")
    made = dialog(qtbot, console, path, tmp_path)
    choose(made, "layer", "urban")
    qtbot.waitUntil(made.go.isEnabled, timeout=WAIT_MS)
    made.start()
    qtbot.waitUntil(lambda: made.bar.value() > 0, timeout=WAIT_MS)
    made.reject()
    assert made.isVisible()
    qtbot.waitUntil(lambda: "已取消" in made.message.text(), timeout=WAIT_MS)
    made.reject()
    assert not made.isVisible()


def test_a_broken_file_is_said(
    qtbot: QtBot, console: Console, service: Service, tmp_path: Path
) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 broken")
    signed(console, service, "maintainer")
    made = dialog(qtbot, console, path, tmp_path)
    qtbot.waitUntil(lambda: "Parquet" in made.message.text(), timeout=WAIT_MS)
    assert not made.go.isEnabled()


def test_one_file_of_a_known_kind_is_taken_from_the_air(qtbot: QtBot, tmp_path: Path) -> None:
    target = QWidget()
    qtbot.addWidget(target)
    drops = FileDrops(target)
    taken: list[Path] = []
    refused: list[Text] = []
    drops.dropped.connect(taken.append)
    drops.refused.connect(refused.append)
    for names in (["a.csv"], ["a.docx"], ["a.csv", "b.csv"]):
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in names])
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier
        enter = QDragEnterEvent(QPoint(1, 1), copy, mime, left, none.NoModifier)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted()
        drop = QDropEvent(QPointF(1, 1), copy, mime, left, none.NoModifier)
        QApplication.sendEvent(target, drop)
    assert taken == [tmp_path / "a.csv"]
    assert len(refused) == 2
