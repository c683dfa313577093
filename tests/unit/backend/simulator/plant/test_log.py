"""The device's files: a log that only grows, a state file swapped in one move."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from backend.simulator.plant.log import DeviceLog, load, save

AT = datetime(2026, 7, 20, tzinfo=UTC)


def test_lines_are_appended_and_survive_reopening(tmp_path: Path) -> None:
    path = tmp_path / "plant" / "device.log"
    for number in range(2):
        log = DeviceLog(path)
        log.write([{"device": "NT-S01", "what": "select", "n": number}], AT)
        log.close()
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["n"] for row in rows] == [0, 1]
    assert rows[0]["at"] == AT.isoformat()


def test_a_torn_last_line_stays_and_the_next_one_starts_afresh(tmp_path: Path) -> None:
    path = tmp_path / "device.log"
    path.write_bytes(b'{"a":1}\n{"b":')
    log = DeviceLog(path)
    log.write([{"c": 3}], AT)
    log.close()
    assert path.read_bytes().splitlines()[1] == b'{"b":'
    assert json.loads(path.read_bytes().splitlines()[2])["c"] == 3


def test_state_is_private_and_a_damaged_one_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert load(path) is None
    save(path, {"devices": {}})
    assert path.stat().st_mode & 0o777 == 0o600
    assert load(path) == {"devices": {}}
    path.write_text("{")
    assert load(path) is None
    assert path.with_suffix(".damaged").exists()
