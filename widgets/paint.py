"""One painter for every panel: text that is measured, glyphs, state shapes, rules, hatches."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
    QTextOption,
)
from PySide6.QtSvg import QSvgRenderer

from app.theme import FAMILY, RESOURCES, Seat, SizeRole, Theme

GLYPHS = RESOURCES / "icons" / "glyphs"
SHAPES: dict[int, str] = {1: "I-octagon", 2: "II-triangle", 3: "III-diamond", 4: "IV-circle"}
Align = Literal["left", "right", "center"]
_JOINTS = frozenset({"&", "and", "of", "for", "·"})
_HALF_SIDE = 0.28  # of an octagon in the unit square
_CORNERS: dict[int, tuple[tuple[float, float], ...]] = {
    1: (
        (_HALF_SIDE, 0),
        (1 - _HALF_SIDE, 0),
        (1, _HALF_SIDE),
        (1, 1 - _HALF_SIDE),
        (1 - _HALF_SIDE, 1),
        (_HALF_SIDE, 1),
        (0, 1 - _HALF_SIDE),
        (0, _HALF_SIDE),
    ),
    2: ((0.5, 0), (1, 1), (0, 1)),
    3: ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)),
}
_ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "right": Qt.AlignmentFlag.AlignRight,
    "center": Qt.AlignmentFlag.AlignHCenter,
}
_LINE = {
    align: int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip)
    for align, side in _ALIGN.items()
}


@lru_cache(maxsize=128)
def _font(px: int, *, bold: bool) -> QFont:
    made = QFont(FAMILY)
    made.setPixelSize(px)
    made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def font(px: float, *, bold: bool = False) -> QFont:
    """Give the program's font with figures of one width."""
    return _font(max(1, round(px)), bold=bold)


@lru_cache(maxsize=128)
def _metrics(px: int, *, bold: bool) -> QFontMetricsF:
    return QFontMetricsF(_font(px, bold=bold))


@lru_cache(maxsize=4096)
def text_width(text: str, px: int, *, bold: bool = False) -> float:
    """Measure how wide a text is in a size."""
    return _metrics(px, bold=bold).horizontalAdvance(text)


@lru_cache(maxsize=512)
def glyph_pixmap(name: str, color: str, px: int) -> QPixmap:
    """Draw a layer glyph in one colour."""
    source = (GLYPHS / f"{name}.svg").read_text("utf-8").replace("currentColor", color)
    return _draw_svg(source.encode("utf-8"), px)


@lru_cache(maxsize=128)
def state_pixmap(level: int, px: int, *, outlined: bool) -> QPixmap:
    """Draw the shape of state I to IV."""
    name = f"state-{SHAPES[level]}{'-day' if outlined else ''}.svg"
    return _draw_svg((GLYPHS / name).read_bytes(), px)


