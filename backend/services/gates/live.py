"""The last good sample of every device, in memory: what interlocks and STOP look at."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.domain import gauges
from backend.domain.devices import Curve, Facts, Reading
from backend.domain.interlocks import Limits
from backend_client.contract.clock import Clock
from backend_client.contract.gates import Gate

LIMITS_FILE = Path(__file__).parents[3] / "resources" / "gates" / "limits.toml"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the service looks and how long it believes; tests run faster.

    Units: s.
    """

    poll_s: float = 1.0
    watch_s: float = 0.5
    refresh_s: float = 30.0
    settled_s: float = 2.0
    lost_s: float = 10.0
    curves_s: float = 600.0


def load_limits(path: Path = LIMITS_FILE) -> Limits:
    """Read the editable limits."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    openings = sorted((float(row["head_up_to_m"]), float(row["share"])) for row in table["opening"])
    return Limits(
        enabled=bool(table["control"]["enabled"]),
        head_margin_m=float(table["head"]["margin_m"]),
        data_age_s=float(table["data"]["age_s"]),
        dispatch_pattern=str(table["dispatch"]["pattern"]),
        openings=tuple(openings),
    )


class Live:
    """Keep samples by device; written by the event loop, read by any thread."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self.clock = clock
        self.limits = limits
        self.facts: Mapping[str, Facts] = {}
        self.curves: Mapping[str, Curve] = {}
        self._samples: dict[str, tuple[Reading, float]] = {}
        self._began_s = clock.steady_s()

    def take(self, reading: Reading) -> None:
        """Keep a good sample."""
        self._samples[reading.device_id] = (reading, self.clock.steady_s())

    def reading(self, device_id: str) -> Reading | None:
        """Give the last good sample, None before the first."""
        sample = self._samples.get(device_id)
        return sample[0] if sample else None

    def age_s(self, device_id: str) -> float:
        """Give the age of the last good sample, or of the wait for the first."""
        sample = self._samples.get(device_id)
        return self.clock.steady_s() - (sample[1] if sample else self._began_s)

    def link(self, device_id: str) -> gauges.Link:
        """Give the link state; a device never heard since the start is offline."""
        return gauges.link(self.age_s(device_id)) if device_id in self._samples else "offline"

    def gate(self, gate: Gate) -> Gate:
        """Give a stored gate as it stands this moment."""
        reading = self.reading(gate.item_id)
        window = gate.next_window
        if reading is not None:
            window = gauges.next_window(
                self.curves.get(gate.item_id, ()),
                reading.inner_m,
                self.limits.head_margin_m,
                self.clock.now(),
            )
        return gauges.seen(gate, reading, self.link(gate.item_id), window)
