"""One rule of the service, how to take it out, and the tests that must notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ablation:
    """One rule taken out.

    Args:
        rule: what it says.
        file: where it stands.
        words: what holds it there, as far as they stand first.
        instead: what they are replaced by.
        tests: what must go red then.
    """

    rule: str
    file: str
    words: str
    instead: str
    tests: tuple[str, ...]
