from __future__ import annotations

from pathlib import Path

import pytest
from pmtiles.tile import TileType

from maps import tiles
from maps.tiles import BadTilesError, open_tiles, shifts, tile_of
from tests import tilesets

AT = (10, *tile_of(120.9, 32.0, 10))


def test_mbtiles_rows_are_turned_over(tmp_path: Path) -> None:
    z, x, y = AT
    path = tilesets.mbtiles(tmp_path / "a.mbtiles", {AT: b"here", (z, x, y + 1): b"south"})
    opened = open_tiles(str(path))
    assert (opened.name, opened.form, opened.least, opened.most) == ("测试瓦片", "raster", 10, 10)
    assert opened.read(z, x, y) == b"here"
    assert opened.read(z, x, y + 1) == b"south"
    assert opened.read(z, x, y - 1) is None


@pytest.mark.parametrize(("form", "told"), [(TileType.PNG, "raster"), (TileType.MVT, "mvt")])
def test_pmtiles_are_read_and_unpacked(tmp_path: Path, form: TileType, told: str) -> None:
    path = tilesets.pmtiles(tmp_path / "a.pmtiles", {AT: b"here"}, form=form)
    opened = open_tiles(str(path))
    assert (opened.form, opened.read(*AT), opened.read(10, 0, 0)) == (told, b"here", None)


@pytest.mark.parametrize("name", ["a.mbtiles", "a.pmtiles", "a.zip", "none.pmtiles"])
def test_broken_files_are_said(tmp_path: Path, name: str) -> None:
    if name != "none.pmtiles":
        (tmp_path / name).write_bytes(b"broken" * 100)
    with pytest.raises(BadTilesError, match="cannot be used") as caught:
        open_tiles(str(tmp_path / name))
    assert name in caught.value.what.zh


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://8.8.8.8/{z}/{x}/{y}", "inside the house"),
        ("ftp://127.0.0.1/{z}/{x}/{y}", "an address needs"),
        ("http://127.0.0.1/{z}/{x}", "an address needs"),
    ],
)
def test_only_addresses_inside_the_house(address: str, why: str) -> None:
    with pytest.raises(BadTilesError, match=why):
        open_tiles(address)


def test_gcj02_tiles_are_moved_by_what_the_datum_shifts() -> None:
    told = shifts()
    by = told["by"]
    assert isinstance(by, list)
    west, south, step, columns, _rows = tiles._SHIFT_BOX
    column, row = int((120.9 - west) / step), int((32.0 - south) / step)
    east, north = by[2 * (row * columns + column) : 2 * (row * columns + column) + 2]
    # 398 m east, 241 m south on the ground at 120.9 E 32.0 N; the plane is 1 / cos 32 longer
    assert east == pytest.approx(-398 / 0.848, abs=25)
    assert north == pytest.approx(241 / 0.848, abs=25)


def test_no_tile_outside_the_world() -> None:
    opened = tiles.Tiles("a", "raster", 0, 18, lambda *_at: b"x")
    assert tiles._read(opened, 3, 7, 7) == b"x"
    assert tiles._read(opened, 3, 8, 0) is None
    assert tiles._read(opened, 40, 0, 0) is None
