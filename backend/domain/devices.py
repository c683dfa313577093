"""What a sluice's device is, says and is told: plain values, whatever the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BayReading:
    """One leaf as read. `trip` is the device's word for a latched fault."""

    no: int
    opening_m: float
    moving: bool
    mode: str
    trip: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One good sample of a device.

    `running` and `selected` name the command under way and the one reserved; `echoes` tell what
    became of the last commands. Units: m (吴淞), m3/s.
    """

    device_id: str
    at: datetime
    fence: int
    seq: int
    inner_m: float
    outer_m: float
    flow_m3s: float
    vessels: int
    navigation_stopped: bool | None
    selected: str | None
    running: str | None
    echoes: Mapping[str, str]
    bays: tuple[BayReading, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands there; `generated` names the fields no source gives.

    Units: m (吴淞), m3/s.
    """

    device_id: str
    name: str
    name_en: str
    kind: str
    region: str
    river: str
    outlet: str
    lon: float
    lat: float
    bay_width_m: float
    sill_m: float
    full_open_m: float
    travel_s: float
    design_flow_m3s: float | None
    generated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One exact movement; operate repeats select to the letter, with the seq select answered."""

    command_id: str
    fence: int
    seq: int
    bays: tuple[int, ...]
    target_m: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """The device's yes: where it stands now and how long the travel should take."""

    fence: int
    seq: int
    travel_s: float = 0.0


Curve = tuple[tuple[datetime, float], ...]
"""Predicted outer levels, oldest first. Units: m (吴淞)."""
