"""One HTTP call: tokens, time-outs, limits, retry of what may be repeated, refusals as errors."""

from __future__ import annotations

import contextlib
import queue
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import httpx
import tenacity
from pydantic import BaseModel, ValidationError

from backend_client.contract import paths
from backend_client.contract.auth import Person, Refresh, Tokens
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.problem import Problem
from backend_client.errors import BadReply, Refused, SignedOut, Unreachable, Untrusted
from backend_client.faults import (
    MAX_REPLY_BYTES,
    network_faults,
    not_of_contract,
    raise_for_status,
    read_whole,
)

RENEW_SHARE: Final = 0.7
ATTEMPTS: Final = 3
LONGEST_WAIT_S: Final = 5.0
WAIT_S: Final = 10.0
CONNECT_S: Final = 3.0
TIMEOUT: Final = httpx.Timeout(WAIT_S, connect=CONNECT_S)
M = TypeVar("M", bound=BaseModel)
Query = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer below 400."""

    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make; `again` allows repeating it: reads, and writes carrying their own key.

    An answer longer than `most_bytes` is not read. `at_once` sends it with the token at hand,
    however old: a renewal may wait for what has failed on the service's side.
    """

    method: str
    path: str
    body: str | bytes | None = None
    query: Query | None = None
    headers: Mapping[str, str] | None = None
    again: bool = False
    signed: bool = True
    at_once: bool = False
    most_bytes: int = MAX_REPLY_BYTES
    wait_s: float = WAIT_S


class _Turn:
    """Let one caller in at a time; a ticket in a queue, since threads live elsewhere."""

    def __init__(self) -> None:
        self._tickets: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._tickets.put(None)

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        self._tickets.get()
        try:
            yield
        finally:
            self._tickets.put(None)


class Wire:
    """Send calls to one service as one person; safe to use from several workers."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        ca_file: Path | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            url: the service's root, e.g. "http://127.0.0.1:8000".
            clock: measures token age.
            ca_file: the authority to trust instead of the system's, for https.
            transport: another road than sockets (tests).
            sleep: waits between tries.
        """
        self.url = url.rstrip("/")
        self._clock = clock
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=self.url,
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
            verify=_trust(self.url, ca_file),
            headers={"User-Agent": "nantong-console"},
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=8),
        )
        self._tokens: Tokens | None = None
        self._renew_at_s = 0.0
        self._ends_at_s = 0.0
        self._turn = _Turn()

    @property
    def person(self) -> Person | None:
        """Tell who is signed in."""
        return self._tokens.person if self._tokens else None

    @property
    def tokens(self) -> Tokens | None:
        """Give the tokens in use."""
        return self._tokens

    def point(self, url: str) -> None:
        """Send to another address from now on: the service came up on another port."""
        self.url = url.rstrip("/")
        self._http.base_url = self.url

    def take(self, tokens: Tokens | None) -> None:
        """Use these tokens from now on; None signs out."""
        now_s = self._clock.steady_s()
        self._tokens = tokens
        if tokens is not None:
            self._renew_at_s = now_s + RENEW_SHARE * tokens.expires_in_s
            self._ends_at_s = now_s + tokens.expires_in_s

    def has_lapsed(self) -> bool:
        """Tell whether the access token is past its end: viewing may go on, control may not."""
        return self._tokens is None or self._clock.steady_s() >= self._ends_at_s

    def send(self, call: Call) -> Reply:
        """Make a call, again after a pause where that is harmless.

        Raises:
            Refused: the service said no.
            Unreachable: no answer, or none of the contract.
        """
        if not call.again:
            return self._once(call)
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=_pause,
            retry=tenacity.retry_if_exception(_is_passing),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._once, call)

    @contextlib.contextmanager
    def open(
        self, path: str, *, headers: Mapping[str, str], silence_s: float
    ) -> Iterator[httpx.Response]:
        """Open a long answer to be read piece by piece.

        Args:
            path: what to read.
            headers: sent besides the token.
            silence_s: seconds without a byte after which the connection counts as dead.

        Raises:
            Refused: the service said no.
            Unreachable: no answer, also in the middle.
        """
        request = self._http.build_request(
            "GET",
            path,
            headers={**headers, **self._authority(), "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(silence_s, connect=3.0),
        )
        with network_faults(self.url):
            response = self._http.send(request, stream=True)
            try:
                raise_for_status(response)
                yield response
            finally:
                response.close()

    def renew(self, *, seen: str | None = None) -> None:
        """Exchange the refresh token for a new pair.

        Args:
            seen: the access token found too old; nothing happens when another one is in use.

        Raises:
            SignedOut: the sign-in is over.
            Unreachable: no answer; the present token stays in use while it lives.
        """
        with self._turn.taken():
            tokens = self._tokens
            if tokens is None or (seen is not None and tokens.access != seen):
                return
            body = Refresh(refresh=tokens.refresh).model_dump_json()
            try:
                reply = self._once(Call("POST", paths.REFRESH, body=body, signed=False))
            except SignedOut:
                self.take(None)
                raise
            self.take(parse(Tokens, reply))

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def _once(self, call: Call) -> Reply:
        headers = {} if call.body is None else {"Content-Type": "application/json"}
        headers |= call.headers or {}
        if call.signed:
            headers |= self._authority(renew=not call.at_once)
        with (
            network_faults(self.url),
            self._http.stream(
                call.method,
                call.path,
                content=call.body,
                params=call.query,
                headers=headers,
                timeout=httpx.Timeout(call.wait_s, connect=CONNECT_S),
            ) as response,
        ):
            raise_for_status(response)
            return Reply(
                response.status_code, response.headers, read_whole(response, call.most_bytes)
            )

    def _authority(self, *, renew: bool = True) -> dict[str, str]:
        tokens = self._tokens
        if renew and tokens is not None and self._clock.steady_s() >= self._renew_at_s:
            try:
                self.renew(seen=tokens.access)
            except SignedOut:
                raise
            except (Refused, Unreachable):
                self._renew_at_s = self._clock.steady_s() + 1.0  # the old one lives on meanwhile
            tokens = self._tokens
        if tokens is None:
            raise SignedOut(NOBODY)
        return {"Authorization": f"Bearer {tokens.access}"}


def _trust(url: str, ca_file: Path | None) -> ssl.SSLContext:
    """Give what certificates are held against: the named authority, else the system's.

    A plain address trusts none, so that a move to https fails closed; reading the system's
    authorities takes 0.1 s.
    """
    if url.startswith("https:"):
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def parse(kind: type[M], reply: Reply) -> M:
    """Read an answer as one contract type.

    Raises:
        BadReply: it is something else.
    """
    try:
        return kind.model_validate_json(reply.body)
    except ValidationError as error:
        raise not_of_contract(kind.__name__) from error


def _is_passing(error: BaseException) -> bool:
    """Tell whether a second try may succeed soon."""
    if (
        isinstance(error, BadReply | Untrusted)
        or (getattr(error, "retry_after_s", 0) or 0) > LONGEST_WAIT_S
    ):
        return False
    if isinstance(error, Refused):
        return error.problem.status in (429, 503)
    return isinstance(error, Unreachable)


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked_s: float = getattr(error, "retry_after_s", None) or 0.0
    return asked_s + random.uniform(0.05, 0.3 * 2**state.attempt_number)  # noqa: S311  # jitter


NOBODY: Final = Problem(
    status=401,
    code="signed_out",
    what=Text("尚未登录或登录已失效。", "Nobody is signed in, or the sign-in is over."),
    todo=Text("请重新登录。", "Sign in again."),
)
