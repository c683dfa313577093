"""Where the cockpit's panels lie: on a desk as one page, on a wall by modules; nothing shrinks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.wall import GAP, MARGIN, MODULE, Box

DECISIONS: Final = 190
TALL: Final = 1_400
"""The height under the decisions from which a wall is more than one page high."""
MAP_HIGH: Final = 760


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side: a drawn height, or a share of what is left; widths in shares."""

    panels: tuple[tuple[str, float], ...]
    share: float = 1.0
    high: float = 0.0


PAGE: Final = (
    Row((("decisions", 1.0),), high=DECISIONS),
    Row((("today", 25.0), ("accountability", 42.0), ("counties", 33.0)), share=1.16),
    Row((("safety", 21.0), ("water", 17.0), ("city", 17.0), ("data", 13.0), ("economy", 32.0))),
)
SMALL: Final = (
    Row((("decisions", 1.0),), high=DECISIONS),
    Row((("today", 40.0), ("accountability", 60.0)), share=1.25),
    Row((("safety", 27.0), ("water", 20.0), ("city", 20.0), ("economy", 33.0))),
)
NARROW: Final = (
    Row((("decisions", 1.0),), high=DECISIONS),
    Row((("today", 1.0),)),
    Row((("accountability", 1.0),)),
)


def cockpit_boxes(width: int, height: int, scale: float, *, modular: bool) -> dict[str, Box]:
    """Give each panel's box inside the page.

    Args:
        width: of the page, which begins a margin inside the screen.
        height: of the page.
        scale: text size over the one lengths were drawn for.
        modular: whether the page hangs on a wall, whose seams no words may cross.
    """
    module, margin = MODULE * scale, MARGIN * scale
    count = int((width + 2 * margin + 1) // module)
    if modular and count >= 4:
        return _modules(width, height, scale, count)
    rows = PAGE if count >= 3 or width / scale >= 2.4 * MODULE else SMALL
    if width / scale < 1.5 * MODULE:
        rows = NARROW
    return _rows(Box(0, 0, width, height), rows, scale)


def _modules(width: int, height: int, scale: float, count: int) -> dict[str, Box]:
    """Lay out by modules: what is drawn in one of them stays inside it."""
    wide = (width + 2 * MARGIN * scale) / count
    gap, inner = round(GAP * scale), round(wide - 2 * MARGIN * scale)

    def column(at: int, y: int, high: int, columns: int = 1) -> Box:
        return Box(round(at * wide), y, round((columns - 1) * wide) + inner, high)

    top = round(DECISIONS * scale)
    below, rest = top + gap, height - top - gap
    half = (rest - gap) // 2
    found = {
        "decisions": column(0, 0, top, 3),
        "data": column(3, 0, top),
        "accountability": column(1, below, rest),
        "counties": column(2, below, rest),
        "today": column(0, below, half),
        "safety": column(0, below + half + gap, half),
        "economy": column(3, below + half + gap, half),
    }
    pair, pair_box = Row((("water", 1.0), ("city", 1.0))), column(3, below, half)
    if rest > TALL * scale:  # a map higher than wide shows sea, and tiles have room to be large
        map_high = round(MAP_HIGH * scale)
        found["counties"] = column(2, below, map_high)
        found["economy"] = column(2, below + map_high + gap, rest - map_high - gap)
        pair_box = column(3, below, rest)
    found |= _rows(pair_box, (pair,), scale)
    if count > 4:
        found["units"] = column(4, 0, height)
    if count > 5:
        found["linkage"] = column(5, 0, height, count - 5)
    return found


def _rows(area: Box, rows: Sequence[Row], scale: float) -> dict[str, Box]:
    gap = round(GAP * scale)
    fixed = sum(round(row.high * scale) for row in rows)
    left = area.height - fixed - gap * (len(rows) - 1)
    shares = sum(row.share for row in rows if not row.high)
    found, y = {}, area.y
    for row in rows:
        high = round(row.high * scale) if row.high else int(left * row.share / shares)
        room = area.width - gap * (len(row.panels) - 1)
        total, x = sum(share for _, share in row.panels), float(area.x)
        for name, share in row.panels:
            wide = room * share / total
            found[name] = Box(round(x), y, round(wide), max(high, 1))
            x += wide + gap
        y += high + gap
    return found


def grid_columns(width: float, height: float, count: int, least: tuple[float, float]) -> int:
    """Give the fewest columns in which so many cells fit; wider cells say more.

    Args:
        width: of the area.
        height: of the area.
        count: of cells.
        least: how wide and high a cell must be.
    """
    most = max(1, int(width // least[0]))
    for columns in range(1, most + 1):
        if -(-count // columns) * least[1] <= height:
            return columns
    return most
