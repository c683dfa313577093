"""The alarm strip with the one banner: what waits to be acknowledged, and the gravest first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QTimer
from PySide6.QtWidgets import QWidget

from app.alarm_board import UNACKNOWLEDGED, chatters, family_of
from app.annunciator import Annunciator
from app.stores import Link
from backend_client.contract.alarms import GRAVE, Alarm
from backend_client.contract.base import Text
from widgets.paint import Board, Ink
from widgets.panel import Room
from widgets.panels.alarms import ALARM_STATES
from widgets.shell import Bar, Hint, Standing, draw_hint

TOLD_MS = 30_000  # on a wall nobody can ask again
FLASH_MS = 500  # 1 Hz; look README section 5
MOST_SHOWN = 3
ALARM_HINTS = (
    Hint("Space", Text("确认所选", "acknowledge")),
    Hint("A", Text("告警列表", "alarm list")),
)
"""What a desk's strip names beside its alarms."""
SILENT_LEVEL = 3
NO_SOUND = Text("告警无声 · 查音箱", "No alarm sound · check speakers")
MUTED = Text("已静音", "Muted")
_TROUBLE: dict[Link, Text] = {
    Link.CACHED: Text("未连上后台 · 画面为上次所存", "Not connected · showing the last picture"),
    Link.LATE: Text("后台无心跳", "No sign of life from the service"),
    Link.OFFLINE: Text("与后台断开 · 画面为最后所见", "Service lost · showing what was last known"),
}


def first_clause(sentence: str) -> str:
    """Give the first thing to do; the lists hold the whole sentence."""
    return re.split("[，,；;。]", sentence, maxsplit=1)[0].strip()


def mark_words(room: Room, alarm: Alarm) -> str:
    """Say that an alarm was the first of an upset, stands for others, comes and goes."""
    board, words = room.alarms, room.words
    size = board.size(family_of(alarm))
    return words.join(
        words.pick("首出", "first out") if board.is_first_out(alarm) else "",
        words.pick(f"同因 {size}", f"{size} of this cause") if size > 1 else "",
        words.pick(f"抖动 ×{alarm.raises}", f"chattering ×{alarm.raises}")
        if chatters(alarm)
        else "",
    )


