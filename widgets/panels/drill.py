"""One indicator opened: city, counties, townships, rows; its course, its definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from app.answers import NowOf, PartsOf, PastOf, RowsOf, UnitRowsOf, UnitsOf
from app.cockpit import tile_of, unit_cells, unit_heads, unit_name, value_words
from backend_client.contract.base import CITY, Text
from backend_client.contract.indicators import Definition, Entries, Entry, Form, Part, Parts, Which
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Face, Room, unanswered
from widgets.panels.tiles import EVERY_S, PAST_EVERY_S, CockpitPanel, Shared

_ROW: Final = 40
_COUNTY: Final = 6
_WHICH: tuple[Which, ...] = (
    *("due", "overdue", "signed", "sent", "returned", "extended"),
    *("first_time", "redone", "satisfied"),
)
_ACROSS: Final = 6
"""Rank and what decides it; what stands behind it comes in a line of its own."""
_WHICH_WORDS: dict[str, Text] = {
    "due": Text("到期或已反馈", "due or reported"),
    "overdue": Text("逾期", "overdue"),
    "signed": Text("签收", "signing"),
    "sent": Text("派出", "sent"),
    "returned": Text("退单", "sent back"),
    "extended": Text("延期", "given more time"),
    "first_time": Text("一次办结", "closed first time"),
    "redone": Text("重办", "redone"),
    "satisfied": Text("回访满意", "content when called"),
}
_COUNTS: frozenset[Which] = frozenset({"overdue", "sent"})
"""What lists rows that are all of a sort; in the others each row is one or is not."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where one is: an indicator or a unit, a region of it, and whether its rows are shown."""

    indicator: str = ""
    region: str = ""
    is_rows: bool = False
    unit: str = ""
    which: Which = "due"


