"""What all map views of one process share: the profile, the shelf, the painter, the base map."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtWebEngineCore import QWebEngineProfile

from app.blocks import Blocks, Positions
from app.details import Details
from app.i18n import Words
from app.notices import Notices
from app.replay import Replay
from app.settings import Settings
from app.tasks import Tasks
from app.theme import RESOURCES, Theme
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.errors import ClientError
from maps import geometry, page, scheme, tiles
from maps.credit import APPROVAL_KEY, FOLDER_KEY, credit, folder_of
from maps.painter import Numbers, Painted, Painter
from maps.sight import Sight
from maps.spec import LayerSpec, load_all
from maps.tray import FOLDER, Tray

Drawing = Literal["auto", "raster", "webgl", "plain"]
JSON: Final = "application/json"
GLYPHS: Final = RESOURCES / "icons" / "glyphs"
TILE_KEYS: Final = ("map_tiles", "map_tiles_crs", "map_tiles_key")
_SCHEMATIC: Final = Text("河道道路示意", "canals and roads schematic")


@dataclass(frozen=True, slots=True)
class MapSources:
    """Where the map's contents come from.

    Args:
        blocks: bulk layers.
        positions: moving objects.
        words: the language.
        theme: colours and sizes.
        tasks: workers.
        clock: the clock.
        details: names of single objects; without it labels come from `MapView.set_labels`.
        cache: where the built base map is kept; the user's cache folder unless told.
        replay: the instant that is shown when it is not now.
        ahead_ms: how long a view's plain map has the processor before its page is made.
        drawing: `auto` takes WebGL on a real graphics card and the raster elsewhere; `plain`
            makes no page at all.
    """

    blocks: Blocks
    positions: Positions
    words: Words
    theme: Theme
    tasks: Tasks
    clock: Clock
    details: Details | None = None
    cache: Path | None = None
    replay: Replay | None = None
    ahead_ms: int = 0
    drawing: Drawing = "auto"


class MapHost(QObject):
    """Own what the views share; make one per process, after QApplication.

    Signals:
        ready(): the base map lies on the shelf.
        part_ready(int): the view something new lies ready for.
        painted(Painted): something was drawn for a view, page or not.
        line_changed(): the line of sources reads otherwise now.
    """

    ready = Signal()
    part_ready = Signal(int)
    painted = Signal(object)
    line_changed = Signal()

    def __init__(
        self,
        sources: MapSources,
        settings: Settings | None = None,
        notices: Notices | None = None,
    ) -> None:
        """Build the base map in a worker and begin to paint.

        Args:
            sources: where the contents come from.
            settings: 审图号 and the folder of the user's own GeoJSON.
            notices: hears when the map cannot be built or lost its page; the parent too.
        """
        super().__init__(notices)
        self.sources = sources
        self._settings = settings
        self._notices = notices
        self.specs: tuple[LayerSpec, ...] = load_all()
        self.basemap: geometry.Basemap | None = None
        self.shelf = scheme.Shelf(self)
        self.fence = scheme.Fence(self)
        self._profile: QWebEngineProfile | None = None
        for file in page.files(sources.cache):
            self.shelf.put(file.path, file.kind, file.data)
        self.shelf.put("/data/spec", JSON, _spec_json(self.specs))
        self.tray = Tray()
        self.shelf.route(FOLDER, self.tray.answer)
        self.tiles = tiles.TileDesk(sources.tasks, self)
        self.shelf.route(tiles.FOLDER, self.tiles.answer)
        self._views = 0
        self._numbers = Numbers()
        self.painter = self._painter(sources.blocks, sources.positions, sources.clock)
        self._past: Painter | None = None
        self._looking_back: dict[int, tuple[str, ...]] = {}
        if settings:
            settings.changed.connect(self._on_setting)
        self._build(self._folder())
        self._open_tiles()

    @property
    def profile(self) -> QWebEngineProfile:
        """Give what the pages live in; made for the first one, a quarter of a second after all."""
        if self._profile is None:
            self._profile = QWebEngineProfile(self)
            self._profile.setUrlRequestInterceptor(self.fence)
            self._profile.installUrlSchemeHandler(scheme.NAME, self.shelf)
        return self._profile

    def new_view(self) -> int:
        """Give a number for one more view."""
        self._views += 1
        return self._views

    def look(self, view: int, sight: Sight, *, is_page: bool, back: bool = False) -> None:
        """Supply a view with what it looks at from now on.

        Args:
            view: its number.
            sight: its window, layers and mark.
            is_page: whether it wants bytes besides the picture.
            back: whether it shows the replayed instant in place of now.
        """
        replay = self.sources.replay
        if back and replay is not None:
            self._look_back(view, sight, replay, is_page=is_page)
            return
        if view in self._looking_back:
            self._turn_to_now(view)
        self.tray.keep(view, sight.layers)
        self.painter.look(view, sight, is_page=is_page)

    def _look_back(self, view: int, sight: Sight, replay: Replay, *, is_page: bool) -> None:
        if self._past is None:
            self._past = self._painter(replay.blocks, replay.positions, replay.clock)
            if self.basemap is not None:
                self._past.use_counties(self.basemap.counties)
        if view not in self._looking_back:
            self.painter.forget(view)
            self.tray.drop(view)
        self._looking_back[view] = sight.layers
        self.tray.keep(view, sight.layers)
        self._past.look(view, sight, is_page=is_page)
        replay.want(sight.layers)

    def _turn_to_now(self, view: int) -> None:
        """Supply a view with now again; after the last one the past is let go."""
        self._looking_back.pop(view, None)
        self.tray.drop(view)
        if self._past is None:
            return
        self._past.forget(view)
        if not self._looking_back:
            self._past.stop()
            self._past.deleteLater()
            self._past = None

    def _painter(self, blocks: Blocks, positions: Positions, clock: Clock) -> Painter:
        made = Painter(
            self.specs,
            blocks,
            positions,
            self.sources.tasks.reckon,
            clock=clock,
            numbers=self._numbers,
            parent=self,
        )
        made.painted.connect(self._on_painted)
        return made

    def forget(self, view: int) -> None:
        """Supply a view no more."""
        if view in self._looking_back:
            self._turn_to_now(view)
        self.painter.forget(view)
        self.tray.drop(view)

    def source_line(self) -> str:
        """Say where the base map is from, in the language in force."""
        known = self.basemap.sources if self.basemap else ()
        return credit(self.sources.words, self._setting(APPROVAL_KEY), known, _SCHEMATIC)

    def close(self) -> None:
        """Stop painting and end the profile; every view's page must be closed before."""
        self.painter.stop()
        if self._profile is not None:
            self._profile.removeAllUrlSchemeHandlers()
            shiboken6.delete(self._profile)  # while shelf and fence still live

    def _setting(self, key: str) -> str:
        return self._settings.text(key) if self._settings else ""

    def _folder(self) -> Path | None:
        return folder_of(self._setting(FOLDER_KEY))

    def _build(self, folder: Path | None) -> None:
        job = partial(geometry.load, folder, self.sources.cache)
        self.sources.tasks.run(job, self._on_basemap, partial(self._on_failed, folder))

    def _on_setting(self, key: str) -> None:
        if key == APPROVAL_KEY:
            self.line_changed.emit()
        elif key == FOLDER_KEY:
            self._build(self._folder())
        elif key in TILE_KEYS:
            self._open_tiles()

    def _open_tiles(self) -> None:
        """Open the tiles the settings name, in a worker; broken ones leave the plain map."""
        where, crs, key = map(self._setting, TILE_KEYS)
        if not where.strip():
            self._on_tiles(crs, None)
            return
        job = partial(tiles.open_tiles, where.strip(), key)
        self.sources.tasks.run(job, partial(self._on_tiles, crs), self._on_bad_tiles)

    def _on_tiles(self, crs: str, opened: tiles.Tiles | None) -> None:
        if opened is None and not self.tiles.name:
            return
        self.tiles.use(opened, crs)
        self.line_changed.emit()

    def _on_bad_tiles(self, error: Exception) -> None:
        self._on_tiles("wgs84", None)
        if isinstance(error, ClientError):
            self.tell(error.what, error.todo)

    def _on_basemap(self, basemap: geometry.Basemap) -> None:
        self.basemap = basemap
        self.shelf.put("/data/basemap", JSON, basemap.page)
        self.painter.use_counties(basemap.counties)
        self.ready.emit()

    def _on_failed(self, folder: Path | None, error: Exception) -> None:
        self.tell(
            Text(f"底图未能生成：{error}", f"The base map could not be built: {error}"),
            Text(
                "已用自带数据。检查地图数据文件夹后重新填写。",
                "Our own data is used. Check the map data folder and enter it again.",
            ),
        )
        if folder is not None:
            self._build(None)

    def tell(self, text: Text, todo: Text) -> None:
        """Raise a notice about the map."""
        if self._notices:
            self._notices.say(text, todo=todo, weight="warning", key="map")

    def _on_painted(self, painted: Painted) -> None:
        if painted.data:
            self.tray.put(painted.view, painted.key, painted.seq, painted.data, painted.names)
            self.part_ready.emit(painted.view)
        self.painted.emit(painted)


def _spec_json(specs: tuple[LayerSpec, ...]) -> bytes:
    layers = [
        {
            "id": spec.layer_id,
            "group": f"g-{spec.group}",
            "glyph": spec.glyph,
            "kinds": {
                kind.kind: {
                    "named": kind.named,
                    "unit": {"zh": kind.unit.zh, "en": kind.unit.en} if kind.unit else None,
                    "digits": kind.digits,
                }
                for kind in spec.kinds
            },
        }
        for spec in specs
    ]
    glyphs = {path.stem: path.read_text("utf-8") for path in sorted(GLYPHS.glob("*.svg"))}
    return json.dumps({"layers": layers, "glyphs": glyphs}).encode()
