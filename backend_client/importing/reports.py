"""From rows of a file to reports for the intake door; the door says what is wrong with one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from backend_client.contract.base import Text
from backend_client.contract.events import Channel
from backend_client.errors import BadFileError
from backend_client.importing import places, values, words
from backend_client.importing.opening import open_file
from backend_client.importing.part import F64, MOST_RAW, Fault, Part, Source
from backend_client.importing.regions import Regions, region_names

ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
NEEDED: Final = ("text", "reported_at")
CHANNELS: Final[Mapping[str, Channel]] = {
    **{channel.value: channel for channel in Channel},
    **dict.fromkeys(("12345", "热线", "12345热线", "电话", "来电"), Channel.HOTLINE),
    **dict.fromkeys(("110", "公安", "110分流", "110转办", "警情"), Channel.POLICE),
    **dict.fromkeys(("网格", "网格员", "网格员上报", "网格上报"), Channel.GRID),
    **dict.fromkeys(("网页", "网站", "网上", "互联网"), Channel.WEB),
    **dict.fromkeys(("app", "随手拍", "小程序", "微信"), Channel.APP),
    **dict.fromkeys(("视频", "摄像头", "视频识别"), Channel.CAMERA),
    **dict.fromkeys(("部门", "部门系统", "部门报送"), Channel.DEPARTMENT),
}
"""Words of channels, compared without case and blanks."""
_TITLE: Final = 40
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TWICE: Final = Text(
    "编号在文件中已用于另一条，保留第一条。",
    "Its id came before with other words; the first is kept.",
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of reports and what its columns were taken for.

    Args:
        source: the file.
        found: ours → theirs.
        to_wgs84: the way of its coordinates.
        channel: of rows that name none.
        region: of rows that name none; empty finds it by place.
    """

    source: Source
    found: Mapping[str, str]
    to_wgs84: places.To
    channel: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One report as the door takes it, and where it stands in the file."""

    line: int
    body: Mapping[str, object]
    cells: Mapping[str, str | None]


def open_reports(
    path: Path, given: Mapping[str, str], *, channel: str = "", region: str = "", crs: str = ""
) -> Opened:
    """Open a file of reports and find what its columns mean.

    Args:
        path: the file.
        given: ours → theirs as the person says.
        channel: of rows that name none.
        region: of rows that name none.
        crs: the datum of its coordinates.

    Raises:
        BadFileError: it cannot be read, or lacks what a report must have.
    """
    if path.suffix.lower() not in ENDINGS:
        raise BadFileError(
            Text(f"{path.name} 不是表格。", f"{path.name} is no table."),
            Text(f"可导入：{' '.join(ENDINGS)}", f"Can be imported: {' '.join(ENDINGS)}"),
        )
    source = open_file(path)
    words.check_given(source.columns, given)
    found = words.guess(source.columns, given, words.REPORT_NAMES)
    strange = sorted(set(given) - set(words.REPORT_NAMES))
    missing = [
        one for one in NEEDED if one not in found and not (one == "text" and "title" in found)
    ]
    if not channel and "channel" not in found:
        missing.append("channel")
    if missing or strange:
        names, has = ", ".join(missing or strange), ", ".join(source.columns[:30])
        raise BadFileError(
            Text(
                f"找不到列：{names}。文件中的列：{has}",
                f"No column for {names}. Columns in the file: {has}",
            ),
            Text(
                "用 --columns 指明，如 text=内容,reported_at=来电时间；渠道用 --channel。",
                "Name them with --columns, e.g. text=A,reported_at=B; the channel with --channel.",
            ),
        )
    return Opened(source, found, places.to_wgs84(crs), channel, region)


@dataclass(slots=True)
class Reader:
    """Read rows of one file, in its order; remembers ids to find one used for two reports."""

    opened: Opened
    _regions: Regions = field(default_factory=Regions)
    _names: Mapping[str, str] = field(default_factory=region_names)
    _seen: dict[str, str] = field(default_factory=dict)

    def rows(self, part: Part) -> Iterator[Row | Fault]:
        """Give each row as a report, or what is wrong with it."""
        yield from part.faults
        if part.count == 0:
            return
        found = self.opened.found
        columns = {
            ours: values.as_text(part.columns[theirs]).to_pylist() for ours, theirs in found.items()
        }
        instants, unread = self._instants(part)
        lonlat, codes = self._places(part)
        for at, line in enumerate(part.line.tolist()):
            cells: dict[str, str | None] = {ours: cells[at] for ours, cells in columns.items()}
            body = self._words(cells)
            if cells.get("reported_at"):
                said = cells["reported_at"] if unread[at] else _spelled(int(instants[at]))
                body["reported_at"] = said
            body |= _place(cells, lonlat[at])
            if "region" not in body and codes[at]:
                body["region"] = codes[at]
            yield self._named(line, body, cells)

    def _instants(self, part: Part) -> tuple[np.ndarray, np.ndarray]:
        return values.instants(part.columns[self.opened.found["reported_at"]], 0)

    def _places(self, part: Part) -> tuple[F64, list[str]]:
        """Give each row's place, NaN for none, and the region found there, empty for none."""
        found, lonlat = self.opened.found, np.full((part.count, 2), np.nan)
        codes = [""] * part.count
        if "lon" not in found or "lat" not in found:
            return lonlat, codes
        given = np.column_stack(
            [places.degrees(part.columns[found[one]]) for one in ("lon", "lat")]
        )
        given[(given == 0).all(axis=1)] = np.nan  # how systems write that there is none
        whole = np.flatnonzero(np.isfinite(given).all(axis=1))
        lonlat[whole] = self.opened.to_wgs84(given[whole])
        on_globe = whole[(np.abs(lonlat[whole]) <= (180, 90)).all(axis=1)]
        for row, code in zip(on_globe, self._regions.of(lonlat[on_globe]).codes, strict=True):
            codes[row] = str(code)
        return lonlat, codes

    def _words(self, cells: Mapping[str, str | None]) -> dict[str, object]:
        title, text = cells.get("title"), cells.get("text")
        told = cells.get("channel")
        channel = CHANNELS.get(words.plain(told), told) if told else self.opened.channel
        region, level = cells.get("region"), cells.get("level")
        body = {
            "channel": channel,
            "title": title or (text or "")[:_TITLE],
            "text": text or title,
            "place": cells.get("place"),
            "region": self._names.get(region, region) if region else self.opened.region,
            "level": _level(level) if level else None,
        }
        return {name: value for name, value in body.items() if value not in (None, "")}

    def _named(
        self, line: int, body: dict[str, object], cells: Mapping[str, str | None]
    ) -> Row | Fault:
        """Name a report by its own id, else by what it says: the same row is the same report."""
        said = [cells.get(ours) for ours in words.REPORT_NAMES if ours != "intake_id"]
        digest = hashlib.blake2b(
            json.dumps([body.get("channel"), *said], ensure_ascii=False).encode(), digest_size=12
        ).hexdigest()
        given = cells.get("intake_id")
        intake_id = given or f"{str(body.get('channel'))[:16]}-{digest}"
        if self._seen.setdefault(intake_id, digest) != digest:
            told = {theirs: cells[ours] or "" for ours, theirs in self.opened.found.items()}
            raw = "\n".join([",".join(told), ",".join(told.values())])
            name = self.opened.found["intake_id"]
            return Fault(line, name, intake_id[:80], _TWICE, raw[:MOST_RAW])
        return Row(line, {"intake_id": intake_id, **body}, cells)


def _place(cells: Mapping[str, str | None], lonlat: F64) -> dict[str, object]:
    """Give a row's place; what cannot be read goes as it is, so that the door names it."""
    if np.isfinite(lonlat).all():
        return {"lon": float(lonlat[0]), "lat": float(lonlat[1])}
    told = {name: cells[name] for name in ("lon", "lat") if cells.get(name)}
    return {} if _is_zero(told) else dict(told)


def _is_zero(told: Mapping[str, str | None]) -> bool:
    return len(told) == 2 and all(not str(one).strip("0.+-") for one in told.values())


def _level(text: str) -> int | str:
    read = values.level(text)
    return text if read is None else read


def _spelled(ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat()
