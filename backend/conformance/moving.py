"""Positions: each fix once, the sequence, waiting, and no object back in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from backend.conformance import things
from backend.conformance.site import LAYER, Check, Site, need
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.positions import Fixed, Fixes, PositionIn, Track


def _begin(site: Site, name: str) -> int:
    """Register a moving object and give its number, which no block shows."""
    things.put(site, [things.row(site, name, lon=None, lat=None, kind="check_vehicle")])
    _post(site, name, site.clock.now(), 120.5)
    return int(things.fixes(site, 0).oid.max())


def _post(site: Site, name: str, at: datetime, lon: float, *, more: str = "") -> Fixed:
    fix = PositionIn(id=f"{site.tag}-{name}", lon=lon, lat=32.0, observed_at=at)
    strange = (fix.model_copy(update={"id": f"{site.tag}-{more}"}),) if more else ()
    body = Fixes(layer=LAYER, fixes=(fix, *strange))
    return site.ok(site.call("POST", paths.POSITIONS, site.feed(), body=body), Fixed)


def once(site: Site) -> None:
    """Post a fix twice, and one of an object nobody knows."""
    _begin(site, "p1")
    at = site.clock.now() + timedelta(seconds=1)
    first = _post(site, "p1", at, 120.6, more="nobody")
    need(
        first.accepted == 1 and len(first.rejected) == 1 and first.rejected[0].index == 1,
        Text("未知对象的位置未被指出。", "A fix of an unknown object is not named."),
    )
    second = _post(site, "p1", at, 120.6)
    need(
        second.accepted == 0 and second.duplicate == 1 and second.seq == first.seq,
        Text("重复的位置又收了一次。", "A double was taken twice."),
    )


def sequence(site: Site) -> None:
    """Read what moved after a number: only that, with a later number; nothing new is empty."""
    oid = _begin(site, "p2")
    before = things.fixes(site, 0)
    made = _post(site, "p2", site.clock.now() + timedelta(seconds=2), 120.7)
    need(made.seq > before.seq, Text("序号未前进。", "The sequence did not move on."))
    moved = things.fixes(site, before.seq)
    need(
        moved.oid.tolist() == [oid] and moved.lon_e7.tolist() == [1_207_000_000],
        Text("增量位置不只是移动过的对象。", "What moved is not just what moved."),
    )
    begun_s = site.clock.steady_s()
    rest = things.fixes(site, moved.seq, wait_s=1.0)
    need(
        rest.oid.size == 0 and rest.epoch == before.epoch,
        Text("没有新位置时应答不为空。", "Nothing new is not answered with nothing."),
    )
    need(
        0.5 <= site.clock.steady_s() - begun_s <= 4.0,
        Text("没有等候新位置。", "It does not wait for new fixes."),
    )


def back(site: Site) -> None:
    """Post an older fix: it is in the track, and the object stays where it was."""
    oid = _begin(site, "p3")
    now = site.clock.now()
    _post(site, "p3", now + timedelta(seconds=3), 120.8)
    late = _post(site, "p3", now - timedelta(seconds=30), 120.1)
    need(late.accepted == 1, Text("晚到的位置未收。", "A late fix was not taken."))
    shown = things.fixes(site, 0)
    lon = shown.lon_e7[shown.oid == oid].tolist()
    need(lon == [1_208_000_000], Text("对象回到了过去。", "The object went back in time."))
    path = paths.TRACK.format(layer=LAYER, oid=oid)
    track = site.ok(site.call("GET", path, site.desk(), query={"hours": 1}), Track)
    times = [point.at for point in track.points]
    need(
        times == sorted(times)
        and {round(point.lon, 6) for point in track.points} >= {120.8, 120.1},
        Text("轨迹缺点或乱序。", "The track lacks a fix or is out of order."),
    )


CHECKS: Final = (
    Check("moving.once", Text("每个位置只收一次", "each fix is taken once"), once),
    Check(
        "moving.sequence", Text("位置序号与等候", "the sequence of fixes, and waiting"), sequence
    ),
    Check(
        "moving.back", Text("晚到的位置进轨迹、不倒退", "a late fix goes to the track only"), back
    ),
)
