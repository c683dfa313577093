from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend_client.errors import BadFileError
from backend_client.geo.datum import gcj02_to_bd09, wgs84_to_gcj02
from tests.unit.backend_client.importing.files import bring, write

HERE = np.array([[120.86, 32.01]])


def one(tmp_path: Path, head: str, row: str, **wish: Any) -> dict[str, object]:
    brought = bring(write(tmp_path / "a.csv", f"{head}\n{row}\n"), **wish)
    assert brought.rejected == []
    return brought.rows[0]


@pytest.mark.parametrize(
    ("crs", "given"),
    [
        ("wgs84", HERE),
        ("gcj02", wgs84_to_gcj02(HERE)),
        ("bd09", gcj02_to_bd09(wgs84_to_gcj02(HERE))),
    ],
)
def test_datums_end_in_wgs84(tmp_path: Path, crs: str, given: np.ndarray) -> None:
    lon, lat = given[0]
    row = one(tmp_path, "id,lon,lat", f"1,{lon:.9f},{lat:.9f}", crs=crs)
    assert (row["lon"], row["lat"]) == pytest.approx((120.86, 32.01), abs=1e-6)


def test_gauss_krueger_metres_end_in_degrees(tmp_path: Path) -> None:
    # CGCS2000, three-degree zone 40, central meridian 120: 120.86 E lies 81.2 km east of it
    row = one(tmp_path, "id,x,y", "1,40581216.9,3543147.6", crs="EPSG:4528")
    assert (row["lon"], row["lat"]) == pytest.approx((120.86, 32.01), abs=2e-3)


def test_scale_and_given_columns(tmp_path: Path) -> None:
    row = one(
        tmp_path,
        "uid,a,b,层数",
        "7,120860000,32010000,18",
        scale=1e-6,
        columns={"lon": "a", "lat": "b", "floors": "层数"},
    )
    assert (row["lon"], row["lat"]) == pytest.approx((120.86, 32.01))
    assert (row["id"], row["properties"]) == ("7", {"floors": 18})


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match="No such column: 东经坐标"):
        one(tmp_path, "id,lon,lat", "1,2,3", columns={"lon": "东经坐标"})


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("120°51′36″E", "32°0′36″N"),
        ("东经120°51.6′", "北纬32°0.6′"),
        ("120-51-36", "32-00-36"),
        ("120 51 36", "32 0 36"),
        (" 120.86 ", "32.01"),
    ],
)
def test_degrees_and_minutes_are_read(tmp_path: Path, lon: str, lat: str) -> None:
    row = one(tmp_path, "id\tlon\tlat", f"1\t{lon}\t{lat}")
    assert (row["lon"], row["lat"]) == pytest.approx((120.86, 32.01), abs=1e-9)


def test_each_bad_row_says_its_own_reason(tmp_path: Path) -> None:
    rows = {
        "A1,甲,120.86,32.01,1,2026-07-20 09:40:00": None,
        "A2,甲,32.01,120.86,1,": "Longitude and latitude look swapped.",
        "A3,甲,nan,32.01,1,": "Not a number.",
        "A4,甲,120.86,,1,": "It has no place.",
        "A5,甲,0,0,1,": "0, 0 is taken for no place.",
        "A6,甲,220.86,32.01,1,": "Not on the globe.",
        "A7,甲,120.86,32.01,9,": "A state is 0 to 4, or level I to IV.",
        "A8,甲,120.86,32.01,Ⅱ级,": None,
        "A9,甲,120.86,32.01,,yesterday": "The time cannot be read.",
        "A1,乙,120.86,32.01,1,": "Its id came before; the first is kept.",
        ",乙,120.86,32.01,1,": "It has no id.",
        "a/b,乙,120.86,32.01,1,": "An id has 1 to 64 characters without / ? #.",
        f"B1,{'名' * 201},120.86,32.01,1,": "The name is over 200 characters.",
        "B2,甲,120°75′E,32.01,1,": "Not a number.",
    }
    told = "编号,名称,经度,纬度,状态等级,时间\n" + "\n".join(rows) + "\n"
    brought = bring(write(tmp_path / "a.csv", told))
    expected = {line: why for line, why in enumerate(rows.values(), start=2) if why}
    assert brought.reasons == expected
    assert [(row["id"], row["state"]) for row in brought.rows] == [("A1", 1), ("A8", 2)]
    assert brought.rows[0]["observed_ms"] == 1_784_511_600_000  # 09:40 in China
    assert any("swapped: add --columns lon=纬度,lat=经度" in note.en for note in brought.last.notes)


