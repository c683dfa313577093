"""The alarm list on the desk: one row is selected, Space acknowledges that one and never all."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from app.alarm_board import STANDING, chatters, family_of
from backend_client.contract.alarms import Alarm, AlarmState
from backend_client.contract.base import Text
from widgets.paint import Board, Ink
from widgets.panel import Room
from widgets.panels.alarms import ALARM_STATES
from widgets.row_list import RowList

FAMILY = "family:"
VIEWS: dict[AlarmState | None, Text] = {
    None: Text("在途", "standing"),
    AlarmState.SHELVED: Text("已搁置", "shelved"),
    AlarmState.OUT_OF_SERVICE: Text("已停用", "out of service"),
}
_NOTHING: dict[AlarmState | None, Text] = {
    None: Text("无在途告警", "No standing alarms"),
    AlarmState.SHELVED: Text("无搁置告警", "Nothing is shelved"),
    AlarmState.OUT_OF_SERVICE: Text("无停用告警", "Nothing is out of service"),
}
MOST_ROWS = 2_000
"""Rows of one view; a flood is folded by cause, and what is over is reached by unfolding less."""


class AlarmList(RowList):
    """What stands, folded by cause or one by one; what is shelved; what is out of service."""

    title = Text("告警列表", "Alarm list")
    row_height = 56.0

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self.view: AlarmState | None = None
        self.unfolded: set[str] = set()
        room.alarms.changed.connect(self._on_alarms)
        self._on_alarms()

    @property
    def alarm(self) -> Alarm | None:
        """Give the selected alarm; of a folded family, the one it shows."""
        if self.key.startswith(FAMILY):
            return self.room.alarms.head(self.key.removeprefix(FAMILY))
        return self.room.stores.alarms.get(self.key)

    @property
    def family(self) -> str:
        """Name the selected folded family, empty on a row of its own."""
        return self.key.removeprefix(FAMILY) if self.key.startswith(FAMILY) else ""

    def together(self) -> list[Alarm]:
        """Give what would be acknowledged with the selected folded family."""
        return self.room.alarms.waiting_in(self.family) if self.family else []

    def turn(self) -> None:
        """Show the next of what stands, what is shelved, what is out of service."""
        views = tuple(VIEWS)
        self.view = views[(views.index(self.view) + 1) % len(views)]
        self.put(self._rows())

    def fold(self) -> None:
        """Fold the selected row's family, or show its alarms one by one."""
        family = self.family or (family_of(self.alarm) if self.alarm else "")
        if self.view is not None or self.room.alarms.size(family) < 2:
            return
        self.unfolded ^= {family}
        members = self.room.alarms.members(family)
        self.put(self._rows())
        self.select(members[0] if family in self.unfolded else FAMILY + family)

    def heading(self) -> str:
        """Give the title and what is shown."""
        return self.room.words.join(self.say(self.title), self.say(VIEWS[self.view]))

    def note(self) -> str:
        """Say how many stand behind how many causes, what a response folds away, and the keys."""
        alarms, words = self.room.alarms, self.room.words
        causes = len(alarms.families())
        folded = alarms.folded
        return words.join(
            words.pick(f"同因折叠 {alarms.count} → {causes}", f"by cause {alarms.count} → {causes}")
            if alarms.count > causes
            else "",
            words.pick(f"战时折叠 {folded}", f"folded by response {folded}") if folded else "",
            words.pick("T 视图 · G 折叠 · F 搁置", "T view · G fold · F shelve"),
        )

    def _rows(self) -> list[str]:
        alarms = self.room.alarms
        if self.view is not None:
            return [alarm.item_id for alarm in alarms.aside(self.view)][:MOST_ROWS]
        rows: list[str] = []
        for family in alarms.families():
            if alarms.size(family) < 2 or family in self.unfolded:
                rows += alarms.members(family)
            else:
                rows.append(FAMILY + family)
            if len(rows) > MOST_ROWS:
                break
        return rows[:MOST_ROWS]

    def _on_alarms(self) -> None:
        """Take what is new in; a row that became a family's stays under the cursor."""
        rows = self._rows()
        alarm = self.room.stores.alarms.get(self.key)
        if self.key not in rows and alarm is not None and alarm.state in STANDING:
            family = FAMILY + family_of(alarm)
            if family in rows:
                self._keys = [family if key == self.key else key for key in self._keys]
                self._key = family
        self.take(rows)

    def draw(self, board: Board, area: QRectF) -> None:
        """Paint the rows, or say that there is nothing."""
        super().draw(board, area)
        if not self.keys:
            line = QRectF(area.x(), area.y() + 12, area.width(), 28)
            board.text(line, self.say(_NOTHING[self.view]), Ink(tone="t2"))

    def draw_row(self, board: Board, box: QRectF, key: str) -> None:
        """Paint shape, when and what; below, who does what, who has it, why it is aside."""
        if key.startswith(FAMILY):
            family = key.removeprefix(FAMILY)
            alarm = self.room.alarms.head(family)
            size = self.room.alarms.size(family)
        else:
            alarm, size = self.room.stores.alarms.get(key), 1
        if alarm is None:
            return
        words = self.room.words
        board.state(QPointF(box.x() + 4, box.center().y() - 14), alarm.level, 28)
        x = box.x() + 46
        upper = QRectF(x, box.y() + 4, box.right() - x, 25)
        right = (
            words.pick(f"同因 {size} ▸", f"{size} of this cause ▸")
            if size > 1
            else self.say(ALARM_STATES[alarm.state])
        )
        taken = board.text(upper, right, Ink(tone="t2", bold=size > 1, align="right")) + 12
        at = board.text(upper, words.minute(alarm.raised_at), Ink(tone="t3")) + 12
        title = Ink(bold=alarm.state is AlarmState.NEW, elide=True)
        board.text(upper.adjusted(at, 0, -taken, 0), self.say(alarm.title), title)
        below = self._aside(alarm) if alarm.state not in STANDING else self._doing(alarm)
        board.text(upper.translated(0, 25), below, Ink(tone="t2", elide=True))

    def _doing(self, alarm: Alarm) -> str:
        words, by = self.room.words, alarm.acknowledged_by
        seen = alarm.acknowledged_at
        return words.join(
            words.pick("首出", "first out") if self.room.alarms.is_first_out(alarm) else "",
            words.pick(f"抖动 ×{alarm.raises}", f"chattering ×{alarm.raises}")
            if chatters(alarm)
            else "",
            words.pick(f"处置：{alarm.action.zh}", f"Do: {alarm.action.en}"),
            self.say(alarm.owner),
            f"{by.name} {words.minute(seen)}" if by and seen else "",
            alarm.note,
        )

    def _aside(self, alarm: Alarm) -> str:
        words, by = self.room.words, alarm.acknowledged_by
        until = alarm.shelved_until
        return words.join(
            words.pick(f"至 {words.minute(until)}", f"until {words.minute(until)}")
            if until
            else words.pick("恢复前一直停用", "until put back"),
            alarm.note,
            f"{by.name} {words.minute(alarm.acknowledged_at)}"
            if by and alarm.acknowledged_at
            else "",
        )
