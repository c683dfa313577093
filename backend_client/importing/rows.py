"""From a part of a file to a batch for the wide door: good rows in, bad rows named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import shapely

from backend_client.contract.base import Text
from backend_client.contract.rows import TYPES
from backend_client.importing import json_text, outlines, places, values
from backend_client.importing.part import (
    F64,
    I64,
    Column,
    Fault,
    Geometries,
    Mask,
    Part,
    index,
    text_column,
)
from backend_client.importing.part import compute as pc
from backend_client.importing.regions import Regions, department_names, region_names
from backend_client.importing.seen import Seen

MOST_NAME: Final = 200
MOST_ID: Final = 64
MOST_PROPERTIES: Final = 16_384
_BAD_ID: Final = r"[\x00-\x1f/?#]"
_DEPARTMENT: Final = "^D[0-9]{2}$"

_NO_ID: Final = Text("没有编号。", "It has no id.")
_ID: Final = Text("编号须 1 至 64 字，不含 / ? #。", "An id has 1 to 64 characters without / ? #.")
_TWICE: Final = Text("编号在文件中重复，保留第一个。", "Its id came before; the first is kept.")
_NAME: Final = Text("名称超过 200 字。", "The name is over 200 characters.")
_KIND: Final = Text(
    "类别须 1 至 64 字，不含 / ? #。", "A kind has 1 to 64 characters without / ? #."
)
_REGION: Final = Text("不认识这个区划。", "Unknown region.")
_DEPT: Final = Text("不认识这个部门。", "Unknown department.")
_STATE: Final = Text("状态须为 0 至 4 或一至四级。", "A state is 0 to 4, or level I to IV.")
_NUMBER: Final = Text("不是数。", "Not a number.")
_TIME: Final = Text("看不懂这个时间。", "The time cannot be read.")
_LARGE: Final = Text("属性超过 16 KB。", "Properties are over 16 KB.")
_NO_PLACE: Final = Text("没有经纬度。", "It has no place.")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a file's columns mean.

    Args:
        found: ours → theirs.
        keys: key of a property → theirs.
        stem: begins the ids of rows that have none.
        to_wgs84: the way of the file's coordinates.
        default_ms: when rows without a time of their own were observed.
        scale: what coordinates are multiplied by.
        kind: of rows without one.
        region: of rows without one; empty finds it by place.
        department: of rows without one; empty leaves it to the service.
    """

    found: Mapping[str, str]
    keys: Mapping[str, str]
    stem: str
    to_wgs84: places.To
    default_ms: int
    scale: float = 1.0
    kind: str = "object"
    region: str = ""
    department: str = ""


@dataclass(slots=True)
class Tally:
    """What is told beside rows: how regions were found, which ids were made."""

    nearest: int = 0
    outside: int = 0
    named: int = 0
    swapped: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Shaped:
    """A batch and where its rows stand in the file."""

    batch: pa.RecordBatch
    line: I64
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Sieve:
    """Rows of one part that are still good; the first fault of a row counts."""

    part: Part
    found: Mapping[str, str]
    good: Mask
    faults: list[Fault] = field(default_factory=list)

    def drop(self, bad: Mask, column: str, why: Text) -> None:
        """Leave rows out for a reason."""
        theirs = self.found.get(column, "" if column in TYPES else column)
        cells = self.part.columns.get(theirs)
        for row in np.flatnonzero(bad & self.good).tolist():
            value = "" if cells is None else cells[row].as_py()
            said = "" if value is None else str(value)[:80]
            self.faults.append(Fault(int(self.part.line[row]), theirs or column, said, why))
        self.good &= ~bad


