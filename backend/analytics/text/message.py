"""Reports as people sent them, read from tables; a bad row is refused alone."""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

_NEEDED: Final = ("id", "time", "title", "text")
_LONGEST: Final = 1 << 24  # one field: a whole letter with its answer, not a broken quote's file
_ODD: Final = "surrogateescape"  # a row in another encoding is refused alone, not its table
_DATE: Final = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{1,2}))?")
_LEFT: Final = (
    "这一行已跳过，其余照常处理；请改正后重新导入 / the row was left out, the others "
    "were taken; correct it and bring it again"
)


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one report; `time` is in seconds, the place in degrees where the channel gave one.

    `place` is where it says it was, if the channel asks that apart; `kind` the code of its class
    and `region` that of its county, empty where nobody filed it.
    """

    id: str
    time: float
    title: str
    text: str
    user: str = ""
    channel: str = ""
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    kind: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Say which line was not taken and why, in both languages."""

    line: int
    why: str


class TableError(ValueError):
    """A table cannot be read at all; the text says where and what to do."""


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a table for reading, unpacking `.gz`.

    Raises:
        TableError: there is no such file, or it is no text in UTF-8.
    """
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8-sig", newline="", errors=_ODD) as plain:
                yield plain
        else:
            with path.open(encoding="utf-8-sig", newline="", errors=_ODD) as plain:
                yield plain
    except (OSError, EOFError, UnicodeDecodeError) as fault:
        raise TableError(
            f"{path}：无法读取（{fault}）；请给出 UTF-8 编码的 CSV 或 CSV.GZ 文件 / "
            f"{path}: cannot be read ({fault}); give a CSV or CSV.GZ file in UTF-8"
        ) from fault


def table(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give a table's rows with the number of the line each ends on.

    Raises:
        TableError: the file cannot be read, or a needed column is missing.
    """
    csv.field_size_limit(_LONGEST)
    with opened(path) as plain:
        rows = csv.DictReader(plain)
        missing = [name for name in needed if name not in (rows.fieldnames or ())]
        if missing:
            names = ", ".join(missing)
            raise TableError(
                f"{path}：缺少列 {names}；请在首行补上 / "
                f"{path}: column {names} is missing; add it to the first line"
            )
        try:
            for row in rows:
                yield rows.line_num, {key: row[key] or "" for key in row if key is not None}
        except csv.Error as fault:
            raise TableError(
                f"{path} 第 {rows.line_num} 行：{fault}；请检查引号 / "
                f"{path}, line {rows.line_num}: {fault}; look at the quotes"
            ) from fault


def messages(path: Path) -> tuple[list[Message], list[Refusal]]:
    """Read a table of reports; give those that are sound and why the others are not.

    Raises:
        TableError: the file cannot be read, or a needed column is missing.
    """
    taken: dict[str, Message] = {}
    refused = []
    for line, row in table(path, _NEEDED):
        try:
            one = message(_sound(row))
            if one.id in taken:
                raise ValueError(f"编号 {one.id} 重复 / id {one.id} comes twice")  # noqa: TRY301
            taken[one.id] = one
        except ValueError as fault:
            refused.append(
                Refusal(line, f"{path} 第 {line} 行：{fault}；{_LEFT} / {path}, line {line}")
            )
    return list(taken.values()), refused


def message(row: dict[str, str]) -> Message:
    """Make a report of a row's words.

    Raises:
        ValueError: the id, the time, the words or the place are no such thing.
    """
    if not row.get("id"):
        raise ValueError("没有编号 / it has no id")
    if not (row["title"].strip() or row["text"].strip()):
        raise ValueError("标题和正文都为空 / neither title nor text")
    lon, lat = _place(row.get("lon", ""), row.get("lat", ""))
    return Message(
        id=row["id"],
        time=seconds(row["time"]),
        title=row["title"],
        text=row["text"],
        user=row.get("user", ""),
        channel=row.get("channel", ""),
        lon=lon,
        lat=lat,
        place=row.get("place", ""),
        kind=row.get("kind", ""),
        region=row.get("region", ""),
    )


def seconds(written: str) -> float:
    """Read an instant; one without a zone is taken as it stands, all in one clock.

    Units: seconds since 1970.

    Raises:
        ValueError: it is no instant.
    """
    try:
        read = datetime.fromisoformat(_DATE.sub(_padded, written.strip()))
    except ValueError:
        raise ValueError(
            f"时间“{written}”无法识别，应如 2026-01-31T08:30:00 / "
            f"time “{written}” is not understood, write it as 2026-01-31T08:30:00"
        ) from None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _padded(found: re.Match[str]) -> str:
    """Write a date as tables of the office have it (2026/3/1 9:05) in full."""
    year, month, day, hour, minute = found.groups()
    date = f"{year}-{int(month):02}-{int(day):02}"
    return date if hour is None else f"{date}T{int(hour):02}:{int(minute):02}"


def _sound(row: dict[str, str]) -> dict[str, str]:
    """Give a row whose signs are all read.

    Raises:
        ValueError: it is written in another encoding.
    """
    if any("\udc80" <= sign <= "\udcff" for value in row.values() for sign in value):
        raise ValueError("不是 UTF-8 编码 / it is not in UTF-8")
    return row


def _place(lon: str, lat: str) -> tuple[float | None, float | None]:
    if not lon.strip() and not lat.strip():
        return None, None
    try:
        east, north = float(lon), float(lat)
    except ValueError:
        east = north = math.nan
    if not (-180 <= east <= 180 and -90 <= north <= 90):
        raise ValueError(
            f"坐标 {lon}, {lat} 无效，应为十进制度 / place {lon}, {lat} is none, "
            "write decimal degrees"
        )
    return east, north
