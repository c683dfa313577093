"""Objects as arrays: where, which, how bad, how old; counted by county and packed for the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from backend_client.contract.columns import E7, FeatureBlock, FixBlock
from maps.geometry import County
from maps.mercator import project
from maps.spec import LayerSpec

Groups = dict[str, tuple[int, int, int]]

AGE_SHIFT: Final = 3  # paint byte: state in the low three bits, age above
LATE, STALE = 1, 2
STALE_PERIODS: Final = 3.0  # domain rule 20: late from one period, stale from three
NOWHERE: Final = 255


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """One layer's objects of one channel, ready to be packed.

    Shape: every array (n,); xy (n, 2) Web-Mercator metres from the centre.
    """

    layer: str
    kinds: tuple[str, ...]
    xy: npt.NDArray[np.float32]
    oid: npt.NDArray[np.uint32]
    kind: npt.NDArray[np.uint8]
    paint: npt.NDArray[np.uint8]
    value: npt.NDArray[np.float32]
    county: npt.NDArray[np.uint8]


def region_county(
    regions: Sequence[str], region: npt.NDArray[np.uint16], counties: Sequence[County]
) -> npt.NDArray[np.uint8]:
    """Tell which county each region code lies in.

    Args:
        regions: the codes.
        region: for each object the index of its code.
        counties: to index into.

    Returns:
        Index into `counties`, or NOWHERE.

    Shape: region and result (n,).
    """
    number = {county.unit.code: place for place, county in enumerate(counties)}
    table = np.array([number.get(code[:6], NOWHERE) for code in regions] or [NOWHERE], np.uint8)
    return np.asarray(table[region] if region.size else np.empty(0), dtype=np.uint8)


def county_of(
    lonlat: npt.NDArray[np.float64], else_: npt.NDArray[np.uint8], counties: Sequence[County]
) -> npt.NDArray[np.uint8]:
    """Tell which county each place lies in; where no area says so, `else_` does.

    Returns:
        Index into `counties`, or NOWHERE.

    Shape: lonlat (n, 2); else_ and result (n,).
    """
    index = np.full(len(lonlat), NOWHERE, np.uint8)
    for number, county in enumerate(counties):
        open_rows = np.flatnonzero(index == NOWHERE)
        if county.area is None or not open_rows.size:
            continue
        west, south, east, north = county.area.bounds
        lon, lat = lonlat[open_rows, 0], lonlat[open_rows, 1]
        near = open_rows[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)]
        shapely.prepare(county.area)
        inside = shapely.contains_xy(county.area, lonlat[near, 0], lonlat[near, 1])
        index[near[inside]] = number
    return np.where(index == NOWHERE, else_, index)


def _ages(
    spec: LayerSpec,
    kinds: Sequence[str],
    kind: npt.NDArray[np.uint8],
    age_s: npt.NDArray[np.float64],
) -> npt.NDArray[np.uint8]:
    known = [spec.kind(word) for word in kinds]
    table = np.array([one.period_s or np.inf if one else np.inf for one in known] or [np.inf])
    period_s = table[kind]
    late: npt.NDArray[np.uint8] = np.zeros(kind.size, np.uint8)
    late[age_s > period_s] = LATE
    late[age_s > STALE_PERIODS * period_s] = STALE
    return late


def _paint(state: npt.NDArray[np.uint8], age: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    paint: npt.NDArray[np.uint8] = (np.minimum(state, 4) | (age << AGE_SHIFT)).astype(np.uint8)
    return paint


def still_dots(
    block: FeatureBlock, spec: LayerSpec, county: npt.NDArray[np.uint8], now_s: float
) -> Dots:
    """Give a block's objects that have a place."""
    age_s = now_s - block.observed_s.astype(np.float64)
    return Dots(
        layer=block.layer,
        kinds=block.kinds,
        xy=project(block.lon_e7 / E7, block.lat_e7 / E7),
        oid=block.oid,
        kind=block.kind,
        paint=_paint(block.state, _ages(spec, block.kinds, block.kind, age_s)),
        value=block.value,
        county=county,
    )


def moving_dots(fixes: FixBlock, spec: LayerSpec, counties: Sequence[County], now_s: float) -> Dots:
    """Give the newest places of a layer's moving objects."""
    word = next((kind.kind for kind in spec.kinds if kind.period_s), "")
    kind = np.zeros(fixes.oid.size, np.uint8)
    age_s = now_s - fixes.observed_ms / 1000.0
    return Dots(
        layer=spec.layer_id,
        kinds=(word,),
        xy=project(fixes.lon_e7 / E7, fixes.lat_e7 / E7),
        oid=fixes.oid,
        kind=kind,
        paint=_paint(fixes.state, _ages(spec, (word,), kind, age_s)),
        value=np.full(fixes.oid.size, np.nan, np.float32),
        county=region_county(fixes.regions, fixes.region, counties),
    )


def count_counties(dots: Dots, counties: Sequence[County]) -> Groups:
    """Count objects, abnormal ones and the worst level of each county."""
    groups: Groups = {}
    state = dots.paint & 7
    for number, county in enumerate(counties):
        own = state[dots.county == number]
        bad = own[own > 0]
        if own.size:
            worst = int(bad.min()) if bad.size else 0
            groups[county.unit.code] = (int(own.size), int(bad.size), worst)
    return groups


def pack(dots: Dots, counties: Sequence[County], seq: int) -> bytes:
    """Write one layer as a small JSON head and aligned little-endian arrays.

    Returns:
        u32 length of the head, the head padded to 4 bytes, then the arrays.
    """
    hot = np.flatnonzero(dots.paint & 7)
    hot = hot[np.argsort(-(dots.paint[hot] & 7).astype(np.int16), kind="stable")]
    columns: list[tuple[str, npt.NDArray[np.generic]]] = [
        ("xy", dots.xy.astype("<f4", copy=False)),
        ("oid", dots.oid.astype("<u4", copy=False)),
        ("hot", hot.astype("<u4")),
    ]
    if np.isfinite(dots.value).any():
        columns.append(("value", dots.value.astype("<f4", copy=False)))
    columns += [("paint", dots.paint), ("kind", dots.kind)]
    at, place = {}, 0
    for name, column in columns:
        at[name] = place
        place += column.nbytes
    head = json.dumps(
        {
            "layer": dots.layer,
            "seq": seq,
            "n": int(dots.oid.size),
            "hot": int(hot.size),
            "kinds": dots.kinds,
            "groups": count_counties(dots, counties),
            "at": at,
        }
    ).encode()
    head += b" " * (-len(head) % 4)
    body = b"".join(column.tobytes() for _, column in columns)
    return len(head).to_bytes(4, "little") + head + body
