"""The console's scenes: the general one, the desk, and one for every layer there is."""

from __future__ import annotations

from app.scenes import Scene, scene_of, scene_table
from maps.spec import load_layers


def all_scenes() -> tuple[Scene, ...]:
    """Give every scene, the general one first."""
    return scene_table(load_layers())


def scene(scene_id: str) -> Scene:
    """Give a scene by its id.

    Raises:
        KeyError: there is no such scene.
    """
    return scene_of(all_scenes(), scene_id)
