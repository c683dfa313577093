"""Groups of indicators as tiles: name, number, unit, what it stands against, and its trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from app.answers import NowOf, PastOf
from app.cockpit import GROUPS, Cockpit, Tile, cockpit_of
from backend_client.contract.base import Text
from backend_client.contract.indicators import Board as IndicatorBoard
from backend_client.contract.indicators import Definition, Group, Past
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Age, Face, Panel, Room, unanswered
from widgets.spark import Sparks

EVERY_S: Final = 15.0
PAST_EVERY_S: Final = 300.0
TILE_HIGH: Final = 120
TILE_LEAST: Final = 196
HERO_HIGH: Final = 150
BIG_LEAST, BIG_HIGH, BIG_MOST = 270, 160, 260
"""A tile with a large number: least width, height without its course, height with it."""
TALL: Final = 640
SPARK_HIGH: Final = 56


@dataclass
class Focus:
    """Which tile the keys are on, shared by the panels of one page."""

    key: str = ""
    spots: dict[str, tuple[QWidget, QRectF]] = field(default_factory=dict)

    def leave_out(self, owner: QWidget) -> None:
        """Forget the tiles of a panel; it is about to say them anew."""
        self.spots = {key: spot for key, spot in self.spots.items() if spot[0] is not owner}


@dataclass(frozen=True, slots=True)
class Shared:
    """What the panels of a cockpit share: the keys' place and the charts."""

    focus: Focus
    sparks: Sparks