def test_a_repeated_id_far_down_is_found(tmp_path: Path) -> None:
    rows = [f"A{n},120.9,32.1" for n in range(120_000)]
    rows[110_000] = "A7,120.9,32.1"
    brought = bring(write(tmp_path / "a.csv", "id,lon,lat\n" + "\n".join(rows)))
    assert brought.reasons == {110_002: "Its id came before; the first is kept."}


def test_regions_by_name_old_code_and_place(tmp_path: Path) -> None:
    told = (
        "id,lon,lat,区县\nA,120.9,32.0,如东县\nB,120.9,32.0,如东\nC,120.9,32.0,320602\n"
        "D,121.186,32.312,\nE,120.9,32.0,某县\nF,120.9,32.0,320623001\nG,100.0,32.0,\n"
    )
    brought = bring(write(tmp_path / "a.csv", told))
    regions = {row["id"]: row["region"] for row in brought.rows}
    assert regions == {
        "A": "320623",
        "B": "320623",
        "C": "320613",
        "D": "320623",
        "F": "320623001",
        "G": "3206",
    }
    assert brought.reasons == {6: "Unknown region."}
    assert any("outside the city" in note.en for note in brought.last.notes)


def test_departments_by_name(tmp_path: Path) -> None:
    told = "id,lon,lat,主管部门\nA,120.9,32.0,D27\nB,120.9,32.0,纪委监委\nC,120.9,32.0,无此单位\n"
    brought = bring(write(tmp_path / "a.csv", told))
    assert [row["department"] for row in brought.rows] == ["D27", "D01"]
    assert brought.reasons == {4: "Unknown department."}


def test_properties_keep_numbers_and_spell_everything_else(tmp_path: Path) -> None:
    head = "id\tlon\tlat\t层数\t电话\t编码0\t话\t空"
    row = one(tmp_path, head, 'A\t120.9\t32.0\t18.5\t13812345678\t007\ta\\b「"c"」\t')
    assert row["properties"] == {
        "层数": 18.5,
        "电话": "13812345678",
        "编码0": "007",
        "话": 'a\\b「"c"」',
    }


def test_rows_without_ids_get_the_same_ones_again(tmp_path: Path) -> None:
    path = write(tmp_path / "屋.csv", "名称,经度,纬度\n甲,120.9,32.0\n乙,120.9,32.0\n")
    os.utime(path, (1_784_511_600, 1_784_511_600))
    first, second = bring(path), bring(path)
    assert first.rows == second.rows
    assert len({row["id"] for row in first.rows}) == 2
    assert first.rows[0]["observed_ms"] == 1_784_511_600_000


def test_wkt_makes_lines_and_areas(tmp_path: Path) -> None:
    told = (
        "id;wkt\n1;POINT (120.9 32.0)\n2;LINESTRING (120.9 32.0, 121.0 32.1)\n"
        "3;POLYGON ((120.9 32, 121 32, 121 32.1, 120.9 32))\n4;NONSENSE\n"
        "5;LINESTRING (32.0 120.9, 32.1 121)\n"
    )
    brought = bring(write(tmp_path / "a.csv", told))
    assert [list(row["shape"] or [])[:4] for row in brought.rows] == [
        [],
        [1, 1, 2, 1_209_000_000],
        [2, 1, 4, 1_209_000_000],
    ]
    assert sorted(brought.reasons) == [5, 6]
    assert "swapped" in brought.reasons[6]


def test_a_wrong_layer_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match="no name of a layer"):
        bring(write(tmp_path / "a.csv", "id,lon,lat\n1,2,3\n"), layer="水利")
