"""Colours by token, type sizes by sight: what the whole console is painted with."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, Signal

Seat = Literal["wall", "desk"]
SizeRole = Literal["s", "m", "l"]
PenRole = Literal["measured", "forecast", "limit", "inner", "earlier", "target"]
Dash = Literal["solid", "dots", "dashes"]

FAMILY = "Noto Sans CJK SC"

# Visual angle per role in arc minutes; the desk reads nearer text at smaller steps.
# Source: look README section 2; NUREG-0700 (16' least, 20' to read), Chinese >= 20'.
ARCMIN: dict[Seat, dict[SizeRole, float]] = {
    "wall": {"s": 20, "m": 30, "l": 55},
    "desk": {"s": 20, "m": 26, "l": 36},
}
STATE_TOKENS: dict[int, str] = {1: "s1", 2: "s2", 3: "s3", 4: "s4"}
GROUPS: tuple[str, ...] = ("party", "economy", "society", "service", "safety", "city")
RESOURCES = Path(__file__).resolve().parent.parent / "resources"

# Token, width at the desk, dash: one meaning each. Source: look README section 6, Chart.
_PENS: dict[PenRole, tuple[str, float, Dash]] = {
    "measured": ("t1", 2.0, "solid"),
    "forecast": ("t2", 2.4, "dots"),
    "limit": ("t1", 1.5, "dashes"),
    "inner": ("wl", 2.0, "solid"),
    "earlier": ("line2", 1.5, "solid"),
    "target": ("t3", 1.5, "dots"),
}


class BadPaletteError(ValueError):
    """A palette file lacks a token or holds something that is no colour."""


@dataclass(frozen=True, slots=True)
class Viewing:
    """How a screen is seen: pixel pitch and the farthest reader.

    Units: millimetres.
    """

    pitch_mm: float
    distance_mm: float


@dataclass(frozen=True, slots=True)
class Palette:
    """One set of colours; `state_outline` edges the state shapes, empty for none."""

    name: str
    tokens: dict[str, str]
    state_outline: str


@dataclass(frozen=True, slots=True)
class ChartPen:
    """How one kind of line is drawn."""

    color: str
    width: float
    dash: Dash


VIEWINGS: dict[Seat, Viewing] = {
    "wall": Viewing(pitch_mm=2.5, distance_mm=10_000),
    "desk": Viewing(pitch_mm=0.265, distance_mm=700),
}


@lru_cache(maxsize=256)
def text_px(arcmin: float, viewing: Viewing) -> int:
    """Give the font size that fills a visual angle.

    Source: look README section 2; domain rule 1.
    """
    height_mm = viewing.distance_mm * math.tan(math.radians(arcmin / 60))
    return math.ceil(height_mm / viewing.pitch_mm - 0.01)  # 64.001 px are 64


def read_palette(path: Path) -> Palette:
    """Read one palette file.

    Raises:
        BadPaletteError: a token is missing or is not `#RRGGBB`.
    """
    data = tomllib.loads(path.read_text("utf-8"))
    tokens: dict[str, str] = data.get("tokens", {})
    needed = {token for token, _, _ in _PENS.values()} | set(STATE_TOKENS.values())
    missing = sorted((needed | {f"g_{group}" for group in GROUPS}) - set(tokens))
    wrong = [name for name, value in tokens.items() if len(value) != 7 or value[0] != "#"]
    if missing or wrong:
        raise BadPaletteError(f"{path.name}: missing {missing}, not a colour {wrong}")
    return Palette(data["name"], tokens, data.get("state_outline", ""))


def read_palettes(folder: Path = RESOURCES / "palettes") -> dict[str, Palette]:
    """Read every palette of a folder, by name."""
    found = (read_palette(path) for path in sorted(folder.glob("*.toml")))
    return {palette.name: palette for palette in found}


class Theme(QObject):
    """The palette in force and the sizes of each seat.

    Signals:
        changed: the palette or a viewing is another; repaint everything.
    """

    changed = Signal()

    def __init__(
        self,
        palettes: dict[str, Palette],
        *,
        start: str = "night",
        viewings: dict[Seat, Viewing] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.reduced_motion = False
        self._palettes = palettes
        self._palette = palettes[start]
        self._viewings = dict(VIEWINGS if viewings is None else viewings)
        self._sheet = Template((RESOURCES / "styles" / "console.qss").read_text("utf-8"))

    @property
    def name(self) -> str:
        """Give the name of the palette in force."""
        return self._palette.name

    @property
    def names(self) -> tuple[str, ...]:
        """Give every palette's name."""
        return tuple(self._palettes)

    @property
    def state_outline(self) -> str:
        """Give the colour that edges state shapes, empty for none."""
        return self._palette.state_outline

    def use(self, name: str) -> None:
        """Put another palette in force."""
        if name != self._palette.name:
            self._palette = self._palettes[name]
            self.changed.emit()

    def look_from(self, seat: Seat, viewing: Viewing) -> None:
        """Say how a seat's screens are seen; sizes follow."""
        if self._viewings[seat] != viewing:
            self._viewings[seat] = viewing
            self.changed.emit()

    def color(self, token: str) -> str:
        """Give a token's colour as `#RRGGBB`."""
        return self._palette.tokens[token]

    def state_color(self, level: int) -> str:
        """Give the colour of state I to IV, for shapes only."""
        return self._palette.tokens[STATE_TOKENS[level]]

    def size(self, role: SizeRole, seat: Seat) -> int:
        """Give a text size in pixels."""
        return text_px(ARCMIN[seat][role], self._viewings[seat])

    def scale(self, seat: Seat) -> float:
        """Give how large lengths are beside the 2.5 mm wall they were drawn for."""
        return self.size("s", seat) / 24

    def pen(self, role: PenRole, seat: Seat = "desk") -> ChartPen:
        """Give the pen of one meaning in a chart."""
        token, width, dash = _PENS[role]
        return ChartPen(self.color(token), width * self.size("s", seat) / 16, dash)

    def qss(self, seat: Seat) -> str:
        """Give the style sheet of a seat's windows."""
        small = self.size("s", seat)
        lengths = {
            "target": max(24, round(small * 1.75)),
            "field": max(32, round(small * 2.1)),
            "command": max(44, round(small * 2.7)) - 2,
            "stop_high": max(76, round(small * 4.75)),
        }
        sizes: dict[str, int] = {"s": small, "m": self.size("m", seat), "l": self.size("l", seat)}
        names = {"family": FAMILY} | {key: str(value) for key, value in (sizes | lengths).items()}
        return self._sheet.substitute(self._palette.tokens | names)

    def css(self) -> dict[str, str]:
        """Give the map page's variables: every token, the family, the outline of states."""
        tokens = {key.replace("_", "-"): value for key, value in self._palette.tokens.items()}
        outline = self.state_outline or "transparent"
        return tokens | {"palette": self.name, "family": FAMILY, "state-outline": outline}
