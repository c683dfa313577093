"""The simulated city's ground for tests, surveyed once per process."""

from __future__ import annotations

from functools import cache

from backend.simulator.facts import Facts, load
from backend.simulator.ground import Ground, survey
from backend.simulator.kinds import Kind, World
from backend.simulator.layers import load as load_layers
from backend.simulator.streets import lay

SEED = 7


@cache
def facts() -> Facts:
    """Read the tables once."""
    return load()


@cache
def ground() -> Ground:
    """Survey the ground once."""
    return survey(SEED)


@cache
def world(scale: float = 0.02) -> World:
    """Lay the streets of a city of a scale."""
    streets = lay(ground(), facts().roads, seed=SEED, scale=scale)
    return World(facts(), ground(), streets, SEED, scale)


def kind(layer: str, word: str) -> Kind:
    """Find one row of the layers' tables."""
    table = next(one for one in load_layers() if one.layer == layer)
    return next(one for one in table.kinds if one.word == word)
