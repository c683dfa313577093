"""Hash and check passwords slowly, a few at a time, and count failures per account."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.domain.refused import Refused, refuse
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock

MOST_FAILURES = 100
SPAN_S = 3600.0
_AT_ONCE = 2
_WAITING = 8
_ACCOUNTS_KEPT = 10_000


class Passwords:
    """Argon2id with t=3, m=64 MiB, p=4; at most two at once, since each takes a core's time.

    Source: control study section 7 (212 ms of processor per check).
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
        self._room = threading.BoundedSemaphore(_AT_ONCE + _WAITING)
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Give the hash to store."""
        with self._queue():
            return str(self._hasher.hash(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether a password fits; an unknown account takes as long as a known one.

        Raises:
            Refused: 503 when too many are being checked already.
        """
        with self._queue():
            try:
                self._hasher.verify(stored or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise _crowded()
        try:
            with self._turn:
                yield
        finally:
            self._room.release()


class Failures:
    """Count failed tries per name over the last hour, in memory."""

    def __init__(self, clock: Clock, *, most: int = MOST_FAILURES, span_s: float = SPAN_S) -> None:
        self._clock = clock
        self._most = most
        self._span_s = span_s
        self._at: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def check(self, name: str) -> None:
        """Refuse a further try after too many failures.

        Raises:
            Refused: 429 with `Retry-After`.
        """
        with self._lock:
            tries = self._recent(name)
            if len(tries) < self._most:
                return
            wait_s = max(1, int(tries[0] + self._span_s - self._clock.steady_s()) + 1)
        problem = refuse(
            429,
            "too_many_failures",
            Text("此账号失败次数过多。", "Too many failed tries on this account."),
            Text(f"请在 {wait_s} 秒后再试。", f"Try again in {wait_s} s."),
        ).problem
        raise Refused(problem, {"Retry-After": str(wait_s)})

    def add(self, name: str) -> None:
        """Count one failure."""
        with self._lock:
            if len(self._at) >= _ACCOUNTS_KEPT and name not in self._at:
                self._forget_oldest()
            self._recent(name).append(self._clock.steady_s())

    def _recent(self, name: str) -> deque[float]:
        tries = self._at.setdefault(name, deque(maxlen=self._most))
        while tries and tries[0] <= self._clock.steady_s() - self._span_s:
            tries.popleft()
        return tries

    def _forget_oldest(self) -> None:
        quietest = min(self._at, key=lambda name: len(self._at[name]))
        del self._at[quietest]


def _crowded() -> Refused:
    problem = refuse(
        503,
        "busy",
        Text("登录请求过多。", "Too many sign-ins at once."),
        Text("请稍后再试。", "Try again in a moment."),
    ).problem
    return Refused(problem, {"Retry-After": "2"})
