"""Lasso: what a reader may see inside an area, counted, listed nearest first, exported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from backend.analytics import within as area_index
from backend.analytics.tally import Exact, tally
from backend.analytics.within import Outline
from backend.domain.areas import BadAreaError
from backend.domain.refused import refuse
from backend.services.features import Features
from backend.services.ground import Ground
from backend.services.positions import Positions
from backend.storage import features as table
from backend.storage.columns import Layer, Sees
from backend.storage.database import Database
from backend.storage.features import Words, instant
from backend.storage.views import Picked
from backend_client.contract.auth import Person
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.columns import E7
from backend_client.contract.resources import Area, Inside, Polygon, Resource, Total, Within

I64 = npt.NDArray[np.int64]

EXPORT_ROWS: Final = 100_000
_CHUNK = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class _Hits:
    """Objects inside the area, of all layers.

    Shape: every array (n,); `layer` and `kind` are places in `names` and `kinds`.
    """

    layer: I64
    oid: I64
    kind: I64
    lon_e7: npt.NDArray[np.int32]
    lat_e7: npt.NDArray[np.int32]
    state: npt.NDArray[np.uint8]
    observed_ms: I64


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of an export with its outline as it is stored, None for a point."""

    resource: Resource
    outline: bytes | None


class Resources:
    """Answer what lies inside an area from the columns in memory."""

    def __init__(
        self, features: Features, positions: Positions, database: Database, *, clock: Clock
    ) -> None:
        self._features, self._positions = features, positions
        self._database, self._clock = database, clock
        self._ground = Ground()

    def within(self, person: Person, question: Within) -> Inside:
        """Count and list what lies inside an area, within the reader's sight.

        Raises:
            Refused: 422 `bad_area`, with the reason and the place.
        """
        found = self._find(person, question)
        rows, distances = found.exact.nearest(found.quick_m2, question.offset + question.limit)
        page = slice(question.offset, question.offset + question.limit)
        return Inside(
            area_km2=round(found.outline.area_m2 / 1e6, 6),
            centre=found.outline.centre,
            count=len(found.hits.oid),
            totals=found.totals(),
            rows=tuple(self._rows(found, rows[page], distances[page])),
            as_of=self._clock.now(),
        )

    def listing(self, person: Person, question: Within) -> Iterator[Listed]:
        """List everything inside an area for an export, nearest first, and audit that it was.

        Raises:
            Refused: 422 `bad_area`, or `too_many` over 100,000 rows.
        """
        found = self._find(person, question)
        if len(found.hits.oid) > EXPORT_ROWS:
            raise refuse(
                422,
                "too_many",
                Text(f"超过 {EXPORT_ROWS} 条，请缩小范围。", f"Over {EXPORT_ROWS} rows."),
                Text("缩小圈选或减少图层。", "Draw a smaller area or choose fewer layers."),
                where="area",
            )
        with self._database.write() as unit:
            unit.audit(
                "resource.export", "resources", by=person, detail={"rows": len(found.hits.oid)}
            )
        rows, distances = found.exact.nearest(found.quick_m2, len(found.hits.oid))
        return self._chunks(found, rows, distances)

    def _chunks(
        self, found: _Found, rows: I64, distances: npt.NDArray[np.float64]
    ) -> Iterator[Listed]:
        for start in range(0, len(rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            for resource in self._rows(found, rows[part], distances[part]):
                memory = self._features.find(resource.layer)
                yield Listed(resource, memory.outline(resource.oid) if memory else None)

    def _find(self, person: Person, question: Within) -> _Found:
        outline = _outline(question.area)
        names = [
            name
            for name in self._features.names()
            if question.layers is None or name in question.layers
        ]
        kinds: list[tuple[str, str]] = []
        parts: list[_Hits] = []
        for index, name in enumerate(names):
            memory, sees = self._features.layer(name), self._features.sees(person, name)
            rows = self._ground.inside(memory, outline)
            own = _numbered(kinds, name, memory.kind_words)
            parts.append(_fixed(memory.pick(rows, sees), index, own))
            parts.append(self._moving(name, memory, sees, outline, index, own))
        return _Found(outline, tuple(names), tuple(kinds), _joined(parts))

    def _moving(
        self,
        name: str,
        memory: Layer,
        sees: Sees,
        outline: Outline,
        index: int,
        own: I64,
    ) -> _Hits:
        fixes = self._positions.latest(name)
        fixes = fixes[area_index.scan(fixes["lon_e7"], fixes["lat_e7"], outline)]
        sight = memory.sight(fixes["oid"].astype(np.int64), sees)
        taken, kind = fixes[sight.seen], sight.kind[sight.seen]
        return _Hits(
            layer=np.full(len(taken), index, dtype=np.int64),
            oid=taken["oid"].astype(np.int64),
            kind=own[kind],
            lon_e7=taken["lon_e7"],
            lat_e7=taken["lat_e7"],
            state=taken["state"],
            observed_ms=taken["observed_ms"],
        )

    def _rows(
        self, found: _Found, rows: I64, distances: npt.NDArray[np.float64]
    ) -> Iterator[Resource]:
        hits = found.hits
        words: dict[tuple[int, int], Words] = {}
        with self._database.read() as view:
            for index, layer in enumerate(found.names):
                oids = hits.oid[rows[hits.layer[rows] == index]]
                if len(oids):
                    read = table.words(view.connection, layer, oids.tolist())
                    words |= {(index, oid): word for oid, word in read.items()}
        for row, distance in zip(rows.tolist(), distances.tolist(), strict=True):
            key = (int(hits.layer[row]), int(hits.oid[row]))
            if key in words:  # gone between the columns and the table
                yield _resource(found, row, distance, words[key])


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Everything inside an area, before pages and words."""

    outline: Outline
    names: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    hits: _Hits

    @property
    def exact(self) -> Exact:
        return Exact(self.hits.lon_e7, self.hits.lat_e7, self.outline.centre)

    @property
    def quick_m2(self) -> npt.NDArray[np.float64]:
        return self.exact.quick()

    def totals(self) -> tuple[Total, ...]:
        sums = tally(
            self.hits.kind,
            self.hits.state,
            self.quick_m2,
            self.exact,
            size=len(self.kinds),
        )
        return tuple(
            Total(
                layer=layer,
                kind=kind,
                count=int(sums.count[place]),
                abnormal=int(sums.abnormal[place]),
                nearest_m=round(float(sums.nearest_m[place]), 1),
            )
            for place, (layer, kind) in enumerate(self.kinds)
            if sums.count[place]
        )


def _outline(area: Area) -> Outline:
    try:
        if isinstance(area, Polygon):
            return area_index.polygon(area.ring)
        return area_index.circle(area.lon, area.lat, area.radius_m)
    except BadAreaError as error:
        raise refuse(
            422,
            "bad_area",
            error.text,
            Text("重新圈选后再试。", "Draw the area again."),
            where=error.where,
        ) from error


def _numbered(kinds: list[tuple[str, str]], layer: str, words: Sequence[str]) -> I64:
    """Number a layer's kinds after those of the layers before it."""
    first = len(kinds)
    kinds.extend((layer, word) for word in words)
    return np.arange(first, first + max(len(words), 1))


def _fixed(picked: Picked, index: int, own: I64) -> _Hits:
    return _Hits(
        layer=np.full(len(picked.oid), index, dtype=np.int64),
        oid=picked.oid,
        kind=own[picked.kind],
        lon_e7=picked.lon_e7,
        lat_e7=picked.lat_e7,
        state=picked.state,
        observed_ms=picked.observed_s.astype(np.int64) * 1000,
    )


_HIT_TYPES = {
    "layer": np.int64,
    "oid": np.int64,
    "kind": np.int64,
    "lon_e7": np.int32,
    "lat_e7": np.int32,
    "state": np.uint8,
    "observed_ms": np.int64,
}


def _joined(parts: Sequence[_Hits]) -> _Hits:
    return _Hits(
        **{
            name: np.concatenate(
                [np.empty(0, dtype=kind), *(getattr(part, name) for part in parts)]
            )
            for name, kind in _HIT_TYPES.items()
        }
    )


def _resource(found: _Found, row: int, distance: float, words: Words) -> Resource:
    hits = found.hits
    observed: datetime = instant(int(hits.observed_ms[row]))
    layer, kind = found.kinds[int(hits.kind[row])]
    return Resource(
        layer=layer,
        oid=int(hits.oid[row]),
        id=words.id,
        kind=kind,
        name=words.name,
        lon=int(hits.lon_e7[row]) / E7,
        lat=int(hits.lat_e7[row]) / E7,
        state=int(hits.state[row]),
        distance_m=round(distance, 1),
        contact=words.contact,
        phone=words.phone,
        observed_at=observed,
    )
