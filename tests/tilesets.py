"""Small tile sets made for tests: pictures of one colour, and shapes that fill a tile."""

from __future__ import annotations

import gzip
import io
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

At = tuple[int, int, int]


def png(colour: tuple[int, int, int]) -> bytes:
    """Give a tile of one colour."""
    sink = io.BytesIO()
    Image.new("RGB", (256, 256), colour).save(sink, "PNG")
    return sink.getvalue()


def mbtiles(path: Path, tiles: Mapping[At, bytes]) -> Path:
    """Write an MBTiles file; its rows are counted from the south."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE metadata (name text, value text)")
    database.execute(
        "CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)"
    )
    database.execute("INSERT INTO metadata VALUES ('name', '测试瓦片'), ('format', 'png')")
    rows = [(z, x, 2**z - 1 - y, data) for (z, x, y), data in tiles.items()]
    database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    database.commit()
    database.close()
    return path


def pmtiles(path: Path, tiles: Mapping[At, bytes], *, form: TileType = TileType.PNG) -> Path:
    """Write a PMTiles file."""
    packed = form is TileType.MVT
    with path.open("wb") as file:
        writer = Writer(file)
        for at in sorted(tiles, key=lambda one: zxy_to_tileid(*one)):
            data = gzip.compress(tiles[at]) if packed else tiles[at]
            writer.write_tile(zxy_to_tileid(*at), data)
        zooms = [z for z, _x, _y in tiles]
        header = {
            "tile_type": form,
            "tile_compression": Compression.GZIP if packed else Compression.NONE,
            "min_zoom": min(zooms),
            "max_zoom": max(zooms),
            "min_lon_e7": 0,
            "min_lat_e7": 0,
            "max_lon_e7": 0,
            "max_lat_e7": 0,
            "center_zoom": 0,
            "center_lon_e7": 0,
            "center_lat_e7": 0,
        }
        writer.finalize(header, {"name": path.stem})
    return path


def around(
    z: int, middle: tuple[int, int], reach: int, make: Callable[[At], bytes]
) -> dict[At, bytes]:
    """Make the tiles around one."""
    columns, rows = (range(at - reach, at + reach + 1) for at in middle)
    return {(z, x, y): make((z, x, y)) for x in columns for y in rows}


def filled(layer: str) -> bytes:
    """Write a vector tile with one area over all of it, as the specification has it."""
    extent = 4096
    ring = [_move(1), _zigzag(0), _zigzag(0), _line(3)]
    ring += [_zigzag(extent), _zigzag(0), _zigzag(0), _zigzag(extent), _zigzag(-extent), _zigzag(0)]
    ring.append(15)  # close
    feature = _number(3, 3) + _bytes(4, _packed(ring))
    body = _bytes(1, layer.encode()) + _bytes(2, feature) + _number(5, extent) + _number(15, 2)
    return _bytes(3, body)


def _move(count: int) -> int:
    return (1 & 7) | (count << 3)


def _line(count: int) -> int:
    return (2 & 7) | (count << 3)


def _zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 31)


def _varint(value: int) -> bytes:
    made = bytearray()
    while True:
        made.append((value & 0x7F) | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(made)


def _packed(values: Iterable[int]) -> bytes:
    return b"".join(_varint(value) for value in values)


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)
