"""Roads of the simulated city: schematic roads joined where they cross, and ways along them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from backend.simulator.facts import Line, LonLat, distance_km

_STEP_KM = 2.0
_SPEED_KMH = {"expressway": 78.0, "bridge": 68.0, "road": 54.0}
LINK_KMH = 36.0


@dataclass(frozen=True, slots=True)
class Leg:
    """One straight piece of a way, driven at a speed."""

    end: LonLat
    km: float
    kmh: float


class Roads:
    """A net of road points; unconnected roads are linked by the shortest straight piece."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.points: list[LonLat] = []
        self._ways: list[dict[int, float]] = []
        self._near: dict[int, dict[int, int]] = {}
        for line in lines:
            self._add(line, lines)
        self._join()

    def nearest(self, place: LonLat) -> int:
        """Find the road point nearest to a place."""
        return min(range(len(self.points)), key=lambda i: distance_km(self.points[i], place))

    def way(self, start: LonLat, end: LonLat) -> list[Leg]:
        """Drive from a place to another: to the nearest road, along roads, to the place."""
        first, last = self.nearest(start), self.nearest(end)
        legs = [_leg(start, self.points[first], LINK_KMH)]
        at = first
        for step in self._path(first, last):
            legs.append(_leg(self.points[at], self.points[step], self._ways[at][step]))
            at = step
        legs.append(_leg(self.points[last], end, LINK_KMH))
        return [leg for leg in legs if leg.km > 0.01]

    def _path(self, first: int, last: int) -> list[int]:
        back = self._tree(last)
        steps, at = [], first
        while at != last:
            at = back[at]
            steps.append(at)
        return steps

    def _tree(self, root: int) -> dict[int, int]:
        """Find for every point the next one on the quickest way to the root."""
        if root not in self._near:
            towards: dict[int, int] = {}
            todo: list[tuple[float, int, int]] = [(0.0, root, root)]
            while todo:
                hours, at, before = heapq.heappop(todo)
                if at in towards:
                    continue
                towards[at] = before
                for other, kmh in self._ways[at].items():
                    if other not in towards:
                        more = distance_km(self.points[at], self.points[other]) / kmh
                        heapq.heappush(todo, (hours + more, other, at))
            self._near[root] = towards
        return self._near[root]

    def _add(self, line: Line, lines: Sequence[Line]) -> None:
        cuts = [point for other in lines if other is not line for point in _crossings(line, other)]
        before: int | None = None
        for start, end in zip(line.points, line.points[1:], strict=False):
            for point in _spaced(start, end, cuts):
                now = self._point(point)
                if before is not None and before != now:
                    self._link(before, now, _SPEED_KMH[line.kind])
                before = now

    def _point(self, point: LonLat) -> int:
        for index, known in enumerate(self.points):
            if distance_km(known, point) < 0.05:
                return index
        self.points.append(point)
        self._ways.append({})
        return len(self.points) - 1

    def _link(self, one: int, two: int, kmh: float) -> None:
        self._ways[one][two] = self._ways[two][one] = kmh

    def _join(self) -> None:
        while len(self._tree(0)) < len(self.points):
            inside = set(self._tree(0))
            pairs = (
                (distance_km(self.points[one], self.points[two]), one, two)
                for one in inside
                for two in range(len(self.points))
                if two not in inside
            )
            _, one, two = min(pairs)
            self._link(one, two, LINK_KMH)
            self._near.clear()


def _leg(start: LonLat, end: LonLat, kmh: float) -> Leg:
    return Leg(end, distance_km(start, end), kmh)


def _spaced(start: LonLat, end: LonLat, cuts: Sequence[LonLat]) -> list[LonLat]:
    """Give the points of a straight piece: its ends, the crossings on it, and every 2 km."""
    count = max(1, round(distance_km(start, end) / _STEP_KM))
    even = [
        (start[0] + (end[0] - start[0]) * i / count, start[1] + (end[1] - start[1]) * i / count)
        for i in range(count + 1)
    ]
    on = [cut for cut in cuts if _lies_on(start, end, cut)]
    return sorted({*even, *on}, key=lambda point: distance_km(start, point))


def _lies_on(start: LonLat, end: LonLat, point: LonLat) -> bool:
    whole = distance_km(start, end)
    return abs(distance_km(start, point) + distance_km(point, end) - whole) < 1e-3


def _crossings(one: Line, two: Line) -> list[LonLat]:
    found = []
    for a, b in zip(one.points, one.points[1:], strict=False):
        for c, d in zip(two.points, two.points[1:], strict=False):
            point = _crossing(a, b, c, d)
            if point:
                found.append(point)
    return found


def _crossing(a: LonLat, b: LonLat, c: LonLat, d: LonLat) -> LonLat | None:
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    turn = ux * vy - uy * vx
    if abs(turn) < 1e-12:
        return None
    s = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / turn
    t = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / turn
    return (a[0] + s * ux, a[1] + s * uy) if 0 <= s <= 1 and 0 <= t <= 1 else None
