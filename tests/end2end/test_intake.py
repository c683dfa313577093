"""Files of reports handed in to the real service from the command line."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from backend_client.contract.events import Event
from backend_client.repairs import repairs
from tests.end2end.stack import ROOT, Service

pytestmark = pytest.mark.end2end

HEAD = "工单编号,标题,诉求内容,事发地址,经度,纬度,区县,来电时间\n"


def row(number: int, **changed: str) -> str:
    cells = {
        "id": f"HX{number}",
        "title": "路面积水",
        "text": f"第 {number} 处积水，约 20 厘米",
        "place": "人民中路",
        "lon": "120.86",
        "lat": "32.01",
        "region": "崇川区",
        "at": "2026-07-20 09:40:00",
        **changed,
    }
    return ",".join(cells.values()) + "\n"


def handed_in(
    service: Service, file: Path, *words: str, account: str = "feed"
) -> subprocess.CompletedProcess[str]:
    door = ("--url", service.url, "--credentials", str(service.credentials), "--account", account)
    command = [sys.executable, "-m", "backend", "intake", str(file), *door, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def events(service: Service) -> list[Event]:
    client = service.client("operator")
    found = [item for item in client.items("event").items if isinstance(item, Event)]
    client.close()
    return found


def test_good_reports_are_taken_bad_ones_named_and_the_same_file_changes_nothing(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "热线.csv"
    bad = (
        row(4, at="昨天"),
        row(5, lon="东边"),
        row(6, region="某区"),
        row(7, title="", text=""),
        row(1, text="另一件事"),
        "短,行\n",
        row(8, at="2099-01-01 00:00:00"),
        row(9, lat=""),
        row(10, region="320100"),
    )
    file.write_text(HEAD + row(1) + row(2) + "".join(bad) + row(3), encoding="gb18030")
    first = handed_in(service, file, "--channel", "hotline")
    assert first.returncode == 1, first.stderr
    assert "新收 3，已有 0，拒 9" in first.stderr
    assert "Read 12 rows: 3 new, 0 there before, 9 refused" in first.stderr
    told = file.with_name("热线.csv.rejected.csv")
    with told.open(encoding="utf-8-sig", newline="") as open_:
        lines = {line["行 line"]: line for line in csv.DictReader(open_)}
    columns = {number: line["列 column"] for number, line in lines.items()}
    assert columns == {
        "4": "来电时间",
        "5": "经度",
        "6": "区县",
        "7": "标题",
        "8": "工单编号",
        "9": "",
        "10": "来电时间",
        "11": "经度",
        "12": "event.intake",
    }
    assert (lines["4"]["值 value"], lines["6"]["值 value"]) == ("昨天", "某区")
    assert all(line["原因"] and line["reason"] for line in lines.values())
    assert sorted(event.intake_id for event in events(service)) == ["HX1", "HX2", "HX3"]
    assert {event.channel.value for event in events(service)} == {"hotline"}

    client = service.client("operator")
    kept = repairs(client).rows
    client.close()
    assert len(kept) == 8, "what was unfit, whether it could be read as a row or not"
    assert any("昨天" in one.raw for one in kept)
    (short,) = (one for one in kept if one.raw.endswith("短,行"))
    assert HEAD.strip() in short.raw
    assert "有 2 列，表头有 8 列" in short.raw
    assert any("编号在文件中已用于另一条" in one.raw and "另一件事" in one.raw for one in kept)

    again = handed_in(service, file, "--channel", "hotline")
    assert again.returncode == 1
    assert "新收 0，已有 3，拒 9" in again.stderr
    assert len(events(service)) == 3

    file.write_text(HEAD + row(1) + row(2) + row(3) + row(11), encoding="utf-8")
    more = handed_in(service, file, "--channel", "hotline")
    assert (more.returncode, len(events(service))) == (0, 4), more.stderr


def test_nothing_usable_and_nobody_there_are_told_apart(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(HEAD + row(1, at="昨天"), encoding="utf-8")
    assert handed_in(service, file, "--channel", "hotline").returncode == 2
    assert handed_in(service, file).returncode == 2, "nobody says which channel"
    assert handed_in(service, tmp_path / "none.csv", "--channel", "web").returncode == 2
    service.stop()
    file.write_text(HEAD + row(1), encoding="utf-8")
    away = handed_in(service, file, "--channel", "hotline")
    assert away.returncode == 3
    assert "Traceback" not in away.stderr
    assert "再次运行同一命令" in away.stderr