class Shaper:
    """Shape parts of one file, in its order; remembers ids to find repeated ones."""

    def __init__(self, meaning: Meaning, regions: Regions) -> None:
        self.tally = Tally()
        self._meaning = meaning
        self._regions = regions
        self._seen = Seen()
        self._region_names = region_names()
        self._department_names = department_names()

    def shape(self, part: Part) -> Shaped:
        """Shape one part."""
        if part.count == 0:
            empty = pa.schema([(name, TYPES[name]) for name in ("id", "observed_ms")])
            return Shaped(pa.RecordBatch.from_pylist([], empty), part.line, part.faults)
        sieve = _Sieve(part, self._meaning.found, np.ones(part.count, np.bool_), [*part.faults])
        lonlat, shapes = self._places(sieve)
        columns: dict[str, Column] = {
            "kind": self._kinds(sieve),
            "name": self._names(sieve),
            **self._departments(sieve),
            **self._numbers(sieve),
            "properties": self._properties(sieve),
        }
        columns["id"] = self._ids(sieve, columns["name"], lonlat)
        columns["region"] = self._region(sieve, lonlat)
        columns["lon"], columns["lat"] = pa.array(lonlat[:, 0]), pa.array(lonlat[:, 1])
        return self._kept(sieve, columns, shapes)

    def _kept(self, sieve: _Sieve, columns: dict[str, Column], shapes: Geometries | None) -> Shaped:
        kept = np.flatnonzero(sieve.good)
        chosen = index(kept)
        made = {name: columns[name].take(chosen) for name in TYPES if name in columns}
        outline = outlines.encode_all(shapes[kept]) if shapes is not None else None
        if outline is not None:
            made["shape"] = outline
        batch = pa.RecordBatch.from_arrays(
            list(made.values()), schema=pa.schema([(name, TYPES[name]) for name in made])
        )
        return Shaped(batch, sieve.part.line[kept], tuple(sieve.faults))

    # ---- places --------------------------------------------------------------------------

    def _places(self, sieve: _Sieve) -> tuple[F64, Geometries | None]:
        part, meaning = sieve.part, self._meaning
        shapes = part.geometry
        if shapes is None and "shape" in meaning.found:
            texts = values.as_text(part.columns[meaning.found["shape"]]).to_pylist()
            shapes = shapely.from_wkt(np.array(texts, object), on_invalid="ignore")
        if shapes is not None:
            return self._anchors(sieve, shapes)
        columns = [part.columns[meaning.found[one]] for one in ("lon", "lat")]
        for name, column in zip(("lon", "lat"), columns, strict=True):
            sieve.drop(_mask(pc.is_null(values.as_text(column))), name, _NO_PLACE)
        given = np.column_stack([places.degrees(column) for column in columns])
        return self._checked(sieve, given * meaning.scale), None

    def _anchors(self, sieve: _Sieve, shapes: Geometries) -> tuple[F64, Geometries]:
        for bad, column, why in outlines.faults(shapes):
            sieve.drop(bad, column, why)
        shapes = np.where(sieve.good, shapes, shapely.Point(120.9, 32.0))
        moved = places.move(shapes, lambda xy: self._meaning.to_wgs84(xy * self._meaning.scale))
        corners, row = shapely.get_coordinates(moved, return_index=True)
        for bad, _column, why in places.faults(corners):
            off = np.zeros(len(shapes), np.bool_)
            off[row[bad]] = True
            self._note_swapped(off & sieve.good, why)
            sieve.drop(off, "geometry", why)
        moved = np.where(sieve.good, moved, shapely.Point(120.9, 32.0))
        return outlines.anchors(moved), moved

    def _checked(self, sieve: _Sieve, given: F64) -> F64:
        if self._meaning.to_wgs84 is places.to_wgs84(places.WGS84):
            lonlat = given
        else:
            with np.errstate(invalid="ignore"):
                lonlat = self._meaning.to_wgs84(given)
        for bad, column, why in places.faults(lonlat):
            self._note_swapped(bad & sieve.good, why)
            sieve.drop(bad, column, why)
        return np.where(np.isfinite(lonlat), lonlat, 0.0)

    def _note_swapped(self, bad: Mask, why: Text) -> None:
        if why is places.SWAPPED:
            self.tally.swapped += int(bad.sum())

    # ---- words ---------------------------------------------------------------------------

    def _text(self, sieve: _Sieve, ours: str) -> Column | None:
        theirs = self._meaning.found.get(ours)
        return None if theirs is None else values.as_text(sieve.part.columns[theirs])

    def _kinds(self, sieve: _Sieve) -> Column:
        given = self._text(sieve, "kind")
        if given is None:
            return _same(self._meaning.kind, sieve.part.count)
        kinds = given.fill_null(self._meaning.kind)
        sieve.drop(_not_an_id(kinds), "kind", _KIND)
        return kinds

    def _names(self, sieve: _Sieve) -> Column:
        names = self._text(sieve, "name")
        if names is None:
            return _same("", sieve.part.count)
        sieve.drop(_mask(pc.greater(pc.utf8_length(names), MOST_NAME)), "name", _NAME)
        return names.fill_null("")

    def _ids(self, sieve: _Sieve, names: Column, lonlat: F64) -> Column:
        given = self._text(sieve, "id")
        if given is None:
            made = text_column(_made_ids(self._meaning.stem, names.to_pylist(), lonlat))
            self.tally.named += int(sieve.good.sum())
        else:
            sieve.drop(_mask(pc.is_null(given)), "id", _NO_ID)
            made = given.fill_null("")
            sieve.drop(_not_an_id(made), "id", _ID)
        good = np.flatnonzero(sieve.good)
        again = np.zeros(sieve.part.count, np.bool_)
        again[good] = self._seen.repeated(made.take(index(good)).to_pylist())
        sieve.drop(again, "id", _TWICE)
        return made

    def _departments(self, sieve: _Sieve) -> dict[str, Column]:
        """Give departments only where somebody names one: a column left out stays as it was."""
        given, default = self._text(sieve, "department"), self._meaning.department
        if given is None:
            return {"department": _same(default, sieve.part.count)} if default else {}
        read, bad = values.by_unique(given, self._department_names.get)
        sieve.drop(bad, "department", _DEPT)
        return {"department": text_column([one or default or None for one in read])}

    def _region(self, sieve: _Sieve, lonlat: F64) -> Column:
        given, code = self._text(sieve, "region"), self._meaning.region
        read: list[object] = [None] * sieve.part.count
        if given is not None:
            read, bad = values.by_unique(given, self._region_of)
            sieve.drop(bad, "region", _REGION)
        elif code:
            return _same(code, sieve.part.count)
        lost = np.flatnonzero(np.array([one is None for one in read], np.bool_) & sieve.good)
        made = np.array([code or one or "" for one in read], object)
        if lost.size and not code:
            found = self._regions.of(lonlat[lost])
            made[lost] = found.codes
            self.tally.nearest += found.nearest
            self.tally.outside += found.outside
        return text_column(made.tolist())

    def _region_of(self, word: str) -> str | None:
        known = self._region_names.get(word)
        if known is None and word.isdigit() and len(word) in (4, 6, 9, 12):
            return self._region_names.get(word[:6], word) if len(word) == 6 else word
        return known

    def _numbers(self, sieve: _Sieve) -> dict[str, Column]:
        part, found, count = sieve.part, self._meaning.found, sieve.part.count
        made: dict[str, Column] = {"state": pa.array(np.zeros(count, np.uint8))}
        made["observed_ms"] = pa.array(np.full(count, self._meaning.default_ms))
        given = self._text(sieve, "state")
        if given is not None:
            states, bad = values.by_unique(given, values.level)
            sieve.drop(bad, "state", _STATE)
            made["state"] = pa.array([state or 0 for state in states], pa.uint8())
        if "value" in found:
            made["value"], bad = values.numbers(part.columns[found["value"]])
            sieve.drop(bad, "value", _NUMBER)
        if "observed" in found:
            stamps, bad = values.instants(part.columns[found["observed"]], self._meaning.default_ms)
            sieve.drop(bad, "observed", _TIME)
            made["observed_ms"] = pa.array(stamps)
        return made

    def _properties(self, sieve: _Sieve) -> Column:
        columns = {key: sieve.part.columns[theirs] for key, theirs in self._meaning.keys.items()}
        made = json_text.objects(columns, sieve.part.count)
        large = _mask(pc.greater(pc.binary_length(made), MOST_PROPERTIES))
        sieve.drop(large, "properties", _LARGE)
        return made


def _mask(column: Column) -> Mask:
    return np.asarray(column.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)


def _same(word: str, count: int) -> Column:
    return pa.DictionaryArray.from_arrays(
        index(np.zeros(count, np.int64)), text_column([word])
    ).cast(pa.string())


def _not_an_id(column: Column) -> Mask:
    length = pc.utf8_length(column)
    wrong = pc.or_(pc.greater(length, MOST_ID), pc.equal(length, 0))
    return _mask(pc.or_(wrong, pc.match_substring_regex(column, _BAD_ID)))


def _made_ids(stem: str, names: list[str], lonlat: F64) -> list[str]:
    """Name rows by what they are and where, so that the same file names them alike."""
    keys = np.rint(lonlat * 1e6).astype(np.int64).tolist()
    return [
        f"{stem}-{hashlib.blake2b(f'{name}|{lon}|{lat}'.encode(), digest_size=6).hexdigest()}"
        for name, (lon, lat) in zip(names, keys, strict=True)
    ]
