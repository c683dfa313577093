"""The door's JSON as strict types: what does not fit is no reading."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.domain.devices import BayReading, Facts, Reading


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class BayWire(_Strict):
    """One leaf."""

    no: int
    opening_m: float
    moving: bool
    mode: str
    trip: str | None


class ReadingWire(_Strict):
    """One device's reading."""

    device_id: str
    fence: int
    seq: int
    inner_m: float
    outer_m: float
    flow_m3s: float
    vessels: int
    navigation_stopped: bool | None
    selected: str | None
    running: str | None
    echoes: dict[str, str]
    bays: tuple[BayWire, ...]

    def told(self, at: datetime) -> Reading:
        """Give the domain's reading, stamped with the service's instant of receipt."""
        fields = {k: getattr(self, k) for k in type(self).model_fields if k != "bays"}
        bays = tuple(BayReading(**bay.model_dump()) for bay in self.bays)
        return Reading(at=at, bays=bays, **fields)


class FactsWire(_Strict):
    """One device as built."""

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

    def told(self) -> Facts:
        """Give the domain's facts."""
        return Facts(**self.model_dump())


class AllWire(_Strict):
    """Every device; one without a link answers nothing."""

    devices: tuple[
        Annotated[ReadingWire | dict[str, object], Field(union_mode="left_to_right")], ...
    ]
    facts: tuple[FactsWire, ...] = ()


class AnswerWire(_Strict):
    """The device's answer to a call."""

    refused: str | None
    fence: int = 0
    seq: int = 0
    travel_s: float = 0.0


class CurvesWire(_Strict):
    """Predicted levels by device."""

    curves: dict[str, tuple[tuple[AwareDatetime, float], ...]]


class EndpointWire(_Strict):
    """Where the devices' door is; written by the process that holds it."""

    url: str
    pid: int
    token: str
