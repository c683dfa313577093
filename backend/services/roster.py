"""The units and matters there are here: an order to any other would reach nobody."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.domain.refused import unfit
from backend.services.units import unit_ids
from backend_client.contract.base import Text

MATTERS_FILE: Final = Path(__file__).parents[2] / "resources" / "text" / "matters.toml"


@dataclass(frozen=True, slots=True)
class Roster:
    """What an order and a class may name.

    Args:
        units: ids of the departments and counties.
        matters: codes of the tree, of its groups and of their classes.
    """

    units: frozenset[str]
    matters: frozenset[str]

    def check_unit(self, department: str) -> None:
        """Refuse a unit nobody knows.

        Raises:
            Refused: 422.
        """
        if department not in self.units:
            raise unfit(
                "department",
                Text(f"没有单位 {department}。", f"There is no unit {department}."),
                Text("从单位名录中选择。", "Choose one from the list of units."),
            )

    def check_matter(self, matter: str) -> None:
        """Refuse a class the tree does not have; none is always allowed.

        Raises:
            Refused: 422.
        """
        if matter and matter not in self.matters:
            raise unfit(
                "matter",
                Text(f"类别树中没有 {matter}。", f"The tree has no class {matter}."),
                Text("从类别树中选择，或留空。", "Choose one from the tree, or leave it out."),
            )


def load_roster(path: Path = MATTERS_FILE) -> Roster:
    """Read the ids; the words of the tree are read by who reads reports."""
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    return Roster(frozenset(unit_ids()), frozenset(tree["groups"]) | frozenset(tree["classes"]))
