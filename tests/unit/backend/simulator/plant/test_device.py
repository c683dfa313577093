"""A sluice's controller: select before operate, fence, sequence, watchdog, trips, ablations."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.simulator.plant import permit
from backend.simulator.plant.bay import Bay
from backend.simulator.plant.device import SELECT_TTL_S, Answer, Device, Order
from backend.simulator.plant.spec import load

FACTS = Path(__file__).parents[5] / "resources" / "facts"
SPECS = {spec.device_id: spec for spec in load(FACTS, seed=7)}
SLUICE, LOCK = "NT-S34", "NT-S22"
AT = datetime(2026, 7, 20, tzinfo=UTC)


def make(device_id: str = SLUICE, **changed: object) -> Device:
    device = Device(SPECS[device_id], speed=10.0)
    device.inner_m, device.outer_m = 3.0, 2.5
    device.chamber_m = 3.0
    device.claim(1)
    device.heartbeat(1)
    for name, value in changed.items():
        setattr(device, name, value)
    return device


def order(
    device: Device, target_m: float = 1.0, bays: tuple[int, ...] = (1,), **changed: object
) -> Order:
    fields: dict[str, object] = {
        "command_id": "c1",
        "fence": device.fence,
        "seq": device.seq,
        "bays": bays,
        "target_m": target_m,
    }
    return Order(**(fields | changed))  # type: ignore[arg-type]  # a test's own fields


def go(device: Device, wish: Order) -> Answer:
    """Select and operate, as a driver would."""
    selected = device.select(wish)
    if selected.refused:
        return selected
    return device.operate(
        Order(wish.command_id, wish.fence, selected.seq, wish.bays, wish.target_m)
    )


def let(device: Device, seconds: float, *, beating: bool = True, dt: float = 0.1) -> None:
    for _ in range(round(seconds / dt)):
        if beating:
            device.heartbeat(device.fence)
        device.step(dt)


def words(device: Device, what: str) -> list[dict[str, object]]:
    return [entry for entry in device.entries if entry["what"] == what]


def test_a_selected_device_moves_to_the_target_and_says_done() -> None:
    device = make()
    assert go(device, order(device)).refused is None
    let(device, 10)
    assert device.bays[0].opening_m == pytest.approx(1.0)
    assert device.echoes["c1"] == "done"
    assert [e["what"] for e in device.entries if e["what"] in {"select", "operate"}] == [
        "select",
        "operate",
    ]


def test_operate_without_select_moves_nothing() -> None:
    device = make()
    assert device.operate(order(device)).refused == "not_selected"
    let(device, 3)
    assert device.bays[0].opening_m == 0


@pytest.mark.parametrize(
    "changed",
    [{"command_id": "c2"}, {"bays": (2,)}, {"target_m": 1.5}, {"seq": 0}, {"fence": 2}],
)
def test_operate_must_repeat_select_to_the_letter(changed: dict[str, object]) -> None:
    device = make()
    selected = device.select(order(device))
    wish = order(device, seq=selected.seq)
    other = Order(**{**{f: getattr(wish, f) for f in wish.__slots__}, **changed})
    assert device.operate(other).refused == "differs_from_select"
    assert device.operate(wish).refused is None


def test_operate_works_once_per_select() -> None:
    device = make()
    selected = device.select(order(device))
    wish = order(device, seq=selected.seq)
    assert device.operate(wish).refused is None
    assert device.operate(wish).refused == "not_selected"
    assert len(words(device, "operate")) == 1


def test_select_lapses_on_the_devices_own_clock() -> None:
    device = make()
    selected = device.select(order(device))
    let(device, SELECT_TTL_S + 0.5)
    assert device.operate(order(device, seq=selected.seq)).refused == "not_selected"
    assert device.echoes["c1"] == "lapsed"


def test_an_old_fence_and_an_old_sequence_are_refused() -> None:
    device = make()
    stale = order(device)
    device.claim(2)
    assert device.select(stale).refused == "fence_old"
    assert device.claim(2).refused == "fence_old"
    assert device.select(order(device, seq=device.seq - 1)).refused == "seq_moved"
    assert device.select(order(device, fence=9)).refused == "fence_not_claimed"


def test_a_new_fence_voids_what_the_old_writer_selected() -> None:
    device = make()
    selected = device.select(order(device))
    device.claim(2)
    assert device.operate(order(device, seq=selected.seq, fence=1)).refused == "fence_old"
    assert device.echoes["c1"] == "cancelled"


def test_stop_halts_motion_and_voids_a_select() -> None:
    device = make()
    go(device, order(device, 3.0))
    let(device, 2)
    device.stop()
    at = device.bays[0].opening_m
    let(device, 3)
    assert 0 < at < 3.0
    assert device.bays[0].opening_m == at
    assert device.echoes["c1"] == "stopped"
    selected = device.select(order(device, command_id="c2"))
    device.stop()
    assert device.operate(order(device, command_id="c2", seq=selected.seq)).refused


def test_without_heartbeat_motion_ends_after_five_seconds() -> None:
    device = make(speed=1.0)
    go(device, order(device, 3.0))
    let(device, 4.8, beating=False)
    assert device.bays[0].moving
    let(device, 0.6, beating=False)
    assert not device.bays[0].moving
    assert device.echoes["c1"] == "watchdog"
    assert device.select(order(device)).refused == "no_heartbeat"


def test_only_the_own_writers_heartbeat_counts() -> None:
    device = make()
    device.claim(5)
    device.silent_s = 9.0
    assert not device.heartbeat(1)
    assert not device.heartbeat(9)  # whoever has not claimed this device is not its writer
    assert device.silent_s == 9.0
    assert device.heartbeat(5)


@pytest.mark.parametrize(
    ("fault", "trip"),
    [
        ("jam", "jam"),
        ("reverse", "reverse"),
        ("closed_switch_on", "switch_disagree"),
        ("open_switch_on", "switch_disagree"),
        ("closed_switch_off", "switch_disagree"),
    ],
)
def test_a_fault_in_travel_trips_and_latches_until_reset_on_site(fault: str, trip: str) -> None:
    device = make()
    closing = fault in {"reverse", "closed_switch_off"}
    device.bays[0].opening_m = 0.5 if closing else 0.0
    device.bays[0].faults = frozenset({fault})
    go(device, order(device, 0.0 if closing else 3.0))
    let(device, 40)
    assert device.bays[0].trip == trip
    assert device.echoes["c1"] == "tripped"
    assert device.select(order(device, command_id="c2")).refused == "tripped"
    device.bays[0].faults = frozenset()
    device.reset()
    assert device.select(order(device, 0.0, command_id="c2")).refused is None


def test_healthy_full_travel_never_trips_and_takes_the_nominal_time() -> None:
    device = make(speed=1.0, inner_m=3.0, outer_m=2.9)
    full = device.spec.full_open_m
    answer = go(device, order(device, full))
    assert answer.travel_s == pytest.approx(180)
    let(device, 179)
    assert device.bays[0].moving
    let(device, 2)
    assert device.bays[0].opening_m == full
    assert device.bays[0].trip is None


def test_switching_to_local_in_travel_halts() -> None:
    device = make()
    go(device, order(device, 3.0))
    let(device, 1)
    device.bays[0].mode = "local"
    let(device, 0.2)
    assert not device.bays[0].moving
    assert device.echoes["c1"] == "permissive_lost"


def test_a_rising_tide_halts_an_opening_leaf_but_not_a_closing_one() -> None:
    device = make(speed=1.0)
    go(device, order(device, 3.0))
    let(device, 2)
    device.outer_m = device.inner_m
    let(device, 0.2)
    assert not device.bays[0].moving
    assert go(device, order(device, 0.0, command_id="c2")).refused is None
    let(device, 3)
    assert device.bays[0].opening_m == 0


REFUSED_ALONE: list[tuple[str, str]] = [
    ("not_remote", SLUICE),
    ("tripped", SLUICE),
    ("no_heartbeat", SLUICE),
    ("in_motion", SLUICE),
    ("out_of_range", SLUICE),
    ("outer_above_inner", SLUICE),
    ("opening_above_permitted", SLUICE),
    ("other_gate_switch", LOCK),
    ("other_gate_open", LOCK),
    ("other_gate_open_switch", LOCK),
    ("other_gate_tripped", LOCK),
    ("other_gate_moving", LOCK),
    ("other_gate_waiting", LOCK),
    ("other_valve_open", LOCK),
]


def break_sluice(device: Device, key: str, draw: random.Random) -> float:
    """Bring about exactly one violated permissive; give the target that meets it."""
    bay = device.bays[0]
    match key:
        case "not_remote":
            bay.mode = draw.choice(("local", "maintenance"))
        case "tripped":
            bay.trip = "jam"
        case "no_heartbeat":
            device.silent_s = draw.uniform(5.1, 50)
        case "in_motion":
            bay.direction, bay.target_m, bay.limit_s = 1, 0.5, 99.0
        case "out_of_range":
            return -draw.uniform(0.1, 5)
        case "outer_above_inner":
            device.outer_m = device.inner_m + draw.uniform(-0.09, 0.9)
        case "opening_above_permitted":
            device.inner_m = device.outer_m + draw.uniform(3.1, 5)
            return bay.full_open_m * draw.uniform(0.4, 1)
    return draw.uniform(0.2, 0.9)


def break_lock(device: Device, key: str, draw: random.Random) -> float:
    """Do the same with the witnesses of the opposite mitre gate."""
    other = device.bays[1]
    match key:
        case "other_gate_switch":
            other.faults = frozenset({"closed_switch_off"})
        case "other_gate_open":
            other.opening_m = draw.uniform(0.05, 0.9) * other.full_open_m
            other.faults = frozenset({"closed_switch_on"})
        case "other_gate_open_switch":
            other.faults = frozenset({"open_switch_on"})
        case "other_gate_tripped":
            other.trip = "reverse"
        case "other_gate_moving":
            other.direction, other.target_m, other.limit_s = -1, 0.0, 99.0
        case "other_gate_waiting":
            device.levelling = 2
        case "other_valve_open":
            device.valve = 2
    return draw.uniform(0.2, 0.9)


def test_every_permissive_of_the_tables_is_broken_below() -> None:
    keys = {p.key for p in permit.table(lock=True)} | {p.key for p in permit.table(lock=False)}
    assert keys == {key for key, _ in REFUSED_ALONE}


@pytest.mark.parametrize(("key", "device_id"), REFUSED_ALONE)
def test_each_permissive_refuses_alone_and_its_ablation_is_caught(key: str, device_id: str) -> None:
    for seed in range(20):
        draw = random.Random(seed)
        device = make(device_id)
        spoil = break_lock if device_id == LOCK else break_sluice
        target_m = spoil(device, key, draw)
        assert device.select(order(device, target_m)).refused == key

        lame = make(device_id)
        lame.permissives = tuple(p for p in lame.permissives if p.key != key)
        target_m = spoil(lame, key, random.Random(seed))
        assert go(lame, order(lame, target_m)).refused is None, (
            f"seed {seed}: nothing else stops it"
        )


def test_both_mitre_gates_in_one_order_are_refused() -> None:
    device = make(LOCK)
    assert device.select(order(device, 1.0, (1, 2))).refused == "both_gates"
    assert device.select(order(device, 0.0, (1, 2))).refused is None


def test_a_mitre_gate_waits_for_level_water() -> None:
    device = make(LOCK, chamber_m=2.5)
    go(device, order(device, 6.0, (1,)))
    assert not device.bays[0].moving
    assert device.valve == 1
    let(device, 60)
    assert device.bays[0].opening_m == pytest.approx(6.0)
    assert device.chamber_m == device.inner_m
    assert device.valve == 0


def test_restart_in_travel_is_told_apart_and_never_taken_up_again(tmp_path: Path) -> None:
    from backend.simulator.plant.log import load as load_state
    from backend.simulator.plant.log import save
    from backend.simulator.plant.plant import build

    plant = build(tuple(SPECS.values()), at=AT, seed=7, speed=1.0)
    device = plant.devices[SLUICE]
    device.inner_m, device.outer_m = 3.0, 2.5
    device.claim(1)
    device.heartbeat(1)
    go(device, order(device, 3.0))
    let(device, 20)
    seq, opening_m = device.seq, device.bays[0].opening_m
    save(tmp_path / "state.json", plant.dump())
    again = build(
        tuple(SPECS.values()), at=AT, seed=7, kept=load_state(tmp_path / "state.json")
    ).devices[SLUICE]
    assert again.bays[0].opening_m == pytest.approx(opening_m)
    assert again.bays[0].opening_m > 0
    assert not again.bays[0].moving
    assert again.echoes["c1"] == "restart"
    assert again.fence == 1
    assert again.seq > seq


def test_generated_numbers_are_marked_and_sourced_ones_are_not() -> None:
    hub, outer = SPECS["NT-S10"], SPECS["NT-S34"]
    assert (hub.bays, hub.bay_width_m) == (3, 12.0)
    assert "bays" not in hub.generated
    assert "bay_width_m" not in hub.generated
    assert outer.bays == 6
    assert outer.inner_normal_m == 1.8
    assert "inner_normal_m" not in outer.generated
    assert "bays" in SPECS["NT-S01"].generated
    assert SPECS["NT-S01"].design_flow_m3s is None
    assert len(SPECS) == 36
    assert all(spec.region.startswith("3206") for spec in SPECS.values())


def test_a_creeping_leaf_moves_without_any_command() -> None:
    device = make()
    device.bays[0].faults = frozenset({"creep"})
    let(device, 5)
    assert device.bays[0].opening_m > 0
    assert not device.bays[0].moving


def test_bay_switches_and_encoder_prove_a_closed_leaf_together() -> None:
    bay = Bay(1, 5.0, 180.0)
    assert bay.proven_closed
    for fault in ("closed_switch_off", "open_switch_on"):
        bay.faults = frozenset({fault})
        assert not bay.proven_closed


def test_a_lived_in_plant_has_open_leaves_other_hands_and_a_fault_it_finds_itself() -> None:
    from backend.simulator.plant.plant import build, live_in

    plant = build(tuple(SPECS.values()), at=AT, seed=7)
    live_in(plant)
    bays = [bay for device in plant.devices.values() for bay in device.bays]
    assert sum(bay.opening_m > 0 for bay in bays) == 10
    assert {bay.mode for bay in bays} == {"remote", "local", "maintenance"}
    assert not any(bay.trip for bay in bays)
    plant.step(0.1)
    assert [bay.trip for bay in bays if bay.trip] == ["switch_disagree"]
    assert [bay for bay in bays if bay.faults] == [bay for bay in bays if bay.trip]
