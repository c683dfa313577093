"""The last good sample: its age decides the link, its values overlay the stored gate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.domain.gauges import new_gate
from backend.services.gates.live import LIMITS_FILE, Live, load_limits
from backend_client.contract.clock import ManualClock
from tests.unit.backend.domain.test_gates import FACTS, reading

AT = datetime(2026, 7, 20, tzinfo=UTC)


def test_a_device_never_heard_is_offline_and_ages_from_the_last_sample() -> None:
    clock = ManualClock(AT)
    live = Live(clock, load_limits())
    assert live.link("NT-S34") == "offline"
    live.take(reading(None))
    assert live.link("NT-S34") == "online"
    clock.advance(4)
    assert live.link("NT-S34") == "late"
    clock.advance(7)
    assert live.link("NT-S34") == "offline"
    assert live.age_s("NT-S34") == 11


def test_the_stored_gate_is_shown_as_it_stands_now_with_its_window() -> None:
    clock = ManualClock(AT)
    live = Live(clock, load_limits())
    stored = new_gate(FACTS, AT)
    assert live.gate(stored) == stored
    live.take(reading("done", (1.0, 0.0, 0.0)))
    live.curves = {"NT-S34": ((AT, 5.0), (AT + timedelta(hours=1), 1.0))}
    gate = live.gate(stored)
    assert gate.bays[0].opening_m == 1.0
    assert gate.next_window is not None
    assert gate.next_window.end_at == AT + timedelta(hours=1)


def test_limits_without_a_needed_number_are_refused(tmp_path: Path) -> None:
    text = LIMITS_FILE.read_text(encoding="utf-8").replace("margin_m", "margin")
    file = tmp_path / "limits.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(KeyError):
        load_limits(file)
