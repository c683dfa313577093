"""Pure geometry: a screen and a text size in, named boxes out. Nothing is ever shrunk."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
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
ROWS = 3
DESK_QUEUE = 440
DESK_MAP = 616
DESK_HEADER = 48
DESK_STRIP = 52
KEY_BAR = 40
DESK_GAP = 16

Zone = Literal["header", "strip", "left", "map", "right"]


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


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the zones of one wall window lie; a wing the screen has no room for is missing."""

    zones: dict[Zone, Box]
    scale: float

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


def place(wing: Box, where: Place, scale: float = 1.0) -> Box:
    """Give the box of a panel inside a wing of three by three cards."""
    gap = round(GAP * scale)
    width = (wing.width - (COLUMNS - 1) * gap) / COLUMNS
    height = (wing.height - (ROWS - 1) * gap) / ROWS
    x = wing.x + round(where.column * (width + gap))
    y = wing.y + round(where.row * (height + gap))
    end_x = wing.x + round((where.column + where.columns) * (width + gap) - gap)
    end_y = wing.y + round((where.row + where.rows) * (height + gap) - gap)
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
    """Lay out the desk; the middle takes what a wider or narrower screen gives."""
    top = DESK_HEADER + DESK_STRIP + DESK_GAP
    body = max(height - top - DESK_GAP - KEY_BAR, 1)
    queue = Box(DESK_GAP, top, DESK_QUEUE, body)
    side_x = max(width - DESK_GAP - DESK_MAP, queue.right + DESK_GAP)
    side = Box(side_x, top, DESK_MAP, body)
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
    """What the window system says of one screen."""

    name: str
    box: Box


def read_wall(path: Path) -> dict[str, Seat]:
    """Read which screen is what from a file: `[screens]` with `NAME = "wall" | "desk"`.

    Raises:
        ValueError: a screen is given another seat than these two.
    """
    found: dict[str, Seat] = {}
    for name, seat in tomllib.loads(path.read_text("utf-8")).get("screens", {}).items():
        if seat not in ("wall", "desk"):
            raise ValueError(f"{path.name}: screen {name} is {seat!r}, want wall or desk")
        found[name] = seat
    return found


def seats(screens: tuple[Screen, ...], told: Mapping[str, Seat] | None = None) -> dict[str, Seat]:
    """Say what each screen is for: wide ones are wall, one other is the desk.

    Screens a wall file names are what it says; the rest are told apart by their width.

    A single screen is the desk (scenes by key); overlapping screens are tolerated, because
    a removed monitor may come back as one that spans everything.
    """
    said = {one.name: told[one.name] for one in screens if told and one.name in told}
    if said:
        return said
    if len(screens) == 1 and screens[0].box.width < COLUMNS * MODULE:
        return {screens[0].name: "desk"}
    wide = [one for one in screens if one.box.width >= COLUMNS * MODULE]
    rest = [one for one in screens if one not in wide]
    found: dict[str, Seat] = {one.name: "wall" for one in wide}
    if rest:
        found[rest[0].name] = "desk"
    return found
