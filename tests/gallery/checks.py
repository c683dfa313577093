"""What every picture of the gallery must pass, measured in the widgets and in the pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from app.theme import ARCMIN, Theme
from tests.colours import lab, linear
from widgets.easel import Painted
from widgets.paint import VALUE, Board, Ink
from widgets.panel import Panel

MOST_STRONG: Final = 0.01
"""Share of pixels with CIELAB chroma over 66; domain rule 6."""
CHROMA: Final = 66.0
TEXT_CONTRAST: Final = 4.5
FIELD_PAD: Final = 10
LEAST_INK: Final = 0.004
"""Share of a text's box that must carry the ink's own colour for its contrast to be read."""
_SIGNS: Final = frozenset({"●", "○", "–", "▲", "▼"})
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Written:
    """One line as it was painted: where in its widget, in which size, what it says."""

    box: QRectF
    px: int
    words: str


@dataclass
class Record:
    """Every line painted since, by widget."""

    written: dict[int, list[Written]] = field(default_factory=dict)
    at: int = 0

    def of(self, widget: QWidget) -> tuple[Written, ...]:
        """Give what a widget's last picture says."""
        return tuple(self.written.get(id(widget), ()))


@contextmanager
def recorded() -> Iterator[Record]:
    """Note every line of text that panels and bars paint."""
    record = Record()
    paint, text = Painted.draw_picture, Board.text

    def draw_picture(self: Painted) -> None:
        record.at = id(self)
        record.written[record.at] = []
        paint(self)

    def write(self: Board, box: QRectF, words: str, ink: Ink = VALUE) -> float:
        wide = text(self, box, words, ink)
        px = self.theme.size(ink.role, self.seat)
        left = {"left": box.x(), "right": box.right() - wide}.get(
            ink.align, box.center().x() - wide / 2
        )
        line = QRectF(left, box.center().y() - px * 0.6, wide, px * 1.2)
        record.written.setdefault(record.at, []).append(Written(line, px, words))
        return wide

    with patch.object(Painted, "draw_picture", draw_picture), patch.object(Board, "text", write):
        yield record


def pixels(image: QImage) -> Pixels:
    """Give a picture's red, green and blue."""
    ready = image.convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(ready.constBits(), np.uint8).reshape(ready.height(), -1)
    return flat[:, : ready.width() * 3].reshape(ready.height(), ready.width(), 3).copy()


def packed(picture: Pixels) -> npt.NDArray[np.intp]:
    """Give each pixel's colour as one number: counting numbers is quick, counting rows is not."""
    parts = picture.reshape(-1, 3).astype(np.intp)
    return (parts[:, 0] << 16) | (parts[:, 1] << 8) | parts[:, 2]


def unpacked(numbers: npt.NDArray[np.intp]) -> Pixels:
    """Give the colours of numbers, shape (n, 3)."""
    parts = [numbers >> 16 & 255, numbers >> 8 & 255, numbers & 255]
    return np.stack(parts, axis=1).astype(np.uint8)


def strong_share(picture: Pixels) -> float:
    """Give the share of pixels nobody can overlook."""
    often = np.bincount(packed(picture), minlength=1)
    found = np.flatnonzero(often)
    counts = often[found]
    value = lab(linear(unpacked(found) / 255.0))
    strong = np.hypot(value[:, 1], value[:, 2]) > CHROMA
    return float(counts[strong].sum() / counts.sum())


