"""Pictures are made one per turn; a scene is changed only when its pictures are made."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QPainter
from pytestqt.qtbot import QtBot

from maps.scenes import scene
from tests.qt.picture import make_picture
from tests.qt.test_panels import make_stage
from widgets.easel import Easel, Painted


class Plate(Painted):
    """Fill itself and count how often."""

    made = 0
    color = "#ff0000"

    def paint(self, painter: QPainter) -> None:
        self.made += 1
        painter.fillRect(self.rect(), QColor(self.color))

    def ground(self) -> str:
        return "#000000"


def test_jobs_come_one_per_turn_and_once_per_wish(qtbot: QtBot) -> None:
    easel, owner, done = Easel(), QObject(), list[str]()
    easel.start()
    for name in ("a", "b", "a"):
        easel.soon(owner, name, lambda name=name: done.append(name))  # type: ignore[misc]  # mypy cannot type the default
    assert done == []
    qtbot.waitUntil(lambda: len(done) == 2, timeout=1_000)
    assert done == ["a", "b"]


def test_a_job_whose_owner_is_gone_is_left_out(qtbot: QtBot) -> None:
    easel, owner, other, done = Easel(), QObject(), QObject(), list[str]()
    easel.start()
    easel.soon(owner, "x", lambda: done.append("gone"))
    easel.soon(other, "x", lambda: done.append("here"))
    import shiboken6

    shiboken6.delete(owner)
    qtbot.waitUntil(lambda: bool(done), timeout=1_000)
    assert done == ["here"]


def test_the_old_picture_stays_until_the_new_one_is_made(qtbot: QtBot) -> None:
    easel = Easel()
    easel.start()
    plate = Plate(easel)
    qtbot.addWidget(plate)
    plate.resize(40, 40)
    plate.show()
    qtbot.waitUntil(lambda: plate.made == 1, timeout=1_000)
    plate.color = "#00ff00"
    assert plate.grab().toImage().pixelColor(5, 5) == QColor("#ff0000")
    qtbot.waitUntil(
        lambda: plate.grab().toImage().pixelColor(5, 5) == QColor("#00ff00"), timeout=1_000
    )


def test_a_picture_that_nobody_sees_is_not_made(qtbot: QtBot) -> None:
    easel = Easel()
    easel.start()
    plate = Plate(easel)
    qtbot.addWidget(plate)
    plate.redraw()
    qtbot.wait(30)  # several turns of the loop
    assert plate.made == 0


def test_scenes_change_in_one_go_with_their_pictures_made(qtbot: QtBot) -> None:
    picture = make_picture()
    picture.pulse.easel.start()
    stage = make_stage(picture, qtbot, "general")
    stage.resize(3840, 1080)
    stage.show()
    qtbot.waitUntil(lambda: len(stage.panels()) > 5, timeout=5_000)
    before = stage.panels()
    qtbot.waitUntil(lambda: all(one.isVisible() for one in before), timeout=5_000)
    stage.show_scene(scene("water"))
    assert all(one.isVisible() for one in before)
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in before), timeout=5_000)
    after = stage.panels()
    assert after
    assert all(one.isVisible() for one in after)
    ground = QColor(picture.theme.color("panel"))
    for panel in after:
        image = panel.grab().toImage()
        spots = {
            image.pixelColor(x, y).name()
            for x in range(0, image.width(), 3)
            for y in range(0, min(60, image.height()), 3)
        }
        assert spots != {ground.name()}, type(panel).__name__


def test_pictures_hidden_longest_go_when_all_hold_too_much(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widgets.easel.AWAY_BYTES", 2 * 400 * 100 * 4)
    easel = Easel()
    easel.start()
    plates = [Plate(easel) for _ in range(4)]
    for plate in plates:
        qtbot.addWidget(plate)
        plate.resize(400, 100)
        plate.show()
        qtbot.waitUntil(lambda plate=plate: plate.held_bytes > 0, timeout=1_000)  # type: ignore[misc]  # mypy cannot type the default
    for plate in plates[:3]:
        plate.hide()
    assert [bool(plate.held_bytes) for plate in plates] == [False, True, True, True]
    plates[1].show()  # shown again: its picture is there at once
    plates[3].hide()
    assert [bool(plate.held_bytes) for plate in plates] == [False, True, True, True]
    plates[0].show()
    qtbot.waitUntil(lambda: plates[0].held_bytes > 0, timeout=1_000)
