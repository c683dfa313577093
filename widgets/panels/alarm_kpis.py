"""告警绩效: what each seat was asked to look at against EEMUA 191, for whoever answers for them."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from app.loads import (
    MOST_PER_10_MIN,
    MOST_PER_DAY,
    MOST_PER_HOUR,
    PEAK_10_MIN,
    PEAK_MINUTE,
)
from backend_client.contract.alarms import Chattering, SeatLoad
from backend_client.contract.base import Text
from widgets.paint import Board, Ink
from widgets.panel import Age, Face, Panel, Room
from widgets.tables import Cell, Head, draw_table

TOLD_S = 10.0
MOST_SEATS = 40
CHATTER_SHARE = 0.34  # of the height, where anything chatters
MIX = Text("设计比例 5 / 15 / 80 %", "design mix 5 / 15 / 80 %")


class AlarmKpis(Panel):
    """One row per seat with its counts beside the limits; below, what chattered most today."""

    title = Text("告警绩效", "Alarm performance")
    empty_words = Text("尚无统计", "Nothing counted yet")
    empty_reason = Text("登录后由服务统计", "the service counts once you are signed in")

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        room.stores.loads.changed.connect(self.redraw)

    def seats(self) -> list[SeatLoad]:
        """Give the seats, those signed in first, then the busiest."""
        loads = self.room.stores.loads.loads
        seats = loads.seats if loads is not None else ()
        return sorted(seats, key=lambda one: (not one.is_signed_in, -one.last_day))[:MOST_SEATS]

    def face(self) -> Face:
        """Say that nothing was told; to who is no supervisor, that others' seats are not theirs."""
        known = super().face()
        if known is not Face.READY:
            return known
        loads = self.room.stores.loads.loads
        if loads is None:
            return Face.EMPTY
        return Face.READY if loads.seats else Face.REFUSED

    def age(self) -> Age | None:
        """Give how long ago the service counted."""
        loads = self.room.stores.loads.loads
        return Age(self.room.stores.age_of_s(loads.at), TOLD_S) if loads is not None else None

    def note(self) -> str:
        """Say what the limits are."""
        return self.room.words.pick(
            f"EEMUA 191 上限：10 分 {MOST_PER_10_MIN} · 时 {MOST_PER_HOUR} · 日 {MOST_PER_DAY}",
            f"EEMUA 191 limits: 10 min {MOST_PER_10_MIN} · h {MOST_PER_HOUR} · day {MOST_PER_DAY}",
        )

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the seats, then the causes that came most often."""
        loads = self.room.stores.loads.loads
        if loads is None:
            return
        chattering = loads.chattering
        below = area.height() * CHATTER_SHARE if chattering else 0.0
        upper = area.adjusted(0, 0, 0, -below)
        self._draw_seats(board, upper)
        if chattering:
            lower = QRectF(area.x(), upper.bottom(), area.width(), below)
            self._draw_chattering(board, lower, chattering)

    def _draw_seats(self, board: Board, area: QRectF) -> None:
        """Paint as many columns as have room, the most telling first; none is cut."""
        rows = [self.row(one) for one in self.seats()]
        gap, left = board.u(14), area.width()
        heads: list[Head] = []
        for at, title in enumerate(self.heads()):
            cells = [row[at] for row in rows]
            widest = max((board.width(one.text, Ink(bold=one.bold)) for one in cells), default=0.0)
            wide = max(widest, board.width(title)) + board.u(4)
            if heads and wide + gap > left:
                break
            heads.append(Head(title, wide, "right" if at else "left"))
            left -= wide + gap
        heads[0] = Head(heads[0].title, heads[0].share + max(left, 0.0))
        draw_table(board, area, heads=heads, rows=[row[: len(heads)] for row in rows])

    def heads(self) -> tuple[str, ...]:
        """Name the columns, the most telling first."""
        pick = self.room.words.pick
        return (
            pick("坐席", "Seat"),
            pick("本时", "hour"),
            pick("本日", "day"),
            pick("10 分均", "per 10 min"),
            pick("峰 10 分 / 分", "peak 10 / 1 min"),
            pick("未确认", "new"),
            pick("声音", "sound"),
            pick("Ⅰ/Ⅱ/其余 %", "I / II / rest %"),
            pick("确认用时", "seen in"),
            pick("在途", "standing"),
            pick("搁置 · 停用", "shelved · out"),
        )

    def row(self, seat: SeatLoad) -> tuple[Cell, ...]:
        """Write one seat's figures in the order of the columns."""
        words = self.room.words
        quiet = not seat.has_sound or seat.muted_until is not None
        return (
            Cell(seat.person.name, "t1" if seat.is_signed_in else "t3", elide=True),
            _against(words.number(seat.last_hour), over=seat.last_hour > MOST_PER_HOUR),
            _against(words.number(seat.last_day), over=seat.last_day > MOST_PER_DAY),
            _against(words.number(seat.per_10_min, 1), over=seat.per_10_min > MOST_PER_10_MIN),
            _against(
                f"{words.number(seat.peak_10_min)} / {words.number(seat.peak_minute)}",
                over=seat.peak_10_min > PEAK_10_MIN or seat.peak_minute > PEAK_MINUTE,
            ),
            Cell(words.number(seat.unacknowledged), "t2"),
            Cell(self._sound(seat), "t1" if quiet else "t2"),
            Cell(_mix(seat.levels), "t2"),
            Cell("–" if seat.seen_s is None else words.age(seat.seen_s), "t2"),
            Cell(words.number(seat.standing), "t2"),
            Cell(f"{words.number(seat.shelved)} · {words.number(seat.out_of_service)}", "t2"),
        )

    def _sound(self, seat: SeatLoad) -> str:
        words, until = self.room.words, seat.muted_until
        if not seat.is_signed_in:
            return words.pick("未登录", "away")
        if not seat.has_sound:
            return words.pick("无设备", "no device")
        if until is not None and until > self.room.stores.server_now():
            return words.pick("静音", "muted")
        return words.pick("正常", "on")

    def _draw_chattering(
        self, board: Board, area: QRectF, chattering: tuple[Chattering, ...]
    ) -> None:
        words = self.room.words
        high = board.u(38)
        title = words.pick("本日反复最多", "Came most often today")
        board.text(QRectF(area.x(), area.y(), area.width(), high), title, Ink(tone="t2", bold=True))
        mix = self.say(MIX)
        board.text(
            QRectF(area.x(), area.y(), area.width(), high), mix, Ink(tone="t3", align="right")
        )
        draw_table(
            board,
            area.adjusted(0, high, 0, 0),
            heads=(Head("", 8), Head("", 1, "right")),
            rows=[
                (Cell(self.say(one.title), elide=True), Cell(f"× {words.number(one.raises)}"))
                for one in chattering
            ],
        )


def _against(text: str, *, over: bool) -> Cell:
    """Set a figure over its limit bold: no state colour, for it is no alarm."""
    return Cell(text, "t1" if over else "t2", bold=over)


def _mix(levels: tuple[int, int, int, int]) -> str:
    whole = sum(levels)
    if not whole:
        return "–"
    shares = (levels[0], levels[1], levels[2] + levels[3])
    return " / ".join(f"{100 * one / whole:.0f}" for one in shares)
