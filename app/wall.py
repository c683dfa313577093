"""Pure geometry: a screen and a text size in, named boxes out. Nothing is ever shrunk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from app.scenes import Place, Side
from app.theme import Seat

# Lengths of the 2.5 mm wall, where S is 24 px; other walls multiply by S / 24.
# Source: look README section 1.
MODULE = 960
HEADER = 88
STRIP = 88
GAP = 16
MARGIN = 24
COLUMNS = 3
DESK_QUEUE = 440
DESK_MIDDLE = 800
DESK_MAP = 616
DESK_EVENT = 360
"""The least height in which an event shows its stages, its words and its buttons."""
DESK_FORM = 330
"""The least height in which the form that sends an event shows all its fields apart."""
DESK_HEADER = 48
DESK_STRIP = 52
KEY_BAR = 40
DESK_GAP = 16

Zone = Literal["header", "strip", "left", "map", "right", "bottom", "whole"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in device-independent pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Give the first column after the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Give the first row under the box."""
        return self.y + self.height

    def moved(self, x: int, y: int) -> Box:
        """Give the box elsewhere."""
        return Box(self.x + x, self.y + y, self.width, self.height)

    def common(self, other: Box) -> Box:
        """Give what both cover; its width or height is 0 when they do not meet."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(x, y, max(right - x, 0), max(bottom - y, 0))

    def meets(self, other: Box) -> bool:
        """Tell whether both cover some of the same."""
        shared = self.common(other)
        return bool(shared.width and shared.height)

    def holds(self, other: Box) -> bool:
        """Tell whether the other lies wholly inside."""
        return self.common(other) == other


def bounds(boxes: Iterable[Box]) -> Box:
    """Give the least box around all of them.

    Raises:
        ValueError: there are none.
    """
    every = list(boxes)
    x, y = min(one.x for one in every), min(one.y for one in every)
    return Box(x, y, max(one.right for one in every) - x, max(one.bottom for one in every) - y)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the zones of one wall window lie; a wing the screen has no room for is missing.

    Args:
        zones: in the window's pixels. Bars and wings of a wall of several screens may reach
            beyond the window, which then shows its part; the map's box is cut to the window.
        scale: text size over the one the lengths were drawn for.
        stretches: x and width of each screen along the bars; no words cross from one to the next.
        whole_map: the map over all screens, in this window's pixels; None when it is all here.
    """

    zones: dict[Zone, Box]
    scale: float
    stretches: tuple[tuple[int, int], ...] = ()
    whole_map: Box | None = None

    def wings(self) -> tuple[Side, ...]:
        """Give the wings that have room, the first one first."""
        return tuple(side for side in ("left", "right") if side in self.zones)


def wall_layout(width: int, height: int, scale: float = 1.0, first: Side = "left") -> Layout:
    """Lay out header, strip, wings and map.

    Wings keep their module; the map takes what is left. Under three modules of width one
    wing goes, under two both go: text and cards keep their size.

    Args:
        width: of the window.
        height: of the window.
        scale: text size over the 24 px the lengths were drawn for.
        first: the wing that stays when there is room for one.
    """
    module, header, strip = (round(length * scale) for length in (MODULE, HEADER, STRIP))
    gap, margin = round(GAP * scale), round(MARGIN * scale)
    top = header + strip + gap
    body = max(height - top - margin, 1)
    sides: tuple[Side, ...] = _sides(width, module, first)
    zones: dict[Zone, Box] = {
        "header": Box(0, 0, width, header),
        "strip": Box(0, header, width, strip),
    }
    wing = module - 2 * margin
    if "left" in sides:
        zones["left"] = Box(margin, top, wing, body)
    if "right" in sides:
        zones["right"] = Box(width - module + margin, top, wing, body)
    map_x = module if "left" in sides else margin
    map_end = width - (module if "right" in sides else margin)
    zones["map"] = Box(map_x, top, max(map_end - map_x, 1), body)
    return Layout(zones, scale)


def _sides(width: int, module: int, first: Side) -> tuple[Side, ...]:
    if width >= COLUMNS * module:
        return ("left", "right")
    return (first,) if width >= 2 * module else ()


def whole_layout(found: Layout) -> Layout:
    """Give the layout of a page: the header, and everything under it as one zone."""
    header = found.zones.get("header")
    parts = [box for zone, box in found.zones.items() if zone != "header"]
    if found.whole_map is not None:
        parts.append(found.whole_map)
    body = bounds(parts)
    gap, margin = round(GAP * found.scale), round(MARGIN * found.scale)
    strip = found.zones.get("strip")
    inset = margin if strip is not None and body.x == strip.x else 0
    top = body.y + (gap if strip is not None and body.y == strip.y else 0)
    page = Box(body.x + inset, top, body.width - 2 * inset, body.bottom - top)
    zones: dict[Zone, Box] = {"whole": page}
    if header is not None:
        zones["header"] = header
    return Layout(zones, found.scale, found.stretches)


