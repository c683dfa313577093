"""The deadline table: read whole or refused with the row; urgent matters run by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from backend.domain.deadlines import Stage
from backend.domain.tables import BadTableError
from backend.services.deadline_table import TABLE_FILE, load_deadlines

ZONE = timezone(timedelta(hours=8))
FRIDAY = datetime(2026, 7, 24, 17, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("stage", "level", "due"),
    [
        (Stage.ANSWER, 1, FRIDAY + timedelta(minutes=30)),
        (Stage.SIGN, 2, FRIDAY + timedelta(minutes=15)),
        (Stage.SIGN, 0, datetime(2026, 7, 27, 12, 0, tzinfo=ZONE)),
        (Stage.HANDLE, 1, FRIDAY + timedelta(hours=4)),
        (Stage.HANDLE, 4, datetime(2026, 7, 31, 18, 0, tzinfo=ZONE)),
    ],
)
def test_the_table_that_comes_with_it(stage: Stage, level: int, due: datetime) -> None:
    assert load_deadlines().due(stage, level, "", FRIDAY) == due


def test_lamps_change_in_working_time_and_by_the_clock_when_it_is_urgent() -> None:
    table = load_deadlines()
    due = table.due(Stage.HANDLE, 4, "", FRIDAY)
    lamps = table.lamps(FRIDAY, due)
    clock = table.clock
    assert clock.worked(FRIDAY, lamps.yellow_at) / clock.worked(FRIDAY, due) == pytest.approx(0.8)
    assert lamps.red_at == due < lamps.supervised_at < lamps.led_at
    urgent = table.lamps(FRIDAY, FRIDAY + timedelta(hours=10))  # over a night nobody works
    assert urgent.yellow_at == FRIDAY + timedelta(hours=8)
    assert urgent.led_at == FRIDAY + timedelta(hours=15)


def test_a_rule_for_a_narrower_matter_goes_first(tmp_path: Path) -> None:
    more = '[[rule]]\nstage = "handle"\nlevels = [0, 4]\nmatter = "0201"\nspan = "2 wh"\n'
    table = load_deadlines(written(tmp_path, TABLE_FILE.read_text("utf-8") + more))
    assert table.span(Stage.HANDLE, 4, "020103").unit == "hours"
    assert table.span(Stage.HANDLE, 4, "0301").unit == "days"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('span = "15 min"', 'span = "15 minutes"', "rule 3"),
        ('span = "30 min"', 'span = "0 min"', "rule 1"),
        ("levels = [3]", "levels = [7]", "0 至 4"),
        ('stage = "call_back"', 'stage = "callback"', "call_back"),
        ("yellow = 0.8", "yellow = 1.8", "shares"),
        ("yellow = 0.8", "yelow = 0.8", "compare it"),
        ('["13:30", "18:00"]', '["11:30", "18:00"]', "clock.hours"),
        ("off = []", 'off = ["1 January"]', "clock.off"),
        ("levels = [1, 2]", "levels = [1]", "answer: 缺少级别 [2]"),
        ("[clock]", "[clock", "deadlines.toml"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = TABLE_FILE.read_text("utf-8")
    assert old in text
    with pytest.raises(BadTableError) as caught:
        load_deadlines(
            written(
                tmp_path,
                text.replace(f"\n{old}", f"\n{new}", 1)
                if f"\n{old}" in text
                else text.replace(old, new, 1),
            )
        )
    assert said in str(caught.value)


def written(folder: Path, text: str) -> Path:
    path = folder / "deadlines.toml"
    path.write_text(text, "utf-8")
    return path
