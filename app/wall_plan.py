"""Match the screens there are with the wall that was described: what each window shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.scenes import Side
from app.theme import Seat
from app.wall import (
    GAP,
    HEADER,
    MARGIN,
    MODULE,
    STRIP,
    Box,
    Layout,
    Screen,
    Zone,
    apart,
    bounds,
    seats,
    wall_layout,
)
from app.wall_file import ANY, NEEDED, ZONES, WallFile, ZoneSpec, place_screens
from backend_client.contract.base import Text

BAND: Final = 276  # least height of the bottom zone: a row of cards
WING: Final = 1160  # a wing beside a band is a third higher than drawn at most
LEAST_WING: Final = 640  # three quarters of the height wings are drawn for
MAP_SHAPE: Final = 1.9  # width over height of a map that shows the whole city and little else
LEAST_END, MOST_END = 1700, 2900  # of half a band: three cells as wide as on a 4K wall, or twice
LEAST_MAP: Final = 320  # a map narrower or lower than this shows nothing useful
SIDES: Final[tuple[Side, ...]] = ("left", "right")


@dataclass(frozen=True, slots=True)
class Piece:
    """One screen's share of a wall; the wall is a plane in device-independent pixels.

    Args:
        plane: where the wall's screens lie, those that are there.
        zones: which zone lies on which of them.
        name: the screen this is the piece of.
    """

    plane: Mapping[str, Box]
    zones: Mapping[Zone, ZoneSpec]
    name: str

    def layout(self, scale: float, *, turned: bool = False) -> Layout:
        """Give what lies where in this screen's window.

        Args:
            scale: text size over the one the lengths were drawn for.
            turned: show the other wing where the wall has only one.
        """
        mine = self.plane[self.name]
        whole = spread(self.plane, self.zones, scale)
        wings = [side for side in SIDES if side in whole]
        if turned and len(wings) == 1:
            whole["right" if wings[0] == "left" else "left"] = whole.pop(wings[0])
        here = {zone: box for zone, box in whole.items() if box.meets(mine)}
        found = {zone: box.moved(-mine.x, -mine.y) for zone, box in here.items()}
        whole_map = found.get("map")
        if whole_map is not None:
            found["map"] = whole_map.common(Box(0, 0, mine.width, mine.height))
        if found.get("map") == whole_map:
            whole_map = None
        along = (box for box in self.plane.values() if box.meets(whole["header"]))
        columns = {(box.x, box.width) for box in along}
        stretches = tuple(sorted((x - mine.x, width) for x, width in columns))
        return Layout(found, scale, stretches, whole_map)


@dataclass(frozen=True, slots=True)
class Show:
    """What one screen is for; a wall screen without a piece is a wall of its own."""

    seat: Seat
    box: Box
    piece: Piece | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to open where, screens of the file that are missing, and what could not be done."""

    shows: Mapping[str, Show]
    missing: tuple[str, ...] = ()
    troubles: tuple[Text, ...] = ()


def spread(
    plane: Mapping[str, Box], zones: Mapping[Zone, ZoneSpec], scale: float
) -> dict[Zone, Box]:
    """Lay the zones over the screens that are there.

    A wing keeps its module beside the map and fills screens it has for itself. A wing or band
    there is no room for is left out: text and cards keep their size.
    """
    room = {
        zone: bounds(plane[name] for name in spec.screens if name in plane)
        for zone, spec in zones.items()
        if any(name in plane for name in spec.screens)
    }
    every = bounds(plane.values())
    room |= {zone: every for zone in NEEDED if zone not in room}
    gap, margin = round(GAP * scale), round(MARGIN * scale)
    found: dict[Zone, Box] = {}
    _lay_bars(found, room, scale)
    bodies = {
        zone: _body(room[zone], list(found.values()), gap, margin)
        for zone in room
        if zone not in found
    }
    if "bottom" in room:
        band = bodies.pop("bottom")
        high = band.height - round(WING * scale) - gap
        if high >= round(BAND * scale):
            x, width = band.x + margin, band.width - 2 * margin
            found["bottom"] = Box(x, band.bottom - high, width, high)
            bodies = {zone: _above(body, found["bottom"], gap) for zone, body in bodies.items()}
    _lay_wings(found, bodies, round(MODULE * scale), margin)
    found["map"] = _beside(bodies["map"], found, margin)
    told = {zone: spec.box for zone, spec in zones.items() if spec.box is not None}
    return found | told


