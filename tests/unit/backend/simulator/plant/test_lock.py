"""Both mitre gates are never open: goal-directed attempts and an exhaustive small model."""

from __future__ import annotations

from itertools import product

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backend.simulator.plant import permit
from backend.simulator.plant.device import Device, Order
from tests.unit.backend.simulator.plant.test_device import LOCK, SPECS, go, let, order

OPEN_SHARE = 0.022
FAULTS = ("", "jam", "closed_switch_on", "closed_switch_off", "open_switch_on", "reverse")


def both_open(device: Device) -> bool:
    return all(bay.opening_m > OPEN_SHARE * bay.full_open_m for bay in device.bays)


def lock(*, without: frozenset[str] = frozenset()) -> Device:
    device = Device(SPECS[LOCK], speed=20.0)
    device.inner_m, device.outer_m, device.chamber_m = 2.4, 3.4, 2.4
    device.permissives = tuple(p for p in device.permissives if p.key not in without)
    device.claim(1)
    device.heartbeat(1)
    return device


class TryToOpenBoth(RuleBasedStateMachine):
    """Behave like someone who wants both gates open, with every fault at hand."""

    without: frozenset[str] = frozenset()

    def __init__(self) -> None:
        super().__init__()
        self.device = lock(without=self.without)
        self.count = 0

    @rule(bay=st.sampled_from((1, 2)), share=st.sampled_from((0.0, 0.1, 1.0)))
    def try_to_open(self, bay: int, share: float) -> None:
        self.count += 1
        target_m = share * self.device.spec.full_open_m
        wish = order(self.device, target_m, (bay,), command_id=f"c{self.count}")
        go(self.device, wish)

    @rule(bay=st.sampled_from((1, 2)))
    def open_then_other(self, bay: int) -> None:
        self.try_to_open(bay, 1.0)
        let(self.device, 4, dt=0.2)
        self.try_to_open(3 - bay, 1.0)

    @rule(seconds=st.sampled_from((0.5, 3.0, 20.0)), beating=st.booleans())
    def wait(self, seconds: float, beating: bool) -> None:
        let(self.device, seconds, beating=beating, dt=0.25)

    @rule(bay=st.sampled_from((1, 2)), fault=st.sampled_from(FAULTS))
    def break_something(self, bay: int, fault: str) -> None:
        self.device.bays[bay - 1].faults = frozenset({fault} - {""})

    @rule()
    def reset_on_site(self) -> None:
        self.device.reset()

    @rule()
    def stop(self) -> None:
        self.device.stop()

    @rule(level_m=st.sampled_from((1.0, 2.4, 4.5)))
    def tide(self, level_m: float) -> None:
        self.device.outer_m = level_m

    @rule()
    def take_over(self) -> None:
        self.device.claim(self.device.fence + 1)

    @invariant()
    def never_both(self) -> None:
        assert not both_open(self.device)


QUICK = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_nobody_opens_both_gates() -> None:
    run_state_machine_as_test(TryToOpenBoth, settings=QUICK)


def test_the_attempts_would_find_a_missing_interlock() -> None:
    class Lame(TryToOpenBoth):
        without = frozenset(p.key for p in permit.LOCK)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Lame, settings=settings(QUICK, print_blob=False))


POSITIONS = (0.0, 0.01, 0.5, 1.0)
FAULT_SETS = ("", "closed_switch_on", "closed_switch_off", "open_switch_on")


State = tuple[float, str, str | None, int, float]


def each_state() -> list[State]:
    """List the other gate's position, fault, trip, open valve, and the level of the tide."""
    return list(product(POSITIONS, FAULT_SETS, (None, "jam"), (0, 1, 2), (2.4, 3.4)))


def put(device: Device, state: State) -> None:
    share, fault, trip, valve, outer_m = state
    other = device.bays[1]
    other.opening_m = share * other.full_open_m
    other.faults = frozenset({fault} - {""})
    other.trip = trip
    device.valve, device.outer_m = valve, outer_m


def open_first(device: Device) -> bool:
    """Try to open the first gate; tell whether it stood open beside the other."""
    go(device, Order("x", 1, device.seq, (1,), device.spec.full_open_m))
    for _ in range(60):
        let(device, 1, dt=0.25)
        if both_open(device):
            return True
    return False


def test_no_state_of_the_small_model_lets_the_first_gate_open_beside_the_other() -> None:
    for state in each_state():
        device = lock()
        put(device, state)
        assert not open_first(device), state


def test_the_small_model_catches_the_encoder_permissive_gone() -> None:
    unsafe = 0
    for state in each_state():
        device = lock(without=frozenset({"other_gate_open"}))
        put(device, state)
        unsafe += open_first(device)
    assert unsafe > 0
