"""Rows of a file as reports: what the door gets, and under which id."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import openpyxl
import pytest

from backend_client.contract.events import Channel, Intake
from backend_client.errors import BadFileError
from backend_client.importing.part import Fault
from backend_client.importing.reports import CHANNELS, Reader, Row, open_reports
from backend_client.importing.words import REPORT_NAMES, plain

PAGE = Path(__file__).parents[4] / "docs" / "import.md"
HEAD = "工单编号,渠道,标题,诉求内容,事发地址,经度,纬度,区县,等级,来电时间\n"
FULL = "HX1,12345热线,积水,人民路积水,人民路,120.86,32.01,崇川区,三级,2026-07-20 09:40\n"


def rows(
    path: Path, named: Mapping[str, str] = MappingProxyType({}), **more: str
) -> list[Row | Fault]:
    opened = open_reports(path, named, **more)
    reader = Reader(opened)
    return [row for part in opened.source.parts() for row in reader.rows(part)]


def only(path: Path, **more: str) -> Row:
    (row,) = rows(path, {}, **more)
    assert isinstance(row, Row)
    return row


def csv(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_the_manual_lists_every_name_we_know() -> None:
    told = PAGE.read_text(encoding="utf-8")
    for ours, names in REPORT_NAMES.items():
        assert f"| report.{ours} | {' '.join(names)} |\n" in told, ours


def test_names_of_columns_are_written_plainly_once() -> None:
    for ours, names in REPORT_NAMES.items():
        assert [plain(name) for name in names] == list(names), ours
        assert len(set(names)) == len(names)
    for word in CHANNELS:
        assert plain(word) == word


def test_a_full_row_is_an_intake_of_the_contract(tmp_path: Path) -> None:
    row = only(csv(tmp_path, HEAD + FULL))
    intake = Intake.model_validate(dict(row.body))
    assert (row.line, intake.intake_id, intake.channel) == (2, "HX1", Channel.HOTLINE)
    assert (intake.title, intake.text, intake.place) == ("积水", "人民路积水", "人民路")
    assert (intake.lon, intake.lat, intake.region, intake.level) == (120.86, 32.01, "320613", 3)
    assert intake.reported_at.isoformat() == "2026-07-20T01:40:00+00:00", "China's time"


def test_what_a_row_leaves_out_is_found_or_taken_from_the_command(tmp_path: Path) -> None:
    short = csv(tmp_path, "内容,来电时间,lon,lat\n路灯不亮,2026/7/20 9:40,121.18,32.33\n")
    row = only(short, channel="grid")
    assert row.body["title"] == row.body["text"] == "路灯不亮"
    assert row.body["channel"] == "grid"
    assert str(row.body["region"]).startswith("320623"), "found by place"
    assert only(short, channel="grid", region="320614").body["region"] == "320614"
    moved = only(short, channel="grid", crs="gcj02").body
    assert moved["lon"] != row.body["lon"]
    assert abs(float(str(moved["lon"])) - 121.18) < 0.01


@pytest.mark.parametrize(("lon", "lat"), [("", ""), ("0", "0"), ("0.0", "0.000")])
def test_no_place_is_no_place(tmp_path: Path, lon: str, lat: str) -> None:
    path = csv(tmp_path, f"内容,来电时间,lon,lat\na,2026-07-20,{lon},{lat}\n")
    assert {"lon", "lat"} & set(only(path, channel="web").body) == set()


def test_what_cannot_be_read_goes_to_the_door_as_it_is(tmp_path: Path) -> None:
    bad = FULL.replace("120.86", "东边").replace("三级", "很急").replace("崇川区", "某区")
    body = only(csv(tmp_path, HEAD + bad.replace("2026-07-20 09:40", "昨天"))).body
    assert (body["lon"], body["level"], body["region"]) == ("东边", "很急", "某区")
    assert body["reported_at"] == "昨天"


def test_an_id_is_what_the_row_says_and_stays_the_same(tmp_path: Path) -> None:
    head, one, two = "内容,来电时间\n", "积水,2026-07-20\n", "断电,2026-07-20\n"
    first = rows(csv(tmp_path, head + one + two), channel="hotline")
    other = rows(csv(tmp_path, head + two + one + one), channel="hotline")
    ids = [row.body["intake_id"] for row in first if isinstance(row, Row)]
    assert len(set(ids)) == 2
    assert all(str(one).startswith("hotline-") for one in ids)
    again = [row.body["intake_id"] for row in other if isinstance(row, Row)]
    assert again == [ids[1], ids[0], ids[0]]
    police = rows(csv(tmp_path, head + one), channel="police")[0]
    assert isinstance(police, Row)
    assert police.body["intake_id"] not in ids


def test_one_id_for_two_reports_is_a_fault_and_the_same_row_twice_is_none(tmp_path: Path) -> None:
    found = rows(csv(tmp_path, HEAD + FULL + FULL + FULL.replace("积水", "断电")))
    assert [isinstance(row, Row) for row in found] == [True, True, False]
    fault = found[2]
    assert isinstance(fault, Fault)
    assert (fault.line, fault.column, fault.value) == (4, "工单编号", "HX1")


def test_a_line_that_is_no_row_is_a_fault(tmp_path: Path) -> None:
    found = rows(csv(tmp_path, HEAD + FULL + "a,b\n"))
    assert [type(row) for row in found] == [Fault, Row]


def test_a_sheet_with_a_title_above_its_header(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["南通市 12345 热线工单"])
    sheet.append(["工单编号", "诉求内容", "来电时间", "区县"])
    sheet.append(["HX9", "积水", "2026-07-20 09:40:00", "如东县"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    row = only(path, channel="hotline")
    assert (row.line, row.body["intake_id"], row.body["region"]) == (3, "HX9", "320623")


@pytest.mark.parametrize(
    ("text", "given", "channel"),
    [
        ("内容,来电时间\na,b\n", {}, ""),
        ("内容\na\n", {}, "hotline"),
        ("来电时间\n2026-07-20\n", {}, "hotline"),
        ("内容,来电时间\na,b\n", {"text": "没有"}, "hotline"),
        ("内容,来电时间\na,b\n", {"floors": "内容"}, "hotline"),
        ("", {}, "hotline"),
    ],
)
def test_a_file_that_lacks_something_is_refused_whole(
    tmp_path: Path, text: str, given: dict[str, str], channel: str
) -> None:
    with pytest.raises(BadFileError) as caught:
        rows(csv(tmp_path, text) if text else tmp_path / "none.csv", given, channel=channel)
    assert caught.value.what.zh
    assert caught.value.todo.en


def test_only_tables_are_reports(tmp_path: Path) -> None:
    with pytest.raises(BadFileError):
        open_reports(tmp_path / "a.geojson", {})