def luminance(colours: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the relative luminance of WCAG 2; colours as shares, shape (n, 3)."""
    found: npt.NDArray[np.float64] = linear(colours) @ np.array([0.2126, 0.7152, 0.0722])
    return found


def read_contrast(box: Pixels) -> float | None:
    """Give the contrast of the writing in a piece of a picture; None when there is none.

    The ground is the commonest colour; the ink is the colour farthest from it that covers
    enough of the piece, for the edges of letters are mixed.
    """
    if box.size == 0:
        return None
    numbers, counts = np.unique(packed(box), return_counts=True)
    colours = unpacked(numbers)
    ground = luminance(colours[counts.argmax()][None, :] / 255.0)[0]
    often = counts >= max(2, LEAST_INK * counts.sum())
    often[counts.argmax()] = False
    if not often.any():
        return None
    ink = luminance(colours[often] / 255.0)
    high, low = np.maximum(ink, ground), np.minimum(ink, ground)
    return float(((high + 0.05) / (low + 0.05)).max())


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as it lies in a picture: left, top, right, bottom in its pixels."""

    name: str
    words: str
    edges: tuple[int, int, int, int]


def told_by_widgets(
    window: QWidget, ratio: float, record: Record, theme: Theme
) -> tuple[list[str], list[Line]]:
    """Give what the widgets themselves say is wrong, and where their lines lie in the picture.

    Args:
        window: as it was when the picture was taken.
        ratio: pixels of the picture over those of the window.
        record: what its widgets wrote.
        theme: whose sizes count.
    """
    painted = [one for one in window.findChildren(Painted) if one.isVisible()]
    found: list[str] = []
    lines: list[Line] = []
    for widget in painted:
        name = getattr(widget, "panel_name", "") or type(widget).__name__
        found += [f"{name}: cut {words!r}" for words in getattr(widget, "cut", ())]
        corner = widget.mapTo(window, QPoint(0, 0))
        seat: Any = getattr(getattr(widget, "room", None), "seat", "desk")
        for one in record.of(widget):
            if one.px < theme.size("s", seat):
                least = f"under {ARCMIN[seat]['s']:g}′"
                found.append(f"{name}: {one.words!r} has {one.px} px, {least}")
            if one.words.strip() and one.words not in _SIGNS:
                lines.append(Line(name, one.words, _edges(one.box, corner, ratio)))
                found += [
                    f"{name}: {one.words!r} lies under {said!r}" for said in _over(widget, one)
                ]
    panels = [one for one in painted if isinstance(one, Panel)]
    found += [
        f"{one.panel_name} lies over {other.panel_name}"
        for one, other in combinations(panels, 2)
        if one.parent() is other.parent() and _place(one).intersects(_place(other))
    ]
    return found, lines


def _over(widget: QWidget, written: Written) -> list[str]:
    """Give the buttons of a panel that lie over a line it wrote."""
    box = written.box.toRect()
    return [
        button.text()
        for button in widget.findChildren(QPushButton)
        if button.isVisible()
        and QRect(button.mapTo(widget, QPoint(0, 0)), button.size()).intersects(box)
    ]


def told_by_controls(window: QWidget) -> list[str]:
    """Give the buttons, labels and fields whose words do not fit, and those that overlap."""
    found = [
        f"{type(one).__name__}: cut {words!r}"
        for one in window.findChildren(QWidget)
        if one.isVisible() and (words := _cut_words(one))
    ]
    controls = [
        one
        for one in window.findChildren(QWidget)
        if isinstance(one, _CONTROLS) and one.isVisible() and _is_filled(one)
    ]
    found += [
        f"{_said(one)!r} lies over {_said(other)!r}"
        for one, other in combinations(controls, 2)
        if one.parent() is other.parent() and one.geometry().intersects(other.geometry())
    ]
    return found


def holds(screen: QWidget, window: QWidget) -> bool:
    """Tell whether a window has room on a screen of a size."""
    return window.width() <= screen.width() and window.height() <= screen.height()


_CONTROLS: Final = (QPushButton, QLabel, QLineEdit, QComboBox, QPlainTextEdit)


def _said(control: QWidget) -> str:
    if isinstance(control, QPushButton | QLabel | QLineEdit):
        return control.text() or type(control).__name__
    return control.currentText() if isinstance(control, QComboBox) else type(control).__name__


def _is_filled(control: QWidget) -> bool:
    return not isinstance(control, QLabel) or bool(control.text())


def _cut_words(control: QWidget) -> str:
    """Give the words of a control that its place is too small for, empty when all are seen."""
    if isinstance(control, QPushButton) and control.text():
        return control.text() if control.sizeHint().width() > control.width() + 1 else ""
    if isinstance(control, QLabel) and control.text():
        wide, high = control.width(), control.height()
        if control.wordWrap():
            return control.text() if control.heightForWidth(wide) > high + 1 else ""
        hint = control.sizeHint()
        return control.text() if hint.width() > wide + 1 or hint.height() > high + 1 else ""
    if isinstance(control, QLineEdit) and not control.text() and control.placeholderText():
        words = control.placeholderText()
        needed = control.fontMetrics().horizontalAdvance(words)
        return words if needed > control.width() - 2 * FIELD_PAD else ""
    return ""


def read_in_picture(picture: Pixels, lines: Iterable[Line]) -> list[str]:
    """Give the lines that cannot be read in the picture itself; a worker may do it."""
    found = []
    for line in lines:
        left, top, right, bottom = line.edges
        if right > picture.shape[1] + 1 or bottom > picture.shape[0] + 1 or left < -1:
            continue  # a bar over several screens writes beyond this one
        contrast = read_contrast(picture[max(top, 0) : bottom, max(left, 0) : right])
        if contrast is not None and contrast < TEXT_CONTRAST:
            found.append(f"{line.name}: {line.words!r} has contrast {contrast:.1f}")
    return found


def faults(window: QWidget, image: QImage, record: Record, theme: Theme) -> list[str]:
    """Give all that is wrong with one picture of a window."""
    ratio = image.width() / max(window.width(), 1)
    found, lines = told_by_widgets(window, ratio, record, theme)
    found += told_by_controls(window)
    return found + read_in_picture(pixels(image), lines)


def _edges(box: QRectF, corner: QPoint, ratio: float) -> tuple[int, int, int, int]:
    moved = box.translated(corner.x(), corner.y())
    left, top = int(moved.x() * ratio), int(moved.y() * ratio)
    return left, top, int(moved.right() * ratio) + 1, int(moved.bottom() * ratio) + 1


def _place(widget: QWidget) -> QRect:
    return widget.geometry()