class Drill(CockpitPanel):
    """Show one step; keys move in its list, open the next step or go back."""

    empty_words = Text("无明细", "No rows")
    empty_reason = Text("此处没有可列的对象", "nothing is behind this number here")

    def __init__(self, room: Room, shared: Shared, parent: QWidget | None = None) -> None:
        super().__init__(room, shared, parent)
        self.steps: list[Step] = []
        self.at = 0
        self.shows_definition = False
        self._first = 0
        self._page = 1

    # ---- keys ------------------------------------------------------------------------------

    @property
    def step(self) -> Step:
        """Give the step shown."""
        return self.steps[-1] if self.steps else Step()

    def begin(self, step: Step) -> None:
        """Open an indicator or a unit."""
        self.steps, self.at, self._first = [step], 0, 0
        self.shows_definition = False
        self.ask()
        self.redraw()

    def go(self, by: int) -> None:
        """Move in the list."""
        count = len(self.lines())
        self.at = max(0, min(count - 1, self.at + by)) if count else 0
        self._first = min(self._first, self.at)
        if self.at >= self._first + self._page:
            self._first = self.at - self._page + 1
        self.redraw()

    def enter(self) -> None:
        """Open the region under the keys, or its rows where it has no parts."""
        step = self.step
        if step.is_rows:
            return
        if step.unit:
            at = (_WHICH.index(step.which) + 1) % len(_WHICH)
            self.steps[-1] = Step(unit=step.unit, which=_WHICH[at])
        else:
            parts = self.parts()
            lines = parts.parts if parts else ()
            chosen = lines[self.at].region if self.at < len(lines) else step.region
            deeper = len(chosen) <= _COUNTY and chosen != step.region
            self.steps.append(Step(step.indicator, chosen, is_rows=not deeper))
        self.at = self._first = 0
        self.ask()
        self.redraw()

    def rows(self) -> None:
        """Show the rows of the region shown."""
        step = self.step
        if step.indicator and not step.is_rows:
            self.steps.append(Step(step.indicator, step.region, is_rows=True))
            self.at = self._first = 0
            self.ask()
            self.redraw()

    def back(self) -> bool:
        """Go back one step; False when there is none."""
        self.at = self._first = 0
        if len(self.steps) <= 1:
            self.steps = []
            return False
        self.steps.pop()
        self.ask()
        self.redraw()
        return True

    def define(self) -> None:
        """Show or hide the definition."""
        self.shows_definition = not self.shows_definition
        self.redraw()

    # ---- what is shown ---------------------------------------------------------------------

    def ask(self) -> None:
        """Ask for what the step shows."""
        super().ask()
        step, answers = self.step, self.room.stores.answers
        if step.unit:
            answers.ask(UnitRowsOf(step.unit, step.which), EVERY_S)
        elif step.is_rows:
            answers.ask(RowsOf(step.indicator, step.region), EVERY_S)
        elif step.indicator:
            answers.ask(PartsOf(step.indicator, step.region), EVERY_S)
        if step.indicator:
            answers.ask(PastOf(step.indicator, step.region), PAST_EVERY_S)

    def parts(self) -> Parts | None:
        """Give the regions of the step."""
        step = self.step
        return self.room.stores.answers.get(PartsOf(step.indicator, step.region))

    def entries(self) -> Entries | None:
        """Give the rows of the step."""
        step, answers = self.step, self.room.stores.answers
        if step.unit:
            return answers.get(UnitRowsOf(step.unit, step.which))
        return answers.get(RowsOf(step.indicator, step.region)) if step.is_rows else None

    def lines(self) -> Sequence[Part | Entry]:
        """Give what the keys move in."""
        if self.step.unit or self.step.is_rows:
            entries = self.entries()
            return entries.entries if entries else ()
        parts = self.parts()
        if parts is None:
            return ()
        own = (parts.own,) if parts.own.top or parts.own.bottom else ()
        return (*parts.parts, *own)

    def face(self) -> Face:
        """Wait for the answer; what has no source has no rows."""
        known = super().face()
        if known is not Face.READY:
            return known
        step, answers = self.step, self.room.stores.answers
        question = (
            UnitRowsOf(step.unit, step.which)
            if step.unit
            else RowsOf(step.indicator, step.region)
            if step.is_rows
            else PartsOf(step.indicator, step.region)
        )
        if self.shows_definition:
            return known
        if answers.get(question) is None:
            found = unanswered(self.room, question)
            return Face.EMPTY if found is Face.REFUSED else found
        return known

    def heading(self) -> str:
        """Say where one is: the indicator, and city › county › township."""
        step, names = self.step, self.room.names
        if step.unit:
            return self.room.words.join(
                self.say(unit_name(step.unit, names)), self.say(_WHICH_WORDS[step.which])
            )
        known = self.definition(step.indicator)
        title = self.say(known.name) if known else step.indicator
        region = step.region or self._home()
        way = [CITY, region[:6], region[:9]] if len(region) > len(CITY) else [region]
        codes = [code for code in dict.fromkeys(way) if code.startswith(self._home())]
        return title + "   " + " › ".join(self.say(names.region(code)) for code in codes)

    def note(self) -> str:
        """Say the keys."""
        words = self.room.words
        if self.step.unit:
            return words.pick("回车 换口径 · Esc 返回", "Enter other orders · Esc back")
        if self.step.is_rows:
            return words.pick("I 定义 · Esc 返回", "I definition · Esc back")
        return words.pick(
            "回车 下钻 · R 明细 · I 定义 · Esc 返回",
            "Enter deeper · R rows · I definition · Esc back",
        )

    def _home(self) -> str:
        board = self.room.stores.answers.get(NowOf())
        return board.region if board else CITY

    # ---- drawing ---------------------------------------------------------------------------

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the list to the left, the number, its course and definition to the right."""
        wide = area.width() > board.u(1_000) and not self.step.unit
        left = area.adjusted(0, 0, -area.width() * 0.42, 0) if wide else area
        if self.shows_definition and not wide:
            self._draw_definition(board, area)
            return
        if self.step.unit:
            left = self._draw_unit(board, left)
        self._draw_lines(board, left)
        if wide:
            right = QRectF(left.right() + board.u(32), area.y(), 0, area.height())
            right.setRight(area.right())
            self._draw_side(board, right)

    def _draw_unit(self, board: Board, area: QRectF) -> QRectF:
        """Paint the numbers behind a unit's rank and the rule; give the room below."""
        words, units = self.room.words, self.room.stores.answers.get(UnitsOf())
        score = next(
            (one for one in (units.units if units else ()) if one.unit == self.step.unit), None
        )
        if units is None or score is None:
            return area
        rank = words.number(score.rank) if score.rank is not None else words.pick("未排名", "none")
        cells = (rank, *unit_cells(score, words))
        heads = (words.pick("名次", "Rank"), *unit_heads(words))
        wide, line = area.width() / _ACROSS, board.u(34)
        high = board.line_height(Ink(role="m"))
        for place, (head, cell) in enumerate(zip(heads, cells, strict=True)):
            row, at = divmod(place, _ACROSS)
            y = area.y() + row * (line + high)
            box = QRectF(area.x() + at * wide, y, wide - board.u(10), line)
            board.text(box, head, Ink(tone="t2", elide=True))
            value = QRectF(box.x(), box.bottom(), box.width(), high)
            board.text(value, cell, Ink(role="m", bold=True, elide=True))
        told = (line + high) * -(-len(cells) // _ACROSS)
        rule = QRectF(area.x(), area.y() + told, area.width(), line * 2)
        board.paragraph(rule, words.say(units.rule), Ink(tone="t3", elide=True))
        return area.adjusted(0, told + line * 2 + board.u(8), 0, 0)

    def _draw_lines(self, board: Board, area: QRectF) -> None:
        lines, high = self.lines(), board.u(_ROW)
        foot = board.u(36)
        self._page = max(1, int((area.height() - foot) // high))
        most = max((one.top for one in lines), default=0.0) or 1.0
        y = area.y()
        for at in range(self._first, min(len(lines), self._first + self._page)):
            box = QRectF(area.x(), y, area.width(), high)
            if at == self.at:
                board.fill(box.adjusted(-board.u(10), 0, board.u(6), 0), "raise")
                board.fill(QRectF(box.x() - board.u(10), y, max(4, board.u(5)), high), "t1")
            self._draw_line(board, box, lines[at], most)
            board.rule(area.x(), y + high - 1, area.width())
            y += high
        line = QRectF(area.x(), area.bottom() - foot, area.width(), foot)
        board.text(line, self._foot(), Ink(tone="t3", elide=True))

    def _draw_line(self, board: Board, box: QRectF, one: Part | Entry, most: float) -> None:
        if isinstance(one, Part):
            self._draw_part(board, box, one, most)
            return
        words, names = self.room.words, self.room.names
        when = words.join(words.day(one.at), words.minute(one.at)) if one.at else ""
        left, gap = box.width(), board.u(16)
        time = board.width(when) + gap
        where = words.say(names.where(one.region))
        place = min(board.width(where) + gap, left * 0.34)
        value = self._entry_value(one)
        right = board.width(value, Ink(bold=True)) + gap if value else 0.0
        board.text(box, when, FAINT)
        title = QRectF(box.x() + time, box.y(), left - time - place - right, box.height())
        board.text(title, words.say(one.name), Ink(elide=True))
        spot = QRectF(title.right() + gap, box.y(), place - gap, box.height())
        board.text(spot, where, Ink(tone="t2", elide=True))
        board.text(box, value, Ink(bold=True, align="right"))

    def _entry_value(self, one: Entry) -> str:
        """Say what a row adds; in a plain count each is one of them."""
        known, words = self.definition(self.step.indicator), self.room.words
        if self.step.unit or known is None:
            is_rate = self.step.unit and self.step.which not in _COUNTS
            return ("✓" if one.top else "–") if is_rate else ""
        if known.form is Form.SHARE and one.bottom == 1:
            return "✓" if one.top else "–"
        if known.form is Form.SHARE:
            return f"{words.number(one.top)} / {words.number(one.bottom)}"
        if known.form is Form.SUM and one.top == 1:
            return ""
        return value_words(known, one.top, words)

    def _draw_part(self, board: Board, box: QRectF, part: Part, most: float) -> None:
        words, known = self.room.words, self.definition(self.step.indicator)
        is_own = part.region == (self.step.region or self._home())
        name = (
            words.pick("未分到下级", "not below this level")
            if is_own
            else words.say(self.room.names.region(part.region))
        )
        label = min(board.u(230), box.width() * 0.4)
        number = board.u(150)
        board.text(QRectF(box.x(), box.y(), label, box.height()), name, Ink(tone="t2", elide=True))
        value = value_words(known, part.value, words) if known else ""
        room = QRectF(box.x() + label, box.y(), box.width() - label - number, box.height())
        if known and known.form is Form.SUM:
            bar = room.adjusted(board.u(8), box.height() * 0.28, -board.u(8), -box.height() * 0.28)
            board.bar(bar, part.top / most)
        elif known and known.form is not Form.FIRST:
            told = f"{words.number(part.top)} / {words.number(part.bottom)}"
            board.text(room, told, Ink(tone="t3", align="right", elide=True))
        board.text(box, value, Ink(bold=True, align="right"))

    def _foot(self) -> str:
        words, entries, parts = self.room.words, self.entries(), self.parts()
        if entries is not None and (self.step.unit or self.step.is_rows):
            shown = len(entries.entries)
            hidden = words.pick(
                f"{entries.hidden} 件不在权限内", f"{entries.hidden} not in your scope"
            )
            return words.join(
                words.pick(
                    f"共 {entries.total} 件，列出 {shown}",
                    f"{entries.total} in all, {shown} listed",
                ),
                hidden if entries.hidden else "",
                words.as_of(entries.at),
            )
        if parts is None:
            return ""
        known = self.definition(self.step.indicator)
        whole = value_words(known, parts.whole.value, words) if known else ""
        return words.join(words.pick(f"合计 {whole}", f"in all {whole}"), words.as_of(parts.at))

    def _draw_side(self, board: Board, area: QRectF) -> None:
        """Paint the number, its course with least and most, and the definition below."""
        known, words = self.definition(self.step.indicator), self.room.words
        if known is None:
            return
        parts, shown = self.parts(), self.room.stores.answers.get(NowOf())
        reading = next(
            (one for one in (shown.readings if shown else ()) if one.indicator == known.indicator),
            None,
        )
        tile = tile_of(known, reading, words)
        value = value_words(known, parts.whole.value, words) if parts else tile.value
        high = board.line_height(Ink(role="l"))
        line = QRectF(area.x(), area.y(), area.width(), high)
        taken = board.text(line, value, Ink(role="l", bold=True)) + board.u(10)
        board.text(line.adjusted(taken, board.u(14), 0, 0), tile.unit, FAINT)
        note = QRectF(area.x(), line.bottom(), area.width(), board.u(34))
        if not self.step.region:
            board.text(note, tile.note, Ink(tone="t2", elide=True))
        need = board.u(230)
        chart = QRectF(
            area.x(), note.bottom() + board.u(8), area.width(), area.bottom() - note.bottom() - need
        )
        if chart.height() > board.u(110):
            self._draw_chart(board, chart, known)
        below = QRectF(area.x(), chart.bottom() + board.u(12), area.width(), need - board.u(20))
        self._draw_definition(board, below)

    def _draw_chart(self, board: Board, box: QRectF, known: Definition) -> None:
        question = PastOf(known.indicator, self.step.region)
        past, words = self.room.stores.answers.get(question), self.room.words
        line = board.u(32)
        foot = QRectF(box.x(), box.bottom() - line, box.width(), line)
        if past is None or len(past.moments) < 2:
            since = past.since_at if past else None
            told = words.pick("尚无走势", "No trend yet")
            when = (
                words.pick(f"{words.day(since)}起记录", f"kept since {words.day(since)}")
                if since
                else ""
            )
            board.text(foot, words.join(told, when), FAINT)
            return
        values = [one.value for one in (*past.moments, *past.earlier)]
        label = max(
            board.width(value_words(known, one, words)) for one in (min(values), max(values))
        )
        plot = box.adjusted(0, board.u(6), -label - board.u(12), -line - board.u(6))
        picture = self.shared.sparks.picture(self, past, known.target, plot)
        if picture is not None:
            board.painter.drawPixmap(plot.topLeft(), picture)
        for value, y in ((max(values), plot.y()), (min(values), plot.bottom() - line)):
            room = QRectF(plot.right() + board.u(12), y, label + 1, line)
            board.text(room, value_words(known, value, words), FAINT)
        first, last = past.moments[0].at, past.moments[-1].at
        left = words.join(words.day(first), words.minute(first))
        board.text(foot, left, FAINT)
        right = words.join(words.day(last), words.minute(last))
        grey = words.pick("灰 = 前一周", "grey = week before") if past.earlier else ""
        board.text(
            foot.adjusted(board.width(left) + board.u(16), 0, 0, 0),
            words.join(grey, right),
            Ink(tone="t3", align="right", elide=True),
        )

    def _draw_definition(self, board: Board, area: QRectF) -> None:
        """Paint the formula in words, the layers it comes from and who answers for it."""
        known, words, names = self.definition(self.step.indicator), self.room.words, self.room.names
        if known is None:
            return
        specs = self.room.pulse.specs
        layers = [words.say(specs[one].title) for one in known.sources if one in specs]
        target = (
            words.number(known.target, known.digits)
            if known.target is not None
            else words.pick("未设", "not set")
        )
        rows = (
            (words.pick("定义", "Formula"), words.say(known.formula)),
            (
                words.pick("来源", "Sources"),
                words.join(*layers) or words.pick("系统", "the system"),
            ),
            (words.pick("责任", "Owner"), words.say(names.department(known.owner))),
            (words.pick("目标", "Target"), target),
        )
        label = max(board.width(name) for name, _ in rows) + board.u(18)
        y = area.y()
        for name, told in rows:
            room = QRectF(area.x() + label, y, area.width() - label, area.bottom() - y)
            if room.height() < board.u(34):
                return
            board.text(QRectF(area.x(), y, label, board.u(34)), name, LABEL)
            y += max(board.paragraph(room, told, Ink(elide=True)), board.u(34)) + board.u(4)
