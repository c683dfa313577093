"""Follow `/v1/stream`: numbered changes in batches, resume after a gap, heart-beat, back-off."""

from __future__ import annotations

import codecs
import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import httpx
from httpx_sse import EventSource, ServerSentEvent
from pydantic import ValidationError

from backend_client.client import Client
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.change import Beat, Change, LayerMoved, Resync
from backend_client.contract.clock import Clock
from backend_client.errors import BadReply, ClientError, Refused, Unreachable
from backend_client.faults import not_of_contract

SILENCE_S: Final = 4.0
BATCH_S: Final = 0.2
GATHER_S: Final = 0.02  # what one commit sends comes in two pieces
STEP_S: Final = 0.02
LOOK_S: Final = 0.1
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
HEALTHY_S: Final = 30.0
MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
EVENT_STREAM: Final = {"content-type": "text/event-stream"}
ENDS: Final = (b"\n\n", b"\r\n\r\n")
FLUSH: Final = b"event: flush\ndata:\n\n"


@dataclass(frozen=True, slots=True)
class Opened:
    """The connection stands; `resumed` tells whether it goes on from a known number."""

    resumed: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes of at most 200 ms in the order of their numbers, and the newest layer versions."""

    changes: tuple[Change, ...]
    layers: tuple[LayerMoved, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone; the next try comes after `pause_s`."""

    error: ClientError
    pause_s: float


Frame = Opened | Batch | Beat | Resync | Lost


class Backoff:
    """Full-jitter exponential pauses: none at first, then up to 0.5 s, doubling to 30 s."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()  # noqa: S311  # jitter, not a secret
        self._tries = 0

    def reset(self) -> None:
        """Start over: the connection was healthy for 30 s."""
        self._tries = 0

    def pause_s(self, retry_after_s: float | None = None) -> float:
        """Give the next pause, never shorter than the service asked for."""
        ceiling_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** max(0, self._tries - 1))
        pause_s = self._chance.uniform(0, ceiling_s) if self._tries else 0.0
        self._tries += 1
        return max(pause_s, retry_after_s or 0.0)


@dataclass(slots=True)
class _Pending:
    """What waits to be given as one batch."""

    since_s: float = 0.0
    given_s: float = -math.inf
    last_id: str = ""
    changes: list[Change] = field(default_factory=list)
    layers: dict[str, LayerMoved] = field(default_factory=dict)

    def is_empty(self) -> bool:
        return not self.changes and not self.layers

    def due_s(self) -> float:
        """Give when to hand over; news of layers alone are rare by the service's own pace."""
        soon_s = self.since_s + GATHER_S
        return max(soon_s, self.given_s + BATCH_S) if self.changes else soon_s


