"""The gallery's checks see what is wrong with a picture: each is broken once on purpose."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gallery.checks import (
    MOST_STRONG,
    Record,
    faults,
    pixels,
    read_contrast,
    recorded,
    strong_share,
)
from tests.qt.picture import Picture, make_picture
from widgets.paint import Board, Ink
from widgets.panel import Panel
from widgets.panel_table import make_panel


@pytest.fixture
def record() -> Iterator[Record]:
    with recorded() as found:
        yield found


def hall(qtbot: QtBot, picture: Picture, name: str = "card:water") -> tuple[QWidget, Panel]:
    """Give a window with one panel whose picture is made."""
    window = QWidget()
    qtbot.addWidget(window)
    window.setStyleSheet(f"background: {picture.theme.color('bg')}")
    window.resize(400, 360)
    panel = make_panel(name, picture.room("wall"), picture.details, window)
    panel.setGeometry(20, 20, 293, 276)
    window.show()
    panel.draw_picture()
    return window, panel


def seen(window: QWidget, picture: Picture, record: Record) -> list[str]:
    return faults(window, window.grab().toImage(), record, picture.theme)


@pytest.mark.parametrize("palette", ["night", "day"])
@pytest.mark.parametrize("name", ["card:water", "card:police", "performance", "rain"])
def test_our_panels_pass(qtbot: QtBot, record: Record, name: str, palette: str) -> None:
    picture = make_picture()
    picture.theme.use(palette)
    window, panel = hall(qtbot, picture, name)
    assert record.of(panel)
    assert seen(window, picture, record) == []


def test_faint_writing_is_seen(
    qtbot: QtBot, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = make_picture()
    monkeypatch.setitem(picture.theme._palette.tokens, "t2", "#3A4450")
    window, _ = hall(qtbot, picture)
    assert any("contrast" in one for one in seen(window, picture, record))


def test_small_letters_are_seen(
    qtbot: QtBot, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = make_picture()
    window, _ = hall(qtbot, picture)
    least = picture.theme.size("s", "wall")
    monkeypatch.setattr(
        type(picture.theme), "size", lambda _self, role, _seat: least + (1 if role == "s" else 40)
    )
    assert any("under 20′" in one for one in seen(window, picture, record))


def test_cut_words_are_seen(qtbot: QtBot, record: Record) -> None:
    picture = make_picture()
    window, panel = hall(qtbot, picture)
    panel.setGeometry(20, 20, 90, 276)
    panel.draw_picture()
    assert any("cut" in one for one in seen(window, picture, record))


def test_panels_one_over_the_other_are_seen(qtbot: QtBot, record: Record) -> None:
    picture = make_picture()
    window, _ = hall(qtbot, picture)
    other = make_panel("rain", picture.room("wall"), picture.details, window)
    other.setGeometry(100, 100, 280, 240)
    other.show()
    assert any("lies over" in one for one in seen(window, picture, record))


def test_the_share_of_strong_colour_is_that_of_the_pixels() -> None:
    grey = np.full((100, 100, 3), 40, np.uint8)
    assert strong_share(grey) == 0
    grey[:10, :20] = (255, 59, 48)
    assert strong_share(grey) == pytest.approx(0.02)
    assert strong_share(grey) > MOST_STRONG


def test_contrast_is_read_off_the_picture() -> None:
    picture = make_picture()

    image = QImage(300, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("#10161D"))
    painter = QPainter(image)
    board = Board(painter, picture.theme, "wall")
    board.text(QRectF(0, 0, 300, 40), "水位 2.50", Ink(tone="t1"))
    painter.end()
    assert read_contrast(pixels(image)) == pytest.approx(13.9, abs=0.6)
    image.fill(QColor("#10161D"))
    assert read_contrast(pixels(image)) is None
