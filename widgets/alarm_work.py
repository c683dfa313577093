"""What a desk does with alarms by keyboard: acknowledge, comment, shelve, fold, take out, mute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.annunciator import Annunciator
from backend_client.contract.alarms import Alarm, AlarmState, Suppress
from backend_client.contract.base import Text
from widgets.ask import Question
from widgets.commands import Command
from widgets.deeds import Deeds, Failed
from widgets.panel import Room
from widgets.panels.alarm_list import AlarmList

LEAST_REASON = 2
SPANS: tuple[tuple[timedelta, Text], ...] = (
    (timedelta(minutes=30), Text("30 分钟", "30 min")),
    (timedelta(hours=1), Text("1 小时", "1 h")),
    (timedelta(hours=2), Text("2 小时", "2 h")),
    (timedelta(hours=4), Text("4 小时", "4 h")),
    (timedelta(hours=8), Text("8 小时", "8 h")),
    (timedelta(hours=12), Text("12 小时（一个班次）", "12 h (one shift)")),
)


class ReasonQuestion(Question):
    """Ask for a reason, and where it has an end, for how long."""

    def __init__(
        self,
        room: Room,
        title: Text,
        go: Text,
        *,
        last_line: Text,
        ends: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(room, title, go, parent)
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(200)
        self.reason.setPlaceholderText(room.words.pick("原因或说明", "reason or comment"))
        self.column.addWidget(self.reason)
        self.span = QComboBox(self)
        for _, words in SPANS:
            self.span.addItem(room.words.say(words))
        self.span.setCurrentIndex(1)
        self.span.setVisible(ends)
        self.column.addWidget(self.span)
        self.finish(last_line)
        self.go.setEnabled(False)
        self.reason.textChanged.connect(self._on_text)
        self.reason.setFocus()
        self.resize(560, 220)

    @property
    def text(self) -> str:
        """Give the reason typed."""
        return self.reason.text().strip()

    @property
    def lasts(self) -> timedelta:
        """Give the time chosen."""
        return SPANS[self.span.currentIndex()][0]

    def _on_text(self) -> None:
        self.go.setEnabled(len(self.text) >= LEAST_REASON)


class AlarmWork:
    """The alarm list's keys; results are said where the desk says them."""

    def __init__(
        self,
        room: Room,
        deeds: Deeds,
        listed: AlarmList,
        *,
        annunciator: Annunciator | None,
        layers: Callable[[], Iterable[str]],
        answers: tuple[Callable[[], None], Failed, Callable[[Text], None]],
    ) -> None:
        self._room, self._deeds, self._list = room, deeds, listed
        self._annunciator, self._layers = annunciator, layers
        self._done, self._failed, self._say = answers

    def commands(self) -> tuple[Command, ...]:
        """Give the keys."""
        return (
            Command(("Space",), Text("确认所选告警", "acknowledge"), self.acknowledge),
            Command(("I",), Text("确认并备注", "acknowledge with a comment"), self.comment),
            Command(("F",), Text("搁置告警", "shelve the alarm"), self.shelve),
            Command(("Shift+F",), Text("停用或恢复", "out of service or back"), self.withdraw),
            Command(
                ("T",), Text("在途 / 搁置 / 停用", "standing / shelved / out"), self._list.turn
            ),
            Command(("Shift+T",), Text("战时折叠", "fold for a response"), self.suppress),
            Command(("Ctrl+J",), Text("静音 2 分钟", "mute for 2 min"), self.mute),
        )

    def acknowledge(self) -> None:
        """Acknowledge the selected alarm; a folded family asks for a comment first."""
        if self._list.family:
            self.comment()
            return
        alarm = self._open("acknowledge")
        if alarm is not None:
            self._deeds.acknowledge(alarm, self._done, self._failed)

    def comment(self) -> None:
        """Acknowledge with a comment: the selected alarm, or its folded family."""
        together = self._list.together()
        if self._list.family and not together:
            self._say(Text("均已确认", "All of them are acknowledged"))
            return
        alarm = together[0] if together else self._list.alarm
        if alarm is None or not self._may("acknowledge", alarm):
            return
        count = max(len(together), 1)
        title = Text(
            f"确认 {count} 条 · {alarm.title.zh}", f"Acknowledge {count} · {alarm.title.en}"
        )
        question = ReasonQuestion(
            self._room,
            title,
            Text("确认", "Acknowledge"),
            last_line=Text(
                "确认不等于关闭，不可撤销", "It does not close them; it cannot be undone"
            ),
            parent=self._list.window(),
        )
        if not question.exec():
            return
        if together:
            self._deeds.acknowledge_together(together, question.text, self._done, self._failed)
        else:
            self._deeds.acknowledge(alarm, self._done, self._failed, note=question.text)

    def shelve(self) -> None:
        """Put the selected alarm aside for a reason and a time."""
        alarm = self._open("shelve")
        if alarm is None:
            return
        question = ReasonQuestion(
            self._room,
            Text(f"搁置 · {alarm.title.zh}", f"Shelve · {alarm.title.en}"),
            Text("搁置", "Shelve"),
            last_line=Text(
                "到时自动恢复，最长一个班次", "It comes back by itself, one shift at most"
            ),
            ends=True,
            parent=self._list.window(),
        )
        if question.exec():
            until_at = self._room.stores.server_now() + question.lasts - timedelta(seconds=1)
            self._deeds.shelve(alarm, question.text, until_at, self._done, self._failed)

    def withdraw(self) -> None:
        """Take the selected alarm out of service, or put it back."""
        chosen = self._list.alarm
        if chosen is not None and chosen.state is AlarmState.OUT_OF_SERVICE:
            alarm = self._open("restore")
            if alarm is not None:
                self._deeds.restore(alarm, self._done, self._failed)
            return
        alarm = self._open("withdraw")
        if alarm is None:
            return
        question = ReasonQuestion(
            self._room,
            Text(f"停用 · {alarm.title.zh}", f"Out of service · {alarm.title.en}"),
            Text("停用", "Take out"),
            last_line=Text("恢复前不再告警", "It does not call again until it is put back"),
            parent=self._list.window(),
        )
        if question.exec():
            self._deeds.withdraw(alarm, question.text, self._done, self._failed)

    def suppress(self) -> None:
        """Fold III and IV of layers that are not on this desk's map, or end that."""
        region = self._deeds.region()
        present = [one for one in self._room.alarms.suppressions() if one.region == region]
        begins = not present
        layers = tuple(sorted(self._layers()))
        names = "、".join(layers), ", ".join(layers)
        title = (
            Text(f"战时折叠 · 保留 {names[0]}", f"Fold for a response · keep {names[1]}")
            if begins
            else Text("结束战时折叠", "End folding for the response")
        )
        last = (
            Text("其余图层的Ⅲ、Ⅳ级只进列表", "III and IV of other layers go to the list only")
            if begins
            else Text("全部告警重新上条", "Every alarm is on the strip again")
        )
        go = Text("开始", "Begin") if begins else Text("结束", "End")
        question = ReasonQuestion(self._room, title, go, last_line=last, parent=self._list.window())
        if question.exec():
            wish = Suppress(
                region=region,
                active=begins,
                layers=layers if begins else present[0].layers,
                reason=question.text,
            )
            self._deeds.suppress(wish, self._done, self._failed)

    def mute(self) -> None:
        """Silence this seat for two minutes, or let it sound again; the supervisor sees it."""
        if self._annunciator is None:
            return
        muted = self._annunciator.toggle_mute()
        self._say(
            Text("已静音 2 分钟，值班长可见", "Muted for 2 min; the duty leader sees it")
            if muted
            else Text("已恢复声音", "Sound is back")
        )

    def _open(self, verb: str) -> Alarm | None:
        alarm = self._list.alarm
        if alarm is None or self._list.family:
            if alarm is not None:
                self._say(Text("先按 G 展开同因", "Press G to unfold first"))
            return None
        return alarm if self._may(verb, alarm) else None

    def _may(self, verb: str, alarm: Alarm) -> bool:
        why = self._deeds.why_not(verb, alarm)
        if why is not None:
            self._say(why)
        return why is None
