"""The base of every panel: title, age, and the faces it shows when it has nothing to show."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from app.alarm_board import AlarmBoard
from app.answers import Question
from app.census import Census
from app.event_table import EventTable
from app.figures import Figures, tell
from app.i18n import SEPARATOR, Words
from app.order_table import OrderTable
from app.places import Names
from app.stores import Link, Stores
from app.tasks import Runner
from app.theme import Seat, Theme
from backend_client.contract.base import Text
from maps.spec import LayerSpec, load_layers
from widgets.easel import Easel, Painted
from widgets.paint import FAINT, LABEL, STRONG, Board, Ink

T = TypeVar("T")
STALE_AFTER = 3.0  # periods; look README section 6, Age badge
LOADING_AFTER_S = 0.3
TICK_MS = 1_000
TURNS = 16
TREND_S = 600
LEAST_TREND_S = 60
PAST_EVERY_S = 10
PAST_S = 4 * 3_600


class Face(StrEnum):
    """What a panel shows."""

    READY = "ready"
    LOADING = "loading"
    EMPTY = "empty"
    ERROR = "error"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Age:
    """How old a panel's value is, and how often it is due."""

    seconds: float
    period_s: float

    @property
    def is_late(self) -> bool:
        """Tell whether the value is behind its period."""
        return self.seconds >= self.period_s

    @property
    def is_stale(self) -> bool:
        """Tell whether the value is too old to act on."""
        return self.seconds > STALE_AFTER * self.period_s


@dataclass(frozen=True, slots=True)
class Past:
    """A card's number at an earlier instant; at_s seconds since 1970 UTC."""

    at_s: float
    number: float


class Turn(QObject):
    """One panel's moment in the second, so that never all panels paint at once.

    Signals:
        came: paint now.
    """

    came = Signal()


