"""The models' desk keys: show them, have one learn, go back after a question."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QStackedWidget

from backend_client.contract.base import Text
from backend_client.contract.models import ModelLine
from widgets.alarm_work import ReasonQuestion
from widgets.commands import Command
from widgets.deeds import failure_words
from widgets.panel import Room
from widgets.panels.models import BACK, Models
from widgets.passing import when_free
from widgets.stale import is_kept


class ModelWork:
    """What a supervisor does with learned models; results are said on their panel."""

    def __init__(self, room: Room, pages: QStackedWidget) -> None:
        self._room, self._pages = room, pages
        self.panel = Models(room, pages)
        self.panel.hide()  # no page yet: it would stand in the corner of the one that is shown
        self.panel.wanted.connect(self.do)

    def commands(self) -> tuple[Command, ...]:
        """Give the desk's key."""
        return (Command(("Shift+Y",), Text("模型", "models"), self.show),)

    def show(self) -> None:
        """Show the models, with the keys on them."""
        self._room.stores.models.want()
        if self._pages.indexOf(self.panel) < 0:
            self._pages.addWidget(self.panel)
        self._pages.setCurrentWidget(self.panel)
        self.panel.setFocus()

    def do(self, step: str) -> None:
        """Take a step on the chosen model; going back asks why first."""
        line = self.panel.chosen
        if line is None:
            return
        models = self._room.stores.models
        if step == BACK:
            self._back(line)
        else:
            said = Text("已排队学习", "it will learn next")
            models.learn(line.name, lambda: self._said(said), self._failed)

    def _back(self, line: ModelLine, typed: str = "") -> None:
        """Ask why and go back; refused, the question comes back with the words in it."""
        reason = self._why(line, typed)
        if reason is None:
            return

        def failed(error: Exception) -> None:
            self._failed(error)
            if is_kept(error):
                when_free(self.panel, lambda: self._back(line, reason))

        done = partial(self._said, Text("已退回", "rolled back"))
        self._room.stores.models.roll_back(line.name, reason, done, failed)

    def _why(self, line: ModelLine, typed: str) -> str | None:
        before = next((one.before for one in line.versions if one.number == line.in_use), 0)
        to = Text(f"第 {before} 版", f"version {before}") if before else Text("规则", "the rules")
        title = Text(f"{line.title.zh}：退回到{to.zh}", f"{line.title.en}: roll back to {to.en}")
        question = ReasonQuestion(
            self._room,
            title,
            Text("退回", "Roll back"),
            last_line=Text(
                "此后服务不再自行启用新版，由人决定", "the service then promotes nothing by itself"
            ),
            parent=self.panel,
        )
        question.reason.setText(typed)
        return question.text if question.exec() else None

    def _said(self, words: Text) -> None:
        self.panel.say_result(self._room.words.say(words))

    def _failed(self, error: Exception) -> None:
        self.panel.say_result(failure_words(error, self._room.words))
