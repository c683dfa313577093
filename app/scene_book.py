"""Every scene the console knows: the shipped table and those operators saved, one file each."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from app.files import write_whole
from app.scenes import Extent, Place, Scene, Side
from backend_client.contract.base import Text

SIDES: Final[tuple[Side, ...]] = ("left", "right", "bottom")
OWN_KEYS: Final = ("F8", "F9", "F10", "F11", "F12")
"""Function keys no shipped scene has: own scenes take them in the order they were saved."""
LONGEST_TITLE: Final = 24
MOST: Final = 40
_ID: Final = re.compile(r"own-[0-9a-f]{4,16}")


class BadSceneError(ValueError):
    """A scene file cannot be used; `text` says what and where."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


class SceneBook(QObject):
    """Find scenes, keep operators' own ones in a folder.

    Signals:
        changed: an own scene was saved or removed.
    """

    changed = Signal()

    def __init__(
        self,
        shipped: Sequence[Scene],
        folder: Path,
        *,
        complain: Callable[[Text], None],
        knows: Callable[[str], bool] = bool,
        parent: QObject | None = None,
    ) -> None:
        """Read the folder.

        Args:
            shipped: the table's scenes.
            folder: own scenes, one TOML file each.
            complain: hears of files that cannot be used; they stay where they are.
            knows: tells whether a panel of that name can be made.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._shipped = tuple(shipped)
        self._folder, self._complain, self._knows = folder, complain, knows
        self._own: dict[str, Scene] = {}
        self._read()

    def all(self) -> tuple[Scene, ...]:
        """Give every scene, shipped ones first; own ones with the keys that are free."""
        keys = dict(zip(self._own, OWN_KEYS, strict=False))
        own = (replace(one, key=keys.get(one.scene_id, "")) for one in self._own.values())
        return (*self._shipped, *own)

    def find(self, scene_id: str) -> Scene:
        """Give a scene by its id.

        Raises:
            KeyError: there is no such scene.
        """
        return {one.scene_id: one for one in self.all()}[scene_id]

    def save(self, scene: Scene) -> Scene:
        """Keep an own scene under its id, or a new one under a free id.

        Returns:
            The scene as kept.

        Raises:
            BadSceneError: no title, too many scenes, or no room on the disk.
        """
        title = scene.title.zh.strip()
        if not title or len(title) > LONGEST_TITLE:
            raise BadSceneError(
                Text(
                    f"场景名应为 1–{LONGEST_TITLE} 个字。",
                    f"A scene's name has 1 to {LONGEST_TITLE} characters.",
                )
            )
        if scene.scene_id not in self._own and len(self._own) >= MOST:
            raise BadSceneError(
                Text(
                    f"自存场景已有 {MOST} 个，请先删除不用的。",
                    f"There are {MOST} own scenes; remove some first.",
                )
            )
        taken = scene.scene_id if scene.scene_id in self._own else self._free_id()
        kept = replace(scene, scene_id=taken, key="", own=True)
        try:
            write_whole(self._file(taken), _written(kept).encode())
        except OSError as error:
            raise BadSceneError(
                Text(f"场景未能保存（{error}）。", f"The scene could not be saved ({error}).")
            ) from error
        self._own[taken] = kept
        self.changed.emit()
        return self.find(taken)

    def remove(self, scene_id: str) -> None:
        """Forget an own scene; shipped ones stay.

        Raises:
            KeyError: it is no own scene.
        """
        del self._own[scene_id]
        self._file(scene_id).unlink(missing_ok=True)
        self.changed.emit()

    def _file(self, scene_id: str) -> Path:
        return self._folder / f"{scene_id}.toml"

    def _free_id(self) -> str:
        at = 1
        while f"own-{at:04x}" in self._own:
            at += 1
        return f"own-{at:04x}"

    def _read(self) -> None:
        for path in sorted(self._folder.glob("own-*.toml")):
            try:
                self._own[path.stem] = read_scene(path, self._knows)
            except BadSceneError as error:
                self._complain(error.text)


def read_scene(path: Path, knows: Callable[[str], bool] = bool) -> Scene:
    """Read one own scene; panels this program does not know are left out.

    Raises:
        BadSceneError: the file is no scene.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        return Scene(
            scene_id=_own_id(path.stem),
            key="",
            title=Text(str(found["title_zh"]), str(found["title_en"])),
            seat="wall",
            extent=_extent(found["extent"]),
            layers=tuple(str(one) for one in found["layers"]),
            wings={side: _places(found.get(side, ()), knows) for side in SIDES if side in found},
            palette=str(found.get("palette", "")),
            own=True,
        )
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise BadSceneError(
            Text(
                f"场景文件 {path} 无法使用（{error}），已忽略；改好或删除后重启。",
                f"The scene file {path} cannot be used ({error}) and is left out;"
                " mend or delete it and start again.",
            )
        ) from error


def _own_id(stem: str) -> str:
    if _ID.fullmatch(stem) is None:
        raise ValueError(f"{stem} ≠ own-NNNN")
    return stem


def _extent(value: Sequence[float]) -> Extent:
    west, south, east, north = (float(one) for one in value)
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise ValueError(f"extent {list(value)}")
    return Extent(west, south, east, north)


def _places(rows: Sequence[Sequence[Any]], knows: Callable[[str], bool]) -> tuple[Place, ...]:
    every = (Place(str(row[0]), *(int(one) for one in row[1:5])) for row in rows)
    return tuple(one for one in every if knows(one.panel))


def _written(scene: Scene) -> str:
    """Write a scene as flat TOML; JSON's strings, numbers and lists are TOML's."""
    box = scene.extent
    lines: dict[str, object] = {
        "title_zh": scene.title.zh.strip(),
        "title_en": scene.title.en.strip() or scene.title.zh.strip(),
        "extent": [box.west, box.south, box.east, box.north],
        "layers": list(scene.layers),
        "palette": scene.palette,
    }
    wings: Mapping[Side, tuple[Place, ...]] = scene.wings
    for side, places in wings.items():
        lines[side] = [[one.panel, one.column, one.row, one.columns, one.rows] for one in places]
    return "".join(f"{key} = {json.dumps(one, ensure_ascii=False)}\n" for key, one in lines.items())
