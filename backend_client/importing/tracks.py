"""Recorded tracks: who was where when, in the order of time, moved elsewhere if asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
import numpy.typing as npt

from backend_client.contract.base import Text
from backend_client.errors import BadFileError
from backend_client.importing import places, values
from backend_client.importing.opening import open_file
from backend_client.importing.part import F64, I64, Part
from backend_client.importing.words import plain

EARTH_M: Final = 6_371_008.8
FASTEST_KMH: Final = 400.0
_WHO: Final = (
    *("uid", "id", "mmsi", "imei", "device", "vehicle"),
    *("编号", "车牌", "车牌号", "设备编号"),
)
_WHEN: Final = ("t", "time", "timestamp", "datetime", "时间", "定位时间", "采集时间")
_LON: Final = {
    "lone6": 1e-6,
    "lone7": 1e-7,
    **dict.fromkeys(("lon", "lng", "longitude", "经度", "x"), 1.0),
}
_LAT: Final = {
    "late6": 1e-6,
    "late7": 1e-7,
    **dict.fromkeys(("lat", "latitude", "纬度", "y"), 1.0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Fixes of some movers, ordered by time.

    Args:
        names: the movers.
        who: index of the mover of each fix.
        at_ms: milliseconds since 1970 UTC.
        lonlat: degrees WGS-84.
        speed_kmh: along the way to the next fix, as recorded.
        heading_deg: the same.
        doubled: fixes left out because the same mover has one of the same instant.
        bad: fixes left out because they have no time or place.

    Shape: who, at_ms, speed, heading (n,); lonlat (n, 2).
    """

    names: Sequence[str]
    who: I64
    at_ms: I64
    lonlat: F64
    speed_kmh: F64
    heading_deg: F64
    doubled: int = 0
    bad: int = 0


def read_tracks(path: Path) -> Tracks:
    """Read a file of fixes: Parquet, CSV or what else is imported, or GPX.

    Raises:
        BadFileError: it cannot be read, or does not say who, when and where.
    """
    parts = list(_gpx(path) if path.suffix.lower() == ".gpx" else _columns(path))
    if not any(len(one[0]) for one in parts):
        raise BadFileError(
            Text(f"{path.name} 中没有轨迹点。", f"{path.name} holds no fixes."),
            Text("核对文件内容。", "Check what the file holds."),
        )
    names, who = np.unique(
        np.concatenate([one[0] for one in parts]).astype(str), return_inverse=True
    )
    at_ms = np.concatenate([one[1] for one in parts])
    lonlat = np.concatenate([one[2] for one in parts])
    bad = np.isnan(lonlat).any(axis=1) | (np.abs(lonlat) > (180, 90)).any(axis=1) | (at_ms < 0)
    order = np.lexsort((at_ms, who))
    order = order[~bad[order]]
    doubled = np.zeros(order.size, np.bool_)
    doubled[1:] = (np.diff(who[order]) == 0) & (np.diff(at_ms[order]) == 0)
    kept = order[~doubled]
    motion = _motion(who[kept], at_ms[kept], lonlat[kept])
    by_time = np.argsort(at_ms[kept], kind="stable")
    kept = kept[by_time]
    return Tracks(
        names=[str(name) for name in names],
        who=who[kept].astype(np.int64),
        at_ms=at_ms[kept],
        lonlat=lonlat[kept],
        speed_kmh=motion[by_time, 0],
        heading_deg=motion[by_time, 1],
        doubled=int(doubled.sum()),
        bad=int(bad.sum()),
    )


_Fixes = tuple[npt.NDArray[np.object_], I64, F64]


def _columns(path: Path) -> Iterator[_Fixes]:
    source = open_file(path)
    known = {plain(name): name for name in source.columns}
    who = next((known[name] for name in _WHO if name in known), None)
    when = next((known[name] for name in _WHEN if name in known), None)
    lon, lat = (
        next(((known[name], scale) for name, scale in names.items() if name in known), None)
        for names in (_LON, _LAT)
    )
    if who is None or when is None or lon is None or lat is None:
        raise BadFileError(
            Text("看不出谁、何时、何地。", "It does not say who, when and where."),
            Text(
                f"要有 uid、t、lon、lat 列；文件中有 {'、'.join(source.columns[:20])}",
                f"Wanted: uid, t, lon, lat; found: {', '.join(source.columns[:20])}",
            ),
        )
    for part in source.parts():
        if part.count:
            yield _fixes(part, who, when, lon=lon, lat=lat)


