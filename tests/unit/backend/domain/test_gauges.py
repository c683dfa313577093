"""From a reading to the gate people see: link by age, tide window, what counts as changed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backend.domain.gauges import differs, feature, link, new_gate, next_window, seen
from tests.unit.backend.domain.test_gates import FACTS, reading

AT = datetime(2026, 7, 20, tzinfo=UTC)


def curve(*levels: float) -> tuple[tuple[datetime, float], ...]:
    return tuple((AT + timedelta(minutes=10 * i), level) for i, level in enumerate(levels))


def test_link_is_told_by_age_alone() -> None:
    assert [link(age) for age in (0, 3, 3.1, 10, 10.1)] == [
        "online",
        "online",
        "late",
        "late",
        "offline",
    ]


def test_a_reading_fills_the_gate_and_without_one_only_the_link_changes() -> None:
    bare = new_gate(FACTS, AT)
    gate = seen(bare, reading("done", (1.0, 0.5, 0.0)), "online", None)
    assert [bay.opening_m for bay in gate.bays] == [1.0, 0.5, 0.0]
    assert (gate.fence, gate.seq, gate.observed_at) == (2, 5, AT)
    lost = seen(gate, None, "offline", None)
    assert lost.bays == gate.bays
    assert lost.observed_at == gate.observed_at
    assert lost.link == "offline"


def test_a_ripple_is_no_change_but_five_centimetres_a_leaf_a_mode_or_the_link_is() -> None:
    base = seen(new_gate(FACTS, AT), reading(None), "online", None)

    def again(**changed: object) -> bool:
        return differs(base, seen(base, replace(reading(None), **changed), "online", None))  # type: ignore[arg-type]  # a test's fields

    inner_m, outer_m = reading(None).inner_m, reading(None).outer_m
    assert not again(inner_m=inner_m + 0.04, outer_m=outer_m - 0.04, at=AT + timedelta(seconds=5))
    assert again(inner_m=inner_m + 0.05)
    assert again(outer_m=outer_m - 0.05)
    assert again(seq=6)
    assert again(vessels=2)
    bays = reading(None).bays
    assert not again(bays=(replace(bays[0], opening_m=0.004), *bays[1:]))
    assert again(bays=(replace(bays[0], opening_m=0.012), *bays[1:]))
    assert again(bays=(replace(bays[0], moving=True), *bays[1:]))
    assert again(bays=(replace(bays[0], mode="local"), *bays[1:]))
    assert again(bays=(replace(bays[0], trip="jam"), *bays[1:]))
    assert differs(base, seen(base, reading(None), "late", None))


def test_the_next_window_begins_and_ends_where_the_tide_crosses() -> None:
    window = next_window(curve(3.0, 2.0, 1.0, 2.0, 3.0), 2.6, 0.1, AT)
    assert window is not None
    assert window.start_at == AT + timedelta(minutes=5)
    assert window.end_at == AT + timedelta(minutes=35)


def test_a_window_under_way_starts_now_and_none_is_none() -> None:
    now = AT + timedelta(minutes=12)
    under_way = next_window(curve(1.0, 1.0, 1.0, 3.0), 2.1, 0.1, now)
    assert under_way is not None
    assert under_way.start_at == now
    assert under_way.end_at == AT + timedelta(minutes=25)
    assert next_window(curve(3.0, 3.0, 3.0), 2.0, 0.1, AT) is None
    endless = next_window(curve(1.0, 1.0, 1.0), 2.0, 0.1, AT)
    assert endless is not None
    assert endless.end_at == AT + timedelta(minutes=20)
    assert next_window((), 2.0, 0.1, AT) is None


def test_a_window_that_is_over_is_not_the_next_one() -> None:
    now = AT + timedelta(minutes=25)
    window = next_window(curve(1.0, 3.0, 3.0, 3.0, 1.0, 1.0), 2.1, 0.1, now)
    assert window is not None
    assert window.start_at == AT + timedelta(minutes=35)


def test_the_map_sees_a_fault_and_a_lost_link() -> None:
    gate = seen(new_gate(FACTS, AT), reading("done", (1.0, 0.5, 0.0)), "online", None)
    row = feature(gate, FACTS, AT)
    assert (row.state, row.value, row.kind, row.department) == (0, 1.0, "tide_gate", "D27")
    assert row.properties["generated_fields"] == ["bay_width_m", "contact", "phone"]
    tripped = replace(reading(None), bays=(replace(reading(None).bays[0], trip="jam"),))
    assert feature(seen(gate, tripped, "online", None), FACTS, AT).state == 2
    assert feature(seen(gate, None, "offline", None), FACTS, AT).state == 4


def test_a_sluice_has_somebody_to_call_and_says_that_the_number_is_made_up() -> None:
    fields = feature(new_gate(FACTS, AT), FACTS, AT).properties
    assert fields["contact"] == f"{FACTS.name}值班"
    assert re.fullmatch(r"0513-8\d{7}", str(fields["phone"]))
    other = replace(FACTS, device_id="NT-S99")
    assert feature(new_gate(other, AT), other, AT).properties["phone"] != fields["phone"]
    assert {"contact", "phone"} <= set(fields["generated_fields"])  # type: ignore[arg-type]  # a list of words
