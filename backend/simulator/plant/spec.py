"""What stands at each sluice: facts where they are sourced, marked numbers where they are not."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from pathlib import Path

from backend.simulator.tide import Site, site_for

KINDS: dict[str, str] = {
    "节制闸": "sluice",
    "挡潮闸": "tide_gate",
    "排涝闸": "drain_gate",
    "闸站": "gate_pump",
    "泵站": "pump",
    "船闸": "lock",
}
REGIONS: dict[str, str] = {
    "崇川区": "320613",
    "通州区": "320612",
    "海门区": "320614",
    "如东县": "320623",
    "启东市": "320681",
    "如皋市": "320682",
    "海安市": "320685",
    "开发区": "320671",
}
TRAVEL_S = 180.0  # full travel of a hoist, nominal
MITRE_TRAVEL_S = 60.0  # full travel of a mitre gate, nominal


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """One device as built. `generated` names the fields no source gives.

    Units: m (吴淞), m3/s, km2, s.
    """

    device_id: str
    name: str
    name_en: str
    kind: str
    region: str
    river: str
    outlet: str
    site: Site
    bays: int
    bay_width_m: float
    sill_m: float
    full_open_m: float
    travel_s: float
    inner_normal_m: float
    basin_km2: float
    inflow_m3s: float
    design_flow_m3s: float | None
    generated: tuple[str, ...]

    @property
    def is_lock(self) -> bool:
        """Tell whether the bays are the two mitre gates of a lock (1 inner, 2 outer)."""
        return self.kind == "lock"


def load(facts: Path, *, seed: int) -> tuple[DeviceSpec, ...]:
    """Read the sluices of the fact table; draw what is missing from the seed and mark it."""
    with (facts / "sluices.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(_spec(row, seed=seed) for row in csv.DictReader(handle))


def _spec(row: dict[str, str], *, seed: int) -> DeviceSpec:
    draw = random.Random(f"{seed}:{row['id']}")  # noqa: S311  # a model, not a secret
    kind = KINDS[row["type"]]
    generated = ["bay_width_m", "sill_m", "full_open_m", "inner_normal_m", "basin_km2"]
    bays = _bays(row, kind, draw, generated)
    width_m = float(draw.choice((6, 8, 10)))
    if row["net_width_m"] and bays:
        width_m = float(row["net_width_m"]) / bays
        generated.remove("bay_width_m")
    sea = row["outlet"] == "黄海"
    lock = kind == "lock"
    return DeviceSpec(
        device_id=row["id"],
        name=row["name"],
        name_en=row["name_en"],
        kind=kind,
        region=REGIONS[row["county"]],
        river=row["river"],
        outlet=row["outlet"],
        site=site_for(row["outlet"], float(row["lon_wgs84"]), float(row["lat_wgs84"])),
        bays=bays,
        bay_width_m=12.0 if lock else width_m,
        sill_m=-2.5 if lock else (-1.0 if sea else -0.5),
        full_open_m=12.0 if lock else float(draw.choice((4.0, 4.5, 5.0, 5.5))),
        travel_s=MITRE_TRAVEL_S if lock else TRAVEL_S,
        inner_normal_m=_inner_normal_m(row, draw, generated),
        basin_km2=round(draw.uniform(6, 20), 1),
        inflow_m3s=round(draw.uniform(4, 20), 1),
        design_flow_m3s=float(row["flow_m3s"]) if row["flow_m3s"] else None,
        generated=tuple(generated),
    )


def _bays(row: dict[str, str], kind: str, draw: random.Random, generated: list[str]) -> int:
    """Give the number of gate leaves that can be driven; a pump station has none."""
    if kind == "pump":
        return 0
    if kind == "lock":
        return 2
    if row["gates"]:
        return int(row["gates"])
    generated.append("bays")
    return draw.choice((3, 5, 5, 7)) if kind != "drain_gate" else 2


def _inner_normal_m(row: dict[str, str], draw: random.Random, generated: list[str]) -> float:
    """Give the inner level held in quiet weather; 洋口外闸 has a sourced one."""
    if row["id"] == "NT-S34":
        generated.remove("inner_normal_m")
        return 1.8
    low, high = (1.9, 2.4) if row["outlet"] == "黄海" else (2.2, 2.8)
    return round(draw.uniform(low, high), 2)