def _fixes(
    part: Part, who: str, when: str, *, lon: tuple[str, float], lat: tuple[str, float]
) -> _Fixes:
    stamps, wrong = values.instants(part.columns[when], -1)
    stamps[wrong] = -1
    lonlat = np.column_stack(
        [places.degrees(part.columns[name]) * scale for name, scale in (lon, lat)]
    )
    names = values.as_text(part.columns[who]).fill_null("").to_numpy(zero_copy_only=False)
    return names, stamps, lonlat


def _gpx(path: Path) -> Iterator[_Fixes]:
    names: list[str] = []
    stamps: list[int] = []
    lonlat: list[tuple[float, float]] = []
    track = 0
    try:
        for _event, node in ET.iterparse(path, events=("end",)):  # noqa: S314  # expat bounds entities
            kind = node.tag.rpartition("}")[2]
            if kind == "trkpt":
                at = next((one.text or "" for one in node if one.tag.endswith("time")), "")
                names.append(f"{path.stem}-{track}")
                stamps.append(_ms(at))
                lonlat.append((float(node.get("lon", "nan")), float(node.get("lat", "nan"))))
                node.clear()
            track += kind == "trk"
    except (ET.ParseError, ValueError, OSError) as error:
        raise BadFileError(
            Text(f"{path.name} 不是完整的 GPX：{error}", f"{path.name} is no whole GPX: {error}"),
            Text("重新导出。", "Export it again."),
        ) from error
    yield np.array(names, object), np.array(stamps, np.int64), np.array(lonlat).reshape(-1, 2)


def _ms(text: str) -> int:
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return -1


def _motion(who: I64, at_ms: I64, lonlat: F64) -> F64:
    """Give speed and heading from each fix to the next of the same mover, 0 at the last."""
    made = np.zeros((who.size, 2))
    if who.size < 2:
        return made
    lat = np.radians(lonlat[:, 1])
    east = np.radians(np.diff(lonlat[:, 0])) * np.cos((lat[1:] + lat[:-1]) / 2) * EARTH_M
    north = np.diff(lat) * EARTH_M
    took_s = np.diff(at_ms) / 1000
    same = (np.diff(who) == 0) & (took_s > 0)
    speed = np.hypot(east, north)[same] / took_s[same] * 3.6
    made[:-1, 0][same] = np.minimum(speed, FASTEST_KMH)
    made[:-1, 1][same] = np.degrees(np.arctan2(east, north))[same] % 360 % 360
    return made


def middle(lonlat: F64) -> tuple[float, float]:
    """Give the place in the middle of fixes."""
    lon, lat = np.median(lonlat, axis=0)
    return float(lon), float(lat)


def move_to(lonlat: F64, target: tuple[float, float]) -> F64:
    """Carry fixes elsewhere, their middle onto a place, distances in metres kept."""
    lon0, lat0 = middle(lonlat)
    lon1, lat1 = target
    stretch = np.cos(np.radians(lat0)) / np.cos(np.radians(lat1))
    lon = lon1 + (lonlat[:, 0] - lon0) * stretch
    lat = lat1 + (lonlat[:, 1] - lat0)
    return np.column_stack([(lon + 180) % 360 - 180, np.clip(lat, -90, 90)])


def retime(tracks: Tracks, *, speed: float, start_ms: int, together: bool) -> I64:
    """Give when each fix is due: real intervals divided by a speed, from an instant on.

    Two fixes of one mover never fall onto the same millisecond.

    Args:
        tracks: what was recorded.
        speed: how many times as fast.
        start_ms: when the first is due.
        together: whether every mover starts then, rather than at its own time of the recording.
    """
    order = np.lexsort((tracks.at_ms, tracks.who))
    who, at_ms = tracks.who[order], tracks.at_ms[order]
    first = np.flatnonzero(np.diff(who, prepend=-1))
    count = np.diff(np.append(first, who.size))
    zero = np.repeat(at_ms[first], count) if together else np.full(who.size, at_ms.min())
    due = np.rint((at_ms - zero) / speed).astype(np.int64)
    steps = np.arange(who.size)
    apart = due - steps
    for start, length in zip(first.tolist(), count.tolist(), strict=True):
        part = slice(start, start + length)
        apart[part] = np.maximum.accumulate(apart[part])
    made = np.empty(who.size, np.int64)
    made[order] = apart + steps + start_ms
    return made
