"""Draw every scene at every size, language and palette, check each picture, write the gallery.

`python -m tests.gallery.draw OUT [--only WORD] [--minutes 10]`; `make gallery` runs it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from app.console import build
from app.launch import launch
from app.scenes import Scene
from app.stores import Link
from app.theme import Seat
from backend_client.contract.clock import SystemClock
from maps import engine, scheme
from maps.view import MapView
from tests.gallery import desk_faces
from tests.gallery.checks import (
    MOST_STRONG,
    Line,
    Record,
    holds,
    pixels,
    read_in_picture,
    recorded,
    strong_share,
    told_by_controls,
    told_by_widgets,
)
from widgets.desk import Desk
from widgets.parts import Parts
from widgets.program import compose
from widgets.run import DEMO_ACCOUNT, SignsIn
from widgets.wall import Windows
from widgets.window import Window

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "gallery.md"
SHOWN: Final = ROOT / "docs" / "gallery"
RATE: Final = 20.0  # the city's pace: ten of its minutes are half a minute of ours
LOOKS: Final = (("zh", "night"), ("en", "night"), ("zh", "day"), ("en", "day"))
WALLS: Final = ((3840, 1080), (3840, 2160), (7680, 2160), (11520, 2160))
DESKS: Final = ((1920, 1080), (2560, 1440), (1366, 768))
LAYERS: Final = 16
STEP_MS: Final = 50
SETTLE_S: Final = 1.2
FACE_S: Final = 0.5
STOP_IN: Final = "ask-gate"
"""The one picture with STOP in it, which may be seen; look README section 4."""
MAP_S: Final = 3.0
MOST_WAITING: Final = 2
PAINT_S: Final = 30.0  # at most: a picture of half the panels in another language is none
PNG_QUICK: Final = 85  # lossless all the same; a wall at the usual effort takes seconds
MOST_BYTES: Final = 250_000
MOST_SHOWN: Final = 30
SHOWN_WIDTH: Final = 1600
_WALL_PAGE: Final = (
    "general",
    "wartime",
    "handover",
    "hazmat",
    "requests",
    "transport",
    "utilities",
)
ON_PAGE: Final = frozenset(
    [f"wall-{scene}-3840x1080-zh-night" for scene in _WALL_PAGE]
    + [f"wall-water-3840x2160-{look}" for look in ("zh-day", "en-night")]
    + [f"wall-linkage-3840x2160-{look}" for look in ("zh-night", "en-day")]
    + [f"wall-general-{size}-zh-night" for size in ("7680x2160", "11520x2160")]
    + [f"desk-desk-1920x1080-{look}" for look in ("zh-night", "en-night", "zh-day")]
    + [f"desk-cockpit-1920x1080-{look}" for look in ("en-night", "zh-day")]
    + [f"desk-{scene}-1366x768-zh-night" for scene in ("general", "desk")]
    + ["wall-general-3840x2160-en-day", "wall-cockpit-3840x1080-en-night"]
    + ["desk-desk-2560x1440-zh-night", "wall-cockpit-7680x2160-zh-night"]
    + [f"ask-{one}-zh-night" for one in ("gate", "keys")]
    + [f"desk-{one}-1366x768-en-night" for one in ("review", "resources")]
)


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on when `until` holds, at the latest after so many seconds."""

    seconds: float
    until: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture and what was found wrong with it."""

    name: str
    strong: float
    faults: tuple[str, ...]


class Gallery(QObject):
    """Walk through all scenes, one step of a script per turn of the loop."""

    def __init__(self, parts: Parts, windows: Windows, asked: argparse.Namespace) -> None:
        super().__init__(parts.notices)
        self._parts, self._windows, self._asked = parts, windows, asked
        self._clock = SystemClock()
        self._judge = ThreadPoolExecutor(1)
        self.judged: list[Future[Shot]] = []
        self.troubles: list[str] = []
        self._record: Record | None = None
        self._script = self._walk()
        self._now: Wait | None = None
        self._until_s = 0.0
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._on_step)

    def start(self, record: Record) -> None:
        """Begin."""
        self._record = record
        self._timer.start()

    def _on_step(self) -> None:
        now = self._now
        is_early = self._clock.steady_s() < self._until_s
        if now is not None and is_early and not (now.until is not None and now.until()):
            return
        self._now = next(self._script, None)
        if self._now is None:
            self._timer.stop()
            QApplication.quit()
        else:
            self._until_s = self._clock.steady_s() + self._now.seconds

    def _walk(self) -> Iterator[Wait]:
        stores = self._parts.room.stores
        yield Wait(120, lambda: stores.link is Link.ONLINE)
        yield Wait(90, self._is_full)
        if not self._is_full():
            self.troubles.append("not every layer came")
        yield Wait(self._asked.minutes * 60 / RATE)
        for size in WALLS:
            yield from self._window("wall", size, self._scenes("wall"))
        for size in DESKS:
            # at one desk the scenes are on the same screen; one size shows them all
            scenes = self._scenes("desk") + (self._scenes("wall") if size != DESKS[1] else ())
            yield from self._window("desk", size, scenes)

    def _is_full(self) -> bool:
        blocks = self._parts.room.stores.blocks
        return sum(bool(blocks.get(one).oid.size) for one in self._parts.specs) >= LAYERS

    def _scenes(self, seat: Seat) -> tuple[Scene, ...]:
        return tuple(one for one in self._parts.book.all() if one.seat == seat)

    def _window(self, seat: Seat, size: tuple[int, int], scenes: Sequence[Scene]) -> Iterator[Wait]:
        wide, high = size
        wanted = [one for one in scenes if self._wants(f"{seat}-{one.scene_id}-{wide}x{high}")]
        if not wanted and not (seat == "desk" and self._wants_faces(size)):
            return
        name = f"gallery-{seat}-{wide}"
        window = self._windows.open(name, seat)
        window.setGeometry(0, 0, wide, high)
        window.show()
        shown: list[str] = []
        for view in window.findChildren(MapView):
            view.ready.connect(lambda: shown.append("map"))
        yield Wait(40, lambda: bool(shown))
        for scene in wanted:
            self._windows.show_scene(scene.scene_id)
            yield Wait(MAP_S)
            for look in LOOKS:
                yield from self._dress(look)
                self._shoot(window, "-".join((seat, scene.scene_id, f"{wide}x{high}", *look)))
        if seat == "desk":
            self._windows.show_scene("desk")
            yield Wait(MAP_S)
            if window.desk is not None:
                yield from self._faces(window, window.desk, size)
        self._parts.settings.set("language", "zh")
        self._parts.settings.set("palette", "night")
        self._windows.shut(name)
        yield Wait(SETTLE_S)

    def _dress(self, look: tuple[str, str]) -> Iterator[Wait]:
        self._parts.settings.set("language", look[0])
        self._parts.settings.set("palette", look[1])
        yield from self._calm(SETTLE_S)

    def _calm(self, least_s: float) -> Iterator[Wait]:
        yield Wait(least_s)
        yield Wait(PAINT_S, self._is_painted)
        yield Wait(PAINT_S, lambda: not self.is_waiting())

    def _faces(self, window: Window, desk: Desk, size: tuple[int, int]) -> Iterator[Wait]:
        """Draw the desk's other lists and pages at this size, its questions at the least one."""
        wide, high = size
        faces = [one for one in desk_faces.FACES if self._wants(f"desk-{one}-{wide}x{high}")]
        asked = [one for one in desk_faces.QUESTIONS if self._wants(f"ask-{one}")]
        if size != min(DESKS):
            asked = []
        for look in LOOKS if faces or asked else ():
            yield from self._dress(look)
            for name in faces:
                desk_faces.FACES[name](desk)
                yield from self._calm(FACE_S)
                self._shoot(window, "-".join(("desk", name, f"{wide}x{high}", *look)))
                desk.leave()
            for name in asked:
                yield from self._ask(window, desk, name, look)

    def _ask(self, window: Window, desk: Desk, name: str, look: tuple[str, str]) -> Iterator[Wait]:
        question = desk_faces.QUESTIONS[name](window, desk, self._parts)
        if question is None:
            self.troubles.append(f"nothing to ask: {name}")
            return
        question.show()
        yield from self._calm(FACE_S)
        self._shoot(question, "-".join(("ask", name, *look)), within=window)
        desk_faces.shut(question, desk)

    def _is_painted(self) -> bool:
        return not self._parts.room.pulse.easel.is_busy

    def _wants_faces(self, size: tuple[int, int]) -> bool:
        wide, high = size
        names = [f"desk-{one}-{wide}x{high}" for one in desk_faces.FACES]
        names += [f"ask-{one}" for one in desk_faces.QUESTIONS] if size == min(DESKS) else []
        return any(self._wants(one) for one in names)

    def _wants(self, name: str) -> bool:
        return not self._asked.only or any(word in name for word in self._asked.only)

    def _shoot(self, window: QWidget, name: str, *, within: QWidget | None = None) -> None:
        """Take the picture; what is measured in its pixels a worker does, the console goes on."""
        image = window.grab().toImage()
        assert self._record is not None
        ratio = image.width() / max(window.width(), 1)
        told = told_by_widgets(window, ratio, self._record, self._parts.room.theme)
        told[0].extend(told_by_controls(window))
        if within is not None and not holds(within, window):
            told[0].append(f"{window.width()}x{window.height()} is larger than the screen")
        self.judged.append(self._judge.submit(self._judged, name, image, told))

    def _judged(self, name: str, image: QImage, told: tuple[list[str], list[Line]]) -> Shot:
        found, lines = told
        path = self._asked.out / f"{name}.png"
        if not image.save(str(path), quality=PNG_QUICK):
            found.append(f"{path} could not be written")
        if name in ON_PAGE:
            keep(image, SHOWN / f"{name}.jpg")
        picture = pixels(image)
        found += read_in_picture(picture, lines)
        strong = strong_share(picture)
        if strong > MOST_STRONG and not name.startswith(STOP_IN):
            found.append(f"{strong:.2%} of the pixels are in strong colours")
        shot = Shot(name, strong, tuple(dict.fromkeys(found)))
        with (self._asked.out / "checks.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(shot), ensure_ascii=False) + "\n")
        return shot

    def is_waiting(self) -> bool:
        """Tell whether the worker is far behind: every picture waiting is held whole."""
        return sum(not one.done() for one in self.judged) > MOST_WAITING

    def shots(self) -> list[Shot]:
        """Give every picture's outcome once all are judged."""
        return [one.result() for one in self.judged]


def keep(image: QImage, path: Path) -> None:
    """Write a picture small enough for the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wide = min(SHOWN_WIDTH, image.width())
    small = image.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)
    for quality in (90, 80, 65, 50):
        small.save(str(path), None, quality)
        if path.stat().st_size <= MOST_BYTES:
            return


def page(shots: Sequence[Shot]) -> str:
    """Give the gallery's page: pictures, then what the checks said of all of them."""
    lines = [
        "# Gallery",
        "",
        "Drawn by `make gallery` from a running simulated city; every number is simulated.",
        "由 `make gallery` 从运行中的模拟城市绘制，数据均为模拟。",
        "",
    ]
    for path in sorted(SHOWN.glob("*.jpg"))[:MOST_SHOWN]:
        lines += [f"### {path.stem}", "", f"![{path.stem}](gallery/{path.name})", ""]
    bad = [one for one in shots if one.faults]
    strong = max((one.strong for one in shots), default=0.0)
    lines += [
        "## Checks",
        "",
        f"{len(shots)} pictures, {len(bad)} with faults.",
        f"Most strong colour: {strong:.2%} of the pixels (limit {MOST_STRONG:.0%}).",
        "",
    ]
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Draw and check; 1 when a picture fails."""
    parser = argparse.ArgumentParser(prog="gallery", description="Draw and check every scene.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="*", default=[], help="names that contain one of these")
    parser.add_argument("--minutes", type=float, default=10.0, help="of the city, before")
    asked = parser.parse_args(words)
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "checks.jsonl").unlink(missing_ok=True)
    engine.prepare()
    scheme.register()
    app = QApplication(["gallery"])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, recorded() as record:
        clock = SystemClock()
        data = Path(folder)
        (data / "settings.toml").write_text(f'city_rate = {RATE}\nalarm_scene = "off"\n', "utf-8")
        console = build(data, clock, launched=launch(data, clock, url=None))
        parts = compose(console, clock, data / "exports")
        windows = Windows(parts, "general")
        gallery = Gallery(parts, windows, asked)
        signs_in = SignsIn(console, windows, account=DEMO_ACCOUNT, credentials=None)
        console.start()
        signs_in.start()
        gallery.start(record)
        app.exec()
        parts.room.pulse.stop()
        windows.close()
        parts.host.close()
        console.close()
    shots = gallery.shots()
    if not asked.only:
        PAGE.write_text(page(shots), "utf-8")
    for shot in shots:
        for fault in shot.faults:
            print(f"{shot.name}: {fault}")
    for trouble in gallery.troubles:
        print(trouble)
    bad = sum(bool(one.faults) for one in shots)
    print(f"{len(shots)} pictures, {bad} with faults, in {asked.out}")
    return 1 if bad or gallery.troubles or not shots else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
