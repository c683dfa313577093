"""Slow hashes a few at a time; a limit of failures per account that forgets after an hour."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher

from backend.domain.refused import Refused
from backend.services.passwords import Failures, Passwords
from backend_client.contract.clock import ManualClock


def test_production_hash_is_argon2id_with_the_cost_of_the_study() -> None:
    made = Passwords().hash("a")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_matches_only_the_right_password_of_a_known_account() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    stored = passwords.hash("right")
    assert passwords.matches(stored, "right")
    assert not passwords.matches(stored, "wrong")
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.matches("not a hash", "right")


class _Slow(PasswordHasher):
    """Hold every check until told, and count how many are inside."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.inside = 0
        self.most = 0
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002  the library's name
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.go.wait(5)
        with self._lock:
            self.inside -= 1
        return True


def test_two_checks_at_once_eight_wait_and_the_next_is_refused() -> None:
    slow = _Slow()
    passwords = Passwords(slow)
    threads = [threading.Thread(target=passwords.matches, args=("x", "y")) for _ in range(10)]
    for thread in threads:
        thread.start()
    refused = until(lambda: crowded(passwords))
    slow.go.set()
    for thread in threads:
        thread.join(5)
    assert refused
    assert slow.most == 2


def crowded(passwords: Passwords) -> bool:
    try:
        if passwords._room.acquire(blocking=False):
            passwords._room.release()
            return False
        passwords.matches("x", "y")
    except Refused as no:
        return no.problem.status == 503 and no.headers["Retry-After"] == "2"
    return False


def until(condition: Callable[[], bool]) -> bool:
    return any(condition() or threading.Event().wait(0.01) for _ in range(500))


def test_limit_counts_per_name_and_forgets_after_the_span() -> None:
    clock = ManualClock(datetime(2026, 7, 20, tzinfo=UTC))
    failures = Failures(clock, most=3, span_s=60)
    for _ in range(3):
        failures.check("a")
        failures.add("a")
        clock.advance(10)
    with pytest.raises(Refused) as caught:
        failures.check("a")
    assert caught.value.headers["Retry-After"] == "31"
    failures.check("b")
    clock.advance(31)
    failures.check("a")


def test_names_without_end_take_no_memory_without_end() -> None:
    failures = Failures(ManualClock(datetime(2026, 7, 20, tzinfo=UTC)))
    for number in range(10_050):
        failures.add(str(number))
    assert len(failures._at) <= 10_000
