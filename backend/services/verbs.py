"""Which verbs a person may use on an item: offered by state, granted by policy, allowed by duty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from backend.domain.scope import places
from backend.services.policy import Policy
from backend_client.contract.auth import Person
from backend_client.contract.change import Item, ItemKind
from backend_client.contract.item import WorkItem

T = TypeVar("T", bound=WorkItem)


def _bars_nothing(_item: WorkItem, _person: Person) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind offers and bars; made by `rule`."""

    offers: Callable[[WorkItem], Mapping[str, str]]
    bars: Callable[[WorkItem, Person], frozenset[str]]


def rule(
    kind: type[T],
    offers: Callable[[T], Mapping[str, str]],
    bars: Callable[[WorkItem, Person], frozenset[str]] = _bars_nothing,
) -> Rule:
    """Make the rule of a kind.

    Args:
        kind: the contract type the rule is for.
        offers: item → verb to policy action, by the item's state alone.
        bars: item, person → verbs this person must not use on it (separation of duty).
    """

    def narrowed(item: WorkItem) -> Mapping[str, str]:
        return offers(item) if isinstance(item, kind) else {}

    return Rule(narrowed, bars)


class Verbs:
    """Fill `allowed` per reader from the same policy the doors ask."""

    def __init__(self, policy: Policy, rules: Mapping[ItemKind, Rule]) -> None:
        self._policy = policy
        self._rules = rules

    def offered(self, item: Item) -> Mapping[str, str]:
        """Give the verbs an item's state offers, whoever asks, with their policy actions."""
        rule = self._rules.get(item.kind)
        return rule.offers(item) if rule else {}

    def allowed(
        self, person: Person, item: Item, offered: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """Give the verbs this person may use, sorted.

        Args:
            person: the reader.
            item: the item.
            offered: `offered(item)` when the caller has it already.
        """
        candidates = self.offered(item) if offered is None else offered
        if not candidates:
            return ()
        barred = self._rules[item.kind].bars(item, person)
        return tuple(
            sorted(
                verb
                for verb, action in candidates.items()
                if verb not in barred
                and any(self._policy.permits(person, action, *place) for place in places(item))
            )
        )
