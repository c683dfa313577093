"""The user's own tiles below our layers: MBTiles, PMTiles, or a tile service inside the house.

Everything is read in Python and handed to the page over our own scheme, so the page asks no one.
A service is asked only when a person typed its address, and only when that address is local.
"""

from __future__ import annotations

import gzip
import ipaddress
import math
import re
import socket
import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import httpx
import numpy as np
import shiboken6
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, TileType
from PySide6.QtCore import QByteArray, QObject

from app.tasks import Tasks
from backend_client.contract.base import Text
from backend_client.errors import ClientError
from backend_client.geo.datum import wgs84_to_gcj02
from maps.mercator import project
from maps.scheme import Job, reply

FOLDER: Final = "tiles"
MOST_BYTES: Final = 4_000_000
TIMEOUT_S: Final = 5.0
Form = Literal["raster", "mvt"]
Read = Callable[[int, int, int], bytes | None]

_PATH: Final = re.compile(r"^/tiles/\d+/(\d{1,2})/(\d{1,8})/(\d{1,8})$")
_HOLES: Final = ("{z}", "{x}", "{y}")
_SHIFT_BOX: Final = (119.0, 31.0, 0.1, 40, 26)  # west, south, step, columns, rows: the city around
_FORMS: Final[dict[TileType, Form]] = {
    TileType.MVT: "mvt",
    TileType.PNG: "raster",
    TileType.JPEG: "raster",
    TileType.WEBP: "raster",
    TileType.AVIF: "raster",
}


class BadTilesError(ClientError):
    """What the user entered is no set of tiles we can draw."""


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """A set of tiles.

    Args:
        name: what the foot of the map calls it.
        form: pictures, or shapes to be drawn.
        least, most: its zooms.
        read: gives a tile's bytes by zoom, column, row from the north; None when there is none.
    """

    name: str
    form: Form
    least: int
    most: int
    read: Read


def open_tiles(entered: str, key: str = "") -> Tiles:
    """Open what a person entered: a file's path, or an address with {z}, {x}, {y}.

    Raises:
        BadTilesError: it is no such file, is broken, or the address is not in the house.
    """
    if "://" in entered:
        return _template(entered, key)
    path = Path(entered).expanduser()
    opener = {".mbtiles": _mbtiles, ".pmtiles": _pmtiles}.get(path.suffix.lower())
    if opener is None or not path.is_file():
        raise _bad(path.name, "没有这个 .mbtiles 或 .pmtiles 文件", "no such .mbtiles or .pmtiles")
    try:
        return opener(path)
    except (sqlite3.Error, OSError, ValueError, KeyError, IndexError, zlib.error) as error:
        raise _bad(path.name, str(error), str(error)) from error
    except Exception as error:  # the reader says a wrong magic number by a bare one
        raise _bad(path.name, str(error), str(error)) from error


def _bad(name: str, zh: str, en: str) -> BadTilesError:
    return BadTilesError(
        Text(f"瓦片底图 {name} 不可用：{zh}", f"The tiles {name} cannot be used: {en}"),
        Text("已用自带底图。请在设置中核对。", "Our own map is shown. Check the settings."),
    )


def _mbtiles(path: Path) -> Tiles:
    database = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False
    )
    meta = dict(database.execute("SELECT name, value FROM metadata").fetchall())
    low, high = database.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
    if low is None:
        raise ValueError("no tiles")
    form: Form = "mvt" if meta.get("format") == "pbf" else "raster"
    name = str(meta.get("name") or path.stem)
    return Tiles(name, form, int(low), int(high), partial(_read_mbtiles, database))


def _read_mbtiles(database: sqlite3.Connection, z: int, x: int, y: int) -> bytes | None:
    row = database.execute(
        "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
        (z, x, 2**z - 1 - y),  # rows are counted from the south there
    ).fetchone()
    return None if row is None else _unpacked(bytes(row[0]))


def _pmtiles(path: Path) -> Tiles:
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        header = reader.header()
    form = _FORMS.get(header["tile_type"])
    if form is None:
        raise ValueError(f"tiles of kind {header['tile_type']}")
    packed = header["tile_compression"]
    if packed not in (Compression.NONE, Compression.GZIP, Compression.UNKNOWN):
        raise ValueError(f"packed by {packed}")
    name = str(reader.metadata().get("name") or path.stem)
    return Tiles(name, form, header["min_zoom"], header["max_zoom"], partial(_read_pmtiles, reader))


