"""Interlocks: each blocks alone, closing is always possible, the flow is the sourced formula."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.interlocks import Limits, Wish, check, flow_m3s, permitted_m
from backend.services.gates.live import load_limits
from backend_client.contract.base import Text
from backend_client.contract.gates import Bay, BayMode, Gate, GateKind, Interlock
from tests.unit.backend.domain.test_gates import gate

NOW = datetime(2026, 7, 20, tzinfo=UTC)
LIMITS = Limits(
    enabled=True,
    head_margin_m=0.10,
    data_age_s=60,
    dispatch_pattern=load_limits().dispatch_pattern,
    openings=((1.0, 1.0), (2.0, 0.6), (99.0, 0.25)),
)


def seen(**changed: object) -> Gate:
    bays = tuple(Bay(no=n, opening_m=0.0, moving=False, mode=BayMode.REMOTE) for n in (1, 2, 3))
    return gate().model_copy(
        update={
            "inner_level_m": 3.0,
            "outer_level_m": 2.5,
            "bays": bays,
            "vessels_near": 0,
            "link": "online",
            "observed_at": NOW - timedelta(seconds=1),
            **changed,
        }
    )


def with_bay(**changed: object) -> Gate:
    bays = seen().bays
    return seen(bays=(bays[0].model_copy(update=changed), *bays[1:]))


def wish(of: Gate, target_m: float = 1.0, **changed: object) -> Wish:
    fields: dict[str, object] = {"dispatch_no": "通防调〔2026〕15号", "bays": (1, 2)}
    fields |= changed
    return Wish(of, target_m=target_m, now=NOW, limits=LIMITS, **fields)  # type: ignore[arg-type]  # as above


def failed(wished: Wish) -> set[str]:
    return {lock.key for lock in check(wished) if not lock.ok}


def test_a_sound_wish_passes_and_shows_its_values() -> None:
    locks = check(wish(seen()))
    assert failed(wish(seen())) == set()
    assert [lock.key for lock in locks] == [
        "head",
        "opening",
        "vessels",
        "remote",
        "healthy",
        "still",
        "age",
        "dispatch",
        "discharge",
    ]
    assert all(lock.name.zh and lock.value.zh and lock.value.en for lock in locks)
    assert all(0 < len(lock.name.en) <= 28 for lock in locks)  # the panel elides longer ones


@pytest.mark.parametrize(
    ("spoiled", "key"),
    [
        (wish(seen(outer_level_m=2.95)), "head"),
        (wish(seen(outer_level_m=None)), "head"),
        (wish(seen(outer_level_m=1.5), 3.5), "opening"),
        (wish(seen(vessels_near=1)), "vessels"),
        (wish(seen(vessels_near=None)), "vessels"),
        (wish(with_bay(mode=BayMode.LOCAL)), "remote"),
        (wish(with_bay(mode=BayMode.MAINTENANCE)), "remote"),
        (wish(with_bay(fault="jam")), "healthy"),
        (wish(with_bay(moving=True)), "still"),
        (wish(seen(observed_at=NOW - timedelta(seconds=61))), "age"),
        (wish(seen(observed_at=None)), "age"),
        (wish(seen(), dispatch_no="口头通知"), "dispatch"),
        (wish(seen(design_flow_m3s=10.0)), "discharge"),
    ],
)
def test_each_interlock_blocks_alone(spoiled: Wish, key: str) -> None:
    assert key in failed(spoiled)
    assert failed(spoiled) <= {key, "opening"}


def test_the_head_margin_is_ten_centimetres() -> None:
    assert failed(wish(seen(outer_level_m=2.90))) == set()
    assert failed(wish(seen(outer_level_m=2.91))) == {"head"}


def test_closing_is_possible_against_head_flow_and_table() -> None:
    bays = tuple(bay.model_copy(update={"opening_m": 2.0}) for bay in seen().bays)
    flooded = seen(bays=bays, outer_level_m=5.0, design_flow_m3s=1.0)
    assert failed(wish(flooded, 0.0)) == set()
    assert failed(wish(flooded, 2.5)) == {"head", "discharge"}


def test_a_lock_asks_for_stopped_traffic_and_a_shut_opposite_gate() -> None:
    two = seen().bays[:2]
    lock = seen(gate_kind=GateKind.LOCK, bays=two, navigation_stopped=True)
    assert failed(wish(lock, bays=(1,))) == set()
    assert failed(wish(lock.model_copy(update={"navigation_stopped": False}), bays=(1,))) == {
        "traffic"
    }
    ajar = (two[0], two[1].model_copy(update={"opening_m": 0.5}))
    assert failed(wish(lock.model_copy(update={"bays": ajar}), bays=(1,))) == {"other_gate"}
    assert failed(wish(lock, bays=(1, 2))) == {"other_gate"}
    assert failed(wish(lock, 0.0, bays=(1, 2))) == set()


def test_values_in_words_keep_to_one_language_each() -> None:
    bays = tuple(bay.model_copy(update={"fault": "jam"}) for bay in seen().bays[:2])
    lock = seen(gate_kind=GateKind.LOCK, bays=bays, navigation_stopped=True)
    said = {one.key: one.value for one in check(wish(lock, bays=(1,)))}
    assert said["traffic"] == Text("已停航", "stopped")
    assert said["healthy"] == Text("1:卡阻", "1: jammed")
    under_way = lock.model_copy(update={"navigation_stopped": False})
    said = {one.key: one.value for one in check(wish(under_way, bays=(1,)))}
    assert said["traffic"] == Text("通航中", "open to traffic")
    assert all(text.en.isascii() for text in said.values() if text.zh != text.en)


def test_a_value_kept_from_before_is_still_read() -> None:
    kept = '{"key": "v", "name": {"zh": "无船", "en": "No vessels"}, "value": "2", "ok": false}'
    assert Interlock.model_validate_json(kept).value == Text("2", "2")


def test_flow_is_m_b_e_root_two_g_h() -> None:
    expected = 0.6 * 8.0 * 2.0 * math.sqrt(2 * 9.81 * 0.5)
    assert flow_m3s(wish(seen())) == pytest.approx(expected, abs=0.05)
    assert flow_m3s(wish(seen(outer_level_m=3.5))) == pytest.approx(-expected, abs=0.05)
    assert flow_m3s(wish(seen(inner_level_m=None))) is None


def test_permitted_opening_follows_the_table() -> None:
    assert permitted_m(wish(seen(outer_level_m=2.0))) == 5.0
    assert permitted_m(wish(seen(outer_level_m=1.5))) == 3.0
    assert permitted_m(wish(seen(outer_level_m=-1.0))) == 1.25
    assert permitted_m(wish(seen(outer_level_m=None))) == 0.0


def test_the_shipped_limits_are_read() -> None:
    limits = load_limits()
    assert limits.enabled
    assert limits.head_margin_m == 0.10
    assert limits.openings[0] == (1.0, 1.0)
