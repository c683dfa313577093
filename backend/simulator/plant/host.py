"""Give the pure plant a clock and a disk: tick it, write its log first, keep its state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from backend.simulator.plant.device import Answer, Device
from backend.simulator.plant.log import DeviceLog, save
from backend.simulator.plant.plant import Plant
from backend_client.contract.clock import Clock

TICK_S = 0.1
KEEP_MOVING_S = 0.5
KEEP_STILL_S = 30.0
IDLE_EXIT_S = 600.0


class Host:
    """Own a plant, its log and its state file."""

    def __init__(self, plant: Plant, folder: Path, clock: Clock) -> None:
        self.plant = plant
        self._clock = clock
        self._log = DeviceLog(folder / "device.log")
        self._state = folder / "state.json"
        self._ticked_s = self._kept_s = self._touched_s = clock.steady_s()

    def touch(self) -> None:
        """Note that somebody called."""
        self._touched_s = self._clock.steady_s()

    def act(self, device: Device, call: Callable[[Device], Answer]) -> Answer:
        """Let a call act on a device; log and state are on the disk before it is answered."""
        self.tick()
        answer = call(device)
        self._keep(must=True)
        return answer

    def maintain(self, device: Device, wish: dict[str, object]) -> None:
        """Do what a hand on site does: mode, faults, positions, water, traffic, reset."""
        self.tick()
        bays = [b for b in device.bays if wish.get("bay") in {None, b.no}]
        for bay in bays:
            _touch_bay(device, bay.no, wish)
        if isinstance(link := wish.get("link"), str):
            device.link = link
        if isinstance(outer := wish.get("outer_m"), int | float):
            self.plant.fix_outer(device.spec.device_id, float(outer))
            self.plant.step(0.0)
        if isinstance(inner := wish.get("inner_m"), int | float):
            device.inner_m = device.chamber_m = float(inner)
        if isinstance(vessels := wish.get("vessels"), int):
            stopped = wish.get("navigation_stopped")
            self.plant.fix_traffic(
                device.spec.device_id,
                vessels,
                stopped=stopped if isinstance(stopped, bool) else None,
            )
            self.plant.step(0.0)
        if wish.get("reset"):
            device.reset()
        self._keep(must=True)

    def tick(self) -> None:
        """Bring the plant up to the present."""
        now_s = self._clock.steady_s()
        dt_s, self._ticked_s = now_s - self._ticked_s, now_s
        self.plant.step(dt_s)
        self._keep(must=False)

    async def run(self) -> None:
        """Tick until nobody has called for ten minutes."""
        while self._clock.steady_s() - self._touched_s < IDLE_EXIT_S:
            self.tick()
            await asyncio.sleep(TICK_S)

    def close(self) -> None:
        """Write the state a last time and let the files go."""
        self._keep(must=True)
        self._log.close()

    def _keep(self, *, must: bool) -> None:
        entries = self.plant.drain()
        if entries:
            self._log.write(entries, self._clock.now())
        age_s = self._clock.steady_s() - self._kept_s
        due_s = KEEP_MOVING_S if self.plant.moving else KEEP_STILL_S
        if must or entries or age_s >= due_s:
            save(self._state, self.plant.dump(), sync=must or bool(entries))
            self._kept_s = self._clock.steady_s()


def _touch_bay(device: Device, no: int, wish: dict[str, object]) -> None:
    bay = next(b for b in device.bays if b.no == no)
    if isinstance(mode := wish.get("mode"), str) and mode != bay.mode:
        bay.mode = mode
        device.seq += 1
    if isinstance(faults := wish.get("faults"), tuple | list):
        bay.faults = frozenset(str(f) for f in faults)
    if isinstance(opening := wish.get("opening_m"), int | float):
        bay.opening_m = min(max(float(opening), 0.0), bay.full_open_m)
