"""What a kind of object is: one row of a layer's table, and the objects made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from backend.simulator.facts import Facts
from backend.simulator.ground import F64, I64, Ground
from backend.simulator.streets import Streets
from backend.simulator.tracks import Tracks
from backend_client.contract.shapes import NO_SHAPES, Shapes

U8 = npt.NDArray[np.uint8]
Column = Sequence[object] | npt.NDArray[np.generic] | str | float | bool
DAY_S: Final = 86_400.0
COUNTIES: Final = "counties"
"""As first owner: every county brings its own objects for the department that follows."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The ground everything stands on, the same for every layer."""

    facts: Facts
    ground: Ground
    streets: Streets
    seed: int
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where objects stand, what they look like, what else their places tell.

    Shape: lon, lat, town (n,), NaN places for moving objects; `more` arrays (n,).
    """

    lon: F64
    lat: F64
    town: I64
    shapes: Shapes = NO_SHAPES
    more: Mapping[str, npt.NDArray[np.generic]] = field(default_factory=dict)
    tracks: Tracks | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """How a kind of moving object drives.

    Args:
        kmh: usual speed.
        fix_s: how often it says where it is.
        shift: local hours (from, length) it works, each object with its own slip of an hour.
        ways: how many different ways so many objects share.
        steps: street links of one way; 0 drives between towns on the named roads.
    """

    kmh: float
    fix_s: float
    shift: tuple[float, float] = (0.0, 24.0)
    ways: int = 200
    steps: int = 60
    water: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One row of a layer's table.

    Args:
        word: the kind's word on the wire.
        code: two or three capital letters of its ids.
        count: how many there are at scale 1; `fixed` counts do not scale.
        name: what it is called, after its town's name.
        owners: departments that bring it in equal parts.
        where: puts the objects somewhere; moving ones have a fleet instead.
        period_s: how often its values are told, None for never again.
        retell_s: how often an unchanged value is told all the same; the period unless given.
        value: gives the values at an instant, in the kind's unit.
        state: gives the states of values.
        fields: gives its own properties.
        official: whether its name could be taken for a real one, so that it says 演示.
        names: gives the names where town, name and number do not.
        slip: what a value is multiplied with while its feed speaks another unit.
        fleet: how it moves, for moving objects.
        words: gives each object's word at an instant, for those that go through stages.
    """

    word: str
    code: str
    count: int
    name: str
    name_en: str
    owners: tuple[str, ...]
    where: Where | None = None
    period_s: float | None = None
    retell_s: float | None = None
    value: Value | None = None
    state: Judge | None = None
    fields: Fields | None = None
    fixed: bool = False
    official: bool = False
    names: Names | None = None
    slip: float = 1.0
    fleet: Fleet | None = None
    words: Words | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """All objects of one kind.

    A stock may be a run of a larger one: `first` is its first object's number, `total` how many
    there are in all.

    Shape: `u` (n, 4) uniform in [0, 1), each object's own lot; `owner` (n,) index into feeds.
    """

    layer: str
    kind: Kind
    world: World
    placed: Placed
    u: F64
    ids: pa.StringArray
    owner: I64
    first: int
    total: int

    @property
    def size(self) -> int:
        """Give how many there are."""
        return len(self.ids)

    @property
    def number(self) -> I64:
        """Give each object's number."""
        return self.first + np.arange(self.size)

    def towns(self, what: str) -> list[str]:
        """Give one word of each object's town, by the name of the field."""
        words = [str(getattr(town, what)) for town in self.world.ground.towns]
        return [words[i] for i in self.placed.town.tolist()]


Where = Callable[[World, np.random.Generator, int], Placed]
Value = Callable[[Stock, float], F64]
Judge = Callable[[Stock, F64, float], U8]
Names = Callable[[Stock], list[str]]
Words = Callable[[Stock, float], tuple[Sequence[str], I64]]
Fields = Callable[[Stock], Mapping[str, Column]]


@dataclass(frozen=True, slots=True, eq=False)
class LayerTable:
    """One layer of the city: its id, its title and its kinds."""

    layer: str
    zh: str
    en: str
    kinds: tuple[Kind, ...]