def _lay_bars(found: dict[Zone, Box], room: Mapping[Zone, Box], scale: float) -> None:
    header, strip = room["header"], room["strip"]
    found["header"] = replace(header, height=round(HEADER * scale))
    under = found["header"].bottom if header.meets(strip) else strip.y
    found["strip"] = Box(strip.x, under, strip.width, round(STRIP * scale))


def _body(room: Box, bars: list[Box], gap: int, margin: int) -> Box:
    """Give what is left of a zone's screens under the bars."""
    over = [bar.bottom + gap for bar in bars if bar.meets(room)]
    top = max(over, default=room.y + margin)
    return Box(room.x, top, room.width, max(room.bottom - margin - top, 1))


def _above(body: Box, band: Box, gap: int) -> Box:
    if not body.meets(band):
        return body
    return replace(body, height=max(band.y - gap - body.y, 1))


def _lay_wings(
    found: dict[Zone, Box], bodies: Mapping[Zone, Box], module: int, margin: int
) -> None:
    for side in SIDES:
        body = bodies.get(side)
        if body is None:
            continue
        shared = body.meets(bodies["map"])
        width = module if shared else body.width
        taken = [found[other] for other in SIDES if other in found and found[other].meets(body)]
        left = body.width - width * (1 + len(taken))
        if left < (module if shared else 0):
            continue
        x = body.x if side == "left" else body.right - width
        found[side] = Box(x + margin, body.y, width - 2 * margin, body.height)


def _beside(body: Box, found: Mapping[Zone, Box], margin: int) -> Box:
    """Give the map what the wings leave of its screens."""
    x, end = body.x + margin, body.right - margin
    left, right = found.get("left"), found.get("right")
    if left is not None and left.meets(body):
        x = left.right + margin
    if right is not None and right.meets(body):
        end = right.x - margin
    return Box(x, body.y, max(end - x, 1), body.height)


def plan(screens: tuple[Screen, ...], wall: WallFile | None, scale: float) -> Plan:
    """Say what every screen shows.

    Args:
        screens: those there are.
        wall: the described wall; None lays out by the screens' widths alone.
        scale: the wall's text size over the one the lengths were drawn for.
    """
    there = {one.name: one for one in screens}
    if wall is None:
        return Plan(_automatic(screens))
    wall = _named(wall, apart(screens))
    missing = tuple(one.name for one in wall.screens if one.name not in there)
    used = [one for one in wall.screens if one.name in there]
    if not used:
        return Plan(_automatic(screens), missing, (_NONE_THERE,))
    shows = {one.name: Show("desk", there[one.name].box) for one in used if one.seat == "desk"}
    troubles = list(_sizes_told(wall, there))
    pieces = _pieces(wall, there)
    troubles += _letters_told(pieces, scale)
    fault = _unfit(pieces, scale)
    if fault is not None:
        troubles.append(fault)
        standard = _standard([*pieces])
        pieces = {name: replace(piece, zones=standard) for name, piece in pieces.items()}
    shows |= {name: Show("wall", there[name].box, piece) for name, piece in pieces.items()}
    return Plan(shows, missing, tuple(troubles))


def _automatic(screens: tuple[Screen, ...]) -> dict[str, Show]:
    boxes = {one.name: one.box for one in screens}
    return {name: Show(seat, boxes[name]) for name, seat in seats(screens).items()}


def _named(wall: WallFile, screens: tuple[Screen, ...]) -> WallFile:
    """Put the name of the only screen in the place of the star."""
    if wall.screens[0].name != ANY or not screens:
        return wall
    only = screens[0].name
    zones = {zone: replace(spec, screens=(only,)) for zone, spec in wall.zones.items()}
    return replace(wall, screens=(replace(wall.screens[0], name=only),), zones=zones)


def _pieces(wall: WallFile, there: Mapping[str, Screen]) -> dict[str, Piece]:
    """Cut the wall into one piece per screen; a screen that is gone leaves its place empty."""
    specs = [one for one in wall.screens if one.seat == "wall"]
    sizes = {name: one.pixels for name, one in there.items()}
    boxes = place_screens(specs, sizes)
    plane = {
        name: Box(
            round(box.x / there[name].ratio),
            round(box.y / there[name].ratio),
            there[name].box.width,
            there[name].box.height,
        )
        for name, box in boxes.items()
        if name in there
    }
    zones = wall.zones or _standard([*boxes])
    return {name: Piece(plane, zones, name) for name in plane}


def _standard(names: list[str]) -> dict[Zone, ZoneSpec]:
    return {zone: ZoneSpec(tuple(names)) for zone in ZONES if zone != "bottom"}