def _read_pmtiles(reader: Reader, z: int, x: int, y: int) -> bytes | None:
    found = reader.get(z, x, y)
    return None if found is None else _unpacked(bytes(found))


def _unpacked(data: bytes) -> bytes:
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def _template(entered: str, key: str) -> Tiles:
    parts = urlsplit(entered)
    if parts.scheme not in ("http", "https") or not all(hole in entered for hole in _HOLES):
        raise _bad(entered[:60], "地址须含 {z} {x} {y}", "an address needs {z} {x} {y}")
    host = parts.hostname or ""
    if not _is_local(host):
        raise _bad(host, "只允许内网地址", "only addresses inside the house are asked")
    client = httpx.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False)
    return Tiles(host, "raster", 1, 18, partial(_fetch, client, entered.replace("{key}", key)))


def _is_local(host: str) -> bool:
    try:
        found = {one[4][0] for one in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(one).is_private for one in found)


def _fetch(client: httpx.Client, address: str, z: int, x: int, y: int) -> bytes | None:
    for hole, value in zip(_HOLES, (z, x, y), strict=True):
        address = address.replace(hole, str(value))
    try:
        answer = client.get(address)
    except httpx.HTTPError:
        return None
    return answer.content if answer.status_code == 200 else None


class TileDesk(QObject):
    """Hand tiles to the page: each is read in a worker, the request answered when it is there."""

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._tiles: Tiles | None = None
        self._crs = "wgs84"
        self._seq = 0

    @property
    def name(self) -> str:
        """Name the tiles in use, empty when there are none."""
        return self._tiles.name if self._tiles else ""

    def use(self, tiles: Tiles | None, crs: str = "wgs84") -> None:
        """Show these tiles from now on; None shows our own map alone."""
        self._tiles, self._crs = tiles, crs
        self._seq += 1

    def facts(self) -> dict[str, object] | None:
        """Tell the page what there is."""
        tiles = self._tiles
        if tiles is None:
            return None
        return {
            "seq": self._seq,
            "form": tiles.form,
            "least": tiles.least,
            "most": tiles.most,
            "shift": shifts() if self._crs == "gcj02" else None,
        }

    def answer(self, job: Job) -> None:
        """Answer a request for /tiles/SEQ/Z/X/Y."""
        found = _PATH.match(job.requestUrl().path())
        tiles = self._tiles
        if found is None or tiles is None:
            job.fail(Job.Error.UrlNotFound)
            return
        z, x, y = (int(part) for part in found.groups())
        read = partial(_read, tiles, z, x, y)
        self._tasks.run(read, partial(_hand, job), partial(_fail, job))


def _read(tiles: Tiles, z: int, x: int, y: int) -> bytes | None:
    size = 2**z if z <= 30 else 0
    if not (x < size and y < size):
        return None
    data = tiles.read(z, x, y)
    return data if data is not None and len(data) <= MOST_BYTES else None


def _hand(job: Job, data: bytes | None) -> None:
    if not shiboken6.isValid(job):
        return  # the page no longer wants it
    if data is None:
        job.fail(Job.Error.UrlNotFound)
    else:
        reply(job, QByteArray(b"application/octet-stream"), QByteArray(data))


def _fail(job: Job, _error: Exception) -> None:
    if shiboken6.isValid(job):
        job.fail(Job.Error.RequestFailed)


def shifts() -> dict[str, object]:
    """Say how far GCJ-02 tiles must be moved, cell by cell around the city.

    Units: metres of the Mercator plane, east and north.
    """
    west, south, step, columns, rows = _SHIFT_BOX
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    true = np.column_stack([(west + (x + 0.5) * step).ravel(), (south + (y + 0.5) * step).ravel()])
    shown = wgs84_to_gcj02(true)
    plane = project(true[:, 0], true[:, 1]) - project(shown[:, 0], shown[:, 1])
    moved = np.rint(plane).astype(int)
    return {
        "west": west,
        "south": south,
        "step": step,
        "columns": columns,
        "rows": rows,
        "by": moved.ravel().tolist(),
    }


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Give column and row of the tile a place lies in."""
    size = 2**z
    sine = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * size), int((1 - sine / math.pi) / 2 * size)