def _draw_svg(source: bytes, px: int) -> QPixmap:
    image = QImage(px, px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(source).render(painter)
    painter.end()
    return QPixmap.fromImage(image)


def whole_words(text: str, most: float, px: int, *, bold: bool = False) -> str:
    """Give as many whole words of a name as have room; the name itself when not even one has.

    A name cut inside a word reads as a fault; its first words are a name people use.
    """
    words = text.split()
    for count in range(len(words), 0, -1):
        kept = words[:count]
        if count < len(words):
            while kept and kept[-1] in _JOINTS:
                kept = kept[:-1]
        said = " ".join(kept)
        if said and text_width(said, px, bold=bold) <= most:
            return said
    return text


@dataclass(frozen=True, slots=True)
class Ink:
    """How a piece of text is set."""

    role: SizeRole = "s"
    tone: str = "t1"
    bold: bool = False
    align: Align = "left"
    elide: bool = False


LABEL = Ink(tone="t2")
FAINT = Ink(tone="t3")
VALUE = Ink()
STRONG = Ink(bold=True)


@dataclass
class Board:
    """Paint inside one widget and remember which text did not fit its place.

    Units: lengths given in `u` are pixels of the wall the design was drawn for.
    """

    painter: QPainter
    theme: Theme
    seat: Seat
    cut: list[str] = field(default_factory=list)
    dim: bool = False

    def u(self, length: float) -> float:
        """Turn a drawn length into pixels of this seat."""
        return length * self.theme.size("s", self.seat) / 24

    def font(self, ink: Ink) -> QFont:
        """Give the font of an ink."""
        return font(self.theme.size(ink.role, self.seat), bold=ink.bold)

    def tone(self, ink: Ink) -> QColor:
        """Give the colour of an ink; what is too old to act on is grey."""
        return QColor(self.theme.color("t3" if self.dim else ink.tone))

    def width(self, text: str, ink: Ink = VALUE) -> float:
        """Measure how wide a text will be."""
        return text_width(text, self.theme.size(ink.role, self.seat), bold=ink.bold)

    def whole_words(self, text: str, most: float, ink: Ink = VALUE) -> str:
        """Give as many whole words of a name as a width has room for."""
        return whole_words(text, most, self.theme.size(ink.role, self.seat), bold=ink.bold)

    def line_height(self, ink: Ink = VALUE) -> float:
        """Give the height a line of text needs."""
        return self.theme.size(ink.role, self.seat) * 1.36

    def text(self, box: QRectF, text: str, ink: Ink = VALUE) -> float:
        """Write one line, centred in the box's height; give the width it took.

        A text wider than its box ends in an ellipsis; unless `elide` allows that, it is
        remembered in `cut`.
        """
        px = self.theme.size(ink.role, self.seat)
        shown, wide = text, text_width(text, px, bold=ink.bold)
        if wide > box.width() + 0.5:
            if not ink.elide:
                self.cut.append(text)
            metrics = _metrics(px, bold=ink.bold)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            wide = metrics.horizontalAdvance(shown)
        self.painter.setFont(font(px, bold=ink.bold))
        self.painter.setPen(self.tone(ink))
        self.painter.drawText(box, _LINE[ink.align], shown)
        return wide

    def paragraph(self, box: QRectF, text: str, ink: Ink = VALUE) -> float:
        """Write wrapped text, between words where it can be; give the height it took."""
        option = QTextOption(_ALIGN[ink.align] | Qt.AlignmentFlag.AlignTop)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.painter.save()
        self.painter.setFont(self.font(ink))
        needed = self.painter.boundingRect(box, text, option)
        if needed.height() > box.height() + 1 and not ink.elide:
            self.cut.append(text)
        self.painter.setClipRect(box)
        self.painter.setPen(self.tone(ink))
        self.painter.drawText(box, text, option)
        self.painter.restore()
        return min(needed.height(), box.height())

    def fill(self, box: QRectF, token: str) -> None:
        """Fill a box with a token's colour."""
        self.painter.fillRect(box, QColor(self.theme.color(token)))

    def outline(self, box: QRectF, token: str, width: float = 1.0) -> None:
        """Draw a box's edge."""
        self.painter.setPen(QPen(QColor(self.theme.color(token)), width))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawRoundedRect(box, 2, 2)

    def rule(self, x: float, y: float, width: float, tone: str = "line") -> None:
        """Draw a horizontal rule."""
        thick = 2 if self.seat == "wall" and self.u(1) > 0.9 else 1
        self.painter.fillRect(QRectF(x, round(y), width, thick), QColor(self.theme.color(tone)))

    def glyph(self, at: QPointF, name: str, token: str, size: float) -> None:
        """Draw a layer glyph with its upper left corner at a point."""
        self.painter.drawPixmap(at, glyph_pixmap(name, self.theme.color(token), round(size)))

    def state(
        self, at: QPointF, level: int, size: float, *, hollow: bool = False, dark: bool = False
    ) -> None:
        """Draw a state shape; a hollow one says there is none, a dark one is flashing."""
        if not hollow:
            outlined = bool(self.theme.state_outline)
            self.painter.setOpacity(0.35 if dark else 1.0)
            self.painter.drawPixmap(at, state_pixmap(level, round(size), outlined=outlined))
            self.painter.setOpacity(1.0)
            return
        self.painter.save()
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.setPen(QPen(QColor(self.theme.color("t3")), max(1.2, size / 18)))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self._shape(QRectF(at.x(), at.y(), size, size).adjusted(2, 2, -2, -2), level)
        self.painter.restore()
        self._numeral(QRectF(at.x(), at.y(), size, size), level)

    def _shape(self, box: QRectF, level: int) -> None:
        if level == 4:
            self.painter.drawEllipse(box)
            return
        corners = [
            QPointF(box.x() + x * box.width(), box.y() + y * box.height())
            for x, y in _CORNERS[level]
        ]
        self.painter.drawPolygon(QPolygonF(corners))

    def _numeral(self, box: QRectF, level: int) -> None:
        words = {1: "I", 2: "II", 3: "III", 4: "IV"}
        low = box.adjusted(0, box.height() * (0.22 if level == 2 else 0), 0, 0)
        self.painter.setFont(font(box.height() * 0.42, bold=True))
        self.painter.setPen(QColor(self.theme.color("t3")))
        self.painter.drawText(low, int(Qt.AlignmentFlag.AlignCenter), words[level])

    def hatch(self, box: QRectF) -> None:
        """Lay the pattern of a value that is too old over a box."""
        self.painter.save()
        self.painter.setClipRect(box)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.setPen(QPen(QColor(self.theme.color("line")), self.u(3)))
        step, height = self.u(16), box.height()
        x = box.left() - height
        while x < box.right():
            self.painter.drawLine(QPointF(x, box.bottom()), QPointF(x + height, box.top()))
            x += step
        self.painter.restore()

    def bar(self, box: QRectF, share: float, tone: str = "fill") -> None:
        """Draw a straight bar filling a share of its box."""
        wide = max(0.0, min(1.0, share)) * box.width()
        self.fill(QRectF(box.x(), box.y(), wide, box.height()), tone)

    def dot(self, centre: QPointF, size: float, *, hollow: bool, tone: str = "t3") -> None:
        """Draw a filled or hollow dot."""
        self.painter.save()
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(self.theme.color(tone))
        self.painter.setPen(QPen(color, max(1.5, size / 5)))
        self.painter.setBrush(Qt.BrushStyle.NoBrush if hollow else QBrush(color))
        half = size / 2 - (1 if hollow else 0)
        self.painter.drawEllipse(centre, half, half)
        self.painter.restore()

    def cap(self, box: QRectF, text: str) -> None:
        """Draw a key cap."""
        self.outline(box.adjusted(0.5, 0.5, -0.5, -0.5), "ctl")
        self.text(box, text, Ink(align="center"))