class CockpitPanel(Panel):
    """A panel that shows the board of one's own region."""

    empty_words = Text("无指标", "No indicators")
    empty_reason = Text("不在权限内", "none in your scope")

    def __init__(self, room: Room, shared: Shared, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self.shared = shared
        room.stores.answers.changed.connect(self._on_answer)

    def freshen(self) -> None:
        """Ask now and then while somebody looks, and show the new second."""
        if self.isVisible():
            self.ask()
        super().freshen()

    def ask(self) -> None:
        """Ask for what is shown here."""
        self.room.stores.answers.ask(NowOf(), EVERY_S)

    def catch_up(self) -> None:
        """Ask before the panel is shown."""
        self.ask()

    def _on_answer(self, _question: object) -> None:
        self.redraw()

    def board(self) -> IndicatorBoard | None:
        """Give the board there is."""
        return self.room.stores.answers.get(NowOf())

    def cockpit(self) -> Cockpit | None:
        """Give what it says, in the language in force."""
        board = self.board()
        return cockpit_of(board, self.room.words) if board else None

    def definition(self, indicator: str) -> Definition | None:
        """Give an indicator's definition."""
        board = self.board()
        known = board.definitions if board else ()
        return next((one for one in known if one.indicator == indicator), None)

    def past(self, indicator: str) -> Past | None:
        """Give what an indicator was; asked for now and then."""
        answers, question = self.room.stores.answers, PastOf(indicator)
        return answers.ask(question, PAST_EVERY_S) if self.isVisible() else answers.get(question)

    def owners(self, group: Group) -> str:
        """Say as of when a group's numbers are, and which unit answers for most of them."""
        board, words = self.board(), self.room.words
        mine = [one.owner for one in board.definitions if one.group is group] if board else []
        if board is None or not mine:
            return ""
        most = max(dict.fromkeys(mine), key=mine.count)
        return words.join(words.as_of(board.at), words.say(self.room.names.department(most)))

    def age(self) -> Age | None:
        """Give how old the board is."""
        seconds = self.room.stores.answers.age_s(NowOf())
        return Age(seconds, EVERY_S * 2) if self.board() is not None else None

    def face(self) -> Face:
        """Wait for the first board; a refused one says so."""
        known = super().face()
        if known is not Face.READY or self.board() is not None:
            return known
        return unanswered(self.room, NowOf())

    def mark(self, board: Board, box: QRectF, key: str) -> None:
        """Note where a tile is, and show it when the keys are on it."""
        self.shared.focus.spots[key] = (self, box)
        if key == self.shared.focus.key:
            pad = board.u(10)
            around = box.adjusted(-pad, 0, pad, 0)
            board.fill(around, "raise")
            board.fill(QRectF(around.x(), around.y(), max(4, board.u(5)), around.height()), "t1")

    def draw_face(self, board: Board, area: QRectF) -> None:
        """Say anew which tiles there are."""
        self.shared.focus.leave_out(self)
        super().draw_face(board, area)

    def draw_tile(self, board: Board, box: QRectF, tile: Tile, *, big: bool = False) -> None:
        """Paint one tile: name, number with unit, note."""
        self.mark(board, box, tile.indicator)
        line = board.u(34)
        name = QRectF(box.x(), box.y(), box.width(), line)
        board.text(name, tile.name, Ink(tone="t2", elide=True))
        high = board.line_height(Ink(role="l" if big else "m"))
        value = QRectF(box.x(), name.bottom(), box.width(), high)
        if tile.value:
            self._draw_value(board, value, tile, big=big)
        note = QRectF(box.x(), value.bottom(), box.width(), line)
        if not tile.value:
            board.text(value, tile.note, Ink(tone="t3", elide=True))
        elif tile.note and note.bottom() <= box.bottom() + 1:
            ink = Ink(tone="t1" if tile.misses else "t3", bold=tile.misses, elide=True)
            fits = board.width(tile.note, ink) <= note.width() or not tile.short
            board.text(note, tile.note if fits else tile.short, ink)

    def _draw_value(self, board: Board, box: QRectF, tile: Tile, *, big: bool) -> None:
        x = box.x()
        if tile.level:
            size = board.u(30)
            board.state(QPointF(x, box.center().y() - size / 2), tile.level, size)
            x += size + board.u(8)
        ink = Ink(role="l" if big else "m", bold=True)
        taken = board.text(QRectF(x, box.y(), box.right() - x, box.height()), tile.value, ink)
        x += taken + board.u(8)
        room = QRectF(x, box.y() + board.u(4), box.right() - x, box.height() - board.u(4))
        if tile.unit and board.width(tile.unit) <= room.width():
            board.text(room, tile.unit, FAINT)

    def draw_grid(
        self, board: Board, area: QRectF, tiles: Sequence[Tile], *, columns: int = 0
    ) -> float:
        """Paint tiles in columns as far as there is room; give where they end.

        Where all of them fit large, they are: a tall wall is read from far.
        """
        gap = board.u(18)
        few = max(1, int((area.width() + gap) // (board.u(BIG_LEAST) + gap)))
        pitch = min(area.height() / max(-(-len(tiles) // few), 1), board.u(BIG_MOST))
        big = not columns and pitch >= board.u(BIG_HIGH + 6)
        count = few if big else columns or self._columns(board, area.width())
        wide = (area.width() - gap * (count - 1)) / count
        high, step = board.u(TILE_HIGH), board.u(TILE_HIGH + 6)
        if big:
            high, step = pitch - board.u(6), pitch
        y = area.y()
        for at, tile in enumerate(tiles):
            row, column = divmod(at, count)
            y = area.y() + row * step
            if y + high > area.bottom() + board.u(6):
                return y
            box = QRectF(area.x() + column * (wide + gap), y, wide, high)
            self.draw_tile(board, box, tile, big=big)
            if big and tile.value:
                course = box.adjusted(0, board.u(BIG_HIGH), 0, -board.u(20))
                self.draw_spark(board, course, tile.indicator)
        return y + high

    @staticmethod
    def _columns(board: Board, width: float) -> int:
        gap = board.u(18)
        return max(1, int((width + gap) // (board.u(TILE_LEAST) + gap)))

    def draw_spark(self, board: Board, box: QRectF, indicator: str) -> bool:
        """Paint an indicator's course; give whether there is one yet."""
        past, definition = self.past(indicator), self.definition(indicator)
        if past is None or definition is None or box.height() < board.u(30):
            return False
        picture = self.shared.sparks.picture(self, past, definition.target, box)
        if picture is not None:
            board.painter.drawPixmap(box.topLeft(), picture)
        return picture is not None


class GroupPanel(CockpitPanel):
    """One group's tiles side by side."""

    group = Group.SAFETY

    def heading(self) -> str:
        """Name the group."""
        return self.say(GROUPS[self.group])

    def note(self) -> str:
        """Say as of when and whose."""
        return self.owners(self.group)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the tiles."""
        shown = self.cockpit()
        if shown is not None:
            self.draw_grid(board, area, shown.of(self.group))


class Safety(GroupPanel):
    """Alarms, hazmat, fires, incidents, teams."""


class Water(GroupPanel):
    """Stations over limits, sluices, the next window."""

    group = Group.WATER


class City(GroupPanel):
    """Traffic, air, water quality, supply."""

    group = Group.CITY


class DataHealthTiles(GroupPanel):
    """Feeds by state and refused rows."""

    group = Group.DATA


class Today(CockpitPanel):
    """The one number, what is due, and where the new events come from."""

    def heading(self) -> str:
        """Name the group."""
        return self.say(GROUPS[Group.TODAY])

    def note(self) -> str:
        """Say as of when and whose."""
        return self.owners(Group.TODAY)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the number large, the others beside, the channels as bars below."""
        shown = self.cockpit()
        if shown is None:
            return
        first, *others = shown.of(Group.TODAY)
        bars = self._bars(shown)
        if area.width() > board.u(760) and area.height() < board.u(TALL):
            self._draw_wide(board, area, (first, others, bars))
            return
        hero = QRectF(area.x(), area.y(), area.width(), board.u(HERO_HIGH))
        self._draw_hero(board, hero, first)
        below = area.adjusted(0, hero.height() + board.u(4), 0, 0)
        two_rows, columns = 2 * board.u(TILE_HIGH + 6), 3 if area.width() >= board.u(470) else 2
        if area.height() >= board.u(TALL):
            two_rows, columns = below.height() - board.u(34 * (len(bars) + 1) + 6), 0
        grid = QRectF(below.x(), below.y(), below.width(), min(two_rows, below.height()))
        end = self.draw_grid(board, grid, others, columns=columns)
        rest = QRectF(area.x(), end + board.u(6), area.width(), area.bottom() - end - board.u(6))
        self._draw_bars(board, rest, bars if rest.height() >= board.u(34 * 4) else [])

    def _draw_wide(
        self, board: Board, area: QRectF, what: tuple[Tile, Sequence[Tile], Sequence[Tile]]
    ) -> None:
        """Paint the number with its course, the others and the channels side by side."""
        first, others, bars = what
        gap = board.u(30)
        wide = (area.width() - 2 * gap) / 10
        left = QRectF(area.x(), area.y(), wide * 2.8, area.height())
        self.draw_tile(
            board, QRectF(left.x(), left.y(), left.width(), board.u(160)), first, big=True
        )
        spark = left.adjusted(0, board.u(176), 0, -board.u(20))
        self.draw_spark(board, spark, first.indicator)
        middle = QRectF(left.right() + gap, area.y(), wide * 4.0, area.height())
        self.draw_grid(board, middle, others, columns=2)
        right = QRectF(middle.right() + gap, area.y(), wide * 3.2, area.height())
        self._draw_bars(board, right, bars)

    def _draw_hero(self, board: Board, box: QRectF, tile: Tile) -> None:
        wide = box.width() * 0.58 if box.width() > board.u(420) else box.width()
        self.draw_tile(board, QRectF(box.x(), box.y(), wide, box.height()), tile, big=True)
        spark = QRectF(box.x() + wide, box.y() + board.u(30), box.width() - wide, board.u(90))
        self.draw_spark(board, spark, tile.indicator)

    @staticmethod
    def _bars(shown: Cockpit) -> list[Tile]:
        known = [tile for tile in shown.of(Group.CHANNELS) if tile.amount is not None]
        return sorted(known, key=lambda tile: -(tile.amount or 0.0))

    def _draw_bars(self, board: Board, area: QRectF, tiles: Sequence[Tile]) -> None:
        if not tiles:
            return
        high = board.u(34)
        head = QRectF(area.x(), area.y(), area.width(), high)
        board.text(head, self.say(GROUPS[Group.CHANNELS]), LABEL)
        most = max((tile.amount or 0.0 for tile in tiles), default=0.0) or 1.0
        label = max(board.width(tile.name) for tile in tiles) + board.u(16)
        number = max(board.width(tile.value) for tile in tiles) + board.u(16)
        y = head.bottom()
        for tile in tiles:
            if y + high > area.bottom() + board.u(2):
                return
            box = QRectF(area.x(), y, area.width(), high)
            self.mark(board, box, tile.indicator)
            board.text(QRectF(box.x(), y, label, high), tile.name, LABEL)
            room = QRectF(
                box.x() + label, y + high * 0.28, box.width() - label - number, high * 0.44
            )
            board.bar(room, (tile.amount or 0.0) / most)
            board.text(box, tile.value, Ink(align="right"))
            y += high


class Economy(CockpitPanel):
    """Economy and service as a table: number, target, change, course."""

    def heading(self) -> str:
        """Name the group."""
        return self.say(GROUPS[Group.ECONOMY])

    def note(self) -> str:
        """Say as of when and whose."""
        return self.owners(Group.ECONOMY)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint a row per indicator; the course goes first when it is narrow."""
        shown = self.cockpit()
        if shown is None:
            return
        high, y = board.u(38), area.y()
        rows = shown.of(Group.ECONOMY)
        bare = (board.width(tile.note) + board.u(8) for tile in rows if not tile.value)
        value = max(board.u(130), *bare, 0.0)  # a number and why there is none end alike
        spark = board.u(120) if area.width() > board.u(620) else 0.0
        note = area.width() * 0.3 if area.width() > board.u(480) else 0.0
        for tile in rows:
            if y + high > area.bottom() + board.u(2):
                return
            box = QRectF(area.x(), y, area.width(), high)
            self.mark(board, box, tile.indicator)
            name = QRectF(box.x(), y, box.width() - value - note - spark - board.u(16), high)
            board.text(name, tile.name, Ink(tone="t2", elide=True))
            number = QRectF(name.right() + board.u(8), y, value, high)
            told = f"{tile.value} {tile.unit}".strip() if tile.value else ""
            board.text(number, told, Ink(bold=True, align="right", elide=True))
            words = QRectF(number.right() + board.u(12), y, note - board.u(12), high)
            if not tile.value:
                board.text(number, tile.note, Ink(tone="t3", align="right"))
            elif note:
                ink = Ink(tone="t1" if tile.misses else "t3", bold=tile.misses, elide=True)
                fits = board.width(tile.note, ink) <= words.width() or not tile.short
                board.text(words, tile.note if fits else tile.short, ink)
            if spark:
                place = QRectF(
                    area.right() - spark + board.u(8), y + 2, spark - board.u(8), high - 4
                )
                self.draw_spark(board, place, tile.indicator)
            board.rule(area.x(), y + high - 1, area.width())
            y += high


GROUP_PANELS: Mapping[str, type[CockpitPanel]] = {
    "today": Today,
    "safety": Safety,
    "water": Water,
    "city": City,
    "data": DataHealthTiles,
    "economy": Economy,
}
