"""Routes of replay: what the map showed at an instant of the last week."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from backend.api.access import PartsDep, needs
from backend.api.features import ARROW, ARROW_REPLY, LayerPath, Viewer
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.base import Instant
from backend_client.contract.columns import encode_features, encode_fixes

router = APIRouter(tags=["replay"])

At = Annotated[Instant, Query(description="An instant with its offset, within the last week.")]


@router.get(
    paths.REPLAY_POSITIONS, response_class=Response, responses={**refusals(403), **ARROW_REPLY}
)
def positions(
    at: At, person: Annotated[Person, needs("position.view")], parts: PartsDep
) -> Response:
    """Give where every moving object was last heard of in the quarter of an hour before."""
    return Response(encode_fixes(parts.replay.positions(person, at)), media_type=ARROW)


@router.get(
    paths.REPLAY_LAYER, response_class=Response, responses={**refusals(403, 404), **ARROW_REPLY}
)
def layer(layer: LayerPath, at: At, person: Viewer, parts: PartsDep) -> Response:
    """Give the change that leads from a layer's present back to an instant."""
    return Response(encode_features(parts.replay.layer(person, layer, at)), media_type=ARROW)
