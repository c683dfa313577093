"""The real plant core behind the driver Protocol, in memory: its own log, planted link faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from backend.domain.devices import Accepted, BayReading, Curve, Facts, Order, Reading
from backend.gateways.scada.driver import DeviceRefusedError, DoubtError, UnreachableError
from backend.simulator import tide
from backend.simulator.plant import device as core
from backend.simulator.plant import plant as plants
from backend.simulator.plant.spec import load
from backend_client.contract.clock import ManualClock

FACTS = Path(__file__).resolve().parents[1] / "resources" / "facts"


class PlantDriver:
    """Drive the plant core. Time passes with the clock; watching a command moves it on.

    `lose` names calls whose answer is lost: "select:before" is lost on the way there,
    "select:after" on the way back; each works once. `after` names what happens right after a call;
    calls in `block` are lost on the way there until they are taken out again.
    """

    def __init__(self, clock: ManualClock, *, speed: float = 10.0) -> None:
        self.clock = clock
        self.plant = plants.build(load(FACTS, seed=7), at=clock.now(), seed=7, speed=speed)
        self.lose: set[str] = set()
        self.after: dict[str, Callable[[], object]] = {}
        self.block: set[str] = set()
        self.blocked = 0
        self.beating = True
        self.beats = 0
        self.watch_step_s = 0.2
        self.log: list[dict[str, object]] = []
        self._at_s = clock.steady_s()
        self._fences: dict[str, int] = {}

    def device(self, device_id: str) -> core.Device:
        """Give one device to look at or to break."""
        return self.plant.devices[device_id]

    def hears(self, device_id: str) -> bool:
        """Tell whether the device takes the heartbeats sent: a new fence needs a new beat."""
        return self._fences.get(device_id) == self.device(device_id).fence

    def calm(self, device_id: str) -> None:
        """Make a device fit to be opened wide: a little head, no vessels."""
        self.plant.fix_traffic(device_id, 0, stopped=True)
        self.plant.step(0.0)
        self.device(device_id).inner_m = self.device(device_id).outer_m + 0.8

    def said(self, device_id: str, *words: str) -> list[dict[str, object]]:
        """Give what the device wrote down under these words."""
        self._note()
        return [row for row in self.log if row["device"] == device_id and row["what"] in words]

    async def select(self, device_id: str, order: Order) -> Accepted:
        """Reserve."""
        return self._call("select", device_id, lambda d: d.select(_core(order)))

    async def operate(self, device_id: str, order: Order) -> Accepted:
        """Move."""
        return self._call("operate", device_id, lambda d: d.operate(_core(order)))

    async def claim(self, device_id: str, fence: int) -> Accepted:
        """Become the one writer."""
        return self._call("claim", device_id, lambda d: d.claim(fence))

    async def stop(self, device_id: str) -> Accepted:
        """Halt."""
        return self._call("stop", device_id, lambda d: d.stop())

    async def heartbeat(self, fences: Mapping[str, int]) -> None:
        """Let the devices hear."""
        self._fences = dict(fences)
        self.beats += 1
        self._sync()

    async def read(self, device_id: str) -> Reading:
        """Read one device; a little time passes."""
        self.clock.advance(self.watch_step_s)
        self._sync()
        if self.device(device_id).link != "up":
            raise UnreachableError("down")
        return self._reading(self.device(device_id))

    async def read_all(self) -> tuple[Reading, ...]:
        """Read every device that answers."""
        self._sync()
        return tuple(self._reading(d) for d in self.plant.devices.values() if d.link == "up")

    async def facts(self) -> tuple[Facts, ...]:
        """Tell what stands there."""
        return tuple(_facts(device) for device in self.plant.devices.values())

    async def curves(self) -> Mapping[str, Curve]:
        """Tell the tide."""
        now = self.clock.now()
        return {
            key: tide.curve(device.spec.site, now) for key, device in self.plant.devices.items()
        }

    async def close(self) -> None:
        """Let nothing go."""

    def _call(
        self, verb: str, device_id: str, act: Callable[[core.Device], core.Answer]
    ) -> Accepted:
        self._sync()
        device = self.device(device_id)
        if device.link != "up":
            raise UnreachableError("down")
        if verb in self.block:
            self.blocked += 1
            raise DoubtError("blocked")
        if self._lost(f"{verb}:before"):
            raise DoubtError("lost on the way there")
        answer = act(device)
        self._note()
        if verb in self.after:
            self.after.pop(verb)()
        if self._lost(f"{verb}:after"):
            raise DoubtError("lost on the way back")
        if answer.refused:
            raise DeviceRefusedError(answer.refused)
        return Accepted(answer.fence, answer.seq, answer.travel_s)

    def _lost(self, word: str) -> bool:
        if word not in self.lose:
            return False
        self.lose.discard(word)
        return True

    def _sync(self) -> None:
        """Let the plant's time catch up with the clock, heart beating all the while."""
        left_s = self.clock.steady_s() - self._at_s
        self._at_s += left_s
        while left_s > 0:
            step_s = min(left_s, 0.2)
            if self.beating:
                self.plant.heartbeat(self._fences)
            self.plant.step(step_s)
            left_s -= step_s
        if self.beating:
            self.plant.heartbeat(self._fences)
        self._note()

    def _note(self) -> None:
        self.log += self.plant.drain()

    def _reading(self, device: core.Device) -> Reading:
        return Reading(
            device_id=device.spec.device_id,
            at=self.clock.now(),
            fence=device.fence,
            seq=device.seq,
            inner_m=device.inner_m,
            outer_m=device.outer_m,
            flow_m3s=device.flow_m3s(),
            vessels=device.vessels,
            navigation_stopped=device.navigation_stopped,
            selected=device.reserved.order.command_id if device.reserved else None,
            running=device.running.command_id if device.running else None,
            echoes=dict(device.echoes),
            bays=tuple(
                BayReading(bay.no, bay.opening_m, bay.moving, bay.mode, bay.trip)
                for bay in device.bays
            ),
        )


def _core(order: Order) -> core.Order:
    return core.Order(order.command_id, order.fence, order.seq, order.bays, order.target_m)


def _facts(device: core.Device) -> Facts:
    told = plants.describe(device.spec)
    return Facts(**{name: told[name] for name in Facts.__slots__})  # type: ignore[arg-type]  # same names
