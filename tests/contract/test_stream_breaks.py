"""The stream over real sockets that break at the worst moment: no change lost, none twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend_client.client import Client
from backend_client.contract.clock import SystemClock
from backend_client.stream import Backoff, Batch, Opened, Stream
from tests.fakes import event
from tests.small_service import SmallService

CHANGES = 15


class AtOnce(Backoff):
    """Try again without a pause."""

    def pause_s(self, retry_after_s: float | None = None) -> float:
        return 0.0


@pytest.fixture
def service() -> Iterator[SmallService]:
    small = SmallService()
    yield small
    small.close()


@pytest.fixture
def client(service: SmallService) -> Iterator[Client]:
    made = Client(service.url, SystemClock())
    made.sign_in("operator", "secret")
    yield made
    made.close()


def test_connection_cut_before_a_batch_is_due_loses_nothing(
    service: SmallService, client: Client
) -> None:
    """Ablation: moving the resume number on arrival instead of on delivery fails this."""
    service.cuts_after_news = True
    seen: list[int] = []
    tries: list[int] = []
    stream = Stream(client, SystemClock(), last_id=f"{service.epoch}:0", backoff=AtOnce())

    def is_over() -> bool:
        return len(seen) >= CHANGES or len(tries) > 100

    for frame in stream.frames(is_over):
        if isinstance(frame, Opened):
            tries.append(1)
            service.cuts_after_news = len(tries) % 3 != 0
            if len(service.log) < CHANGES:
                service.put(event(f"e{len(service.log)}"))
        if isinstance(frame, Batch):
            seen += [change.n for change in frame.changes]
            service.drop()
    assert seen == list(range(1, CHANGES + 1))
    assert len(tries) > CHANGES / 2


def test_changes_in_quick_succession_come_as_few_batches(
    service: SmallService, client: Client
) -> None:
    clock = SystemClock()
    stream = Stream(client, clock, last_id=f"{service.epoch}:0")
    sizes: list[int] = []
    for frame in stream.frames(lambda: sum(sizes) >= 200):
        if isinstance(frame, Opened):
            for index in range(200):
                service.put(event(f"e{index}"))
        if isinstance(frame, Batch):
            sizes.append(len(frame.changes))
    assert sum(sizes) == 200
    assert len(sizes) < 20


def test_hanging_up_from_outside_ends_a_silent_wait_at_once(
    service: SmallService, client: Client
) -> None:
    clock = SystemClock()
    service.is_beating = False
    stream = Stream(client, clock, last_id=f"{service.epoch}:0")
    over: list[bool] = []
    frames = stream.frames(lambda: bool(over))
    assert next(frames) == Opened(resumed=True)
    start_s = clock.steady_s()
    over.append(True)
    stream.hang_up()
    assert list(frames) == []
    assert clock.steady_s() - start_s < 1.0