GRIDS: Mapping[Side, tuple[int, int]] = {
    "left": (3, 3),
    "right": (3, 3),
    "bottom": (6, 2),
    "whole": (1, 1),
}


def place(wing: Box, where: Place, scale: float = 1.0, side: Side = "left") -> Box:
    """Give the box of a panel inside a wing of three by three cards, or a band of six by two."""
    return _in_grid(wing, where, round(GAP * scale), GRIDS[side])


def band_place(found: Layout, where: Place) -> Box:
    """Give the box of a panel in the band; a map that reaches down through it parts it in two."""
    band, between = found.zones["bottom"], found.zones.get("map")
    gap, (columns, rows) = round(GAP * found.scale), GRIDS["bottom"]
    if between is None or not between.meets(band):
        return _in_grid(band, where, gap, (columns, rows))
    half, margin = columns // 2, round(MARGIN * found.scale)
    if where.column < half:
        part = replace(band, width=between.x - margin - band.x)
    else:
        x = between.right + margin
        part = replace(band, x=x, width=band.right - x)
        where = replace(where, column=where.column - half)
    return _in_grid(part, where, gap, (half, rows))


def _in_grid(area: Box, where: Place, gap: int, grid: tuple[int, int]) -> Box:
    columns, rows = grid
    width = (area.width - (columns - 1) * gap) / columns
    height = (area.height - (rows - 1) * gap) / rows
    x = area.x + round(where.column * (width + gap))
    y = area.y + round(where.row * (height + gap))
    end_x = area.x + round((where.column + where.columns) * (width + gap) - gap)
    end_y = area.y + round((where.row + where.rows) * (height + gap) - gap)
    return Box(x, y, end_x - x, end_y - y)


@dataclass(frozen=True, slots=True)
class DeskLayout:
    """Where the parts of the operator's desk lie; left to right is the order of work."""

    header: Box
    strip: Box
    queue: Box
    middle: Box
    side: Box
    keys: Box


def desk_layout(width: int, height: int) -> DeskLayout:
    """Lay out the desk; the middle takes what a wider screen gives, a narrower one keeps shares."""
    top = DESK_HEADER + DESK_STRIP + DESK_GAP
    body = max(height - top - DESK_GAP - KEY_BAR, 1)
    share = min(1.0, (width - 4 * DESK_GAP) / (DESK_QUEUE + DESK_MIDDLE + DESK_MAP))
    queue = Box(DESK_GAP, top, round(DESK_QUEUE * share), body)
    side_x = max(width - DESK_GAP - round(DESK_MAP * share), queue.right + DESK_GAP)
    side = Box(side_x, top, width - DESK_GAP - side_x, body)
    middle_x = queue.right + DESK_GAP
    middle = Box(middle_x, top, max(side_x - DESK_GAP - middle_x, 1), body)
    return DeskLayout(
        header=Box(0, 0, width, DESK_HEADER),
        strip=Box(0, DESK_HEADER, width, DESK_STRIP),
        queue=queue,
        middle=middle,
        side=side,
        keys=Box(0, height - KEY_BAR, width, KEY_BAR),
    )


@dataclass(frozen=True, slots=True)
class Screen:
    """What the window system says of one screen: device-independent pixels and their ratio."""

    name: str
    box: Box
    ratio: float = 1.0

    @property
    def pixels(self) -> tuple[int, int]:
        """Give its size in its own pixels."""
        return round(self.box.width * self.ratio), round(self.box.height * self.ratio)


def seats(screens: tuple[Screen, ...]) -> dict[str, Seat]:
    """Say what each screen is for when no file does: wide ones are wall, one other is the desk.

    A single screen is the desk (scenes by key). A screen that only spans others is left alone:
    a removed monitor may come back as one that covers everything.
    """
    kept = apart(screens)
    if len(kept) == 1 and kept[0].box.width < COLUMNS * MODULE:
        return {kept[0].name: "desk"}
    wide = [one for one in kept if one.box.width >= COLUMNS * MODULE]
    rest = [one for one in kept if one not in wide]
    found: dict[str, Seat] = {one.name: "wall" for one in wide}
    if rest:
        found[rest[0].name] = "desk"
    return found


def apart(screens: tuple[Screen, ...]) -> tuple[Screen, ...]:
    """Leave out screens that cover a whole other one; of equal ones the first stays."""
    kept = []
    for index, one in enumerate(screens):
        others = screens[:index] + screens[index + 1 :]
        spans = any(one.box.holds(other.box) and one.box != other.box for other in others)
        twin = any(one.box == other.box for other in screens[:index])
        if not spans and not twin:
            kept.append(one)
    return tuple(kept)
