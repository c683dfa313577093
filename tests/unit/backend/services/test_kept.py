"""Encoded blocks are made once per sight and forgotten from the least used on."""

from __future__ import annotations

from functools import partial

from backend.services.kept import Kept, Scope, scope_of
from backend_client.contract.auth import Person, Role

CITY: Scope = ("operator", ("3206",), ("*",))
COUNTY: Scope = ("operator", ("320623",), ("*",))


def test_a_block_is_made_once_per_sight() -> None:
    kept, made = Kept(100), list[str]()

    def make(word: str) -> list[bytes]:
        """Note that something had to be made."""
        made.append(word)
        return [word.encode()]

    for scope in (CITY, COUNTY, CITY):
        word = scope[1][0]
        assert kept.give(("water", 1, 0, scope), partial(make, word)) == [word.encode()]
    assert made == ["3206", "320623"]
    assert kept.give(("water", 2, 0, CITY), lambda: None) is None


def test_the_least_used_goes_first() -> None:
    kept = Kept(25)
    for version in (1, 2):
        kept.give(("water", version, 0, CITY), lambda: [b"x" * 4, b"x" * 6])
    kept.give(("water", 1, 0, CITY), lambda: [b"never"])
    kept.give(("water", 3, 0, CITY), lambda: [b"x" * 4, b"x" * 6])
    assert kept.give(("water", 1, 0, CITY), lambda: [b"new"]) == [b"x" * 4, b"x" * 6]
    assert kept.give(("water", 2, 0, CITY), lambda: [b"new"]) == [b"new"]


def test_sight_is_role_regions_and_departments() -> None:
    one = Person(
        person_id="a", name="甲", role=Role.OPERATOR, regions=("3206",), departments=("*",)
    )
    assert scope_of(one) == scope_of(one.model_copy(update={"person_id": "b", "mfa": True}))
    assert scope_of(one) != scope_of(one.model_copy(update={"regions": ("320623",)}))
