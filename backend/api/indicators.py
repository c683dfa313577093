"""Routes of indicators: all of a region, the past of one, its regions and rows; units ranked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.indicators import Board, Entries, Parts, Past, Units, Which

router = APIRouter(tags=["indicators"])

_MOST_HOURS = 400 * 24
_MOST_ROWS = 500
_MOST_DAYS = 92

Viewer = Annotated[Person, needs("indicator.view")]
Region = Annotated[str | None, Query(pattern=r"^[0-9A-Z]{4,12}$")]
Named = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
UnitId = Annotated[str, Path(pattern=r"^(D[0-9]{2}|[0-9A-Z]{6})$")]
Limit = Annotated[int, Query(ge=1, le=_MOST_ROWS)]
Days = Annotated[int, Query(ge=1, le=_MOST_DAYS)]


@router.get(paths.INDICATORS, responses=refusals(403, 404))
def board(person: Viewer, parts: PartsDep, region: Region = None) -> Board:
    """Give every indicator of a region with its definition; without one of the reader's own."""
    return parts.indicators.board(person, region)


@router.get(paths.INDICATOR_SERIES, responses=refusals(403, 404))
def series(
    indicator: Named,
    person: Viewer,
    parts: PartsDep,
    region: Region = None,
    hours: Annotated[int, Query(ge=1, le=_MOST_HOURS)] = 168,
) -> Past:
    """Give what one indicator was, and the same length of time a week before."""
    return parts.indicators.past(person, indicator, region, hours)


@router.get(paths.INDICATOR_REGIONS, responses=refusals(403, 404))
def regions(indicator: Named, person: Viewer, parts: PartsDep, under: Region = None) -> Parts:
    """Give the counties or townships a number comes from; sums add up exactly."""
    return parts.indicators.parts(person, indicator, under)


@router.get(paths.INDICATOR_ROWS, responses=refusals(403, 404))
def rows(
    indicator: Named,
    person: Viewer,
    parts: PartsDep,
    region: Region = None,
    limit: Limit = 100,
) -> Entries:
    """Give the events, orders or objects behind a number."""
    return parts.indicators.entries(person, indicator, region, limit)


@router.get(paths.UNITS, responses=refusals(403))
def units(person: Viewer, parts: PartsDep, days: Days = 7) -> Units:
    """Rank the departments and counties by the orders they were given."""
    return parts.accounts.board(person, days)


@router.get(paths.UNIT_ROWS, responses=refusals(403, 404))
def unit_rows(
    unit: UnitId,
    person: Viewer,
    parts: PartsDep,
    which: Which = "due",
    days: Days = 7,
    limit: Limit = 100,
) -> Entries:
    """Give the orders behind a unit's numbers."""
    return parts.accounts.entries(person, unit, which, days=days, limit=limit)
