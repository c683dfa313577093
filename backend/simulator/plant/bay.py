"""One leaf with its drive: encoder, two limit switches, faults, and trips that latch."""

from __future__ import annotations

from dataclasses import dataclass

SWITCH_SHARE = 0.02  # a limit switch makes within this share of full travel
AT_TARGET_M = 0.005
STALL_M = 0.01
REVERSE_M = 0.05
START_S = 0.5  # nominal seconds the switch checks wait after the drive starts
FAULTS = frozenset(
    {
        "jam",
        "reverse",
        "creep",
        "closed_switch_on",
        "closed_switch_off",
        "open_switch_on",
        "open_switch_off",
    }
)


@dataclass(slots=True)
class Bay:
    """Position and drive of one leaf.

    Units: m, s. `direction` is the drive's: -1 closing, 0 off, 1 opening.
    """

    no: int
    full_open_m: float
    travel_s: float
    opening_m: float = 0.0
    direction: int = 0
    target_m: float | None = None
    mode: str = "remote"
    trip: str | None = None
    faults: frozenset[str] = frozenset()
    travelled_s: float = 0.0
    limit_s: float = 0.0
    began_m: float = 0.0

    @property
    def moving(self) -> bool:
        """Tell whether the drive is on."""
        return self.direction != 0

    @property
    def closed_switch(self) -> bool:
        """Read the switch at the closed end, as wired: a stuck one lies."""
        if "closed_switch_on" in self.faults:
            return True
        if "closed_switch_off" in self.faults:
            return False
        return self.opening_m <= SWITCH_SHARE * self.full_open_m

    @property
    def open_switch(self) -> bool:
        """Read the switch at the open end, as wired: a stuck one lies."""
        if "open_switch_on" in self.faults:
            return True
        if "open_switch_off" in self.faults:
            return False
        return self.opening_m >= (1 - SWITCH_SHARE) * self.full_open_m

    @property
    def proven_closed(self) -> bool:
        """Tell whether every witness agrees that the leaf is shut and still."""
        return (
            self.closed_switch
            and self.opening_m <= SWITCH_SHARE * self.full_open_m
            and not self.open_switch
            and self.trip is None
            and not self.moving
        )

    def start(self, target_m: float, *, speed: float, extra_s: float = 0.0) -> None:
        """Switch the drive on towards a target and set the travel time-out."""
        gap = target_m - self.opening_m
        if abs(gap) <= AT_TARGET_M:
            return
        self.target_m = target_m
        self.direction = 1 if gap > 0 else -1
        self.travelled_s = 0.0
        self.began_m = self.opening_m
        nominal_s = abs(gap) / self.full_open_m * self.travel_s / speed
        self.limit_s = 1.3 * nominal_s + 2 + extra_s

    def halt(self) -> None:
        """Switch the drive off where the leaf stands."""
        self.direction = 0
        self.target_m = None

    def fail(self, cause: str) -> None:
        """Switch off and latch a trip until someone resets it on site."""
        self.halt()
        self.trip = cause

    def travel(self, dt_s: float, *, speed: float) -> None:
        """Move for a step, then check the drive against its witnesses."""
        rate = self.full_open_m / self.travel_s * speed
        if "creep" in self.faults and not self.moving:
            self.opening_m = self._clip(self.opening_m + rate * dt_s * 0.05)
        if not self.moving or self.target_m is None:
            self.witness()
            return
        self.travelled_s += dt_s
        if "jam" not in self.faults:
            self._drive(rate * dt_s)
        self._check(speed)

    def _drive(self, stride_m: float) -> None:
        target = self.target_m if self.target_m is not None else self.opening_m
        if "reverse" in self.faults:
            self.opening_m = self._clip(self.opening_m - self.direction * stride_m)
            return
        if abs(target - self.opening_m) <= stride_m:
            self.opening_m = target
            self.halt()
            return
        self.opening_m = self._clip(self.opening_m + self.direction * stride_m)

    def _check(self, speed: float) -> None:
        moved = self.opening_m - self.began_m
        if self.moving and moved * self.direction < -REVERSE_M:
            return self.fail("reverse")
        if self.moving and self.travelled_s > self.limit_s:
            return self.fail("jam" if abs(moved) < STALL_M else "travel_timeout")
        if self.travelled_s > START_S / speed:
            self.witness()
        return None

    def witness(self) -> None:
        """Trip when a switch and the encoder tell different stories."""
        share = self.opening_m / self.full_open_m
        lies = (
            (self.closed_switch and share > 2 * SWITCH_SHARE)
            or (not self.closed_switch and share <= SWITCH_SHARE / 4)
            or (self.open_switch and share < 1 - 2 * SWITCH_SHARE)
            or (not self.open_switch and share >= 1 - SWITCH_SHARE / 4)
        )
        if lies and self.trip is None:
            self.fail("switch_disagree")

    def _clip(self, value_m: float) -> float:
        return min(max(value_m, 0.0), self.full_open_m)
