"""Read a wall file: which screens there are, what each is for, which zone lies on which."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from app.theme import ARCMIN, VIEWINGS, Seat, Viewing, text_px
from app.wall import Box, Zone
from backend_client.contract.base import Text

ANY: Final = "*"  # a file for one screen, whatever its name
FORMAT: Final = 1
ZONES: Final[tuple[Zone, ...]] = get_args(Zone)
NEEDED: Final[tuple[Zone, ...]] = ("header", "strip", "map")
SEATS: Final[tuple[Seat, ...]] = get_args(Seat)
Wing = Literal["left", "centre", "right"]
WINGS: Final[tuple[Wing, ...]] = get_args(Wing)
LEAST_LETTERS_PX: Final = 12
"""Chinese characters drawn with fewer pixels lose strokes, however large the pixels are."""
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("format", "name", "wall", "desk", "screens", "zones"),
    "name": ("zh", "en"),
    "seat": ("pitch_mm", "farthest_m", "letters_px"),
    "screen": ("seat", "size", "at", "wing"),
    "zone": ("screens", "box"),
}
_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "pitch_mm": (0.05, 10.0),
    "farthest_m": (0.5, 50.0),
    "letters_px": (8, 400),
    "size": (320, 16_384),
    "at": (0, 65_535),
    "box": (0, 65_535),
}
_SAID: Final = Text(
    "已改用自动布局；改好文件后重新启动。",
    "The automatic layout is used; mend the file and start again.",
)


@dataclass(frozen=True, slots=True)
class ScreenSpec:
    """One screen of the file.

    Args:
        name: as the window system gives it, `*` for any.
        seat: what it is for.
        size: in pixels; None takes what the screen has.
        at: its upper left corner on the wall, in pixels; None is right of the one before.
        wing: of a curved wall, which part it belongs to; empty for a straight one.
    """

    name: str
    seat: Seat
    size: tuple[int, int] | None = None
    at: tuple[int, int] | None = None
    wing: Wing | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class ZoneSpec:
    """The screens a zone lies on, and its own rectangle on the wall when one is given."""

    screens: tuple[str, ...]
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class WallFile:
    """A wall as described; without zones the standard ones lie over all wall screens."""

    name: Text
    screens: tuple[ScreenSpec, ...]
    zones: Mapping[Zone, ZoneSpec]
    viewings: Mapping[Seat, Viewing]


class BadWallError(ValueError):
    """A wall file cannot be used; `faults` says what, where and what to do."""

    def __init__(self, path: Path, faults: list[Text]) -> None:
        self.faults = tuple(faults)
        zh, en = "；".join(one.zh for one in faults), "; ".join(one.en for one in faults)
        self.text = Text(f"大屏文件 {path.name}：{zh}", f"Wall file {path.name}: {en}")
        self.todo = _SAID
        super().__init__(self.text.en)


@dataclass(slots=True)
class _Reader:
    """Take a file's tables apart and keep what is wrong with them."""

    faults: list[Text] = field(default_factory=list)

    def wrong(self, where: str, zh: str, en: str) -> None:
        self.faults.append(Text(f"{where} {zh}".strip(), f"{where}: {en}".lstrip(": ")))

    def keys(self, table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, 1) or known
                can = ", ".join(near)
                self.wrong(f"{where}{key}", f"不认识，可写 {can}", f"is not known, write {can}")

    def table(self, value: object, where: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.wrong(where, "应为一张表", "must be a table")
        return {}

    def numbers(self, value: object, key: str, where: str, count: int) -> tuple[int, ...] | None:
        if value is None:
            return None
        least, most = _RANGES[key]
        right = isinstance(value, list) and len(value) == count
        if right and all(type(one) is int and least <= one <= most for one in value):  # type: ignore[attr-defined]
            return tuple(value)  # type: ignore[arg-type]
        wanted = f"{count} × {least:g}–{most:g}"
        self.wrong(where, f"应为整数 {wanted}，写的是 {value}", f"want {wanted}, got {value}")
        return None

    def number(self, table: Mapping[str, Any], key: str, default: float, where: str) -> float:
        value = table.get(key, default)
        least, most = _RANGES[key]
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and least <= value <= most
        ):
            return float(value)
        wanted = f"{least:g}–{most:g}"
        self.wrong(f"{where}{key}", f"应为 {wanted}，写的是 {value}", f"want {wanted}, got {value}")
        return default


def read_wall(path: Path) -> WallFile:
    """Read and check a wall file.

    Raises:
        BadWallError: the file is not there, not TOML, or describes no usable wall.
    """
    read = _Reader()
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        read.wrong("", f"读不到（{error}）", f"cannot be read ({error})")
        raise BadWallError(path, read.faults) from error
    except tomllib.TOMLDecodeError as error:
        read.wrong("", f"不是合法的 TOML（{error}）", f"is not TOML ({error})")
        raise BadWallError(path, read.faults) from error
    wall = _wall(read, found, path.stem)
    if read.faults:
        raise BadWallError(path, read.faults)
    return wall


