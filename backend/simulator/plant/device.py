"""One sluice's controller: pure, moved by `step`; the last line that no console can talk past."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from backend.simulator.plant import permit, water
from backend.simulator.plant.bay import AT_TARGET_M, Bay
from backend.simulator.plant.spec import DeviceSpec

SELECT_TTL_S = 10.0
LEVELLING_S = 400.0  # nominal time within which a chamber must be level
ECHOES = 16


class Answer(NamedTuple):
    """What the device says to a call: the word of a refusal or None, and where it stands."""

    refused: str | None
    fence: int
    seq: int
    travel_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """A command as the wire carries it; operate must repeat select to the letter."""

    command_id: str
    fence: int
    seq: int
    bays: tuple[int, ...]
    target_m: float


@dataclass(slots=True)
class Reserved:
    """A select that waits for its operate, on the device's own clock."""

    order: Order
    left_s: float = SELECT_TTL_S


@dataclass(slots=True)
class Device:
    """State and rules of one device. `seq` moves with every change a command could be stale to.

    Units: levels in m (吴淞). `valve` and `levelling` name a lock's side, 0 for none.
    """

    spec: DeviceSpec
    speed: float = 1.0
    bays: list[Bay] = field(default_factory=list)
    permissives: tuple[permit.Permissive, ...] = ()
    level_permissive: permit.Permissive | None = permit.LEVEL
    inner_m: float = 0.0
    outer_m: float = 0.0
    chamber_m: float = 0.0
    valve: int = 0
    levelling: int = 0
    levelled_s: float = 0.0
    fence: int = 0
    seq: int = 0
    reserved: Reserved | None = None
    running: Order | None = None
    silent_s: float = 0.0
    vessels: int = 0
    navigation_stopped: bool | None = None
    link: str = "up"
    echoes: dict[str, str] = field(default_factory=dict)
    entries: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        spec = self.spec
        if not self.bays:
            numbers = range(1, spec.bays + 1)
            self.bays = [Bay(no, spec.full_open_m, spec.travel_s) for no in numbers]
        if not self.permissives:
            self.permissives = permit.table(lock=spec.is_lock)
        if self.inner_m == 0.0:
            self.inner_m = self.chamber_m = spec.inner_normal_m

    # -- calls ---------------------------------------------------------------------------

    def claim(self, fence: int) -> Answer:
        """Take a higher fence: a new writer; whatever the old one had reserved is void."""
        if fence <= self.fence:
            return self._refuse("claim", "fence_old", {"fence": fence})
        self._drop("cancelled")
        self.fence = fence
        self.seq += 1
        self._note("claim", {"fence": fence})
        return Answer(None, self.fence, self.seq)

    def heartbeat(self, fence: int) -> bool:
        """Hear that the writer lives; the breath of any other writer does not count."""
        if fence != self.fence or self.link != "up":
            return False
        self.silent_s = 0.0
        return True

    def select(self, order: Order) -> Answer:
        """Reserve the device for one exact order; it lapses by itself."""
        refusal = self._select_refusal(order)
        if refusal:
            return self._refuse("select", refusal, _say(order))
        self.seq += 1
        held = Order(order.command_id, order.fence, self.seq, order.bays, order.target_m)
        self.reserved = Reserved(held)
        self._echo(order.command_id, "selected")
        self._note("select", _say(held))
        return Answer(None, self.fence, self.seq, self._travel_s(order))

    def operate(self, order: Order) -> Answer:
        """Move, when a living select says exactly the same and every permissive still holds."""
        refusal = self._operate_refusal(order)
        if refusal:
            return self._refuse("operate", refusal, _say(order))
        travel_s = self._travel_s(order)
        self.reserved = None
        self.running = order
        self.seq += 1
        self._echo(order.command_id, "executing")
        self._note("operate", _say(order))
        for bay in self._named(order):
            self._set_off(bay, order.target_m)
        return Answer(None, self.fence, self.seq, travel_s)

    def stop(self, why: str = "stop") -> Answer:
        """Halt every leaf and void any select; never refused."""
        self._drop("cancelled")
        self._halt_all("stopped")
        self.seq += 1
        self._note("stop", {"why": why})
        return Answer(None, self.fence, self.seq)

    def reset(self) -> None:
        """Clear latched trips: a hand on site, never a call from afar."""
        for bay in self.bays:
            bay.trip = None
        self.seq += 1
        self._note("reset", {})

    # -- time ----------------------------------------------------------------------------

    def step(self, dt_s: float) -> None:
        """Let time pass: watchdog, permissives, travel, and what came to an end."""
        self.silent_s += dt_s
        if self.reserved:
            self.reserved.left_s -= dt_s
            if self.reserved.left_s <= 0:
                self._drop("lapsed")
        was_moving = [b.no for b in self.bays if b.moving]
        if self.silent_s > permit.HEARTBEAT_S and (was_moving or self.running):
            self._note("watchdog", {"silent_s": round(self.silent_s, 1)})
            self._halt_all("watchdog")
        self._recheck()
        self._level(dt_s)
        for bay in self.bays:
            bay.travel(dt_s, speed=self.speed)
        self._end(was_moving)

    def flow_m3s(self) -> float:
        """Give the flow through all leaves, out of the city positive; a lock passes none."""
        if self.spec.is_lock:
            return 0.0
        each = (
            water.flow_m3s(
                self.spec.bay_width_m, b.opening_m, inner_m=self.inner_m, outer_m=self.outer_m
            )
            for b in self.bays
        )
        return sum(each)

    def side_m(self, no: int) -> float:
        """Give the level on a mitre gate's outside: 1 looks inland, 2 to the river."""
        return self.inner_m if no == 1 else self.outer_m

    # -- inside --------------------------------------------------------------------------

    def _select_refusal(self, order: Order) -> str | None:
        if order.fence < self.fence:
            return "fence_old"
        if order.fence > self.fence:
            return "fence_not_claimed"
        if order.seq != self.seq:
            return "seq_moved"
        if self.reserved or self.running:
            return "busy"
        return self._order_refusal(order)

    def _operate_refusal(self, order: Order) -> str | None:
        if order.fence < self.fence:
            return "fence_old"
        if self.reserved is None:
            return "not_selected"
        if self.reserved.order != order:
            return "differs_from_select"
        return self._order_refusal(order)

    def _order_refusal(self, order: Order) -> str | None:
        bays = self._named(order)
        if not bays or len(bays) != len(set(order.bays)) or len(set(order.bays)) < len(order.bays):
            return "no_such_bay"
        if self.spec.is_lock and len(bays) > 1 and order.target_m > 0:
            return "both_gates"
        for bay in bays:
            ask = permit.Ask(self, bay, order.target_m)
            refusal = permit.first_refusal(ask, self.permissives, started=False)
            if refusal:
                return refusal
        return None

    def _named(self, order: Order) -> list[Bay]:
        return [b for b in self.bays if b.no in order.bays]

    def _set_off(self, bay: Bay, target_m: float) -> None:
        if self.spec.is_lock and target_m > bay.opening_m:
            self.levelling = self.valve = bay.no
            self.levelled_s = 0.0
            return
        bay.start(target_m, speed=self.speed)
        self._note("motion_start", {"bay": bay.no, "from_m": round(bay.opening_m, 3)})

    def _recheck(self) -> None:
        """Ask the permissives of every leaf that moves or waits; halt on the first that fell."""
        for bay in self.bays:
            waits = self.levelling == bay.no and self.running is not None
            target = self.running.target_m if waits and self.running else bay.target_m
            if target is None or not (bay.moving or waits):
                continue
            ask = permit.Ask(self, bay, target)
            fell = permit.first_refusal(ask, self.permissives, started=True)
            if fell is None and bay.moving and self.spec.is_lock and self.level_permissive:
                fell = None if self.level_permissive.holds(ask) else self.level_permissive.key
            if fell:
                self._note("permissive_lost", {"bay": bay.no, "what": fell})
                self._halt_all("permissive_lost")
                return

    def _level(self, dt_s: float) -> None:
        """Fill or empty the chamber by the open valve; set the gate off on level water."""
        for bay in self.bays if self.spec.is_lock else ():
            if bay.opening_m > 0.02 * bay.full_open_m:
                self.chamber_m = self.side_m(bay.no)
        if not self.valve:
            return
        side = self.side_m(self.valve)
        self.chamber_m = water.next_chamber_m(self.chamber_m, side, dt_s * self.speed)
        if not self.levelling or self.running is None:
            return
        self.levelled_s += dt_s
        bay = self.bays[self.levelling - 1]
        ask = permit.Ask(self, bay, self.running.target_m)
        if self.level_permissive is None or self.level_permissive.holds(ask):
            self.levelling = 0
            bay.start(self.running.target_m, speed=self.speed)
            self._note("motion_start", {"bay": bay.no, "from_m": round(bay.opening_m, 3)})
        elif self.levelled_s > 1.3 * LEVELLING_S / self.speed + 2:
            self._halt_all("levelling_timeout")

    def _end(self, was_moving: list[int]) -> None:
        """Write down every leaf that came to rest and close the command when all have."""
        still = [b for b in self.bays if b.no in was_moving and not b.moving]
        for bay in still:
            self.seq += 1
            self._note(
                "motion_end", {"bay": bay.no, "at_m": round(bay.opening_m, 3), "trip": bay.trip}
            )
        if self.running is None or self.levelling or any(b.moving for b in self.bays):
            return
        bays = self._named(self.running)
        there = all(abs(b.opening_m - self.running.target_m) <= AT_TARGET_M for b in bays)
        self._close("done" if there and not any(b.trip for b in bays) else "tripped")

    def _close(self, phase: str) -> None:
        if self.running:
            self._echo(self.running.command_id, phase)
            self._note("command_end", {"command_id": self.running.command_id, "phase": phase})
            self.seq += 1
        self.running = None
        self.valve = self.levelling = 0

    def _halt_all(self, phase: str) -> None:
        for bay in self.bays:
            if bay.moving:
                bay.halt()
                self._note("motion_end", {"bay": bay.no, "at_m": round(bay.opening_m, 3)})
        self.valve = self.levelling = 0
        self._close(phase)

    def _drop(self, phase: str) -> None:
        if self.reserved:
            command_id = self.reserved.order.command_id
            self._echo(command_id, phase)
            self._note("select_void", {"command_id": command_id, "why": phase})
            self.seq += 1
        self.reserved = None

    def _travel_s(self, order: Order) -> float:
        """Give the time the order should take, levelling included."""
        rate = self.spec.full_open_m / self.spec.travel_s * self.speed
        gaps = [abs(order.target_m - b.opening_m) for b in self._named(order)]
        fill_s = 0.0
        if self.spec.is_lock and order.target_m > 0:
            head = abs(self.chamber_m - self.side_m(order.bays[0]))
            fill_s = 2 * head**0.5 / water.LEVELLING / self.speed
        return max(gaps) / rate + fill_s

    def _echo(self, command_id: str, phase: str) -> None:
        self.echoes.pop(command_id, None)
        self.echoes[command_id] = phase
        while len(self.echoes) > ECHOES:
            self.echoes.pop(next(iter(self.echoes)))

    def _refuse(self, call: str, why: str, what: dict[str, object]) -> Answer:
        self._note("refused", {"call": call, "why": why, **what})
        return Answer(why, self.fence, self.seq)

    def _note(self, what: str, fields: dict[str, object]) -> None:
        self.entries.append(
            {"device": self.spec.device_id, "what": what, "at_seq": self.seq, **fields}
        )


def _say(order: Order) -> dict[str, object]:
    return {
        "command_id": order.command_id,
        "fence": order.fence,
        "seq": order.seq,
        "bays": list(order.bays),
        "target_m": order.target_m,
    }