class Pulse(QObject):
    """Count the figures once a second, say so, then let the panels repaint in turns.

    Signals:
        ticked: a second has passed; ages and figures are new.
    """

    ticked = Signal()

    def __init__(
        self,
        stores: Stores,
        parent: QObject | None = None,
        *,
        runner: Runner | None = None,
        specs: Sequence[LayerSpec] | None = None,
    ) -> None:
        super().__init__(parent)
        self._stores = stores
        self.easel = Easel(self)
        self.alarms = AlarmBoard(stores.alarms, stores.suppressions, self)
        self.specs = {spec.layer_id: spec for spec in (specs or load_layers())}
        plans = {layer: spec.plan for layer, spec in self.specs.items()}
        self.runner = runner
        self._census = Census(stores, plans, runner=runner, parent=self)
        self.figures: Figures = tell(stores, self._census)
        self._past: dict[str, deque[Past]] = {}
        self._turns = tuple(Turn(self) for _ in range(TURNS))
        self._joined = self._at = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS // TURNS)
        self._timer.timeout.connect(self._on_time)

    def elsewhere(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        """Do a job in a worker where there is one; `done` gets its result on this thread."""
        if self.runner is None:
            done(job())
        else:
            self.runner.run(job, done)

    @property
    def events(self) -> EventTable:
        """Give citizens' events as columns."""
        return self._census.events

    @property
    def orders(self) -> OrderTable:
        """Give orders as columns."""
        return self._census.orders

    def start(self) -> None:
        """Begin to beat."""
        self._timer.start()
        self.easel.start()

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()
        self.easel.stop()

    def join(self) -> Turn:
        """Give a panel its turn."""
        self._joined += 1
        return self._turns[self._joined % TURNS]

    def _on_time(self) -> None:
        self._at = (self._at + 1) % TURNS
        if self._at == 0:
            self._count()
        self._turns[self._at].came.emit()

    def beat(self) -> None:
        """Count now and let every panel take its turn at once."""
        self._count()
        for turn in self._turns:
            turn.came.emit()

    def _count(self) -> None:
        self.figures = tell(self._stores, self._census)
        if self._stores.link is Link.ONLINE:
            for spec in self.specs.values():
                self._remember(spec)
        self.ticked.emit()

    def _remember(self, spec: LayerSpec) -> None:
        """Keep a card's number each ten seconds, once anything came."""
        past = self._past.setdefault(spec.layer_id, deque(maxlen=PAST_S // PAST_EVERY_S))
        at_s = self.figures.at.timestamp()
        if past and at_s - past[-1].at_s < PAST_EVERY_S:
            return
        number = spec.cards[0].measure(self.figures)
        if number is not None and self.figures.feed(spec.layer_id).newest_at is not None:
            past.append(Past(at_s, number))

    def past(self, layer: str) -> tuple[Past, ...]:
        """Give what the layer's card said while this console watched, oldest first."""
        return tuple(self._past.get(layer, ()))

    def trend(self, layer: str) -> int:
        """Tell whether a layer's number rose (1), fell (-1) or stands, over ten minutes.

        Nothing is told before a minute has been watched.
        """
        at_s = self.figures.at.timestamp()
        known = [one for one in self._past.get(layer, ()) if at_s - one.at_s <= TREND_S]
        now = self.specs[layer].cards[0].measure(self.figures) if layer in self.specs else None
        if now is None or not known or at_s - known[0].at_s < LEAST_TREND_S:
            return 0
        return (now > known[0].number) - (now < known[0].number)


def _sees_everything(_layer: str) -> bool:
    return True


def _nothing_set(_key: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Room:
    """What every panel is given: the facts, the words, the looks and the seat.

    Args:
        sees: tells whether the person's departments include a layer's.
        setting: gives what is entered for a setting, by its key.
    """

    stores: Stores
    theme: Theme
    words: Words
    names: Names
    pulse: Pulse
    seat: Seat
    sees: Callable[[str], bool] = _sees_everything
    setting: Callable[[str], str] = _nothing_set

    @property
    def figures(self) -> Figures:
        """Give the figures last counted."""
        return self.pulse.figures

    @property
    def alarms(self) -> AlarmBoard:
        """Give the alarms in the order people need them."""
        return self.pulse.alarms


def unanswered(room: Room, question: Question[Any]) -> Face:
    """Say why there is no answer: not for this person, the service in trouble, or still to come."""
    answers = room.stores.answers
    if answers.fault(question) is not None:
        return Face.REFUSED
    return Face.ERROR if answers.trouble(question) is not None else Face.LOADING


class Panel(Painted):
    """Show one thing; a subclass says its title, its age, its face and draws its body."""

    title = Text("", "")
    layer = ""
    empty_words = Text("无数据", "No data")
    empty_reason = Text("尚未接入", "not connected yet")

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room.pulse.easel, parent)
        self.room = room
        self.panel_name = ""  # as scenes name it
        self.cut: tuple[str, ...] = ()
        room.theme.changed.connect(self.redraw)
        room.words.changed.connect(self.redraw)
        room.pulse.join().came.connect(self.freshen)
        room.stores.link_changed.connect(self.redraw)

    def freshen(self) -> None:
        """Show the new second; called once a second, each panel at its own moment."""
        self.redraw()

    def catch_up(self) -> None:
        """Take in what is new before the panel is shown again."""

    def pieces(self) -> tuple[Painted, ...]:
        """Give what is painted by itself, the panel first."""
        return (self,)

    def ground(self) -> str:
        """Give the plate's colour."""
        return self.room.theme.color("panel")

    def say(self, text: Text) -> str:
        """Say a text in the language in force."""
        return self.room.words.say(text)

    def heading(self) -> str:
        """Give the title line."""
        return self.say(self.title)

    def note(self) -> str:
        """Give the words at the right of the title."""
        return ""

    def age(self) -> Age | None:
        """Give the age of what is shown; None where there is none to tell."""
        return None

    def face(self) -> Face:
        """Say which face to show."""
        if self.room.stores.link is Link.STARTING:
            return Face.LOADING
        return Face.READY if self.room.sees(self.layer) else Face.REFUSED

    def level(self) -> int:
        """Give the level whose bar marks the panel, 0 for none."""
        return 0

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the body."""

    def paint(self, painter: QPainter) -> None:
        """Paint frame, title, age, then the face."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        board = Board(painter, self.room.theme, self.room.seat)
        whole = QRectF(self.rect())
        board.fill(whole, "panel")
        if self.level():
            bar = QRectF(0, 0, max(5, board.u(8)), whole.height())
            painter.fillRect(bar, self.room.theme.state_color(self.level()))
        self.draw_face(board, self.paint_head(board, whole))
        self.cut = tuple(board.cut)

    def pads(self, board: Board) -> tuple[float, float]:
        """Give the space left and above the content."""
        return board.u(20), board.u(12)

    def paint_head(self, board: Board, whole: QRectF) -> QRectF:
        """Paint title, note and age; give the room that is left."""
        pad_x, pad_y = self.pads(board)
        height = board.u(36)
        head = QRectF(pad_x, pad_y, whole.width() - 2 * pad_x, height)
        taken = self._draw_age(board, head) if self.age() else 0.0
        note = self.note()
        right = head.adjusted(0, 0, -taken - (board.u(16) if taken else 0), 0)
        title = self.heading()
        if board.width(title, STRONG) > right.width():  # beside a long age the first part names it
            title = title.split(SEPARATOR)[0]
        title_wide = board.width(title, STRONG)
        if note and board.width(note) + title_wide + board.u(16) <= right.width():
            board.text(right, note, Ink(tone="t3", align="right"))
        board.text(right, title, Ink(tone="t2", bold=True))
        top = pad_y + height + board.u(4)
        return QRectF(pad_x, top, head.width(), whole.height() - top - pad_y)

    def _draw_age(self, board: Board, box: QRectF) -> float:
        age = self.age()
        return draw_age(board, box, age, self.room) if age else 0.0

    def draw_face(self, board: Board, area: QRectF) -> None:
        """Paint the body, or what stands for it."""
        face = self.face()
        if face is Face.READY:
            age = self.age()
            board.dim = bool(age and age.is_stale)
            if board.dim:
                board.hatch(area)
            self.draw(board, area)
            return
        if face is Face.LOADING:
            self._draw_loading(board, area)
            return
        words = {
            Face.EMPTY: (self.empty_words, self.empty_reason),
            Face.ERROR: (Text("源中断", "Source down"), Text("每 30 秒重试", "retry every 30 s")),
            Face.REFUSED: (
                Text("未授权", "No access"),
                Text("值班长可开通", "ask the duty leader"),
            ),
        }[face]
        high = board.line_height(Ink(role="m"))
        board.text(
            QRectF(area.x(), area.y(), area.width(), high),
            self.say(words[0]),
            Ink(role="m", bold=True, elide=True),
        )
        below = QRectF(area.x(), area.y() + high, area.width(), max(area.height() - high, 1))
        board.paragraph(below, self.say(words[1]), Ink(tone="t2", elide=True))

    @staticmethod
    def _draw_loading(board: Board, area: QRectF) -> None:
        for line, share in enumerate((0.55, 0.85, 0.7)):
            y = area.y() + board.u(10) + line * board.u(44)
            if y + board.u(26) < area.bottom():
                board.fill(QRectF(area.x(), y, area.width() * share, board.u(26)), "raise")


def age_words(age: Age, room: Room) -> tuple[str, str]:
    """Give the age in words and the tone it is written in."""
    if age.seconds == float("inf"):
        return room.words.pick("未收到", "none yet"), "t1"
    if age.is_stale:
        at = room.stores.server_now().timestamp() - age.seconds
        when = room.stores.server_now().fromtimestamp(at, room.stores.server_now().tzinfo)
        return room.words.as_of(when), "t1"
    return room.words.age(age.seconds), "t1" if age.is_late else "t3"


def draw_age(board: Board, box: QRectF, age: Age, room: Room) -> float:
    """Paint the age badge at the right end of a box; give the width it took."""
    words, tone = age_words(age, room)
    board.text(box, words, Ink(tone=tone, align="right"))
    wide = board.width(words)
    size = board.u(13)
    centre = QPointF(box.right() - wide - board.u(16), box.center().y() + board.u(1))
    if age.is_stale:
        cross = QRectF(centre.x() - size, box.y(), size * 2, box.height())
        board.text(cross, "×", Ink(tone="t1", bold=True, align="center"))
    else:
        board.dot(centre, size, hollow=age.is_late, tone=tone)
    return wide + board.u(16) + size


__all__ = ["FAINT", "LABEL", "Age", "Face", "Panel", "Pulse", "Room", "age_words", "draw_age"]