def _wall(read: _Reader, found: Mapping[str, Any], stem: str) -> WallFile:
    read.keys(found, _KEYS[""], "")
    if found.get("format", FORMAT) != FORMAT:
        got = found["format"]
        read.wrong("format", f"{got} 是新版本写的，请升级", f"{got} is of a newer program, upgrade")
    name = read.table(found.get("name", {}), "name")
    read.keys(name, _KEYS["name"], "name.")
    screens = tuple(_screens(read, read.table(found.get("screens", {}), "screens")))
    _check_screens(read, screens)
    zones = dict(_zones(read, read.table(found.get("zones", {}), "zones"), screens))
    zones = zones or dict(_curved(screens))
    viewings = {seat: _viewing(read, found, seat) for seat in SEATS if seat in found}
    words = Text(str(name.get("zh", stem)), str(name.get("en", stem)))
    return WallFile(words, screens, zones, viewings)


def _viewing(read: _Reader, found: Mapping[str, Any], seat: Seat) -> Viewing:
    table, usual = read.table(found[seat], seat), VIEWINGS[seat]
    read.keys(table, _KEYS["seat"], f"{seat}.")
    pitch_mm = read.number(table, "pitch_mm", usual.pitch_mm, f"{seat}.")
    farthest_m = read.number(table, "farthest_m", usual.distance_mm / 1000, f"{seat}.")
    viewing = Viewing(pitch_mm, farthest_m * 1000)
    needed = text_px(ARCMIN[seat]["s"], viewing)
    asked = read.number(table, "letters_px", needed, f"{seat}.")
    _check_letters(read, seat, viewing, (needed, asked))
    return replace(viewing, distance_mm=viewing.distance_mm * max(asked / needed, 1.0))


def _check_letters(read: _Reader, seat: Seat, viewing: Viewing, letters: tuple[int, float]) -> None:
    """Refuse letters nobody could read from the farthest seat; domain rules 1 and 2."""
    needed, asked = letters
    arcmin = ARCMIN[seat]["s"]
    away = f"{viewing.distance_mm / 1000:g} m"
    if asked < needed:
        seen = arcmin * asked / needed
        read.wrong(
            f"{seat}.letters_px",
            f"{asked:g} px 在 {away} 处只有 {seen:.0f}′，低于 {arcmin:g}′，至少 {needed} px",
            f"{asked:g} px are only {seen:.0f}′ at {away}, under {arcmin:g}′;"
            f" write {needed} or more",
        )
    elif asked < LEAST_LETTERS_PX:
        far_mm = viewing.distance_mm * LEAST_LETTERS_PX / needed
        read.wrong(
            f"{seat}.pitch_mm",
            f"{viewing.pitch_mm:g} mm 太粗：{away} 处 {arcmin:g}′ 只有 {needed} px，汉字至少"
            f" {LEAST_LETTERS_PX} px。换更细的屏，或写 letters_px = {LEAST_LETTERS_PX}"
            f"（按 {far_mm / 1000:.1f} m 处可读的字高）",
            f"{viewing.pitch_mm:g} mm is too coarse: {arcmin:g}′ at {away} are {needed} px and"
            f" Chinese needs {LEAST_LETTERS_PX}. Use a finer screen, or write"
            f" letters_px = {LEAST_LETTERS_PX}, as for readers at {far_mm / 1000:.1f} m",
        )


def _screens(read: _Reader, tables: Mapping[str, Any]) -> Iterator[ScreenSpec]:
    for name, value in tables.items():
        where = f"screens.{name}"
        table = read.table(value, where)
        read.keys(table, _KEYS["screen"], f"{where}.")
        seat = table.get("seat", "wall")
        if seat not in SEATS:
            read.wrong(f"{where}.seat", "应为 wall 或 desk", f"want wall or desk, got {seat}")
            seat = "wall"
        size = read.numbers(table.get("size"), "size", f"{where}.size", 2)
        at = read.numbers(table.get("at"), "at", f"{where}.at", 2)
        wing = table.get("wing", "")
        if wing not in ("", *WINGS):
            can = ", ".join(WINGS)
            read.wrong(f"{where}.wing", f"应为 {can}", f"want {can}, got {wing}")
            wing = ""
        yield ScreenSpec(name, seat, _pair(size), _pair(at), wing)


def _pair(numbers: tuple[int, ...] | None) -> tuple[int, int] | None:
    return (numbers[0], numbers[1]) if numbers else None


