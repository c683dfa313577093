"""标绘: a name, a note and an end for what was drawn; it goes onto everybody's map."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final, Literal

from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from backend_client.contract.base import Text
from backend_client.contract.drawings import DrawingIn
from backend_client.contract.feature import Outline
from maps.lasso import ring_of
from widgets.ask import Question
from widgets.deeds import AnyArea
from widgets.panel import Room

Sort = Literal["mark", "line", "area"]

HOURS: Final = (1, 4, 12, 24, 72)
_HOURS_AT_FIRST: Final = 12
_SORTS: Final[dict[Sort, Text]] = {
    "area": Text("区域", "Area"),
    "line": Text("折线", "Line"),
    "mark": Text("标记", "Mark"),
}
_NAME_MOST: Final = 60
_NOTE_MOST: Final = 200


class DrawingQuestion(Question):
    """Ask what a drawing is called, what for, and how long it stays.

    Args:
        room: what every panel has.
        area: what was drawn last, None when nothing is: then only a mark can be made.
        middle: lon, lat of the middle of the map, where a mark goes.
        parent: the desk.
    """

    def __init__(
        self,
        room: Room,
        area: AnyArea | None,
        middle: tuple[float, float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(room, Text("标绘", "Draw"), Text("标上地图", "Put on the map"), parent)
        self._area, self._middle = area, middle
        self.name, self.note = QLineEdit(self), QLineEdit(self)
        self.name.setMaxLength(_NAME_MOST)
        self.note.setMaxLength(_NOTE_MOST)
        self.note.setPlaceholderText(room.words.pick("可不填", "may be left empty"))
        sorts: tuple[Sort, ...] = ("mark",) if area is None else ("area", "line", "mark")
        self.sorts = {sort: self._choice(_SORTS[sort], checked=sort == sorts[0]) for sort in sorts}
        self.hours = {
            hours: self._choice(
                Text(f"{hours} 小时", f"{hours} h"), checked=hours == _HOURS_AT_FIRST
            )
            for hours in HOURS
        }
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        self._row(grid, Text("类型", "Sort"), *self.sorts.values())
        self._row(grid, Text("名称", "Name"), self.name)
        self._row(grid, Text("说明", "Note"), self.note)
        self._row(grid, Text("保留", "Kept for"), *self.hours.values())
        self.column.addLayout(grid)
        self.finish(
            Text(
                "所有在范围内的席位与大屏都会看到；到期自动撤下",
                "Every seat and wall in scope sees it; it leaves by itself at its end",
            )
        )
        self.go.setEnabled(False)
        self.name.textChanged.connect(self._on_name)
        self.name.setFocus()
        self.resize(560, 320)

    def drawing(self, region: str, now: datetime) -> DrawingIn:
        """Give the drawing as it goes to the service."""
        sort = next(sort for sort, button in self.sorts.items() if button.isChecked())
        hours = next(hours for hours, button in self.hours.items() if button.isChecked())
        at = self._middle if sort == "mark" else (None, None)
        return DrawingIn(
            drawing_id=f"drawing-{secrets.token_hex(8)}",
            title=self.name.text().strip(),
            note=self.note.text().strip(),
            kind=sort,
            region=region,
            lon=at[0],
            lat=at[1],
            outline=None if self._area is None else _outline(self._area, sort),
            until_at=now + timedelta(hours=hours),
        )

    def _choice(self, words: Text, *, checked: bool) -> QPushButton:
        button = QPushButton(self.room.words.say(words), self)
        button.setCheckable(True)
        button.setProperty("kind", "chip")
        button.setAutoDefault(False)
        button.setChecked(checked)
        return button

    def _row(self, grid: QGridLayout, title: Text, *widgets: QWidget) -> None:
        row = grid.rowCount()
        label = QLabel(self.room.words.say(title), self)
        label.setProperty("tone", "t2")
        grid.addWidget(label, row, 0)
        line, group = QHBoxLayout(), QButtonGroup(self)
        for widget in widgets:
            line.addWidget(widget)
            if isinstance(widget, QPushButton):
                group.addButton(widget)
        if group.buttons():
            line.addStretch(1)
        grid.addLayout(line, row, 1)

    def _on_name(self, text: str) -> None:
        self.go.setEnabled(bool(text.strip()))


def _outline(area: AnyArea, sort: Sort) -> Outline | None:
    """Give a drawn area as a closed ring or as an open line; a mark has none."""
    ring = ring_of(area)
    if sort == "area":
        return Outline(form="area", parts=((*ring, ring[0]),))
    return Outline(form="line", parts=(ring,)) if sort == "line" else None
