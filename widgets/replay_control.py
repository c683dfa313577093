"""Replay by key: an instant asked for, steps, playing, and back to now."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QDateTime, QTimeZone
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QDateTimeEdit, QWidget

from app.replay import KEPT, Replay
from backend_client.contract.base import Text
from widgets.ask import Question
from widgets.commands import Command
from widgets.panel import Room

MINUTE_S = 60.0


class _InstantField(QDateTimeEdit):
    """Begin at the hour: Qt begins at the year, which a week never leaves."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose the hour."""
        super().focusInEvent(event)
        self.setSelectedSection(QDateTimeEdit.Section.HourSection)


class InstantQuestion(Question):
    """Ask for an instant of the last week, in the city's time."""

    def __init__(self, room: Room, start: datetime, parent: QWidget | None = None) -> None:
        super().__init__(
            room,
            Text("回放 · 选择时刻", "Replay · choose an instant"),
            Text("回放", "Replay"),
            parent,
        )
        self._zone = room.words.local(start).tzinfo
        self.field = _InstantField(self)
        self.field.setTimeZone(QTimeZone.utc())  # the field shows civil time as it is given
        self.field.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
        self.field.setCalendarPopup(False)
        now = room.stores.server_now()
        self.field.setDateTimeRange(self._civil(now - KEPT), self._civil(now))
        self.field.setDateTime(self._civil(start))
        self.column.addWidget(self.field)
        self.finish(
            Text("最近七天 · 回放时席位只读", "The last seven days · read-only while it is on")
        )
        self.field.setFocus()
        self.resize(420, 190)

    def _civil(self, at: datetime) -> QDateTime:
        naive = self.room.words.local(at).replace(tzinfo=UTC)
        return QDateTime.fromMSecsSinceEpoch(round(naive.timestamp() * 1000), QTimeZone.utc())

    @property
    def at(self) -> datetime:
        """Give the instant chosen."""
        civil = datetime.fromtimestamp(self.field.dateTime().toMSecsSinceEpoch() / 1000, UTC)
        return civil.replace(tzinfo=self._zone).astimezone(UTC)


def ask_for_instant(room: Room, replay: Replay, parent: QWidget) -> None:
    """Let a person choose the instant all maps show."""
    question = InstantQuestion(room, replay.at or room.stores.server_now(), parent)
    if question.exec():
        replay.go(question.at)


def replay_commands(room: Room, replay: Replay, parent: QWidget) -> tuple[Command, ...]:
    """Give what can be done with the time of the maps."""
    steps = (
        ("Alt+Left", -1, Text("回放 后退 1 分钟", "replay: back 1 minute")),
        ("Alt+Right", 1, Text("回放 前进 1 分钟", "replay: on 1 minute")),
        ("Alt+Shift+Left", -10, Text("回放 后退 10 分钟", "replay: back 10 minutes")),
        ("Alt+Shift+Right", 10, Text("回放 前进 10 分钟", "replay: on 10 minutes")),
    )
    return (
        Command(
            ("Alt+H",),
            Text("回放 选择时刻", "replay an instant"),
            partial(ask_for_instant, room, replay, parent),
        ),
        *(
            Command((key,), words, partial(replay.step, minutes * MINUTE_S))
            for key, minutes, words in steps
        ),
        Command(("Alt+P",), Text("回放 播放 / 停", "replay: play / pause"), replay.play),
        Command(("Alt+End",), Text("回到实况", "back to now"), replay.go_live),
    )
