"""Decide who may do what where; the rules are `resources/policy/policy.cedar`, deny by default."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import cedarpy

from backend.domain.refused import forbidden, not_found
from backend.domain.scope import places
from backend_client.contract.auth import Person, Role
from backend_client.contract.base import EVERY_DEPARTMENT
from backend_client.contract.item import WorkItem

POLICY_FILE = Path(__file__).parents[2] / "resources" / "policy" / "policy.cedar"

_Who = tuple[str, tuple[str, ...], tuple[str, ...], bool]
_KEPT = 65_536
_SHORTEST_REGION = 4
_ANY_DEPARTMENT = "D41"


class Policy:
    """Answer permission questions; the same question is asked of Cedar once."""

    def __init__(self, text: str) -> None:
        self._rules = cedarpy.PolicySet.from_str(text)
        self._decide = lru_cache(maxsize=_KEPT)(self._ask)

    def permits(self, person: Person, action: str, region: str, department: str) -> bool:
        """Tell whether a person may do an action on a thing of that region and department.

        Args:
            person: who asks, with role, scope and second factor.
            action: `noun.verb` as in the policy file, e.g. `gate.request`.
            region: region code of the thing.
            department: department id of the thing.
        """
        return self._decide(_who(person), action, region, department)

    def check(self, person: Person, action: str, region: str, department: str) -> None:
        """Refuse with 404 what the person may not even see, with 403 what they may not do.

        Raises:
            Refused: 404 `not_found` or 403 `forbidden`.
        """
        if self.permits(person, action, region, department):
            return
        if person.role is not Role.FEED and not self.sees(person, region, department):
            raise not_found(action)
        raise forbidden(action)

    def check_item(self, person: Person, action: str, item: WorkItem) -> None:
        """Check an action on a work item in any of the places it belongs to.

        Raises:
            Refused: 404 `not_found` or 403 `forbidden`.
        """
        if any(self.permits(person, action, *place) for place in places(item)):
            return
        if not self.sees_item(person, item):
            raise not_found(item.item_id)
        raise forbidden(action)

    def sees(self, person: Person, region: str, department: str) -> bool:
        """Tell whether things of that region and department are in the person's sight."""
        return self.permits(person, "item.view", region, department)

    def sees_item(self, person: Person, item: WorkItem) -> bool:
        """Tell whether a work item is in the person's sight."""
        return any(self.sees(person, *place) for place in places(item))

    def grants(self, person: Person, action: str, layer: str = "") -> bool:
        """Tell whether role and second factor grant an action anywhere in the person's scope.

        Args:
            person: who asks.
            action: `noun.verb` as in the policy file.
            layer: the layer it is about, if it is about one.
        """
        if not person.regions or not person.departments:
            return False
        first = person.departments[0]
        department = _ANY_DEPARTMENT if first == EVERY_DEPARTMENT else first
        return self._decide(_who(person), action, person.regions[0], department, layer)

    def opens(self, person: Person, layer: str) -> bool:
        """Tell whether a role may look into a layer at all; what of it is then `layer.view`."""
        return self.grants(person, "layer.open", layer)

    def _ask(self, who: _Who, action: str, region: str, department: str, layer: str = "") -> bool:
        request = {
            "principal": {"type": "Person", "id": "asks"},
            "action": {"type": "Action", "id": action},
            "resource": {"type": "Thing", "id": "asked"},
            "context": {},
        }
        entities = json.dumps(
            [_principal(who), _thing(region, department, layer), *_regions(who, region)]
        )
        answer = cedarpy.is_authorized(request, self._rules, entities)
        return bool(answer.allowed) and not answer.diagnostics.errors


def load_policy(path: Path = POLICY_FILE) -> Policy:
    """Read the policy text and parse it once."""
    return Policy(path.read_text(encoding="utf-8"))


def _who(person: Person) -> _Who:
    return person.role.value, person.regions, person.departments, person.mfa


def _entity(kind: str, name: str) -> dict[str, dict[str, str]]:
    return {"__entity": {"type": kind, "id": name}}


def _principal(who: _Who) -> dict[str, object]:
    role, regions, departments, mfa = who
    return {
        "uid": {"type": "Person", "id": "asks"},
        "attrs": {
            "regions": [_entity("Region", region) for region in regions],
            "departments": list(departments),
            "mfa": mfa,
            "human": role != Role.FEED.value,
        },
        "parents": [{"type": "Role", "id": role}],
    }


def _thing(region: str, department: str, layer: str) -> dict[str, object]:
    return {
        "uid": {"type": "Thing", "id": "asked"},
        "attrs": {
            "region": _entity("Region", region),
            "department": department,
            "layer": layer,
        },
        "parents": [],
    }


def _regions(who: _Who, region: str) -> list[dict[str, object]]:
    """Spell out that 320623001 lies in 320623 and that in 3206: every prefix is a parent."""
    chain = {code[:size] for code in (region, *who[1]) for size in _sizes(code)}
    return [
        {
            "uid": {"type": "Region", "id": code},
            "attrs": {},
            "parents": [{"type": "Region", "id": code[:-1]}] if code[:-1] in chain else [],
        }
        for code in sorted(chain)
    ]


def _sizes(code: str) -> range:
    return range(min(_SHORTEST_REGION, len(code)), len(code) + 1)
