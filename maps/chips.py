"""Chips, state shapes and names on the plain map, as the page has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtSvg import QSvgRenderer

from app.theme import FAMILY, RESOURCES, Seat, Theme

_GLYPHS: Final = RESOURCES / "icons" / "glyphs"
_STATES: Final = {1: "I-octagon", 2: "II-triangle", 3: "III-diamond", 4: "IV-circle"}


_TRIES: Final = 3  # steps to each side


@dataclass(frozen=True, slots=True)
class Chip:
    """A count of one layer: so many, so many of them abnormal, the worst level of these."""

    glyph: str
    token: str
    count: int
    abnormal: int = 0
    worst: int = 0


def said(count: int) -> str:
    """Give a count as chips show it: 1,024, above 9,999 as 14.2k."""
    if count <= 9_999:
        return f"{count:,}"
    return f"{count / 1000:.{0 if count > 99_999 else 1}f}k"


@lru_cache(maxsize=256)
def glyph(name: str, size: int, colour: str) -> QImage:
    """Draw a glyph or a state shape from its file."""
    source = (_GLYPHS / f"{name}.svg").read_bytes().replace(b"currentColor", colour.encode())
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(source).render(painter)
    painter.end()
    return image


def gravest(chips: Sequence[Chip], most: int) -> list[Chip]:
    """Give as many chips as there is room for: the abnormal first, in their usual order."""
    kept = sorted(chips, key=lambda chip: chip.worst or 9)[:most]
    return [chip for chip in chips if chip in kept]


class Sheet:
    """What small things are drawn on; text stays inside the sizes of its seat."""

    def __init__(self, painter: QPainter, theme: Theme, seat: Seat) -> None:
        self.painter = painter
        self.theme = theme
        self.small = theme.size("s", seat)
        self.middle = theme.size("m", seat)
        self.height = round(self.small * 1.67)
        self.icon = round(self.small * 1.06)
        self.gap = self.small * 0.34

    def _font(self, size: int, *, bold: bool) -> QFont:
        font = QFont(FAMILY)
        font.setPixelSize(size)
        font.setBold(bold)
        return font

    def width(self, text: str, size: int, *, bold: bool = False) -> float:
        """Give how wide a text is."""
        return QFontMetricsF(self._font(size, bold=bold)).horizontalAdvance(text)

    def text(self, text: str, box: QRectF, size: int, token: str, *, bold: bool = False) -> None:
        """Write a text into a box."""
        self.painter.setFont(self._font(size, bold=bold))
        self.painter.setPen(QColor(self.theme.color(token)))
        self.painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def state(self, level: int, middle: QPointF, size: int) -> None:
        """Draw a level's shape."""
        suffix = "" if self.theme.name == "night" else "-day"
        name = f"state-{_STATES[level]}{suffix}"
        image = glyph(name, size, self.theme.color("t1"))
        self.painter.drawImage(middle - QPointF(size / 2, size / 2), image)

    def plate(self, box: QRectF, *, marked: bool = False) -> None:
        """Draw the ground of a chip."""
        pen = QPen(QColor(self.theme.color("t1" if marked else "line2")), 3 if marked else 1)
        self.painter.setPen(pen)
        self.painter.setBrush(QColor(self.theme.color("panel")))
        self.painter.drawRoundedRect(box, 3, 3)

    def single(self, name: str, token: str, middle: QPointF, *, marked: bool) -> QRectF:
        """Draw one object's chip; give where it stands."""
        side = self.small * 1.5
        box = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
        self.plate(box, marked=marked)
        inner = round(side * 0.62)
        image = glyph(name, inner, self.theme.color(token))
        self.painter.drawImage(middle - QPointF(inner / 2, inner / 2), image)
        return box

    def chip_width(self, chip: Chip) -> float:
        """Give how wide a chip is."""
        wide = self.small * 1.14 + self.icon + self.width(said(chip.count), self.small)
        if chip.abnormal:
            wide += self.small * 0.6 + self.icon
            wide += self.width(said(chip.abnormal), self.small, bold=True)
        return wide

    def chip(self, chip: Chip, x: float, y: float) -> None:
        """Draw a chip with its upper left corner at a place."""
        wide = self.chip_width(chip)
        self.plate(QRectF(x, y, wide, self.height))
        left = x + self.small * 0.42
        image = glyph(chip.glyph, self.icon, self.theme.color(chip.token))
        self.painter.drawImage(QPointF(left, y + (self.height - self.icon) / 2), image)
        left += self.icon + self.small * 0.3
        count = said(chip.count)
        self.text(count, QRectF(left, y, wide, self.height), self.small, "t1")
        if not chip.abnormal:
            return
        left += self.width(count, self.small) + self.small * 0.4
        self.state(chip.worst, QPointF(left + self.icon / 2, y + self.height / 2), self.icon)
        left += self.icon + self.small * 0.2
        box = QRectF(left, y, wide, self.height)
        self.text(said(chip.abnormal), box, self.small, "t1", bold=True)

    def _rows(self, chips: Sequence[Chip], widest: float) -> list[list[Chip]]:
        rows = [list(chips[i : i + 2]) for i in range(0, len(chips), 2)]
        if any(self._row(row) > widest for row in rows):
            rows = [[chip] for chip in chips]
        return rows

    def stack_size(self, chips: Sequence[Chip], widest: float) -> QSizeF:
        """Give how wide and high chips stand."""
        rows = self._rows(chips, widest)
        wide = max((self._row(row) for row in rows), default=0.0)
        return QSizeF(wide, (self.height + self.gap) * len(rows))

    def stack(self, chips: Sequence[Chip], middle: float, top: float, widest: float) -> float:
        """Draw chips two to a row where they fit; give how high they stand."""
        y = top
        for row in self._rows(chips, widest):
            x = middle - self._row(row) / 2
            for chip in row:
                self.chip(chip, x, y)
                x += self.chip_width(chip) + self.gap
            y += self.height + self.gap
        return y - top

    def _row(self, row: Sequence[Chip]) -> float:
        return sum(self.chip_width(chip) for chip in row) + self.gap * (len(row) - 1)


def free_place(wanted: QRectF, taken: Sequence[QRectF], step: float) -> QRectF | None:
    """Give the place nearest to the wanted one that meets nothing taken; None when all do.

    Args:
        wanted: where it would stand best.
        taken: where others stand.
        step: how far one try lies from the next.
    """
    tries = [
        wanted.translated(x * step, y * step)
        for x in range(-_TRIES, _TRIES + 1)
        for y in range(-_TRIES, _TRIES + 1)
    ]
    free = [one for one in tries if not any(one.intersects(other) for other in taken)]
    middle = wanted.center()
    return min(free, key=lambda one: (one.center() - middle).manhattanLength(), default=None)


def summed(groups: Sequence[Mapping[str, tuple[int, int, int]]], code: str) -> tuple[int, int, int]:
    """Put the counts of one county from several channels together."""
    found = [group[code] for group in groups if code in group]
    worst = [level for _, _, level in found if level]
    return sum(n for n, _, _ in found), sum(bad for _, bad, _ in found), min(worst, default=0)
