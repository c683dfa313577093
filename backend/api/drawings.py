"""Routes of drawings: put on the map, taken off."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Id
from backend_client.contract.drawings import DrawingIn, Drawn

router = APIRouter(tags=["drawings"])

Editor = Annotated[Person, needs("drawing.edit")]


@router.put(paths.DRAWINGS, responses=refusals(403, 404))
def draw(body: DrawingIn, person: Editor, parts: PartsDep) -> Drawn:
    """Draw on the shared map; the same id again replaces the drawing."""
    return parts.drawings.put(person, body)


@router.delete(paths.DRAWING, status_code=204, responses=refusals(403, 404))
def erase(drawing_id: Id, person: Editor, parts: PartsDep) -> None:
    """Take a drawing off the map."""
    parts.drawings.erase(person, drawing_id)
