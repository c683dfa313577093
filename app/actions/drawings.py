"""Draw on the shared map and take a drawing off again."""

from __future__ import annotations

from collections.abc import Callable

from app.actions.send import Failed, ask
from app.reach import Reach
from backend_client.contract.drawings import DrawingIn, Drawn


def draw(
    reach: Reach,
    drawing: DrawingIn,
    *,
    done: Callable[[Drawn], None],
    failed: Failed | None = None,
) -> None:
    """Put a drawing on the map; it is seen when the layer comes down again."""
    ask(reach, lambda: reach.client.draw(drawing), done, failed)


def erase(
    reach: Reach,
    drawing_id: str,
    *,
    done: Callable[[], None],
    failed: Failed | None = None,
) -> None:
    """Take a drawing off the map."""
    ask(reach, lambda: reach.client.erase(drawing_id), lambda _: done(), failed)
