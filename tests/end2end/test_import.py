"""Files brought to the real service from the command line, as the keeper of the data does it."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.end2end.stack import ROOT, Service, wait_for

pytestmark = pytest.mark.end2end

HEAD = "编号,名称,经度,纬度,类别,层数\n"


def rows(count: int, *, first: int = 0) -> str:
    return "".join(
        f"H{n},房{n},{120.5 + n % 997 / 1000:.4f},{31.9 + n % 499 / 1000:.4f},flat,{n % 30}\n"
        for n in range(first, first + count)
    )


def imported(file: Path, *words: str, layer: str = "housing") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backend", "import", layer, str(file), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def at(service: Service, account: str = "feed", *, url: str = "") -> tuple[str, ...]:
    door = ("--backend", url or service.url, "--credentials", str(service.credentials))
    return (*door, "--account", account)


def count_of(service: Service, layer: str = "housing") -> int:
    client = service.client("operator")
    found = {one.layer: one.count for one in client.layers().layers}
    client.close()
    return found.get(layer, 0)


def test_good_rows_are_taken_bad_ones_reported_and_the_same_file_changes_nothing(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "房屋.csv"
    bad = "H0,again,120.9,32.0,flat,1\nH9,swapped,32.0,120.9,flat,1\nshort,row\n"
    file.write_text(HEAD + rows(5) + bad + rows(3, first=5), encoding="gb18030")
    first = imported(file, *at(service))
    assert first.returncode == 1, first.stderr
    assert "读 11 行，收 8，拒 3" in first.stderr
    assert "Read 11 rows, took 8, rejected 3" in first.stderr
    assert "--columns lon=纬度,lat=经度" in first.stderr
    with file.with_name("房屋.csv.rejected.csv").open(encoding="utf-8-sig", newline="") as told:
        lines = {line["行 line"]: line for line in csv.DictReader(told)}
    assert sorted(lines) == ["7", "8", "9"]
    assert "重复" in lines["7"]["原因"]
    assert "swapped" in lines["8"]["reason"]
    assert count_of(service) == 8

    again = imported(file, *at(service))
    assert "0 changed" in again.stderr
    assert count_of(service) == 8

    file.write_text(HEAD + rows(9), encoding="utf-8-sig")
    more = imported(file, *at(service))
    assert (more.returncode, count_of(service)) == (0, 9)
    assert "0 changed" not in more.stderr


def test_what_cannot_be_done_says_so_by_its_exit_status(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(HEAD + rows(3), encoding="utf-8")
    layer = "services"
    assert imported(file, *at(service), layer="Housing!").returncode == 2
    refused = imported(file, *at(service, "operator"), layer=layer)
    assert refused.returncode == 3
    assert re.search(r"无权|权限", refused.stderr), refused.stderr
    assert count_of(service, layer) == 0
    file.write_text(HEAD + "H1,x,here,there,flat,1\n", encoding="utf-8")
    assert imported(file, *at(service), layer=layer).returncode == 2
    away = imported(file, *at(service, url="http://127.0.0.1:9"), layer=layer)
    assert away.returncode == 3
    assert "run the same command again" in away.stderr


def test_a_service_that_dies_in_the_middle_is_caught_up_by_running_again(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    total, layer = 250_000, "economy"
    file.write_text(HEAD + rows(total), encoding="utf-8")
    done: list[subprocess.CompletedProcess[str]] = []

    def bring() -> None:
        done.append(imported(file, *at(service), layer=layer))

    running = threading.Thread(target=bring)
    running.start()
    wait_for(lambda: count_of(service, layer) > 0, 60, "first rows")
    service.kill()
    running.join(90)
    assert done[0].returncode == 3, done[0].stderr
    service.start()
    assert 0 < count_of(service, layer) < total
    bring()
    assert done[1].returncode == 0, done[1].stderr
    assert count_of(service, layer) == total


def test_a_folder_is_enough(tmp_path: Path) -> None:
    file, data = tmp_path / "a.csv", tmp_path / "data"
    file.write_text(HEAD + rows(7), encoding="utf-8")
    os.utime(file, (1_784_511_600, 1_784_511_600))
    first = imported(file, "--data", str(data))
    assert first.returncode == 0, first.stderr
    second = imported(file, "--data", str(data))
    assert (second.returncode, "0 changed" in second.stderr) == (0, True)
    assert not list(data.glob("import-*.json"))
    service = Service(data).start()
    try:
        assert count_of(service) == 7
        refused = imported(file, "--data", str(data))
        assert refused.returncode == 3
        assert "use --backend URL" in refused.stderr
    finally:
        service.stop()
