"""Write a first wall file from the screens there are; a person goes on from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtGui import QGuiApplication, QScreen

from app.files import write_whole
from app.theme import ARCMIN, VIEWINGS, Seat, Viewing, text_px
from app.wall import Box, Screen, apart, seats
from app.wall_file import BadWallError, read_wall

_PITCH_MM: Final = (0.1, 10.0)  # what a screen may say of itself and be believed


@dataclass(frozen=True, slots=True)
class Measured:
    """A screen, and the pixel pitch it tells; 0 when it tells none that can be."""

    screen: Screen
    pitch_mm: float


def measured(screen: QScreen) -> Measured:
    """Measure a screen of the window system."""
    box, ratio = screen.geometry(), screen.devicePixelRatio()
    seen = Screen(screen.name(), Box(box.x(), box.y(), box.width(), box.height()), ratio)
    wide_mm = screen.physicalSize().width()
    pitch_mm = wide_mm / seen.pixels[0] if seen.pixels[0] else 0.0
    return Measured(seen, pitch_mm if _PITCH_MM[0] <= pitch_mm <= _PITCH_MM[1] else 0.0)


def draft(found: Sequence[Measured]) -> str:
    """Give the file's text: every screen with its size and place, walls and desk apart."""
    screens = tuple(one.screen for one in found)
    pitches = {one.screen.name: one.pitch_mm for one in found}
    chosen = seats(screens)
    kept = [one for one in apart(screens) if one.name in chosen]
    walls = [one for one in kept if chosen[one.name] == "wall"]
    lines = [
        "# 由 --write-wall 按现有屏幕写成；请核对像素间距与最远座位。",
        "# Written by --write-wall from the screens there were; check pitch and farthest seat.",
        'name = { zh = "大屏", en = "Wall" }',
        "",
        *_seat_lines("wall", walls, pitches),
    ]
    left = min((one.box.x for one in walls), default=0)
    top = min((one.box.y for one in walls), default=0)
    for one in sorted(kept, key=lambda one: (chosen[one.name] != "wall", one.box.x, one.box.y)):
        wide, high = one.pixels
        lines += [f'[screens."{one.name}"]', f"size = [{wide}, {high}]"]
        if chosen[one.name] == "wall":
            x, y = round((one.box.x - left) * one.ratio), round((one.box.y - top) * one.ratio)
            lines.append(f"at = [{x}, {y}]")
        else:
            lines.append('seat = "desk"')
        lines.append("")
    return "\n".join(lines)


def _seat_lines(seat: Seat, screens: Sequence[Screen], pitches: dict[str, float]) -> list[str]:
    if not screens:
        return []
    usual = VIEWINGS[seat]
    told = [pitches[one.name] for one in screens if pitches[one.name]]
    pitch_mm = round(min(told), 3) if told else usual.pitch_mm
    note = "由屏幕告知 / told by the screen" if told else "未知，请填写 / unknown, fill in"
    viewing = Viewing(pitch_mm, usual.distance_mm)
    small = text_px(ARCMIN[seat]["s"], viewing)
    return [
        f"[{seat}]",
        f"pitch_mm = {pitch_mm:g}  # {note}",
        f"farthest_m = {usual.distance_mm / 1000:g}  # 字高由此算出 / letters follow: {small} px",
        "",
    ]


def write_draft(path: Path) -> tuple[int, str]:
    """Write the file; an existing one is left alone.

    Returns:
        0 when it was written, else 1, and a line for the terminal.
    """
    if path.exists():
        return 1, f"{path} 已存在，未改动 / is there already and was left alone"
    try:
        write_whole(path, draft([measured(one) for one in QGuiApplication.screens()]).encode())
        wall = read_wall(path)
    except OSError as error:
        return 1, f"{path} 无法写入：{error} / cannot be written: {error}"
    except BadWallError as error:
        return 1, f"{error.text.zh}\n{error.text.en}"
    names = ", ".join(f"{one.name} ({one.seat})" for one in wall.screens)
    return 0, f"已写 / written: {path}: {names}"