class Strip(Bar):
    """Counts of what nobody has acknowledged, the gravest alarms, and the banner."""

    def __init__(
        self,
        room: Room,
        standing_of: Standing,
        parent: QWidget | None = None,
        *,
        hints: Sequence[Hint] = (),
        modular: bool = False,
        annunciator: Annunciator | None = None,
    ) -> None:
        super().__init__(room, standing_of, parent, modular=modular)
        self._hints, self._annunciator = hints, annunciator
        self._dark = False
        self.named: tuple[str, ...] = ()
        self._flash = QTimer(self)
        self._flash.setInterval(FLASH_MS)
        self._flash.timeout.connect(self._on_flash)
        self._told: Text | None = None
        self._untell = QTimer(self, singleShot=True, interval=TOLD_MS)
        self._untell.timeout.connect(lambda: self.tell(None))
        room.alarms.changed.connect(self._on_alarms)
        self._on_alarms()

    def shown(self) -> list[Alarm]:
        """Give the alarms the strip names: with an action, one per cause, gravest first."""
        return self.room.alarms.heads(MOST_SHOWN)

    def tell(self, text: Text | None) -> None:
        """Show a notice about the wall itself for a while, unless the link has one to show."""
        self._told = text
        if text is not None:
            self._untell.start()
        self.redraw()

    def banner(self) -> str:
        """Give the one banner's words, empty while the link is well and nothing was told."""
        stores, words = self.room.stores, self.room.words
        trouble = _TROUBLE.get(stores.link)
        if trouble is None:
            return words.say(self._told) if self._told is not None else ""
        since = words.since(stores.since_at) if stores.since_at else ""
        retry = self.facts.retry_s()
        again = ""
        if retry is not None:
            again = words.pick("正在重连", "trying now")
        if retry is not None and retry >= 1:
            again = words.pick(f"{retry:.0f} 秒后重试", f"next try in {retry:.0f} s")
        return words.join(words.say(trouble), since, again)

    def _on_alarms(self) -> None:
        flashes = self.room.alarms.is_urgent and not self.room.theme.reduced_motion
        if flashes and not self._flash.isActive():
            self._flash.start()
        if not flashes:
            self._flash.stop()
            self._dark = False
        self.update()

    def _on_flash(self) -> None:
        self._dark = not self._dark
        self.update()

    def draw(self, board: Board, whole: QRectF) -> None:
        """Paint counts, then the banner when there is one, then alarms; remember which."""
        self.named = ()
        places = self.modules(board, whole)
        if len(places) == 1:
            self._draw_desk(board, places[0])
            return
        self._draw_counts(board, places[0])
        slots = places[1:]
        if self.banner():
            self._draw_banner(board, slots[0])
            slots = slots[1:]
        shown = self.shown()[: len(slots)]
        for alarm, slot in zip(shown, slots, strict=False):
            self._draw_alarm(board, slot, alarm)
        self.named = tuple(alarm.source_id for alarm in shown)

    def _draw_desk(self, board: Board, box: QRectF) -> None:
        right = self._draw_hints(board, box)
        x = self._draw_counts(board, box) + board.u(30)
        rest = QRectF(x, box.y(), max(right - x - board.u(24), 1), box.height())
        if self.banner():
            self._draw_banner(board, rest)
            return
        shown = self.shown()[:1]
        for alarm in shown:
            self._draw_line(board, rest, alarm)
        self.named = tuple(alarm.source_id for alarm in shown)

    def _draw_counts(self, board: Board, box: QRectF) -> float:
        words = self.room.words
        label = (
            words.pick("未确认告警", "Unacknowledged")
            if self.modular
            else (words.pick("未确认", "New"))
        )
        x = box.x() + board.text(box, label, Ink(tone="t2")) + board.u(28)
        size = board.u(38)
        number = Ink(role="m", bold=True)
        for level, count in self.room.alarms.unacknowledged().items():
            place = QPointF(x, box.center().y() - size / 2)
            dark = self._dark and level <= GRAVE
            board.state(place, level, size, hollow=not count, dark=dark)
            x += size + board.u(12)
            room = QRectF(x, box.y(), max(box.right() - x, 1), box.height())
            ink = number if count else Ink(role="m", bold=True, tone="t3")
            x += board.text(room, words.short(count), ink) + board.u(26)
        x = self._draw_silence(board, QRectF(x, box.y(), max(box.right() - x, 1), box.height()))
        return self._draw_folds(board, QRectF(x, box.y(), box.right() - x, box.height()))

    def silence(self) -> Text | None:
        """Say that alarms are not heard here, and why; None while they are."""
        heard = self._annunciator
        if heard is None:
            return None
        if not heard.hears():
            return NO_SOUND
        return MUTED if heard.is_muted else None

    def _draw_silence(self, board: Board, box: QRectF) -> float:
        """Keep it on the strip as long as it lasts: a notice passes, silence does not."""
        told = self.silence()
        if told is None:
            return box.x()
        size, x = board.u(32), box.x()
        if told is NO_SOUND:
            board.state(QPointF(x, box.center().y() - size / 2), SILENT_LEVEL, size)
            x += size + board.u(10)
        words = QRectF(x, box.y(), max(box.right() - x, 1), box.height())
        return x + board.text(words, self.room.words.say(told), Ink(bold=True)) + board.u(26)

    def folds(self) -> str:
        """Say how many causes stand behind how many alarms, and what a response folds away."""
        alarms, words = self.room.alarms, self.room.words
        standing, causes = alarms.count - alarms.folded, len(alarms.families())
        parts = []
        if standing > causes:
            parts.append(
                words.pick(
                    f"同因折叠 {words.short(standing)} → {causes}",
                    f"by cause {words.short(standing)} → {causes}",
                )
            )
        if alarms.suppressions():
            parts.append(
                words.pick(f"战时折叠 {alarms.folded}", f"folded by response {alarms.folded}")
            )
        return words.join(*parts)

    def _draw_folds(self, board: Board, box: QRectF) -> float:
        """Write it where there is room; the counts come first."""
        said = self.folds()
        if not said or board.width(said) > box.width():
            return box.x()
        return box.x() + board.text(box, said, Ink(tone="t3"))

    def _draw_banner(self, board: Board, box: QRectF) -> None:
        plate = box.adjusted(-board.u(12), board.u(12), 0, -board.u(12))
        board.fill(plate, "raise")
        board.fill(QRectF(plate.x(), plate.y(), max(4, board.u(6)), plate.height()), "t1")
        board.text(plate.adjusted(board.u(20), 0, -board.u(10), 0), self.banner(), Ink(bold=True))

    def _draw_alarm(self, board: Board, box: QRectF, alarm: Alarm) -> None:
        size = board.u(48)
        place = QPointF(box.x(), box.center().y() - size / 2)
        board.state(place, alarm.level, size, dark=self._hides(alarm))
        x = box.x() + size + board.u(18)
        line = QRectF(x, box.y() + board.u(11), box.right() - x, board.u(32))
        words = self.room.words
        taken = board.text(line, words.minute(alarm.raised_at), Ink(tone="t2")) + board.u(12)
        board.text(
            line.adjusted(taken, 0, 0, 0), words.say(alarm.title), Ink(bold=True, elide=True)
        )
        board.text(line.translated(0, board.u(33)), self._doing(alarm), Ink(tone="t2", elide=True))

    def _draw_line(self, board: Board, box: QRectF, alarm: Alarm) -> None:
        size = board.u(40)
        place = QPointF(box.x(), box.center().y() - size / 2)
        board.state(place, alarm.level, size, dark=self._hides(alarm))
        words = self.room.words
        x = box.x() + size + board.u(24)
        for part, ink in (
            (words.minute(alarm.raised_at), Ink(tone="t2", elide=True)),
            (words.say(alarm.title), Ink(bold=True, elide=True)),
            (self._doing(alarm), Ink(tone="t2", elide=True)),
        ):
            room = QRectF(x, box.y(), max(box.right() - x, 1), box.height())
            x += board.text(room, part, ink) + board.u(24)

    def _hides(self, alarm: Alarm) -> bool:
        return self._dark and alarm.level <= GRAVE and alarm.state in UNACKNOWLEDGED

    def _doing(self, alarm: Alarm) -> str:
        words = self.room.words
        return words.join(
            mark_words(self.room, alarm),
            words.pick("处置：", "Do: ") + first_clause(words.say(alarm.action)),
            words.say(alarm.owner),
            words.say(ALARM_STATES[alarm.state]),
        )

    def _draw_hints(self, board: Board, box: QRectF) -> float:
        x = box.right()
        for hint in reversed(self._hints):
            x = draw_hint(board, x, box, hint, self.room)
        return x
