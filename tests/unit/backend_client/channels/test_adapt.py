"""Records in each channel's own words, as its file describes them, become reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from backend_client.channels import records, spec
from backend_client.channels.adapt import Adapted, Adapter, plain_contact
from backend_client.channels.records import Record
from backend_client.contract.events import Channel, Intake
from backend_client.errors import BadFileError
from backend_client.importing.part import Fault

AT = "2026-07-20T01:40:00+00:00"  # 09:40 in the city
HERE = (120.86, 32.01)
GCJ, BD = (120.864254, 32.007856), (120.870706, 32.013958)


def adapted(name: str, file: Path) -> list[Adapted]:
    told = spec.load(name)
    adapter = Adapter(told)
    rows = list(records.read(file, told.records))
    assert not [row for row in rows if isinstance(row, Fault)]
    return [adapter.adapt(row) for row in rows if isinstance(row, Record)]


def written(path: Path, told: object) -> Path:
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path


def police(folder: Path) -> Path:
    row = {
        "jjdbh": "320600202607200001",
        "bjsj": "20260720094000",
        "bjrxm": "王小明",
        "lxdh": "+86 138-1234-5678",
        "sfdd": "人民中路",
        "xzb": 120.86,
        "yzb": "32.01",
        "bjnr": "路面有玻璃碴",
        "jqdj": "三级",
        "xzqh": "320613",
    }
    return written(folder / "a.json", {"code": 0, "data": [row]})


def hotline(folder: Path) -> Path:
    head = (
        "工单编号,来电时间,诉求标题,诉求内容,诉求地址,经度,纬度,所属区县,紧急程度,来电人,来电号码\n"
    )
    first = "DH1,2026/7/20 9:40,玻璃碴,路面有玻璃碴,人民中路"
    row = f"{first},{BD[0]},{BD[1]},崇川区,紧急,王小明,0513-85212345\n"
    (folder / "a.csv").write_text(head + row, encoding="gb18030")
    return folder / "a.csv"


def web(folder: Path) -> Path:
    row = {
        "letterId": 77,
        "submitTime": "2026-07-20 09:40:00",
        "subject": "玻璃碴",
        "content": "路面有玻璃碴",
        "address": "人民中路",
        "lng": BD[0],
        "lat": BD[1],
        "realName": "王小明",
        "mobile": "13812345678",
        "attachments": [{"url": "p/1.jpg"}],
    }
    return written(folder / "a.json", {"rows": [row]})


def app(folder: Path) -> Path:
    row = {
        "orderNo": "A1",
        "createTime": 1784511600000,
        "category": "玻璃碴",
        "desc": "路面有玻璃碴",
        "location": {"name": "人民中路", "longitude": GCJ[0], "latitude": GCJ[1]},
        "user": {"nickName": "小王", "phone": "13812345678"},
        "images": ["1.jpg", "2.jpg"],
    }
    return written(folder / "a.json", {"list": [row]})


def grid(folder: Path) -> Path:
    row = {
        "eventCode": "G1",
        "happenTime": "2026-07-20 09:40:00",
        "eventName": "玻璃碴",
        "eventDesc": "路面有玻璃碴",
        "address": "人民中路",
        "point": "120.86,32.01",
        "gridArea": "崇川区",
        "eventLevel": "较大",
        "reporterName": "李四",
        "reporterTel": "13912345678",
    }
    (folder / "a.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / "a.jsonl"


def photo(folder: Path) -> Path:
    row = {
        "sn": "P1",
        "takenAt": 1784511600,
        "gps": "32.01,120.86",
        "where": "人民中路",
        "phone": "13812345678",
        "photo": "1.jpg",
    }
    return written(folder / "a.json", row)


def camera(folder: Path) -> Path:
    row = {
        "alarmId": "C1",
        "alarmTime": "2026-07-20T01:40:00",
        "eventType": "路面异物",
        "confidence": 0.93,
        "severity": "medium",
        "device": {"name": "人民中路", "longitude": 120.86, "latitude": 32.01},
        "snapshots": ["1.jpg"],
    }
    return written(folder / "a.json", {"alarms": [row]})


def department(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    names = ("案件编号", "上报时间", "小类名称", "问题描述", "地址描述", "经度", "纬度", "所属区域")
    sheet.append([*names, "紧急程度"])
    cells = ("SZ1", "2026-07-20 09:40:00", "玻璃碴", "路面有玻璃碴", "人民中路", 120.86, 32.01)
    sheet.append([*cells, "崇川区", "紧急"])
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


WAYS = {
    "police": (police, Channel.POLICE, "110-320600202607200001", 4),
    "hotline": (hotline, Channel.HOTLINE, "12345-DH1", 4),
    "web": (web, Channel.WEB, "web-77", 0),
    "app": (app, Channel.APP, "app-A1", 0),
    "grid": (grid, Channel.GRID, "grid-G1", 4),
    "photo": (photo, Channel.APP, "ssp-P1", 0),
    "camera": (camera, Channel.CAMERA, "cam-C1", 4),
    "department": (department, Channel.DEPARTMENT, "szcg-SZ1", 4),
}


def test_every_channel_has_its_way_and_every_way_its_channel() -> None:
    assert set(spec.names()) == set(WAYS)
    assert {spec.load(name).channel for name in WAYS} == set(Channel)
    prefixes = [spec.load(name).prefix for name in WAYS]
    pairs = [(a, b) for a in prefixes for b in prefixes if a is not b and a.startswith(b)]
    assert not pairs, "an answer is one channel's by its prefix"


@pytest.mark.parametrize("name", WAYS)
def test_a_record_in_a_channels_own_words_is_a_whole_report(name: str, tmp_path: Path) -> None:
    write, channel, intake_id, level = WAYS[name]
    (one,) = adapted(name, write(tmp_path))
    intake = Intake.model_validate_json(json.dumps(one.body))
    assert (intake.channel, intake.intake_id, intake.level) == (channel, intake_id, level)
    assert intake_id == spec.load(name).prefix + one.own_id
    assert intake.reported_at.isoformat() == AT
    assert intake.lon == pytest.approx(HERE[0], abs=2e-5), "in WGS-84, whatever the channel's"
    assert intake.lat == pytest.approx(HERE[1], abs=2e-5)
    assert intake.place == "人民中路"
    assert intake.region.startswith("320613")
    assert intake.title
    assert intake.text


def test_who_reported_and_the_files_come_along(tmp_path: Path) -> None:
    (one,) = adapted("police", police(tmp_path))
    assert one.body["reporter"] == {"name": "王小明", "contact": "13812345678"}
    (one,) = adapted("web", web(tmp_path))
    assert one.photos == ("p/1.jpg",)
    (one,) = adapted("app", app(tmp_path))
    assert one.photos == ("1.jpg", "2.jpg")
    (one,) = adapted("camera", camera(tmp_path))
    assert one.body["text"] == "人民中路 识别到路面异物，置信度 0.93"
    (one,) = adapted("photo", photo(tmp_path))
    assert one.body["text"] == "随手拍照片 P1，无文字说明"


def changed(name: str, **fields: str) -> Mapping[str, object]:
    row = {"eventCode": "G1", "happenTime": "2026-07-20 09:40:00", "eventDesc": "x", **fields}
    return Adapter(spec.load(name)).adapt(Record(1, row)).body


def test_what_cannot_be_read_stays_for_the_door_to_name() -> None:
    assert changed("grid", happenTime="昨天")["reported_at"] == "昨天"
    assert changed("grid", eventLevel="很急")["level"] == "很急"
    assert changed("grid", point="东边,32")["lon"] == "东边"
    assert changed("grid", point="120.86")["lon"] == "120.86"
    assert changed("grid", gridArea="某区")["region"] == "某区"
    assert "intake_id" not in changed("grid", eventCode=" ")
    swapped = changed("grid", point="32.01,120.86")
    assert (swapped["lon"], swapped["lat"]) == (32.01, 120.86), "the door says it looks swapped"


def test_a_swapped_pair_reaches_the_door_swapped_and_in_its_datum() -> None:
    """What the door then offers to a person is the place itself, not one 500 m beside it."""
    row = {"orderNo": "A1", "createTime": "1784511600000", "desc": "x"}
    place = {"location.longitude": str(GCJ[1]), "location.latitude": str(GCJ[0])}
    body = Adapter(spec.load("app")).adapt(Record(1, {**row, **place})).body
    assert body["lon"] == pytest.approx(HERE[1], abs=2e-5)
    assert body["lat"] == pytest.approx(HERE[0], abs=2e-5)


def test_no_coordinates_are_none_in_each_channels_way() -> None:
    for none in ("0,0", "0.000, 0.0", "-1,-1"):
        assert not {"lon", "lat"} & set(changed("grid", point=none))
    assert changed("grid")["region"] == "3206"


@pytest.mark.parametrize(
    ("told", "plain"),
    [
        ("１３８ １２３４ ５６７８", "13812345678"),
        ("+86-138-1234-5678", "13812345678"),
        ("0513-85212345", "051385212345"),
        ("a b@c.cn", "a b@c.cn"),
    ],
)
def test_a_number_is_written_one_way(told: str, plain: str) -> None:
    assert plain_contact(told) == plain


def test_broken_lines_go_as_they_are_and_broken_documents_are_refused(tmp_path: Path) -> None:
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"a": 1}\n{"a": \n\n[1]\n', encoding="utf-8")
    rows = [row for row in records.read(lines) if isinstance(row, Record)]
    assert [(row.line, row.raw) for row in rows] == [(1, ""), (2, '{"a": '), (4, "[1]")]
    words = "玻璃碴\u2028请清理\x85"  # pasted from a page: no line ends here
    lines.write_bytes(f'{{"a": "{words}"}}\r\n{{"a": 2}}'.encode())
    told = [row.fields for row in records.read(lines) if isinstance(row, Record)]
    assert told == [{"a": words}, {"a": "2"}]
    for name, raw in {"a.json": b"{", "b.json": b"\xff\xfe{\xff", "c.pdf": b"%PDF-"}.items():
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(BadFileError):
            list(records.read(tmp_path / name))
    (tmp_path / "d.json").write_bytes('{"a":"玻璃碴"}'.encode("gb18030"))
    (row,) = records.read(tmp_path / "d.json")
    assert isinstance(row, Record)
    assert row.fields == {"a": "玻璃碴"}


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('datum = "wgs84"', "datum"),
        ('prefix = "110-"', "prefix"),
        ('own_id = ["jjdbh", "接警单编号"]', "own_id"),
        ('channel = "police"', "channel"),
    ],
)
def test_a_description_with_a_fault_names_it(line: str, named: str, tmp_path: Path) -> None:
    text = (spec.FOLDER / "police.toml").read_text(encoding="utf-8")
    assert line in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(line, line.split("=", maxsplit=1)[0] + "= [7]"), encoding="utf-8")
    with pytest.raises(BadFileError) as caught:
        spec.load("mine", path)
    for language in (caught.value.what.zh, caught.value.what.en):
        assert "mine.toml" in language
        assert named in language
    with pytest.raises(BadFileError, match=r"nosuch\.toml"):
        spec.load("nosuch")
