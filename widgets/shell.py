"""Header and key bar: what every window keeps; the alarm strip is a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from app.loads import MOST_PER_HOUR
from app.scenes import Scene
from app.wall import MARGIN, MODULE
from app.weather import COLOURS, Weather, weather_of
from app.weather import LAYER as WEATHER
from backend_client.contract.base import Text
from backend_client.contract.columns import FeatureBlock
from widgets.easel import Painted
from widgets.paint import Board, Ink
from widgets.panel import Room

NOTICE_MS = 10_000
DEMO = Text("演示 · 模拟数据", "DEMO · simulated data")
DEMO_SHORT = Text("演示", "DEMO")
NAMES_LEAST = 260  # drawn length the names keep before the feeds' words are left out


class Standing(Protocol):
    """What the shell is told besides the stores."""

    @property
    def centre(self) -> Text:
        """Give the centre's name."""
        ...

    @property
    def simulated(self) -> bool:
        """Tell whether the data come out of a simulator."""
        ...

    @property
    def who(self) -> str:
        """Name the person signed in, empty before."""
        ...

    def retry_s(self) -> float | None:
        """Give the seconds to the next try to connect; None when nothing is tried."""
        ...


class Bar(Painted):
    """A strip across the window that is painted as a whole."""

    def __init__(
        self,
        room: Room,
        standing_of: Standing,
        parent: QWidget | None = None,
        *,
        modular: bool = False,
    ) -> None:
        super().__init__(room.pulse.easel, parent)
        self.room = room
        self.facts = standing_of
        self.modular = modular
        self.stretches: tuple[tuple[int, int], ...] = ()
        self.cut: tuple[str, ...] = ()
        room.theme.changed.connect(self.redraw)
        room.words.changed.connect(self.redraw)
        room.pulse.ticked.connect(self.redraw)
        room.stores.link_changed.connect(self.redraw)

    def ground(self) -> str:
        """Give the page's colour."""
        return self.room.theme.color("bg")

    def paint(self, painter: QPainter) -> None:
        """Paint the bar on the page's ground."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        board = Board(painter, self.room.theme, self.room.seat)
        board.fill(QRectF(self.rect()), "bg")
        self.draw(board, QRectF(self.rect()))
        board.rule(0, self.height() - 2, self.width())
        self.cut = tuple(board.cut)

    def draw(self, board: Board, whole: QRectF) -> None:
        """Paint the bar's content."""

    def stretch_over(self, stretches: tuple[tuple[int, int], ...]) -> None:
        """Say where the screens lie along a bar that spans several: x and width of each."""
        if stretches != self.stretches:
            self.stretches = stretches
            self.redraw()

    def modules(self, board: Board, whole: QRectF) -> list[QRectF]:
        """Cut the bar at the wall's seams, leaving the margin free on both sides."""
        module, margin = board.u(MODULE), board.u(MARGIN)
        found = []
        for start, length in self.stretches or ((0, round(whole.width())),):
            count = max(1, round(length / module)) if self.modular else 1
            wide = length / count
            found += [
                QRectF(
                    whole.x() + start + index * wide + margin,
                    0,
                    wide - 2 * margin,
                    whole.height() - 2,
                )
                for index in range(count)
            ]
        return found


