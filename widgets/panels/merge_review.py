"""Two reports that may be one matter, side by side; a person says yes, no or later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QTimer
from PySide6.QtGui import QColor, QShowEvent, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QWidget

from app.suggestions import LATER_S, Suggestion, Verdict
from backend_client.contract.base import Text
from backend_client.contract.events import Event, EventState, Merge
from maps.lasso import distance_m
from widgets.button_bar import BAR
from widgets.deeds import Deeds, failure_words
from widgets.key_panel import KeyPanel
from widgets.paint import FAINT, LABEL, Board, Ink
from widgets.panel import Face, Room
from widgets.panels.events import CHANNELS, STATES, event_number

YES, NO, LATER = "Y", "N", "L"
ANSWERS: Final[tuple[tuple[str, Text], ...]] = (
    (YES, Text("并案", "Yes, one matter")),
    (NO, Text("不是同一件", "No, another")),
    (LATER, Text("稍后", "Later")),
)
KINDS: Final[dict[str, Text]] = {
    "place": Text("地点", "Place"),
    "area": Text("区域", "Area"),
    "number": Text("号码", "Numbers"),
    "time": Text("时间", "Time"),
    "matter": Text("事项", "Matter"),
    "wish": Text("诉求", "Wish"),
    "thing": Text("对象", "Thing"),
    "words": Text("用语", "Words"),
    "wording": Text("用语", "Wording"),
    "distance": Text("距离", "Distance"),
    "class": Text("类别", "Class"),
    "against": Text("不同", "Against"),
    "decided": Text("已判", "Decided"),
}
_GONE: Final = frozenset(
    {EventState.MERGED, EventState.REFUSED, EventState.WITHDRAWN, EventState.ARCHIVED}
)
ROW: Final = 28.0
LEAST_QUOTE: Final = 34.0
SETTLE_MS: Final = 1_000
"""A pair that came in the place of another by itself is not answered before it can be read."""
NO_PAIR: Final = ("", "")


def spans(text: str, shared: Sequence[str]) -> list[tuple[int, int]]:
    """Find where shared words stand in a text: start and length, none inside another."""
    found: list[tuple[int, int]] = []
    for word in sorted({one for one in shared if one}, key=len, reverse=True):
        at = text.find(word)
        while at >= 0:
            if all(at + len(word) <= start or at >= start + wide for start, wide in found):
                found.append((at, len(word)))
            at = text.find(word, at + len(word))
    return sorted(found)


class MergeReview(KeyPanel):
    """The likeliest pair nobody has judged; its keys work while it has them."""

    title = Text("并案审核", "Merge review")
    empty_words = Text("没有待审的疑似重复", "No pairs to judge")
    empty_reason = Text("拿不准的在此由人决定", "what is not sure waits here for a person")

    def __init__(self, room: Room, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(room, ANSWERS, parent)
        self._deeds = deeds
        self._key = self._own = NO_PAIR
        self._later: list[tuple[str, str]] = []
        self._pairs: list[Suggestion] = []
        self._is_sent = False
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self.refresh)
        self.buttons[YES].setProperty("kind", "primary")
        room.stores.suggestions.changed.connect(self._on_pairs)
        room.stores.events.changed.connect(self._on_events)
        self.refresh()

    @property
    def pair(self) -> Suggestion | None:
        """Give the pair shown."""
        return next((one for one in self._pairs if one.key == self._key), None)

    def note(self) -> str:
        """Say how many pairs wait, when those put off come back, and how well it proposes."""
        waiting, words = len(self._pairs), self.room.words
        said = [words.pick(f"待审 {waiting}", f"{waiting} to judge") if waiting else ""]
        if off := self.room.stores.suggestions.put_off():
            at = words.minute(off[0])
            said.append(words.pick(f"稍后 {len(off)}（{at}）", f"{len(off)} later ({at})"))
        if self.pair is None:
            said += self.record()
        elif len(said) < 2:
            said.append(words.pick("由人决定", "people decide"))
        return words.join(*said)

    def record(self) -> list[str]:
        """Say how often people agreed of late, and how often what it merged itself was undone."""
        told, words = self.room.stores.suggestions.answered(), self.room.words
        said = []
        if told.answers:
            share = f"{told.right / told.answers:.0%}"
            said.append(
                words.pick(
                    f"近 {told.answers} 次，人判同一 {share}", f"yes {share} of last {told.answers}"
                )
            )
        if told.merged:
            said.append(
                words.pick(
                    f"自动并案 {told.merged}，撤回 {told.taken_back}",
                    f"{told.merged} by itself, {told.taken_back} undone",
                )
            )
        return said

    def face(self) -> Face:
        """Show an empty face while no pair waits."""
        known = super().face()
        return Face.EMPTY if known is Face.READY and self.pair is None else known

    def refresh(self) -> None:
        """Keep the pair shown while it waits, else show the next; say the buttons' words."""
        self._pairs = self._waiting()
        if self.pair is None:
            self._turn_to(self._pairs[0].key if self._pairs else NO_PAIR)
        pair = self.pair
        ends = self._ends(pair)
        why = self._deeds.why_not("merge", ends[0]) if ends else None
        may = pair is not None and not self._is_sent and not self._settle.isActive()
        self.dress({YES: may and why is None, NO: may, LATER: may}, shown=pair is not None)
        self.buttons[YES].setToolTip(self.say(why) if why else "")
        self.redraw()

    def freshen(self) -> None:
        """Count again what waits: of events that are not shown here some have gone."""
        if self.isVisible():
            self.refresh()
        else:
            super().freshen()

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what came while nobody looked; nothing goes under anybody's hands then."""
        super().showEvent(event)
        self._own = self._key
        self.refresh()
        self._own = NO_PAIR

    def _turn_to(self, key: tuple[str, str]) -> None:
        """Show another pair; where nobody here has answered the last one, its keys rest first."""
        was, own = self._key, self._own
        self._key, self._own, self._is_sent = key, NO_PAIR, False
        if NO_PAIR in (was, key) or was == own or not self.isVisible():
            return
        self._settle.start()
        self.message = self.room.words.pick(
            "上一对已由他人处理，请看这一对", "the last pair was settled elsewhere; this is another"
        )

    def press(self, key: str) -> None:
        """Say yes, no or later to the pair shown; each is sent once."""
        pair = self.pair
        ends = self._ends(pair)
        if pair is None or ends is None or self._is_sent or self._settle.isActive():
            return
        if key == YES:
            event, main = ends
            why = self._deeds.why_not("merge", event)
            if why is not None:
                self.say_result(self.say(why))
                return
            self._send(pair)
            body = Merge(version=event.version, main_id=main.item_id)
            self._deeds.step("merge", event, body, self._on_merged, self._failed)
            return
        verdict: Verdict = "no" if key == NO else "later"
        self._send(pair)
        self.room.stores.suggestions.judge(
            pair, verdict, lambda: self._on_judged(pair, verdict), self._failed
        )

    # ---- what came of it -------------------------------------------------------------------

    def _ends(self, pair: Suggestion | None) -> tuple[Event, Event] | None:
        """Give which would be merged with which: the later, unless only the earlier still can."""
        found = [self.room.stores.events.get(one) for one in pair.key] if pair else []
        if not found or found[0] is None or found[1] is None:
            return None
        one, other = found[0], found[1]
        barred, other_barred = (self._deeds.why_not("merge", each) for each in (one, other))
        if barred is not None and other_barred is None:
            return other, one
        return one, other

    def _waiting(self) -> list[Suggestion]:
        """Give the pairs both events of which still stand; those left for later come last."""
        pairs = [one for one in self.room.stores.suggestions.pairs() if self._stands(one)]
        rank = {key: place for place, key in enumerate(self._later, start=1)}
        return sorted(pairs, key=lambda one: rank.get(one.key, 0))

    def _stands(self, pair: Suggestion) -> bool:
        events = (self.room.stores.events.get(one) for one in pair.key)
        return all(event is not None and event.state not in _GONE for event in events)

    def _send(self, pair: Suggestion) -> None:
        self._is_sent, self._own = True, pair.key
        self.message = ""
        self.refresh()

    def _on_merged(self) -> None:
        self._is_sent = False
        self.say_result(self.room.words.pick("已并案，可拆分", "merged; it may be split off"))
        self.refresh()

    def _on_judged(self, pair: Suggestion, verdict: Verdict) -> None:
        self._is_sent = False
        if verdict == "later":
            self._later = [key for key in self._later if key != pair.key] + [pair.key]
            self._key = NO_PAIR
            minutes = round(LATER_S / 60)
            self.say_result(self.room.words.pick(f"{minutes} 分后再问", f"back in {minutes} min"))
        else:
            self.say_result(self.room.words.pick("已记录", "recorded"))
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._is_sent, self._own = False, NO_PAIR
        self.say_result(failure_words(error, self.room.words))
        self.refresh()

    def _on_pairs(self) -> None:
        if self.isVisible():  # thousands may wait, and in a flood others come all the time
            self.refresh()

    def _on_events(self, ids: tuple[str, ...]) -> None:
        if not self.isVisible():
            return
        if {*self._key} & {*ids} or not any(self._key):
            self.refresh()

    # ---- looks -----------------------------------------------------------------------------

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint how likely and how far apart, both reports, the evidence."""
        pair = self.pair
        ends = self._ends(pair)
        if pair is None or ends is None:
            return
        one, other = ends
        self.draw_keys(board)
        words = self.room.words
        line = QRectF(area.x(), area.y() - 4, area.width(), 36)
        x = board.text(line, words.pick("重复可能性", "Likely one matter"), LABEL) + 10
        x += board.text(line.adjusted(x, 0, 0, 0), f"{pair.score:.2f}", Ink(role="l", bold=True))
        board.text(line.adjusted(x + 16, 0, 0, 0), self._apart(one, other), Ink(tone="t1"))
        foot, rows = self.height() - BAR - 8, len(pair.evidence)
        top = line.bottom() + 6
        low = min(max(top + 120, foot - ROW * rows - 8), foot)  # reports go before evidence
        half = (area.width() - 24) / 2
        shared = [word for evidence in pair.evidence for word in evidence.shared]
        for x, event, is_main in ((area.x(), one, False), (area.x() + half + 24, other, True)):
            self._draw_report(
                board, QRectF(x, top, half, low - top - 8), event, shared, is_main=is_main
            )
        self._draw_evidence(board, QRectF(area.x(), low, area.width(), foot - low), pair)
        self.draw_message(board, area)

    def _apart(self, one: Event, other: Event) -> str:
        words = self.room.words
        minutes = abs((one.reported_at - other.reported_at).total_seconds()) / 60
        when = words.pick(f"相差 {minutes:.0f} 分", f"{minutes:.0f} min apart")
        ends = [(event.lon, event.lat) for event in (one, other)]
        if any(lon is None or lat is None for lon, lat in ends):
            return words.join(words.pick("位置未知", "place unknown"), when)
        (lon, lat), (lon2, lat2) = ends
        metres = distance_m((lon or 0.0, lat or 0.0), (lon2 or 0.0, lat2 or 0.0))
        far = f"{metres:.0f} m" if metres < 1_000 else f"{metres / 1_000:.1f} km"
        return words.join(words.pick(f"相距 {far}", f"{far} apart"), when)

    def _draw_report(
        self, board: Board, box: QRectF, event: Event, shared: Sequence[str], *, is_main: bool
    ) -> None:
        words = self.room.words
        role = words.pick("主事件", "main event") if is_main else words.pick("本件", "this report")
        line = QRectF(box.x(), box.y(), box.width(), 24)
        head = words.join(role, event_number(event, words), words.say(STATES[event.state]))
        board.text(line, head, Ink(tone="t3", elide=True))
        line.translate(0, 24)
        start = 0.0
        if event.level:
            board.state(QPointF(box.x(), line.y() + 2), event.level, 20)
            start = 28.0
        board.text(line.adjusted(start, 0, 0, 0), event.title, Ink(bold=True, elide=True))
        line.translate(0, 24)
        where = words.join(
            words.say(CHANNELS[event.channel]),
            words.minute(event.reported_at),
            words.say(self.room.names.address(event.region, event.place)),
        )
        board.text(line, where, Ink(tone="t2", elide=True))
        plate = QRectF(box.x(), line.bottom() + 4, box.width(), box.bottom() - line.bottom() - 4)
        if plate.height() < LEAST_QUOTE:
            return
        board.fill(plate, "raise")
        draw_marked(board, plate.adjusted(12, 6, -12, -6), event.text, spans(event.text, shared))

    def _draw_evidence(self, board: Board, box: QRectF, pair: Suggestion) -> None:
        words = self.room.words
        names = [words.say(KINDS.get(one.kind, Text(one.kind, one.kind))) for one in pair.evidence]
        wide = max((board.width(name) for name in names), default=0.0) + 20
        for index, (name, one) in enumerate(zip(names, pair.evidence, strict=True)):
            y = box.y() + index * ROW
            if y + ROW > box.bottom() + 2:
                return
            board.rule(box.x(), y, box.width())
            board.text(QRectF(box.x(), y, wide, ROW), name, FAINT)
            rest = QRectF(box.x() + wide, y, box.width() - wide, ROW)
            board.text(rest, words.say(one.words), Ink(elide=True))

    def draw_message(self, board: Board, area: QRectF) -> None:
        """Write what came of the last answer, or how well it proposes."""
        if self.message:
            super().draw_message(board, area)
            return
        box = self.beside(area)
        line = QRectF(box.x(), box.y(), box.width(), box.height() / 2)
        for words in self.record():  # one below the other: side by side they were cut
            board.text(line, words, Ink(tone="t3", align="right", elide=True))
            line.translate(0, line.height())


def draw_marked(board: Board, box: QRectF, text: str, marked: Sequence[tuple[int, int]]) -> None:
    """Write wrapped text with some of it marked: a plate, an underline and bold, not by colour."""
    layout = QTextLayout(text, board.font(Ink()))
    formats = []
    for start, length in marked:
        look = QTextCharFormat()
        look.setBackground(QColor(board.theme.color("line")))
        look.setForeground(QColor(board.theme.color("t1")))
        look.setFontUnderline(True)
        look.setFontWeight(700)
        one = QTextLayout.FormatRange()
        one.start, one.length, one.format = start, length, look
        formats.append(one)
    layout.setFormats(formats)
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(box.width())
        line.setPosition(QPointF(0, y))
        y += board.line_height()
    layout.endLayout()
    board.painter.save()
    board.painter.setClipRect(box)
    board.painter.setPen(board.tone(Ink(tone="t2")))
    layout.draw(board.painter, box.topLeft())
    board.painter.restore()
