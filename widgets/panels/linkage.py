"""一屏联动: every unit in its own place with its feeds; the page, its list, and the wall's tile."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import QPointF, QRectF

from app.cockpit import unit_name
from app.cockpit_layout import grid_columns
from app.linkage import UnitFeeds, totals, units_of
from app.wall import MARGIN, MODULE
from backend_client.contract.base import Text
from backend_client.contract.feeds import Feed, FeedState
from widgets.paint import Board, Ink
from widgets.panel import Age, Face, Panel, age_words
from widgets.panels.feeds import FEED_STATES, LEVELS, Feeds
from widgets.panels.tiles import CockpitPanel

CELLS: Final = ((372.0, 116.0), (330.0, 80.0), (300.0, 44.0))
"""The least width and height of a cell of three lines, of two, of one."""
OWN_LINES, MOST_FEEDS = 3, 4  # a unit's own lines; feeds named under them where a wall is high
_LINE: Final = 34
_NONE: Final = Text("未接入", "not connected")
TITLE: Final = Text("一屏联动", "Units and feeds")


class Linkage(CockpitPanel):
    """All units as cells; position is memory, a dead feed moves nobody."""

    title = TITLE

    def units(self) -> tuple[UnitFeeds, ...]:
        """Give every unit in its place."""
        return units_of(self.room.stores.feeds.all(), self.room.names)

    def ask(self) -> None:
        """Ask for nothing: feeds come down the stream."""

    def age(self) -> Age | None:
        """Give how long ago the stream was heard."""
        return Age(self.room.stores.silent_s(), 30.0)

    def face(self) -> Face:
        """Show the units also while none has a feed."""
        return Panel.face(self)

    def note(self) -> str:
        """Count the units and feeds."""
        words, units = self.room.words, self.units()
        counts = totals(units)
        states = [
            f"{words.say(FEED_STATES[state])} {count}" for state, count in counts.items() if count
        ]
        bring = sum(bool(unit.feeds) for unit in units)
        told = words.pick(
            f"{bring} / {len(units)} 单位已接入", f"{bring} of {len(units)} units bring data"
        )
        return words.join(told, *states)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint a cell per unit, column by column as they are numbered by row."""
        units = self.units()
        for unit, box in zip(units, self._cells(board, area, len(units)), strict=True):
            if box.bottom() <= area.bottom() + 1:
                self._draw_cell(board, box, unit)

    def _cells(self, board: Board, area: QRectF, count: int) -> list[QRectF]:
        """Give every cell's place; on a wall the columns stay inside their modules."""
        gap, pad = board.u(14), area.x()
        modules = 1
        if self.room.seat == "wall":
            modules = max(1, round((self.width() + board.u(2 * MARGIN)) / board.u(MODULE)))
        inner = area.width()
        if modules > 1:
            inner = board.u(MODULE - 2 * MARGIN) - 2 * pad
        per = 1
        for least in CELLS:
            share = -(-count // modules)
            size = board.u(least[0]), board.u(least[1])
            per = grid_columns(inner, area.height(), share, size)
            if -(-share // per) * size[1] <= area.height():
                break
        rows = -(-count // (per * modules))
        wide = (inner - gap * (per - 1)) / per
        high = min(area.height() / rows, board.u(_LINE) * (OWN_LINES + MOST_FEEDS) + gap)
        found = []
        for at in range(count):
            column, row = divmod(at, rows)
            module, within = divmod(column, per)
            x = area.x() + module * board.u(MODULE) + within * (wide + gap)
            found.append(QRectF(x, area.y() + row * high, wide, high))
        return found

    def _draw_cell(self, board: Board, box: QRectF, unit: UnitFeeds) -> None:
        words = self.room.words
        inner = box.adjusted(board.u(6), board.u(3), -board.u(6), -board.u(3))
        self.mark(board, box.adjusted(board.u(8), 0, -board.u(8), 0), f"feeds:{unit.unit}")
        board.rule(box.x(), box.bottom() - 1, box.width())
        line = board.u(_LINE)
        lines = max(1, int((inner.height() + board.u(4)) // line))
        name = words.say(unit_name(unit.unit, self.room.names))
        told = self._counts(unit)
        if lines == 1:
            taken = board.width(told) + board.u(12)
            self._draw_name(board, inner.adjusted(0, 0, -taken, 0), name, unit)
            board.text(inner, told, Ink(tone="t2" if unit.feeds else "t3", align="right"))
            return
        top = QRectF(inner.x(), inner.y(), inner.width(), line)
        age = self._age(unit.heard_at)
        taken = board.width(age) + board.u(12)
        self._draw_name(board, top.adjusted(0, 0, -taken, 0), name, unit)
        board.text(top, age, Ink(tone="t3", align="right"))
        second = top.translated(0, line)
        refused = self._refused(unit)
        wide = board.width(refused) + board.u(12)
        board.text(
            second.adjusted(0, 0, -wide, 0),
            told,
            Ink(tone="t2" if unit.feeds else "t3", elide=True),
        )
        board.text(second, refused, Ink(tone="t3", align="right"))
        if lines >= OWN_LINES and unit.contact:
            board.text(
                second.translated(0, line), unit.contact, Ink(tone="t1" if unit.level else "t3")
            )
        self._draw_feeds(board, second.translated(0, 2 * line), unit, lines - OWN_LINES)

    def _draw_feeds(self, board: Board, box: QRectF, unit: UnitFeeds, room: int) -> None:
        """Name the unit's feeds, the worst first; the last line counts what is left."""
        feeds, words = unit.ranked, self.room.words
        named = feeds if len(feeds) <= room else feeds[: max(room - 1, 0)]
        for feed in named:
            age = self._age(feed.heard_at)
            taken = board.width(age) + board.u(12)
            tone = "t1" if feed.state in LEVELS else "t3"
            spec = self.room.pulse.specs.get(feed.layer)  # the unit's name stands above already
            name = self.say(spec.title if spec else feed.title)
            board.text(box.adjusted(0, 0, -taken, 0), name, Ink(tone=tone, elide=True))
            board.text(box, age, Ink(tone=tone, align="right"))
            box = box.translated(0, box.height())
        left = len(feeds) - len(named)
        if left and room > 0:
            told = words.pick(f"另有 {left} 项", f"{left} more")
            board.text(box, told, Ink(tone="t3"))

    def _draw_name(self, board: Board, box: QRectF, name: str, unit: UnitFeeds) -> None:
        x = box.x()
        if unit.level:
            size = board.u(26)
            board.state(QPointF(x, box.center().y() - size / 2), unit.level, size)
            x += size + board.u(8)
        ink = Ink(tone="t1" if unit.feeds else "t3", bold=bool(unit.level), elide=True)
        board.text(QRectF(x, box.y(), box.right() - x, box.height()), name, ink)

    def _counts(self, unit: UnitFeeds) -> str:
        words = self.room.words
        if not unit.feeds:
            return words.say(_NONE)
        states = (FeedState.LIVE, FeedState.LATE, FeedState.DEAD, FeedState.WAITING)
        return " ".join(
            f"{words.say(FEED_STATES[state])} {unit.count(state)}"
            for state in states
            if unit.count(state)
        )

    def _age(self, heard_at: datetime | None) -> str:
        if heard_at is None:
            return ""
        seconds = self.room.stores.age_of_s(heard_at)
        return age_words(Age(seconds, float("inf")), self.room)[0]

    def _refused(self, unit: UnitFeeds) -> str:
        share = unit.rejected_pct
        if share is None:
            return ""
        told = self.room.words.measured(share, Text("%", "%"), 2)
        return self.room.words.pick(f"拒 {told}", f"refused {told}")


class UnitFeedList(Feeds):
    """The feeds of one unit, worst first, with whom to call."""

    unit = ""
    empty_words = _NONE
    empty_reason = Text("该单位尚未登记数据来源", "this unit has registered no feed")

    def feeds(self) -> list[Feed]:
        """Give its feeds."""
        chosen = units_of(self.room.stores.feeds.all(), self.room.names)
        mine = next((one.feeds for one in chosen if one.unit == self.unit), ())
        return [one for one in super().feeds() if one in mine]

    def heading(self) -> str:
        """Name the unit."""
        return self.say(unit_name(self.unit, self.room.names))


class LinkageTile(Panel):
    """The page as one tile of a wall: 74 small squares, each always in its own place."""

    title = Text("一屏联动", "Unit feeds")  # one module wide

    def age(self) -> Age | None:
        """Give how long ago the stream was heard."""
        return Age(self.room.stores.silent_s(), 30.0)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the squares above the counts."""
        units = units_of(self.room.stores.feeds.all(), self.room.names)
        foot = board.u(36)
        place = area.adjusted(0, 0, 0, -foot)
        columns = max(1, _columns(place.width(), place.height(), len(units)))
        side = min(place.width() / columns, place.height() / -(-len(units) // columns))
        for at, unit in enumerate(units):
            row, column = divmod(at, columns)
            box = QRectF(place.x() + column * side, place.y() + row * side, side, side)
            _draw_square(board, box.adjusted(1.5, 1.5, -1.5, -1.5), unit)
        words, counts = self.room.words, totals(units)
        told = words.join(
            *(
                f"{words.say(FEED_STATES[state])} {counts[state]}"
                for state in counts
                if counts[state]
            )
        )
        line = QRectF(area.x(), area.bottom() - foot, area.width(), foot)
        board.text(line, told or words.say(_NONE), Ink(tone="t2", elide=True))


def _columns(width: float, height: float, count: int) -> int:
    """Give the columns with which squares are largest."""
    return max(
        range(1, count + 1),
        key=lambda columns: min(width / columns, height / -(-count // columns)),
    )


def _draw_square(board: Board, box: QRectF, unit: UnitFeeds) -> None:
    if unit.level:
        size = min(box.width(), box.height())
        board.state(box.topLeft(), unit.level, size)
    elif unit.feeds:
        board.fill(box, "fill")
    else:
        board.outline(box.adjusted(0.5, 0.5, -0.5, -0.5), "line2")


def feeds_key(key: str) -> str:
    """Give the unit of a cell's key, empty for another key."""
    return key.removeprefix("feeds:") if key.startswith("feeds:") else ""
