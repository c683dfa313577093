"""The whole city, as `--city` starts it, fills a real service through its doors."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from backend.simulator import layers
from backend.simulator.stock import count_at
from backend_client.client import Client
from backend_client.contract.clock import SystemClock
from backend_client.contract.feeds import Feed, FeedState
from tests.end2end.stack import Service

pytestmark = [pytest.mark.end2end]
SCALE = 0.01
WAIT_S = 150.0
# Layers with somebody on duty at night too: what moves depends on the hour the test is run at.
AT_ALL_HOURS = {
    t.layer
    for t in layers.load()
    for kind in t.kinds
    if kind.fleet is not None and kind.fleet.shift[1] >= 24
} | {"hazmat"}


def counts(client: Client) -> dict[str, int]:
    """Ask how many objects each layer has."""
    return {one.layer: one.count for one in client.layers().layers}


def moving(client: Client) -> set[str]:
    """Ask which layers have objects that move."""
    block = client.positions(since=0)
    return {block.layers[i] for i in block.layer.tolist()} if block else set()


def test_sixteen_layers_fill_and_their_feeds_live(tmp_path: Path) -> None:
    service = Service(tmp_path / "data", ("--city", "--scale", str(SCALE))).start()
    client = Client(service.url, SystemClock())
    wanted = {t.layer: sum(count_at(k, SCALE) for k in t.kinds) for t in layers.load()}
    try:
        client.sign_in("dispatcher", service.account("dispatcher")["password"])
        end_s = time.monotonic() + WAIT_S
        while any(counts(client).get(name, 0) < count for name, count in wanted.items()):
            assert time.monotonic() < end_s, counts(client)
            time.sleep(0.5)
        assert len(wanted.keys() | {"requests"}) >= 16
        end_s = time.monotonic() + WAIT_S
        while not moving(client) >= AT_ALL_HOURS:
            assert time.monotonic() < end_s, moving(client)
            time.sleep(0.5)
        feeds = [item for item in client.items("feed").items if isinstance(item, Feed)]
        assert len({feed.department for feed in feeds}) == 64
        assert len({feed.region for feed in feeds}) == 1 + 10
        silent = [feed.item_id for feed in feeds if feed.state is FeedState.DEAD]
        assert not silent
    finally:
        client.close()
        service.stop()
