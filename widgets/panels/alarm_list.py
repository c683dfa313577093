"""The alarm list on the desk: one is selected, Space acknowledges that one and never all."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from app.figures import standing
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.base import Text
from widgets.paint import Board, Ink
from widgets.panel import Room
from widgets.panels.alarms import ALARM_STATES
from widgets.row_list import RowList


class AlarmList(RowList):
    """Standing alarms, gravest first, two lines each."""

    title = Text("告警列表", "Alarm list")
    empty_words = Text("无在途告警", "No standing alarms")
    row_height = 56.0

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        room.stores.alarms.changed.connect(self._on_alarms)
        self._on_alarms(())

    @property
    def alarm(self) -> Alarm | None:
        """Give the selected alarm."""
        return self.room.stores.alarms.get(self.key)

    def note(self) -> str:
        """Name the keys."""
        return self.room.words.pick("J K 选 · Space 确认所选", "J K choose · Space acknowledges")

    def _on_alarms(self, _ids: tuple[str, ...]) -> None:
        self.take([alarm.item_id for alarm in standing(self.room.stores.alarms.all())])

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the rows, or say that no alarm stands."""
        super().draw(board, area)
        if not self.keys:
            line = QRectF(area.x(), area.y() + 12, area.width(), 28)
            board.text(line, self.say(self.empty_words), Ink(tone="t2"))

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint shape, when and what; below, who does what."""
        alarm = self.room.stores.alarms.get(key)
        if alarm is None:
            return
        words = self.room.words
        board.state(QPointF(box.x() + 4, box.center().y() - 14), alarm.level, 28)
        x = box.x() + 46
        upper = QRectF(x, box.y() + 4, box.right() - x, 25)
        state = self.say(ALARM_STATES[alarm.state])
        taken = board.text(upper, state, Ink(tone="t2", align="right")) + 12
        at = board.text(upper, words.minute(alarm.raised_at), Ink(tone="t3")) + 12
        title = Ink(bold=alarm.state is AlarmState.NEW, elide=True)
        board.text(upper.adjusted(at, 0, -taken, 0), self.say(alarm.title), title)
        doing = words.join(
            words.pick(f"处置：{alarm.action.zh}", f"Do: {alarm.action.en}"),
            self.say(alarm.owner),
            alarm.acknowledged_by.name if alarm.acknowledged_by else "",
        )
        board.text(upper.translated(0, 25), doing, Ink(tone="t2", elide=True))
