"""Frames off the wire, numbers to resume from, pauses between tries."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.client import Client
from backend_client.contract.auth import Tokens
from backend_client.contract.base import Text
from backend_client.contract.change import Beat, Resync
from backend_client.contract.clock import ManualClock
from backend_client.errors import BadReply, Refused
from backend_client.stream import Backoff, Batch, Frame, Lost, Opened, Stream
from tests.fakes import AT, change, event
from tests.small_service import PERSON, problem


def client_on(answer: httpx.MockTransport) -> Client:
    client = Client("http://service", ManualClock(AT), transport=answer, sleep=lambda _: None)
    tokens = Tokens(access="access-1", refresh="refresh-number-1", expires_in_s=600, person=PERSON)
    client.wire.take(tokens)
    return client


def frame(name: str, data: str, event_id: str = "") -> bytes:
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {data}\n\n".encode()


def numbered(n: int) -> bytes:
    return frame("change", change(n, event(f"e{n}")).model_dump_json(), f"one:{n}")


def answer_with(*pieces: bytes) -> httpx.MockTransport:
    def reply(_request: httpx.Request) -> httpx.Response:
        kind = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=kind, content=iter(pieces))

    return httpx.MockTransport(reply)


def collect(stream: Stream, until: int = 1) -> list[Frame]:
    """Read frames up to the given number of lost connections."""
    found: list[Frame] = []

    def stopped() -> bool:
        return sum(isinstance(one, Lost) for one in found) >= until

    for one in stream.frames(stopped):
        found.append(one)
        if stopped():
            break
    return found


def stream_on(*pieces: bytes, last_id: str = "one:0") -> Stream:
    client = client_on(answer_with(*pieces))
    return Stream(client, ManualClock(AT), last_id=last_id, sleep=lambda _: None)


def test_changes_of_one_piece_come_as_one_batch_in_order() -> None:
    beat = frame("beat", Beat(n=3, at=AT).model_dump_json())
    found = collect(stream_on(numbered(1) + numbered(2) + numbered(3) + beat))
    assert found[0] == Opened(resumed=True)
    assert isinstance(found[1], Batch)
    assert [one.n for one in found[1].changes] == [1, 2, 3]
    assert found[2] == Beat(n=3, at=AT)


def test_repeated_numbers_are_dropped_and_new_ones_kept() -> None:
    found = collect(stream_on(numbered(4) + numbered(5) + numbered(6), last_id="one:5"))
    batches = [one for one in found if isinstance(one, Batch)]
    assert [one.n for batch in batches for one in batch.changes] == [6]


def test_number_moves_on_only_with_what_was_given() -> None:
    def broken(_request: httpx.Request) -> httpx.Response:
        def pieces() -> Iterator[bytes]:
            yield numbered(1)[:-5]
            raise httpx.ReadError("reset")

        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=pieces())

    stream = Stream(
        client_on(httpx.MockTransport(broken)),
        ManualClock(AT),
        last_id="one:0",
        sleep=lambda _: None,
    )
    found = collect(stream)
    assert not any(isinstance(one, Batch) for one in found)
    assert stream.last_id == "one:0"


def test_last_id_is_sent_again_after_a_loss() -> None:
    asked: list[str | None] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("last-event-id"))
        n = len(asked)
        kind = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=kind, content=iter([numbered(n)]))

    client = client_on(httpx.MockTransport(reply))
    collect(Stream(client, SteppingClock(AT), sleep=lambda _: None), until=3)
    assert asked == [None, "one:1", "one:2"]


class SteppingClock(ManualClock):
    """Move a second at every look, so that pauses end."""

    def steady_s(self) -> float:
        self.advance(1.0)
        return super().steady_s()


def test_resync_moves_the_number_and_comes_after_what_was_pending() -> None:
    resync = frame("resync", Resync(n=50, epoch="two").model_dump_json())
    stream = stream_on(numbered(1) + resync)
    found = collect(stream)
    assert [type(one) for one in found[:3]] == [Opened, Batch, Resync]
    assert stream.last_id == "two:50"


def test_layer_pokes_are_folded_to_the_newest() -> None:
    poke = [frame("layer", f'{{"layer": "water", "version": {version}}}') for version in (3, 4)]
    found = collect(stream_on(b"".join(poke)))
    batch = next(one for one in found if isinstance(one, Batch))
    assert [(one.layer, one.version) for one in batch.layers] == [("water", 4)]


@pytest.mark.parametrize(
    "pieces",
    [
        (frame("change", '{"n": "x"}'),),
        (frame("beat", "not json"),),
        (b"event: beat\ndata: \xff\xfe\n\n",),
    ],
)
def test_words_outside_the_contract_are_a_lost_connection(pieces: tuple[bytes, ...]) -> None:
    lost = collect(stream_on(*pieces))[-1]
    assert isinstance(lost, Lost)
    assert isinstance(lost.error, BadReply)


def test_captive_portal_is_a_lost_connection() -> None:
    def portal(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/html"}, text="<html>")

    lost = collect(Stream(client_on(httpx.MockTransport(portal)), ManualClock(AT)))[-1]
    assert isinstance(lost, Lost)


def test_refusal_ends_the_stream_but_crowding_only_pauses_it() -> None:
    status = 403

    def refuse(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            status,
            headers={"content-type": "application/problem+json", "retry-after": "7"},
            text=problem(status).model_dump_json(),
        )

    with pytest.raises(Refused):
        collect(Stream(client_on(httpx.MockTransport(refuse)), ManualClock(AT)))
    status = 503
    lost = collect(Stream(client_on(httpx.MockTransport(refuse)), ManualClock(AT)))[-1]
    assert isinstance(lost, Lost)
    assert lost.pause_s == 7.0


def test_backoff_tries_at_once_then_doubles_with_full_jitter() -> None:
    backoff = Backoff(random.Random(7))
    pauses = [backoff.pause_s() for _ in range(20)]
    assert pauses[0] == 0.0
    ceilings = [0.0, *(min(30.0, 0.5 * 2**tries) for tries in range(19))]
    assert all(pause <= ceiling for pause, ceiling in zip(pauses, ceilings, strict=True))
    assert max(pauses) > 10.0
    assert backoff.pause_s(60.0) == 60.0
    backoff.reset()
    assert backoff.pause_s() == 0.0


def test_five_hundred_consoles_come_back_below_a_hundred_a_second() -> None:
    times = []
    for seed in range(500):
        backoff, now_s = Backoff(random.Random(seed)), 0.0
        backoff.pause_s()
        for _ in range(12):
            now_s += backoff.pause_s()
            times.append(now_s)
    busiest = max(sum(at <= one < at + 1 for one in times) for at in range(20, 120))
    assert busiest <= 100


TALE = b"".join(
    [
        numbered(1),
        frame("beat", Beat(n=1, at=AT).model_dump_json()),
        b": a comment\n\n",
        numbered(2),
        numbered(3),
        frame("resync", Resync(n=9, epoch="one").model_dump_json()),
    ]
)


@given(st.lists(st.integers(1, len(TALE) - 1), max_size=20), st.booleans())
def test_cuts_anywhere_change_nothing(cuts: list[int], with_returns: bool) -> None:
    tale = TALE.replace(b"\n", b"\r\n") if with_returns else TALE
    places = [0, *sorted(cuts), len(tale)]
    pieces = [tale[start:end] for start, end in pairwise(places) if start < end]
    stream = stream_on(*pieces)
    found = collect(stream)
    numbers = [one.n for batch in found if isinstance(batch, Batch) for one in batch.changes]
    assert numbers == [1, 2, 3]
    assert [type(one) for one in found if not isinstance(one, Batch)] == [
        Opened,
        Beat,
        Resync,
        Lost,
    ]
    assert stream.last_id == "one:9"


def test_endless_frame_is_a_lost_connection() -> None:
    lost = collect(stream_on(*[b"data: " + b"x" * (1024 * 1024)] * 9))[-1]
    assert isinstance(lost, Lost)
    assert isinstance(lost.error, BadReply)
    assert "event-stream" in lost.error.what.en


def test_lost_says_in_both_languages_what_happened() -> None:
    lost = collect(stream_on())[-1]
    assert isinstance(lost, Lost)
    assert isinstance(lost.error.what, Text)
    assert lost.error.what.zh
    assert lost.error.what.en


def test_pause_is_cut_short_when_the_service_is_known_to_be_up() -> None:
    clock, slept = ManualClock(AT), list[float]()

    def broken(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down")

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)
        if len(slept) == 3:
            stream.try_now()

    backoff = Backoff(random.Random(1))
    for _ in range(9):
        backoff.pause_s()
    stream = Stream(client_on(httpx.MockTransport(broken)), clock, backoff=backoff, sleep=sleep)
    found = collect(stream, until=2)
    assert isinstance(found[0], Lost)
    assert found[0].pause_s > 1.0
    assert len(slept) == 3


class QuietNetwork:
    """A connection on which nothing more is to be read for the moment."""

    def get_extra_info(self, _name: str) -> bool:
        return False


def test_the_first_after_a_quiet_time_is_given_at_once_the_next_within_200_ms() -> None:
    clock = ManualClock(AT)
    beat = frame("beat", Beat(n=9, at=AT).model_dump_json())

    def reply(_request: httpx.Request) -> httpx.Response:
        kind = {"content-type": "text/event-stream"}
        pieces = iter([numbered(1), numbered(2), numbered(3), beat])
        quiet = {"network_stream": QuietNetwork()}
        return httpx.Response(200, headers=kind, content=pieces, extensions=quiet)

    stream = Stream(
        client_on(httpx.MockTransport(reply)), clock, last_id="one:0", sleep=clock.advance
    )
    found = stream.frames(lambda: False)
    first, second, third = (
        clock.steady_s() for _ in range(3) if any(isinstance(one, Batch) for one in found)
    )
    assert first < 0.1
    assert 0.1 < second - first < 0.3
    assert 0.1 < third - second < 0.3
