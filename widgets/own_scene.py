"""Ask for an own scene's name, and make the scene of what a stage shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from app.notices import Notices
from app.scene_book import LONGEST_TITLE, BadSceneError, SceneBook
from app.scenes import Extent, Scene
from backend_client.contract.base import Text
from maps.setup import seen_extent
from maps.view import MapView
from widgets.ask import Question
from widgets.panel import Room
from widgets.stage import Stage


class SceneQuestion(Question):
    """Ask what the scene is to be called."""

    def __init__(self, room: Room, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(room, Text("保存为场景", "Save as a scene"), Text("保存", "Save"), parent)
        self.name = QLineEdit(room.words.say(scene.title) if scene.own else "", self)
        self.name.setMaxLength(LONGEST_TITLE)
        self.name.setPlaceholderText(room.words.pick("场景名", "name of the scene"))
        kept = QLabel(
            room.words.pick(
                "记下地图范围、图层、面板和配色", "Keeps map extent, layers, panels and palette"
            ),
            self,
        )
        kept.setProperty("tone", "t2")
        self.column.addWidget(self.name)
        self.column.addWidget(kept)
        self.finish(Text("存于本机；可在命令中删除", "Kept on this machine; removed by a command"))
        self.go.setEnabled(bool(self.name.text().strip()))
        self.name.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.name.setFocus()
        self.resize(520, 240)

    @property
    def title(self) -> Text:
        """Give the name typed; operators write one language."""
        typed = self.name.text().strip()
        return Text(typed, typed)


def scene_now(
    shown: Scene, title: Text, view: MapView, layers: Sequence[str], palette: str
) -> Scene:
    """Make a scene of what stands on a stage.

    Args:
        shown: the scene it began with; its panels are kept.
        title: the new name.
        view: the map, for its extent.
        layers: on the map now.
        palette: the colours in force.
    """
    found: Extent = seen_extent(view.size(), view.camera()) or shown.extent
    return replace(
        shown, title=title, extent=found, layers=tuple(layers), palette=palette, seat="wall"
    )


def keep_scene(
    room: Room, book: SceneBook, stage: Stage, layers: Sequence[str], notices: Notices
) -> str:
    """Ask for a name and keep what a stage shows; give the scene's id, empty when it was not kept.

    Args:
        room: of the seat that is asked.
        book: keeps it.
        stage: what is kept.
        layers: on its map now.
        notices: hears what became of it.
    """
    view = stage.map_view
    asked = SceneQuestion(room, stage.scene, stage)
    if not isinstance(view, MapView) or not asked.exec():
        return ""
    made = scene_now(stage.scene, asked.title, view, layers, room.theme.name)
    try:
        kept = book.save(made)
    except BadSceneError as error:
        notices.say(error.text, weight="warning", key="wall")
        return ""
    key = f" · {kept.key}" if kept.key else ""
    said = Text(f"已存场景 {kept.title.zh}{key}", f"Scene {kept.title.en} saved{key}")
    notices.say(said, key="wall")
    return kept.scene_id
