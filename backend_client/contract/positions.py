"""Positions of moving objects: their own channel, latest per object, never in the log."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backend_client.contract.base import Count, Frozen, Id, Instant, Lat, Line, Lon, Number, State
from backend_client.contract.feature import LayerId, Rejection


class PositionIn(Frozen):
    """One fix of one object as its source measured it."""

    id: Id
    lon: Lon
    lat: Lat
    speed_kmh: Annotated[float, Field(strict=True, ge=0, le=400, allow_inf_nan=False)] = 0.0
    heading_deg: Annotated[float, Field(strict=True, ge=0, lt=360, allow_inf_nan=False)] = 0.0
    state: State = 0
    observed_at: Instant


class Fixes(Frozen):
    """A batch of fixes of one layer; `feed` names who brings them."""

    layer: LayerId
    feed: Line = ""
    fixes: Annotated[tuple[PositionIn, ...], Field(min_length=1, max_length=10_000)]


class Fixed(Frozen):
    """What became of a batch: accepted once into the history, doubles dropped, bad ones named."""

    accepted: Count
    duplicate: Count
    rejected: tuple[Rejection, ...]
    seq: Count


class TrackPoint(Frozen):
    """One fix out of the history."""

    at: Instant
    lon: Lon
    lat: Lat
    speed_kmh: Number


class Track(Frozen):
    """One object's fixes over a span, oldest first."""

    layer: LayerId
    oid: Count
    points: tuple[TrackPoint, ...]