def _unfit(pieces: Mapping[str, Piece], scale: float) -> Text | None:
    if not pieces:
        return None
    first = next(iter(pieces.values()))
    box = spread(first.plane, first.zones, scale)["map"]
    shown = [box.common(screen) for screen in first.plane.values() if box.meets(screen)]
    if any(one.width >= LEAST_MAP and one.height >= LEAST_MAP for one in shown):
        return None
    return Text(
        f"大屏文件的分区只给地图留下 {box.width} × {box.height} 像素，已改用标准分区。"
        "请调整 zones 或像素间距。",
        f"The wall file's zones leave the map {box.width} × {box.height} pixels; the standard"
        " zones are used. Change the zones or the pixel pitch.",
    )


def _letters_told(pieces: Mapping[str, Piece], scale: float) -> list[Text]:
    """Say when the letters asked for by pitch and distance are too large for the wall."""
    if not pieces:
        return []
    first = next(iter(pieces.values()))
    whole, high = spread(first.plane, first.zones, scale), round(LEAST_WING * scale)
    low = min((whole[side].height for side in SIDES if side in whole), default=high)
    lost = [side for side in SIDES if side in first.zones and side not in whole]
    names = any(name in first.plane for side in lost for name in first.zones[side].screens)
    if low >= high and not names:
        return []
    return [
        Text(
            f"按像素间距和最远座位的字高，侧翼需 {round(MODULE * scale)} × {high} 像素，放不下。"
            "请核对 pitch_mm 与 farthest_m，或少放侧翼。",
            f"Letters for this pitch and distance need {round(MODULE * scale)} × {high} pixels for"
            " a wing, more than there is. Check pitch_mm and farthest_m, or leave wings out.",
        )
    ]


_NONE_THERE: Final = Text(
    "大屏文件中的屏一块也没接上，已按屏宽自动布局。请用 xrandr 核对屏名。",
    "None of the wall file's screens is connected; screens are used by their width."
    " Compare the names with xrandr.",
)


def _sizes_told(wall: WallFile, there: Mapping[str, Screen]) -> list[Text]:
    """Say which screens are not what the file says."""
    found = []
    for one in wall.screens:
        screen = there.get(one.name)
        if screen is None or one.size is None or screen.pixels == one.size:
            continue
        (wide, high), (want_wide, want_high) = screen.pixels, one.size
        found.append(
            Text(
                f"屏 {one.name} 实际 {wide}×{high}，文件写 {want_wide}×{want_high}，按实际布局。"
                "请改分辨率或文件。",
                f"Screen {one.name} has {wide}×{high}, the wall file says {want_wide}×{want_high};"
                " laid out as it is. Change the resolution or the file.",
            )
        )
    ratios = {
        there[one.name].ratio for one in wall.screens if one.name in there and one.seat == "wall"
    }
    if len(ratios) > 1:
        found.append(
            Text(
                "同一大屏各屏缩放比例不同，接缝处对不齐。请用 QT_SCREEN_SCALE_FACTORS 设成一致。",
                "The wall's screens are scaled differently, so seams do not meet."
                " Make them alike with QT_SCREEN_SCALE_FACTORS.",
            )
        )
    return found


def own_layout(width: int, height: int, scale: float, *, turned: bool) -> Layout:
    """Lay out a window that is a whole wall by itself; a tall one has a band at its foot.

    A tall wall that is also wide keeps wings and band at its two ends, so that the map between
    them has the whole height: a map as flat as such a wall shows the city small amid the sea.
    """
    found = wall_layout(width, height, scale, "right" if turned else "left")
    gap, margin = round(GAP * scale), round(MARGIN * scale)
    cards, body = round(WING * scale), found.zones["map"]
    band = body.height - cards - gap
    if not found.wings() or band < round(BAND * scale):
        return found
    zones: dict[Zone, Box] = {
        zone: replace(box, height=cards) if zone in ("left", "right", "map") else box
        for zone, box in found.zones.items()
    }
    zones["bottom"] = Box(margin, body.y + cards + gap, width - 2 * margin, band)
    end = min(round((width - MAP_SHAPE * body.height) / 2), round(MOST_END * scale))
    if end >= round(LEAST_END * scale) and {*SIDES} <= zones.keys():
        inner = end - 2 * margin
        zones["left"] = replace(zones["left"], width=inner)
        zones["right"] = replace(zones["right"], x=width - end + margin, width=inner)
        zones["map"] = Box(end, body.y, width - 2 * end, body.height)
    return replace(found, zones=zones)
