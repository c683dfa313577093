"""From a device's reading to the gate people see: item, link state, tide window, what changed."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Literal
from zlib import crc32

from pydantic import JsonValue

from backend.domain.devices import Curve, Facts, Reading
from backend_client.contract.base import Text
from backend_client.contract.feature import FeatureIn
from backend_client.contract.gates import Bay, BayMode, Gate, GateKind, Window

Link = Literal["online", "late", "offline"]

DEPARTMENT = "D27"
LATE_S = 3.0
OFFLINE_S = 10.0
STEP_M = 0.01
LEVEL_STEP_M = 0.05  # a spring tide here rises by it in some two minutes
_FORCED = frozenset({"fence", "seq", "link", "held_by", "vessels_near", "navigation_stopped"})


def link(age_s: float) -> Link:
    """Give the link state from the age of the last good sample, and from nothing else."""
    if age_s <= LATE_S:
        return "online"
    return "late" if age_s <= OFFLINE_S else "offline"


def new_gate(facts: Facts, at: datetime) -> Gate:
    """Give the gate of a device not read yet."""
    return Gate(
        item_id=facts.device_id,
        version=1,
        region=facts.region,
        department=DEPARTMENT,
        created_at=at,
        updated_at=at,
        name=Text(facts.name, facts.name_en),
        gate_kind=GateKind(facts.kind),
        river=facts.river,
        outlet=facts.outlet,
        lon=facts.lon,
        lat=facts.lat,
        inner_level_m=None,
        outer_level_m=None,
        bays=(),
        sill_m=facts.sill_m,
        bay_width_m=facts.bay_width_m,
        full_open_m=facts.full_open_m,
        flow_m3s=None,
        design_flow_m3s=facts.design_flow_m3s,
        link="offline",
        observed_at=None,
        fence=0,
        seq=0,
    )


def seen(gate: Gate, reading: Reading | None, state: Link, window: Window | None) -> Gate:
    """Give the gate as the last good sample shows it; without one only the link is known."""
    if reading is None:
        return gate.model_copy(update={"link": state})
    bays = tuple(
        Bay(
            no=bay.no,
            opening_m=round(bay.opening_m, 3),
            moving=bay.moving,
            mode=BayMode(bay.mode),
            fault=bay.trip,
        )
        for bay in reading.bays
    )
    return gate.model_copy(
        update={
            "inner_level_m": round(reading.inner_m, 2),
            "outer_level_m": round(reading.outer_m, 2),
            "bays": bays,
            "flow_m3s": round(reading.flow_m3s, 1),
            "vessels_near": reading.vessels,
            "navigation_stopped": reading.navigation_stopped,
            "link": state,
            "observed_at": reading.at,
            "fence": reading.fence,
            "seq": reading.seq,
            "next_window": window,
        }
    )


def differs(old: Gate, new: Gate) -> bool:
    """Tell whether people would see another gate: a leaf, a mode, a fault, the link, a level."""
    if any(getattr(old, name) != getattr(new, name) for name in _FORCED):
        return True
    if _stepped(old.inner_level_m, new.inner_level_m, LEVEL_STEP_M):
        return True
    if _stepped(old.outer_level_m, new.outer_level_m, LEVEL_STEP_M):
        return True
    if len(old.bays) != len(new.bays):
        return True
    return any(_bay_differs(a, b) for a, b in zip(old.bays, new.bays, strict=True))


def _stepped(old: float | None, new: float | None, step: float) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(old - new) >= step - 1e-9


def _bay_differs(old: Bay, new: Bay) -> bool:
    stands = (old.moving, old.mode, old.fault) == (new.moving, new.mode, new.fault)
    return not stands or abs(old.opening_m - new.opening_m) >= STEP_M


def next_window(curve: Curve, inner_m: float, margin_m: float, now: datetime) -> Window | None:
    """Give the next span in which the predicted tide lies a margin below the inner level.

    A span already begun starts now; one that outlasts the prediction ends with it.
    """
    limit = inner_m - margin_m
    start: datetime | None = None
    for (before, was), (at, level) in pairwise(curve):
        if at <= now:
            continue
        if start is None and was <= limit:
            start = max(before, now)
        if start is None and level <= limit:
            start = max(_crossing(before, was, at, level=level, limit=limit), now)
        elif start is not None and level > limit:
            return Window(
                start_at=start, end_at=_crossing(before, was, at, level=level, limit=limit)
            )
    return Window(start_at=start, end_at=curve[-1][0]) if start is not None else None


def _crossing(
    before: datetime, was: float, at: datetime, *, level: float, limit: float
) -> datetime:
    share = 0.0 if level == was else (limit - was) / (level - was)
    return before + (at - before) * min(max(share, 0.0), 1.0)


def _phone(device_id: str) -> str:
    """Make up the duty room's number: no table gives one, the same sluice always has the same."""
    return f"0513-8{crc32(device_id.encode()) % 10**6:06d}9"


def feature(gate: Gate, facts: Facts, at: datetime) -> FeatureIn:
    """Give the gate as an object of the water layer: map and lasso see it there.

    State is II with a leaf at fault, IV while the link is lost, else normal. Value is the widest
    opening.
    """
    broken = any(bay.fault for bay in gate.bays)
    properties: dict[str, JsonValue] = {
        "name_en": facts.name_en,
        "river": facts.river,
        "outlet": facts.outlet,
        "inner_level_m": gate.inner_level_m,
        "outer_level_m": gate.outer_level_m,
        "flow_m3s": gate.flow_m3s,
        "bays": len(gate.bays),
        "datum": "吴淞",
        "contact": f"{facts.name}值班",
        "phone": _phone(facts.device_id),
        "generated_fields": [*facts.generated, "contact", "phone"],
    }
    return FeatureIn(
        id=facts.device_id,
        kind=facts.kind,
        name=facts.name,
        lon=facts.lon,
        lat=facts.lat,
        region=facts.region,
        department=DEPARTMENT,
        state=2 if broken else (4 if gate.link == "offline" else 0),
        value=max((bay.opening_m for bay in gate.bays), default=None),
        observed_at=gate.observed_at or at,
        properties=properties,
    )
