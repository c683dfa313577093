"""Routes of learned models: what there is and how good, take one into use, go back, learn now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.models import ModelLine, ModelList, Promote, RollBack

router = APIRouter(tags=["models"])

Viewer = Annotated[Person, needs("model.view")]
Promoter = Annotated[Person, needs("model.promote")]
Returner = Annotated[Person, needs("model.roll_back")]
Teacher = Annotated[Person, needs("model.learn")]
Named = Annotated[str, Path(pattern=r"^[a-z][a-z_]{1,31}$")]


@router.get(paths.MODELS, responses=refusals(403))
def models(_person: Viewer, parts: PartsDep) -> ModelList:
    """List every learned model with its versions, newest first."""
    return parts.models.listed()


@router.post(paths.MODEL_VERB.replace("{verb}", "promote"), responses=refusals(403, 404, 409))
def promote(name: Named, body: Promote, person: Promoter, parts: PartsDep) -> ModelLine:
    """Take a version into use; it sits today's exam beside what is in use and the rules first."""
    return parts.models.promote(person, name, body.number, body.reason)


@router.post(paths.MODEL_VERB.replace("{verb}", "roll_back"), responses=refusals(403, 404, 409))
def roll_back(name: Named, body: RollBack, person: Returner, parts: PartsDep) -> ModelLine:
    """Go back to what was in use before; the service then promotes nothing by itself."""
    return parts.models.roll_back(person, name, body.reason)


@router.post(paths.MODEL_VERB.replace("{verb}", "learn"), responses=refusals(403, 404))
def learn(name: Named, person: Teacher, parts: PartsDep) -> ModelLine:
    """Have a model learn from what was decided as soon as nothing else is learning."""
    return parts.models.learn(person, name)
