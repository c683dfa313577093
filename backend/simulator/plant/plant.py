"""All devices of the city and the water between them: pure, moved by `step`, kept as plain data."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from backend.simulator import tide
from backend.simulator.plant import water
from backend.simulator.plant.bay import Bay
from backend.simulator.plant.device import Device
from backend.simulator.plant.spec import DeviceSpec

WATER_S = 1.0
TRAFFIC_SLOT_S = 1200
VESSEL_SHARE = 0.06
STOPPED_SLOTS = (4, 5)  # of every six slots a lock's traffic is stopped in two (generated)


@dataclass(slots=True)
class Plant:
    """Every device by id, the present instant, and a seed for what no source tells."""

    devices: dict[str, Device]
    at: datetime
    seed: int
    fixed_traffic: dict[str, tuple[int, bool | None]] = field(default_factory=dict)
    fixed_outer: dict[str, float] = field(default_factory=dict)
    since_water_s: float = WATER_S

    def step(self, dt_s: float) -> None:
        """Let time pass for every device and, once a second, for the water."""
        self.at += timedelta(seconds=dt_s)
        self.since_water_s += dt_s
        if self.since_water_s >= WATER_S:
            self._flow(self.since_water_s)
            self.since_water_s = 0.0
        for device in self.devices.values():
            device.step(dt_s)

    def heartbeat(self, fences: Mapping[str, int]) -> int:
        """Let each device named hear its writer by its own fence; give how many did."""
        named = ((self.devices.get(key), fence) for key, fence in fences.items())
        return sum(device.heartbeat(fence) for device, fence in named if device)

    def fix_traffic(self, device_id: str, vessels: int, *, stopped: bool | None) -> None:
        """Hold the traffic at a device as told instead of the seeded schedule."""
        self.fixed_traffic[device_id] = (vessels, stopped)
        self.since_water_s = WATER_S

    def fix_outer(self, device_id: str, level_m: float) -> None:
        """Hold the tide at a device as told: what is tried there must not hang on the hour."""
        self.fixed_outer[device_id] = level_m
        self.since_water_s = WATER_S

    def drain(self) -> list[dict[str, object]]:
        """Hand over what the devices wrote down since the last call."""
        entries: list[dict[str, object]] = []
        for device in self.devices.values():
            if device.entries:
                entries += device.entries
                device.entries = []
        return entries

    @property
    def moving(self) -> bool:
        """Tell whether any leaf is under way."""
        return any(bay.moving for device in self.devices.values() for bay in device.bays)

    def dump(self) -> dict[str, object]:
        """Give what must outlive the process as plain data."""
        return {"devices": {key: _dump(device) for key, device in self.devices.items()}}

    def _flow(self, dt_s: float) -> None:
        for device in self.devices.values():
            spec = device.spec
            held_m = self.fixed_outer.get(spec.device_id)
            tide_m = tide.observed_m(spec.site, self.at, seed=self.seed)
            device.outer_m = tide_m if held_m is None else held_m
            device.inner_m = water.next_inner_m(
                device.inner_m,
                dt_s,
                normal_m=spec.inner_normal_m,
                net_m3s=spec.inflow_m3s - device.flow_m3s(),
                km2=spec.basin_km2,
            )
            device.vessels, device.navigation_stopped = self._traffic(device)

    def _traffic(self, device: Device) -> tuple[int, bool | None]:
        """Give vessels near and, for a lock, whether traffic is stopped."""
        fixed = self.fixed_traffic.get(device.spec.device_id)
        if fixed:
            return fixed
        slot = int(self.at.timestamp() // TRAFFIC_SLOT_S)
        draw = random.Random(f"{self.seed}:{device.spec.device_id}:{slot}")  # noqa: S311  # a model
        if device.spec.is_lock:
            stopped = slot % 6 in STOPPED_SLOTS
            return (0 if stopped else draw.randrange(1, 6)), stopped
        return (draw.randrange(1, 3) if draw.random() < VESSEL_SHARE else 0), None


def build(
    specs: tuple[DeviceSpec, ...],
    *,
    at: datetime,
    seed: int,
    speed: float = 1.0,
    kept: dict[str, object] | None = None,
) -> Plant:
    """Set the devices up; with kept state they wake where they stood, drives off, selects void."""
    devices = {spec.device_id: Device(spec, speed=speed) for spec in specs}
    states = (kept or {}).get("devices", {})
    if isinstance(states, dict):
        for key, device in devices.items():
            if key in states:
                _wake(device, states[key])
    return Plant(devices, at, seed)


def _dump(device: Device) -> dict[str, object]:
    return {
        "inner_m": device.inner_m,
        "chamber_m": device.chamber_m,
        "fence": device.fence,
        "seq": device.seq,
        "echoes": device.echoes,
        "reserved": device.reserved.order.command_id if device.reserved else None,
        "running": device.running.command_id if device.running else None,
        "bays": [
            {
                "no": bay.no,
                "opening_m": bay.opening_m,
                "mode": bay.mode,
                "trip": bay.trip,
                "faults": sorted(bay.faults),
            }
            for bay in device.bays
        ],
    }


def _wake(device: Device, state: dict[str, object]) -> None:
    """Restore a device; a command it was cut off in is told apart, never taken up again."""
    device.inner_m = _number(state["inner_m"])
    device.chamber_m = _number(state["chamber_m"])
    device.fence = int(_number(state["fence"]))
    device.seq = int(_number(state["seq"])) + 1
    echoes, bays = state["echoes"], state["bays"]
    if isinstance(echoes, dict):
        device.echoes = {str(k): str(v) for k, v in echoes.items()}
    for word in ("reserved", "running"):
        if isinstance(state[word], str):
            device.echoes[str(state[word])] = "restart"
    if isinstance(bays, list):
        for bay, kept in zip(device.bays, bays, strict=True):
            _wake_bay(bay, kept)


def _wake_bay(bay: Bay, kept: dict[str, object]) -> None:
    bay.opening_m = _number(kept["opening_m"])
    bay.mode = str(kept["mode"])
    bay.trip = str(kept["trip"]) if kept["trip"] else None
    faults = kept.get("faults", [])
    bay.faults = frozenset(map(str, faults)) if isinstance(faults, list) else frozenset()


def live_in(plant: Plant) -> None:
    """Give a plant that starts for the first time a past: some leaves open, two in other hands.

    One leaf gets a limit switch that does not make; the device finds that out by itself.
    """
    draw = random.Random(f"{plant.seed}:past")  # noqa: S311  # a model, not a secret
    inland = [
        device
        for device in plant.devices.values()
        if device.spec.kind == "sluice" and device.spec.outlet != "黄海" and device.spec.bays >= 3
    ]
    chosen = draw.sample(inland, min(len(inland), 8))
    for device in chosen[:5]:
        for bay in draw.sample(device.bays, 2):
            bay.opening_m = round(draw.uniform(0.2, 0.9), 2)
    for device, mode in zip(chosen[5:7], ("maintenance", "local"), strict=False):
        draw.choice(device.bays).mode = mode
    for device in chosen[7:]:
        draw.choice(device.bays).faults = frozenset({"closed_switch_off"})


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(value)
    return value


def describe(spec: DeviceSpec) -> dict[str, object]:
    """Give the built facts of a device as the door tells them."""
    facts = asdict(spec)
    site = facts.pop("site")
    return {**facts, "lon": site["lon"], "lat": site["lat"]}
