"""Routes of bulk layers: feeds put rows in, readers take column blocks and single objects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend.api.rows import RawDep, body_of, read_batch, read_columns
from backend.services.features import Batch
from backend.services.kept import size_of
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.feature import Feature, Layers, Series, Upsert, Upserted
from backend_client.contract.positions import Track
from backend_client.contract.rows import decode_rows

router = APIRouter(tags=["layers"])

ARROW = "application/vnd.apache.arrow.stream"
ARROW_REPLY: dict[int | str, dict[str, object]] = {
    200: {
        "description": "Columns as an Arrow IPC stream.",
        "content": {ARROW: {"schema": {"type": "string", "format": "binary"}}},
    }
}
ARROW_BODY = {
    "requestBody": {
        "required": True,
        "content": {ARROW: {"schema": {"type": "string", "format": "binary"}}},
    }
}
_MAX_OID = 2**32 - 1
_AT_ONCE: Final = 1_000_000  # bytes

LayerPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
OidPath = Annotated[int, Path(ge=1, le=_MAX_OID)]
Hours = Annotated[int, Query(ge=1, le=168)]
Viewer = Annotated[Person, needs("layer.view")]


@router.get(paths.LAYERS, responses=refusals(403))
def layers(person: Viewer, parts: PartsDep) -> Layers:
    """List the layers with what the reader sees of them."""
    return parts.features.layers(person)


@router.get(
    paths.BLOCK,
    response_class=Response,
    responses={
        **refusals(403, 404),
        **ARROW_REPLY,
        204: {"description": "The reader has this version already."},
    },
)
def block(
    layer: LayerPath,
    person: Viewer,
    parts: PartsDep,
    since: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    """Give a layer's columns, or what changed since a version."""
    found = parts.features.block(person, layer, since)
    if found is None:
        return Response(status_code=204)
    size = size_of(found)
    if size <= _AT_ONCE:
        return Response(b"".join(found), media_type=ARROW)
    told = {"Content-Length": str(size)}
    return StreamingResponse(_one_by_one(found), media_type=ARROW, headers=told)


async def _one_by_one(parts: Sequence[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@router.put(paths.FEATURES, responses=refusals(403), openapi_extra=body_of(Upsert), status_code=200)
def upsert(
    layer: LayerPath,
    raw: RawDep,
    person: Annotated[Person, needs("layer.feed")],
    parts: PartsDep,
) -> Upserted:
    """Take in a batch of a layer's objects; bad rows are named, good ones kept."""
    batch, at, rejected = read_batch(raw, Upsert, "features")
    rows = list(zip(at, batch.features, strict=True))
    told = Batch(rows, batch.remove, tuple(rejected), batch.feed)
    return parts.features.upsert(person, layer, told)


@router.put(paths.ROWS, responses=refusals(403), openapi_extra=ARROW_BODY, status_code=200)
def put_rows(
    layer: LayerPath,
    raw: RawDep,
    person: Annotated[Person, needs("layer.feed")],
    parts: PartsDep,
) -> Upserted:
    """Take in up to 50,000 objects as columns; bad rows are named, good ones kept."""
    return parts.features.put_rows(person, layer, read_columns(raw, decode_rows))


@router.get(paths.FEATURE, responses=refusals(403, 404))
def feature(layer: LayerPath, oid: OidPath, person: Viewer, parts: PartsDep) -> Feature:
    """Give one object with its own fields; a moving one names the feed of its last fix."""
    found = parts.features.feature(person, layer, oid)
    feed = parts.positions.feed(layer, oid)
    return found.model_copy(update={"feed": feed}) if feed else found


@router.get(paths.SERIES, responses=refusals(403, 404))
def series(
    layer: LayerPath, oid: OidPath, person: Viewer, parts: PartsDep, hours: Hours = 24
) -> Series:
    """Give one object's measured values of the last hours."""
    return parts.features.series(person, layer, oid, hours=hours)


@router.get(paths.TRACK, responses=refusals(403, 404))
def track(
    layer: LayerPath, oid: OidPath, person: Viewer, parts: PartsDep, hours: Hours = 24
) -> Track:
    """Give one object's fixes of the last hours."""
    return parts.positions.track(person, layer, oid, hours=hours)
