"""Citizens' requests as a whole: where they come together, and what the day has brought."""

from __future__ import annotations

from typing import Final

from backend_client.contract.base import Count, Frozen, Id, Instant, Lat, Lon, Number, Region, Text
from backend_client.contract.events import Channel, EventState, Matter
from backend_client.contract.indicators import Ratio

LAYER: Final = "hotspots"
"""The overlay hot spots are drawn on."""


class HotSpot(Frozen):
    """Many reports of one class close together in the hours looked back on.

    Args:
        spot_id: of class, county and place to some 1 km: the same while the spot stands there.
        region: where most of them lie.
        lon, lat, radius_m: the middle of them, and how far the farthest is from it.
        count: reports, those merged with others among them.
        before: in the same place and the same hours a week before.
        open: still worked on.
        event_ids: the newest, at most fifty.
    """

    spot_id: Id
    matter: Matter
    name: Text
    region: Region
    lon: Lon
    lat: Lat
    radius_m: Number
    count: Count
    before: Count
    open: Count
    first_at: Instant
    last_at: Instant
    event_ids: tuple[Id, ...]


class ByChannel(Frozen):
    """How many came through a channel."""

    channel: Channel
    count: Count


class ByMatter(Frozen):
    """How many are of a class; the empty code is what nobody has classified."""

    matter: Matter
    name: Text
    count: Count


class ByRegion(Frozen):
    """How many lie in a county, or in a township of one's own."""

    region: Region
    count: Count


class ByState(Frozen):
    """How many open ones have come so far."""

    state: EventState
    count: Count


class Requests(Frozen):
    """Requests of a region at one instant; what came, was answered and merged is today's.

    Args:
        hours: what hot spots look back on.
        channels, matters, regions: what came today.
        states: what is open now, whenever it came.
        satisfied: calls of seven days answered as content, of those that reached somebody.
    """

    region: Region
    at: Instant
    hours: Count
    spots: tuple[HotSpot, ...]
    intake: Count
    answered: Count
    merged: Count
    satisfied: Ratio
    channels: tuple[ByChannel, ...]
    matters: tuple[ByMatter, ...]
    regions: tuple[ByRegion, ...]
    states: tuple[ByState, ...]
