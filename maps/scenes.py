"""The shipped scenes: the general one, the desk, wartime, and one for every layer there is."""

from __future__ import annotations

from app.scenes import Scene, scene_of, scene_table
from maps.spec import load_layers


def all_scenes() -> tuple[Scene, ...]:
    """Give every shipped scene, the general one first; operators' own ones are in the book."""
    return scene_table(load_layers())


def scene(scene_id: str) -> Scene:
    """Give a shipped scene by its id.

    Raises:
        KeyError: there is no such scene.
    """
    return scene_of(all_scenes(), scene_id)
