"""Drawn areas: which outline is one that a question can be asked about."""

from __future__ import annotations

from collections.abc import Sequence

from backend_client.contract.base import Text

MAX_SPAN_DEG = 20.0
MAX_VERTICES = 5_000


class BadAreaError(ValueError):
    """The outline encloses nothing that can be asked about; `text` says why, `where` where."""

    def __init__(self, text: Text, where: str) -> None:
        super().__init__(text.en)
        self.text = text
        self.where = where


def _looks_swapped(ring: Sequence[tuple[float, float]]) -> bool:
    return any(abs(lat) > 90 >= abs(lon) for lon, lat in ring)


def _repeated_only(ring: Sequence[tuple[float, float]]) -> bool:
    return len(set(ring)) < 3


def check_ring(ring: Sequence[tuple[float, float]], where: str = "area.ring") -> None:
    """Refuse an outline by its numbers alone, before any geometry is built.

    Raises:
        BadAreaError: too few or too many corners, not numbers, outside the globe,
            longitude and latitude swapped, or wider than a province.
    """
    if len(ring) > MAX_VERTICES:
        raise BadAreaError(
            Text(
                f"轮廓顶点超过 {MAX_VERTICES} 个。", f"The outline has over {MAX_VERTICES} corners."
            ),
            where,
        )
    if _looks_swapped(ring):
        raise BadAreaError(
            Text(
                "经纬度似乎颠倒了，请按“经度，纬度”给出。",
                "Longitude and latitude look swapped; give longitude first.",
            ),
            where,
        )
    for index, (lon, lat) in enumerate(ring):
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # NaN fails every comparison
            raise BadAreaError(
                Text(
                    f"第 {index + 1} 个顶点不在地球上。", f"Corner {index + 1} is not on the globe."
                ),
                f"{where}.{index}",
            )
    if _repeated_only(ring):
        raise BadAreaError(
            Text("轮廓至少要有三个不同的点。", "An outline needs three different corners."), where
        )
    lons, lats = zip(*ring, strict=True)
    if max(lons) - min(lons) > MAX_SPAN_DEG or max(lats) - min(lats) > MAX_SPAN_DEG:
        raise BadAreaError(
            Text(
                f"圈选范围超过 {MAX_SPAN_DEG:.0f} 度，请缩小。",
                f"The area spans over {MAX_SPAN_DEG:.0f} degrees; draw a smaller one.",
            ),
            where,
        )


def crossing(place: str, where: str = "area.ring") -> BadAreaError:
    """Say that an outline crosses itself near a place."""
    return BadAreaError(
        Text(
            f"轮廓自相交（{place} 附近），请重画。",
            f"The outline crosses itself near {place}; draw it again.",
        ),
        where,
    )


def off_globe(where: str = "area") -> BadAreaError:
    """Say that an area does not lie on the globe, or reaches a pole or the date line."""
    return BadAreaError(
        Text("圈选范围超出可用的经纬度。", "The area leaves the usable longitudes and latitudes."),
        where,
    )


def empty(where: str = "area.ring") -> BadAreaError:
    """Say that an outline encloses no ground."""
    return BadAreaError(
        Text("轮廓没有围住任何面积。", "The outline encloses no area."),
        where,
    )
