"""`python -m backend intake FILE`: hand a file of reports in at the ordinary door, one by one.

Each row is a report of its own: the same file again changes nothing, a bad row is refused alone.
Exit status: 0 all taken, 1 some refused, 2 nothing usable, 3 the service refused or is away.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.imports.command import ALL, NOTHING, SOME, add_aim, bar, run, say
from backend_client.client import Client
from backend_client.contract import paths
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.contract.events import Channel
from backend_client.contract.item import Head
from backend_client.errors import Refused
from backend_client.importing import load as loading
from backend_client.importing.part import Fault
from backend_client.importing.report import Report
from backend_client.importing.reports import Opened, Reader, Row, open_reports
from backend_client.importing.wish import Progress as Told
from backend_client.importing.words import read_columns
from backend_client.repairs import put_row
from backend_client.wire import Call, parse

_ALONE: Final = frozenset({400, 403, 409, 413, 422})
"""Refusals that are about one report; any other is about us."""
_SHOW_EVERY: Final = 50
_STAYS: Final = Text(
    "已收的报告保留；再次运行同一命令即可接着导入。",
    "Reports taken stay; run the same command again to go on.",
)


@dataclass(slots=True)
class Count:
    """How far it is: reports that are new, that the service had, that it refused."""

    new: int = 0
    seen: int = 0
    refused: int = 0

    @property
    def read(self) -> int:
        """Count the rows looked at."""
        return self.new + self.seen + self.refused


def main(words: Sequence[str]) -> int:
    """Hand in one file from the command line."""
    asked = parser().parse_args(words)
    return run(asked, lambda: _open(asked), bring, _STAYS)


def bring(
    client: Client, opened: Opened, report: Path, *, ended: Callable[[], bool], clock: Clock
) -> int:
    """Hand every row in, with live progress; give the exit status."""
    count, book, started_s = Count(), Report(report), clock.steady_s()
    try:
        with bar(report.name.removesuffix(loading.REPORT)) as show:
            for row, done in _rows(opened):
                if ended():
                    break
                fault = _hand_in(client, opened, row, count)
                if fault is not None:
                    book.add([fault])
                    count.refused += 1
                if count.read % _SHOW_EVERY == 0:
                    show(Told(read=count.read, rejected=count.refused, done=done))
    finally:
        book.close()
    for line in _summary(count, book, max(1e-9, clock.steady_s() - started_s), ended=ended()):
        say(line)
    if count.new + count.seen == 0:
        return NOTHING
    return SOME if count.refused or ended() else ALL


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="backend intake", description="批量导入来件 / hand in a file of reports"
    )
    add = made.add_argument
    add("file", type=Path, help="CSV XLSX")
    channels = [channel.value for channel in Channel]
    add("--channel", default="", choices=channels, help="无渠道列时 / of rows that name none")
    add(
        "--region", default="", help="无区划列时;默认按位置 / of rows that name none, else by place"
    )
    add("--crs", default="", help="wgs84 gcj02 bd09 EPSG:n")
    add("--columns", default="", metavar="OURS=THEIRS,…", help="列对应 / which column is which")
    add("--report", type=Path, help="被拒行的文件 / where refused rows go")
    add_aim(made)
    return made


def _open(asked: argparse.Namespace) -> Opened:
    return open_reports(
        asked.file,
        read_columns(asked.columns),
        channel=asked.channel,
        region=asked.region,
        crs=asked.crs,
    )


def _rows(opened: Opened) -> Iterator[tuple[Row | Fault, float]]:
    """Give every row with the share of the file that is behind it."""
    reader, before = Reader(opened), 0.0
    for part in opened.source.parts():
        count = max(1, part.count + len(part.faults))
        after = max(before, part.done)
        for turn, row in enumerate(reader.rows(part)):
            yield row, before + (after - before) * turn / count
        before = after


def _hand_in(client: Client, opened: Opened, row: Row | Fault, count: Count) -> Fault | None:
    if isinstance(row, Fault):
        if row.raw:
            put_row(client, row.raw, row.why)
        return row
    body = json.dumps(row.body, ensure_ascii=False)
    try:
        reply = client.wire.send(Call("POST", paths.EVENTS, body=body, again=True))
    except Refused as no:
        if no.problem.status not in _ALONE:
            raise
        where = no.problem.where
        said = row.cells.get(where) or ""
        return Fault(row.line, opened.found.get(where, where), said[:80], no.problem.what)
    parse(Head, reply)
    if reply.status == 201:
        count.new += 1
    else:
        count.seen += 1
    return None


def _summary(count: Count, book: Report, took_s: float, *, ended: bool) -> Iterator[Text]:
    pace = f"{count.read / took_s:,.0f}"
    yield Text(
        f"读 {count.read:,} 行：新收 {count.new:,}，已有 {count.seen:,}，拒 {count.refused:,}；"
        f"{took_s:.1f} s，{pace} 行/s",
        f"Read {count.read:,} rows: {count.new:,} new, {count.seen:,} there before, "
        f"{count.refused:,} refused; {took_s:.1f} s, {pace} rows/s",
    )
    if ended:
        yield Text("已取消，已送的报告保留。", "Cancelled; what was handed in stays.")
    if book.count:
        yield Text(
            f"被拒的行见 {book.path}；内容有误的也在服务的待修清单中。",
            f"Refused rows: {book.path}; what was unfit is on the service's repair list as well.",
        )
