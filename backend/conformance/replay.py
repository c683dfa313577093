"""Replay: a layer and its moving objects as they were at an instant, told back from now."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from backend.conformance import things
from backend.conformance.site import LAYER, Check, Site, WrongError, need
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.columns import BadBlockError, decode_features, decode_fixes
from backend_client.contract.positions import Fixed, Fixes, PositionIn
from backend_client.contract.service import Health

APART_S: Final = 0.3


def _asked(site: Site, path: str, at: datetime) -> bytes:
    query = {"at": at.isoformat()}
    return site.expect(site.call("GET", path, site.desk(), query=query), 200).content


def _now(site: Site) -> datetime:
    """Ask for the service's own time, a moment apart from what came before and comes after."""
    time.sleep(APART_S)
    at = site.ok(site.call("GET", paths.HEALTH), Health).at
    time.sleep(APART_S)
    return at


def layer(site: Site) -> None:
    """Change an object and take one out: an instant before shows both as they were."""
    path = paths.REPLAY_LAYER.format(layer=LAYER)
    before = _now(site)
    things.put(site, [things.row(site, "r1", state=1), things.row(site, "r2", state=2)])
    stays, goes = (things.oid_of(site, site.desk(), name) for name in ("r1", "r2"))
    then = _now(site)
    things.put(site, [things.row(site, "r1", state=4)], remove=[f"{site.tag}-r2"])
    try:
        back = decode_features(_asked(site, path, then))
        earlier = decode_features(_asked(site, path, before))
    except BadBlockError as error:
        raise WrongError(
            Text(f"回放块无法读取:{error}", f"The replayed block cannot be read: {error}")
        ) from error
    states = dict(zip(back.oid.tolist(), back.state.tolist(), strict=True))
    need(
        states.get(stays) == 1 and states.get(goes) == 2,
        Text("回放的状态不是当时的状态。", "A replayed state is not the one of then."),
    )
    need(
        stays in earlier.removed.tolist(),
        Text("当时还没有的对象被显示。", "An object is shown before it was there."),
    )
    tomorrow = site.clock.now() + timedelta(days=1)
    query = {"at": tomorrow.isoformat()}
    site.refused(site.call("GET", path, site.desk(), query=query), 422)


def positions(site: Site) -> None:
    """Move an object twice: an instant between shows the first place."""
    name = f"{site.tag}-r3"
    things.put(site, [things.row(site, "r3", lon=None, lat=None, kind="check_vehicle")])

    def post(lon: float) -> None:
        fix = PositionIn(id=name, lon=lon, lat=32.0, observed_at=site.clock.now())
        body = Fixes(layer=LAYER, fixes=(fix,))
        site.ok(site.call("POST", paths.POSITIONS, site.feed(), body=body), Fixed)

    post(120.3)
    oid = int(things.fixes(site, 0).oid.max())
    then = site.clock.now() + timedelta(seconds=APART_S)
    time.sleep(2 * APART_S)
    post(120.4)
    try:
        found = decode_fixes(_asked(site, paths.REPLAY_POSITIONS, then))
    except BadBlockError as error:
        raise WrongError(
            Text(f"回放位置无法读取:{error}", f"The replayed fixes cannot be read: {error}")
        ) from error
    need(
        found.lon_e7[found.oid == oid].tolist() == [1_203_000_000],
        Text("回放的位置不是当时的位置。", "A replayed place is not the one of then."),
    )


CHECKS: Final = (
    Check("replay.layer", Text("图层按时刻回放", "a layer at an instant of the past"), layer),
    Check(
        "replay.positions",
        Text("位置按时刻回放", "moving objects at an instant of the past"),
        positions,
    ),
)