class Stream:
    """Follow one service's changes for ever; a source for `Tasks.follow` or a script's loop."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        *,
        last_id: str = "",
        backoff: Backoff | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare; nothing is opened.

        Args:
            client: signed in.
            clock: measures batches and health.
            last_id: "EPOCH:N" to go on from; empty starts at now.
            backoff: pauses between tries.
            sleep: waits between tries and looks.
        """
        self._client = client
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self.last_id = last_id
        self._response: httpx.Response | None = None
        self._is_called = False

    def frames(self, stopped: Callable[[], bool]) -> Iterator[Frame]:
        """Give frames until stopped; a lost connection is a frame, not an error.

        Raises:
            Refused: the service will not open the stream to this person (401, 403).
        """
        while not stopped():
            opened_s = self._clock.steady_s()
            try:
                yield from self._connection(stopped)
                error: ClientError = _ended()
            except Unreachable as unreachable:
                error = unreachable
            except Refused as refused:
                if refused.problem.status not in (429, 503):
                    raise
                error = refused
            if stopped():
                return
            if self._clock.steady_s() - opened_s >= HEALTHY_S:
                self._backoff.reset()
            pause_s = self._backoff.pause_s(getattr(error, "retry_after_s", None))
            yield Lost(error, pause_s)
            self._wait(pause_s, stopped)

    def try_now(self) -> None:
        """Cut the present pause short: the service is known to be up."""
        self._is_called = True

    def hang_up(self) -> None:
        """Break the connection from another thread, so that a waiting reader returns at once."""
        response = self._response
        network = response.extensions.get("network_stream") if response else None
        socket = network.get_extra_info("socket") if network is not None else None
        if socket is not None:
            with suppress(OSError):
                socket.shutdown(2)

    def _connection(self, stopped: Callable[[], bool]) -> Iterator[Frame]:
        headers = {"Accept": "text/event-stream"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        with self._client.wire.open(paths.STREAM, headers=headers, silence_s=SILENCE_S) as response:
            kind = response.headers.get("content-type", "")
            if not kind.startswith("text/event-stream"):
                raise not_of_contract("text/event-stream")
            self._response = response
            try:
                yield Opened(resumed=bool(self.last_id))
                yield from self._read(response, stopped)
            finally:
                self._response = None

    def _read(self, response: httpx.Response, stopped: Callable[[], bool]) -> Iterator[Frame]:
        pending = _Pending()
        paced = httpx.Response(
            200, headers=EVENT_STREAM, content=self._paced(response, pending, stopped)
        )
        for event in EventSource(paced).iter_sse():
            yield from self._take(event, pending)
        yield from self._flush(pending)

    def _paced(
        self, response: httpx.Response, pending: _Pending, stopped: Callable[[], bool]
    ) -> Iterator[bytes]:
        """Give the pieces as they come, and a FLUSH on a boundary when a batch is due.

        What comes after a quiet time is given at once, in a burst five times a second.
        """
        text, size, tail = codecs.getincrementaldecoder("utf-8")(), 0, b""
        for piece in response.iter_raw():
            if stopped():
                return
            tail = (tail + piece)[-4:]
            size = 0 if b"\n\n" in piece or b"\r\n\r\n" in piece else size + len(piece)
            try:
                text.decode(piece)
            except UnicodeDecodeError as error:
                raise not_of_contract("UTF-8") from error
            if size > MAX_FRAME_BYTES:
                raise not_of_contract("text/event-stream")
            yield piece
            if (
                tail.endswith(ENDS)
                and not pending.is_empty()
                and self._is_quiet(response, pending.due_s())
            ):
                yield FLUSH

    def _take(self, event: ServerSentEvent, pending: _Pending) -> Iterator[Frame]:
        try:
            if event.event == "change":
                self._add(Change.model_validate_json(event.data), event.id, pending)
            elif event.event == "layer":
                moved = LayerMoved.model_validate_json(event.data)
                self._start(pending)
                pending.layers[moved.layer] = moved
            elif event.event == "beat":
                yield from self._flush(pending)
                yield Beat.model_validate_json(event.data)
            elif event.event == "flush":
                yield from self._flush(pending)
            elif event.event == "resync":
                yield from self._flush(pending)
                resync = Resync.model_validate_json(event.data)
                self.last_id = f"{resync.epoch}:{resync.n}"
                yield resync
        except ValidationError as error:
            raise not_of_contract(event.event) from error

    def _add(self, change: Change, event_id: str, pending: _Pending) -> None:
        have = _place(pending.last_id or self.last_id)
        epoch, _ = _place(event_id)
        if have[0] == epoch and change.n <= have[1]:
            return  # given before the connection broke
        self._start(pending)
        pending.changes.append(change)
        pending.last_id = event_id or pending.last_id

    def _flush(self, pending: _Pending) -> Iterator[Batch]:
        """Give what is pending; only then does the number to resume from move on."""
        if pending.is_empty():
            return
        batch = Batch(tuple(pending.changes), tuple(pending.layers.values()))
        self.last_id = pending.last_id or self.last_id
        pending.changes.clear()
        pending.layers.clear()
        pending.given_s = self._clock.steady_s()
        yield batch

    def _start(self, pending: _Pending) -> None:
        if pending.is_empty():
            pending.since_s = self._clock.steady_s()

    def _is_quiet(self, response: httpx.Response, until_s: float) -> bool:
        """Wait for more bytes until the batch is due; False when some are there before."""
        network = response.extensions.get("network_stream")
        while self._clock.steady_s() < until_s:
            if network is None or network.get_extra_info("is_readable"):
                return network is None
            self._sleep(STEP_S)
        return True

    def _wait(self, seconds: float, stopped: Callable[[], bool]) -> None:
        end_s = self._clock.steady_s() + seconds
        while not (stopped() or self._is_called) and self._clock.steady_s() < end_s:
            self._sleep(min(LOOK_S, seconds))
        self._is_called = False


def _place(last_id: str) -> tuple[str, int]:
    """Take "EPOCH:N" apart; what is not of that form lies before everything."""
    epoch, _, number = last_id.rpartition(":")
    return (epoch, int(number)) if number.isdigit() else ("", -1)


def _ended() -> BadReply:
    return BadReply(Text("服务结束了数据流。", "The service ended the stream."))
