"""Routes of the lasso: what lies inside an area, and the same as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from backend.analytics.figures import geojson
from backend.api.access import PartsDep, needs
from backend.api.problems import refusals
from backend.services.resources import Listed
from backend_client.contract import paths
from backend_client.contract.auth import Person
from backend_client.contract.resources import Inside, Within

router = APIRouter(tags=["resources"])

_BOM = "\ufeff"
_CSV_HEAD = (
    "图层 layer",
    "编号 id",
    "类别 kind",
    "名称 name",
    "经度 lon",
    "纬度 lat",
    "状态 state",
    "距离米 distance_m",
    "联系人 contact",
    "电话 phone",
    "观测时间 observed_at",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_FLUSH_ROWS = 500


@router.post(paths.WITHIN, responses=refusals(403))
def within(
    body: Within, person: Annotated[Person, needs("resource.view")], parts: PartsDep
) -> Inside:
    """Count and list what lies inside an area."""
    return parts.resources.within(person, body)


@router.post(
    paths.WITHIN_EXPORT,
    response_class=StreamingResponse,
    responses={
        **refusals(403),
        200: {
            "description": "Every row inside the area, nearest first.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/geo+json": {"schema": {"type": "object"}},
            },
        },
    },
)
def export(
    body: Within,
    person: Annotated[Person, needs("resource.export")],
    parts: PartsDep,
    form: Annotated[Literal["csv", "geojson"], Query(alias="format")] = "csv",
) -> StreamingResponse:
    """Give everything inside an area as CSV or GeoJSON."""
    rows = parts.resources.listing(person, body)
    write, media = _FORMS[form]
    name = {"Content-Disposition": f'attachment; filename="resources.{form}"'}
    return StreamingResponse(write(rows), media_type=media, headers=name)


def safe_cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula.

    Source: OWASP, CSV Injection.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_lines(rows: Iterable[Listed]) -> Iterator[str]:
    """Write rows as CSV with a byte-order mark, so that spreadsheets read the Chinese."""
    page = io.StringIO()
    lines = csv.writer(page, lineterminator="\r\n")
    page.write(_BOM)
    lines.writerow(_CSV_HEAD)
    for index, row in enumerate(one.resource for one in rows):
        lines.writerow(
            (
                row.layer,
                safe_cell(row.id),
                safe_cell(row.kind),
                safe_cell(row.name),
                f"{row.lon:.7f}",
                f"{row.lat:.7f}",
                row.state,
                row.distance_m,
                safe_cell(row.contact),
                safe_cell(row.phone),
                row.observed_at.isoformat(),
            )
        )
        if index % _FLUSH_ROWS == 0:
            yield page.getvalue()
            page.seek(0)
            page.truncate()
    yield page.getvalue()


def geojson_parts(rows: Iterable[Listed]) -> Iterator[str]:
    """Write rows as one GeoJSON FeatureCollection, WGS-84; lines and areas with their outlines."""
    yield '{"type":"FeatureCollection","features":['
    comma = ""
    for one in rows:
        row = one.resource
        fields = row.model_dump(mode="json", exclude={"lon", "lat"})
        point = {"type": "Point", "coordinates": [row.lon, row.lat]}
        figure = json.dumps(point) if one.outline is None else geojson(one.outline)
        said = json.dumps(fields, ensure_ascii=False)
        yield f'{comma}{{"type":"Feature","geometry":{figure},"properties":{said}}}'
        comma = ","
    yield "]}"


_FORMS = {
    "csv": (csv_lines, "text/csv; charset=utf-8"),
    "geojson": (geojson_parts, "application/geo+json"),
}
