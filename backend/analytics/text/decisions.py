"""What people decided of pairs of reports binds: one event, or not the same; and can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

Pairs = defaultdict[str, set[str]]


class DecisionError(ValueError):
    """Two decisions of people contradict one another; the text says which."""


def _none() -> Pairs:
    return defaultdict(set)


@dataclass(slots=True)
class Decisions:
    """Hold what people decided of pairs of reports: one event, or not the same."""

    same: Pairs = field(default_factory=_none)
    apart: Pairs = field(default_factory=_none)

    def confirm(self, one: str, other: str) -> None:
        """Bind two reports to one event.

        Raises:
            DecisionError: they, or reports confirmed to be of their events, are not the same.
        """
        theirs = self.event(other)
        for mine in self.event(one):
            if both := self.apart.get(mine, set()) & theirs:
                raise DecisionError(_against(mine, min(both)))
        link(self.same, one, other)

    def part(self, one: str, other: str) -> None:
        """Keep two reports in different events.

        Raises:
            DecisionError: they were confirmed to be one event.
        """
        if other in self.event(one):
            raise DecisionError(
                f"{one} 与 {other} 已确认为同一事件；请先撤销合并 / {one} and {other} are "
                "confirmed to be one event; undo the merge first"
            )
        link(self.apart, one, other)

    def undo(self, one: str, other: str) -> None:
        """Take back what was decided of two reports; nothing where nothing was."""
        unlink(self.same, one, other)
        unlink(self.apart, one, other)

    def event(self, one: str) -> set[str]:
        """Give the reports confirmed to be of a report's event, itself among them."""
        return reached(one, self.same)

    def kept_apart(self, one: str) -> set[str]:
        """Give the reports that are not of a report's event, by what was decided of its own."""
        return {other for mine in self.event(one) for other in self.apart.get(mine, ())}


def link(pairs: Pairs, one: str, other: str) -> None:
    """Put a pair in, both ways."""
    pairs[one].add(other)
    pairs[other].add(one)


def unlink(pairs: Pairs, one: str, other: str) -> None:
    """Take a pair out, both ways, leaving nothing of it behind."""
    for mine, theirs in ((one, other), (other, one)):
        if mine in pairs:
            pairs[mine].discard(theirs)
            if not pairs[mine]:
                del pairs[mine]


def reached(one: str, *links: Mapping[str, set[str]]) -> set[str]:
    """Give all that pairs lead to from one, itself among them."""
    found, left = {one}, [one]
    while left:
        at = left.pop()
        for pairs in links:
            for other in pairs.get(at, ()):
                if other not in found:
                    found.add(other)
                    left.append(other)
    return found


def _against(one: str, other: str) -> str:
    return (
        f"{one} 与 {other} 已标为“不是同一件”；请先撤销该标记 / {one} and {other} are marked "
        "not the same; take the mark back first"
    )