def _check_screens(read: _Reader, screens: tuple[ScreenSpec, ...]) -> None:
    if not screens:
        read.wrong("screens", "一块屏也没写，至少写一块", "name no screen, write at least one")
    if len(screens) > 1 and any(one.name == ANY for one in screens):
        read.wrong("screens.*", "只能单独使用", "stands for the only screen there is")
    wall = [one for one in screens if one.seat == "wall"]
    boxes = place_screens(wall, {})
    for index, one in enumerate(wall):
        for other in wall[:index]:
            if boxes[one.name].meets(boxes[other.name]):
                both = f"screens.{one.name}.at"
                read.wrong(both, f"与 {other.name} 重叠", f"it lies over {other.name}")


def _zones(
    read: _Reader, tables: Mapping[str, Any], screens: tuple[ScreenSpec, ...]
) -> Iterator[tuple[Zone, ZoneSpec]]:
    walls = [one.name for one in screens if one.seat == "wall"]
    read.keys(tables, ZONES, "zones.")
    for zone in NEEDED if tables else ():
        if zone not in tables:
            read.wrong(f"zones.{zone}", "缺少，必须有", "is missing, every wall has one")
    for zone in ZONES:
        if zone in tables:
            yield zone, _zone(read, tables[zone], f"zones.{zone}", walls)


def _curved(screens: tuple[ScreenSpec, ...]) -> Iterator[tuple[Zone, ZoneSpec]]:
    """Give a curved wall its zones: wings to the sides' screens, the map to the middle ones."""
    wall = [one for one in screens if one.seat == "wall"]
    parts = {wing: tuple(one.name for one in wall if one.wing == wing) for wing in WINGS}
    if not parts["centre"] or not (parts["left"] or parts["right"]):
        return
    every = tuple(one.name for one in wall)
    yield "header", ZoneSpec(every)
    yield "strip", ZoneSpec(every)
    yield "map", ZoneSpec(parts["centre"])
    if parts["left"]:
        yield "left", ZoneSpec(parts["left"])
    if parts["right"]:
        yield "right", ZoneSpec(parts["right"])


def _zone(read: _Reader, value: object, where: str, walls: list[str]) -> ZoneSpec:
    table = read.table({"screens": value} if isinstance(value, list) else value, where)
    read.keys(table, _KEYS["zone"], f"{where}.")
    named = table.get("screens", walls)
    if not isinstance(named, list) or not named:
        read.wrong(where, "应列出大屏的屏名", "list the names of wall screens")
        named = []
    for name in named:
        if name not in walls:
            has = ", ".join(walls)
            read.wrong(
                where, f"没有名为 {name} 的大屏，有 {has}", f"no wall screen {name}, there is {has}"
            )
    box = read.numbers(table.get("box"), "box", f"{where}.box", 4)
    return ZoneSpec(tuple(name for name in named if name in walls), Box(*box) if box else None)


def place_screens(wall: list[ScreenSpec], sizes: Mapping[str, tuple[int, int]]) -> dict[str, Box]:
    """Give where the wall's screens lie on it, in pixels.

    A screen that has another size than the file says moves those right of it, as long as all
    stand in one row; a wall of several rows keeps the corners it was given. A screen that is
    not there leaves a place changed as the others are: a wall run at half its size keeps the
    places of all its screens at half.
    """
    boxes: dict[str, Box] = {}
    drawn = _drawn(wall, sizes)
    differs = any(sizes.get(one.name, one.size) != one.size for one in wall if one.size)
    flows = differs and len({(one.at or (0, 0))[1] for one in wall}) == 1
    key: Callable[[ScreenSpec], int] = lambda one: (one.at or (0, 0))[0]  # noqa: E731  # typed
    right = 0
    for one in sorted(wall, key=key) if flows else wall:
        usual = tuple(round(length * drawn) for length in one.size or (0, 0))
        width, height = sizes.get(one.name) or usual
        x, y = one.at if one.at is not None and not flows else (right, 0)
        boxes[one.name] = Box(x, y, width, height)
        right = x + width
    return boxes


def _drawn(wall: list[ScreenSpec], sizes: Mapping[str, tuple[int, int]]) -> float:
    """Give how much wider the screens that are there are than the file says."""
    there = [(sizes[one.name][0], one.size[0]) for one in wall if one.name in sizes and one.size]
    return sum(width for width, _ in there) / sum(told for _, told in there) if there else 1.0


def find_wall(asked: Path | None, entered: str) -> tuple[WallFile | None, BadWallError | None]:
    """Read the wall file asked for, else the one of the settings; give what is wrong with it."""
    path = asked or (Path(entered.strip()).expanduser() if entered.strip() else None)
    try:
        return (read_wall(path) if path else None), None
    except BadWallError as error:
        return None, error
