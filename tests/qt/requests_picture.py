"""A day of requests for screen tests: hot spots with long names, every channel and state."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.services.requests import matter_names
from backend_client.contract.events import Channel, EventState
from backend_client.contract.indicators import Ratio
from backend_client.contract.requests import (
    ByChannel,
    ByMatter,
    ByRegion,
    ByState,
    HotSpot,
    Requests,
)

MATTERS = ("1101", "1402", "1406", "2101", "1401", "2201", "0102", "2219", "1504", "2211")
COUNTIES = (
    *("320613", "320612", "320614", "320623", "320681", "320682", "320685", "320671"),
    *("3206TW", "3206SX"),
)


def spot(number: int, at: datetime, *, count: int, before: int) -> HotSpot:
    code = MATTERS[number % len(MATTERS)]
    return HotSpot(
        spot_id=f"hot-{number}",
        matter=code,
        name=matter_names()[code],
        region=("320613001", "320623104", "320681")[number % 3],
        lon=120.87 + number * 0.02,
        lat=32.01,
        radius_m=310.0,
        count=count,
        before=before,
        open=count - number % 3,
        first_at=at - timedelta(hours=9),
        last_at=at - timedelta(minutes=7 * number + 2),
        event_ids=(f"event-{number}",),
    )


def day_of(at: datetime, region: str, *, busy: bool = True) -> Requests:
    """Tell a busy day, or one on which nothing came."""
    spots = tuple(
        spot(number, at, count=14 - number, before=(0, 6, 13, 30)[number % 4])
        for number in range(7)
    )
    channels, states = tuple(Channel), tuple(EventState)[:6]
    return Requests(
        region=region,
        at=at,
        hours=24,
        spots=spots if busy else (),
        intake=1_146 if busy else 0,
        answered=1_203,
        merged=87,
        satisfied=Ratio(top=866, bottom=941),
        channels=tuple(
            ByChannel(channel=one, count=420 - 60 * place) for place, one in enumerate(channels)
        ),
        matters=tuple(
            ByMatter(matter=code, name=matter_names()[code], count=160 - 14 * place)
            for place, code in enumerate(MATTERS)
        ),
        regions=tuple(
            ByRegion(region=code, count=300 - 29 * place) for place, code in enumerate(COUNTIES)
        ),
        states=tuple(
            ByState(state=one, count=900 - 140 * place) for place, one in enumerate(states)
        )
        if busy
        else (),
    )