class Header(Bar):
    """Centre, scene, where the data stand, date and clock."""

    def __init__(
        self,
        room: Room,
        standing_of: Standing,
        scene: Scene,
        *,
        modular: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(room, standing_of, parent, modular=modular)
        self._scene = scene
        self._weather_block: FeatureBlock | None = None
        self._sky: Weather | None = None

    def show_scene(self, scene: Scene) -> None:
        """Name another scene."""
        self._scene = scene
        self.update()

    def draw(self, board: Board, whole: QRectF) -> None:
        """Paint names to the left, feed state and clock to the right."""
        places = self.modules(board, whole)
        first, last = places[0], places[-1]
        shared = len(places) == 1
        least = self._badge_width(board, DEMO_SHORT) + board.u(NAMES_LEAST) if shared else 0.0
        clock_left = self._draw_clock(board, last.adjusted(least, 0, 0, 0))
        if shared:
            first = first.adjusted(0, 0, clock_left - first.right() - board.u(24), 0)
        self._draw_names(board, first)
        if len(places) > 2 and self.room.sees(WEATHER):  # else the names have no room beside it
            self._draw_weather(board, places[1 if len(places) < 5 else 2])

    def _draw_weather(self, board: Board, box: QRectF) -> None:
        """Paint the warnings in force by their colours, the heaviest rain and the wind."""
        found, words = self._weather(), self.room.words
        if found is None:
            return
        x, side = box.x(), board.u(22)
        for colour, count in found.warnings.items():
            square = QRectF(x, box.center().y() - side / 2, side, side)
            board.fill(square, f"s{colour}")
            name = f"{words.say(COLOURS[colour])} {count}"
            rest = QRectF(square.right() + board.u(10), box.y(), box.right(), box.height())
            x = rest.x() + board.text(rest, name, Ink(bold=True)) + board.u(28)
        parts = [] if found.warnings else [words.pick("无气象预警", "no weather warning")]
        if found.rain_mm_h is not None:
            rain = words.number(found.rain_mm_h, 1)
            parts.append(words.pick(f"最大雨强 {rain} mm/h", f"heaviest rain {rain} mm/h"))
        if found.wind_ms is not None:
            wind = words.number(found.wind_ms, 1)
            parts.append(words.pick(f"平均风 {wind} m/s", f"mean wind {wind} m/s"))
        age_s = self.room.stores.server_now().timestamp() - found.measured_s
        parts.append(words.age(age_s))
        for last in range(len(parts), 0, -1):  # what does not fit is left out from the end
            told = words.join(*parts[:last])
            if x + board.width(told) <= box.right():
                board.text(QRectF(x, box.y(), box.right() - x, box.height()), told, Ink(tone="t2"))
                return

    def _weather(self) -> Weather | None:
        block = self.room.stores.blocks.get(WEATHER)
        if block is not self._weather_block:
            self._weather_block, self._sky = block, weather_of(block)
        return self._sky

    def _badge_width(self, board: Board, badge: Text) -> float:
        return board.width(self.room.words.say(badge)) + board.u(24)

    def _draw_names(self, board: Board, box: QRectF) -> None:
        """Paint centre and scene, then the badge: it has its room before any name has."""
        gap = board.u(18)
        centre, title = Ink(role="m", bold=True, elide=True), Ink(role="m", tone="t2", elide=True)
        parts = (
            (self.room.words.say(self.facts.centre), centre),
            (self.room.words.say(self._scene.title), title),
        )
        wanted = sum(board.width(words, ink) + gap for words, ink in parts)
        badge = DEMO if wanted + self._badge_width(board, DEMO) <= box.width() else DEMO_SHORT
        kept = self._badge_width(board, badge) if self.facts.simulated else 0.0
        x, end = box.x(), box.right() - kept
        over = max(0.0, wanted - (end - x))
        for words, ink in parts:
            wide = max(board.width(words, ink) - over, board.u(24))
            over -= board.width(words, ink) - wide
            x += board.text(QRectF(x, box.y(), wide + 0.5, box.height()), words, ink) + gap
        if self.facts.simulated:
            self._draw_badge(board, QRectF(min(x, end), box.y(), kept, box.height()), badge)
            x += kept + board.u(24)
        if not self.modular and self.facts.who and x + board.width(self.facts.who) <= box.right():
            rest = QRectF(x, box.y(), box.right() - x, box.height())
            board.text(rest, self.facts.who, Ink(tone="t2"))

    def _draw_badge(self, board: Board, box: QRectF, badge: Text) -> None:
        high = board.u(36)
        cap = QRectF(box.x(), box.center().y() - high / 2, box.width(), high)
        board.outline(cap, "ctl")
        board.text(cap, self.room.words.say(badge), Ink(tone="t2", align="center"))

    def _draw_clock(self, board: Board, box: QRectF) -> float:
        """Paint clock, date and feeds from the right; what does not fit is left out."""
        words, now = self.room.words, self.room.stores.server_now()
        clock = Ink(role="l" if self.modular else "m", bold=True, align="right")
        text = words.clock(now)
        x = box.right() - board.width(text, clock)
        board.text(box, text, clock)
        parts = [(words.date(now), "t2"), (self._feeds(), "t2")]
        if not self.modular and (load := load_words(self.room)):
            parts.append((load, "t2"))
        for part, tone in parts:
            ink = Ink(tone=tone, align="right")
            right = QRectF(box.x(), box.y(), x - board.u(28) - box.x(), box.height())
            if board.width(part, ink) > right.width():
                break
            x = right.right() - board.text(right, part, ink)
        return x

    def _feeds(self) -> str:
        words, feeds = self.room.words, self.room.figures.feeds
        known = [feed for feed in feeds if feed.newest_at is not None]
        if not known:
            return words.pick("数据未收到", "no data yet")
        oldest = words.age(max(feed.age_s for feed in known))
        late = sum(feed.is_late for feed in known)
        layers = "1 layer" if len(known) == 1 else f"{len(known)} layers"
        return words.pick(
            f"{len(known)} 图层 · 最旧 {oldest} · 迟到 {late}",
            f"{layers} · oldest {oldest} · late {late}",
        )


def load_words(room: Room) -> str:
    """Say how many alarms one's own seat had this hour, against what a person can take."""
    load = room.stores.loads.own
    if load is None:
        return ""
    return room.words.pick(
        f"本席告警 {load.last_hour} / 时（上限 {MOST_PER_HOUR}）",
        f"Alarms here {load.last_hour} / h (limit {MOST_PER_HOUR})",
    )


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does."""

    key: str
    words: Text


def draw_hint(board: Board, right: float, box: QRectF, hint: Hint, room: Room) -> float:
    """Paint a key cap and its words ending at `right`; give the next free place."""
    words = room.words.sentence(hint.words)
    wide = board.width(words)
    cap_wide, high = max(board.width(hint.key) + board.u(24), board.u(39)), board.u(39)
    board.text(QRectF(right - wide, box.y(), wide + 1, box.height()), words, Ink(tone="t2"))
    x = right - wide - board.u(12) - cap_wide
    board.cap(QRectF(x, box.center().y() - high / 2, cap_wide, high), hint.key)
    return x - board.u(30)


class KeyBar(Bar):
    """The keys that work here, along the foot of the desk."""

    def __init__(
        self,
        room: Room,
        standing_of: Standing,
        hints: Sequence[Hint],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(room, standing_of, parent)
        self._hints = tuple(hints)
        self._told: Text | None = None
        self._reminder: Text | None = None
        self._held: Text | None = None
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(NOTICE_MS)
        self._fade.timeout.connect(self._on_faded)

    def tell(self, text: Text) -> None:
        """Show a notice at the right end for a while."""
        self._told = text
        self._fade.start()
        self.update()

    def remind(self, text: Text | None) -> None:
        """Keep a reminder at the right end while no notice is shown; None for none."""
        if text != self._reminder:
            self._reminder = text
            self.update()

    def hold(self, text: Text | None) -> None:
        """Keep words at the right end before everything else; None for none."""
        self._held = text
        self.update()

    def _on_faded(self) -> None:
        self._told = None
        self.update()

    def show_hints(self, hints: Sequence[Hint]) -> None:
        """Name other keys."""
        self._hints = tuple(hints)
        self.update()

    def draw(self, board: Board, whole: QRectF) -> None:
        """Paint caps and words from the left."""
        board.rule(0, 0, whole.width())
        x = board.u(24)
        high = board.u(39)
        end = whole.width() - board.u(24)
        said = self._held or self._told or self._reminder
        if said is not None:
            words = self.room.words.say(said)
            wide = min(board.width(words, Ink(bold=True)), whole.width() * 0.45)
            end -= wide + board.u(32)
            box = QRectF(whole.right() - wide - board.u(24), 0, wide + 1, whole.height())
            board.text(box, words, Ink(bold=True, elide=True))
        for hint in self._hints:
            words = self.room.words.sentence(hint.words)
            cap = max(board.width(hint.key) + board.u(24), board.u(39))
            if x + cap + board.u(12) + board.width(words) > end:
                return
            board.cap(QRectF(x, whole.center().y() - high / 2, cap, high), hint.key)
            x += cap + board.u(12)
            room = QRectF(x, 0, whole.width() - x, whole.height())
            x += board.text(room, words, Ink(tone="t2")) + board.u(32)
