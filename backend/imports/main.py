"""`python -m backend import LAYER FILE`: bring a file into a layer and say what became of it.

Exit status: 0 all rows taken, 1 some rejected, 2 nothing usable, 3 the service refused or is away.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from backend.imports.ahead import ahead
from backend.imports.command import ALL, NOTHING, SOME, add_aim, bar, run, say
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.importing.load import Opened, load, open_wish
from backend_client.importing.wish import Progress as Told
from backend_client.importing.wish import Wish
from backend_client.importing.words import read_columns

_STAYS = Text(
    "已收的行保留；再次运行同一命令即可接着导入。",
    "Rows taken stay; run the same command again to go on.",
)


def main(words: Sequence[str]) -> int:
    """Import one file from the command line."""
    asked = parser().parse_args(words)
    return run(asked, lambda: open_wish(wish(asked)), bring, _STAYS)


def wish(asked: argparse.Namespace) -> Wish:
    """Give what the command line asks for."""
    return Wish(
        layer=asked.layer,
        path=asked.file,
        crs=asked.crs,
        columns=read_columns(asked.columns),
        scale=asked.scale_lonlat,
        kind=asked.kind,
        region=asked.region,
        department=asked.department,
        feed=asked.feed,
    )


def bring(
    client: Client, opened: Opened, report: Path, *, ended: Callable[[], bool], clock: Clock
) -> int:
    """Bring the file in with live progress; give the exit status."""
    before = {one.layer: one.version for one in client.layers().layers}
    version = before.get(opened.wish.layer, 0)
    started_s = clock.steady_s()
    last = Told()
    with bar(opened.wish.path.name) as show:
        for last in load(
            opened, client.put_rows, report=report, stopped=ended, version=version, ahead=ahead
        ):
            show(last)
    took_s = max(1e-9, clock.steady_s() - started_s)
    for line in summary(opened, last, took_s):
        say(line)
    if last.accepted == 0:
        return NOTHING
    return SOME if last.rejected or ended() else ALL


def summary(opened: Opened, last: Told, took_s: float) -> Iterator[Text]:
    """Say how an import ended."""
    source, name = opened.source, opened.wish.path.name
    yield Text(
        f"{name}（{source.form} {source.note}）→ {opened.wish.layer}",
        f"{name} ({source.form} {source.note}) → {opened.wish.layer}",
    )
    changed, pace = last.changed == 0, f"{last.read / took_s:,.0f}"
    yield Text(
        f"读 {last.read:,} 行，收 {last.accepted:,}，拒 {last.rejected:,}"
        f"{'，无变化（0 changed）' if changed else ''}；{took_s:.1f} s，{pace} 行/s",
        f"Read {last.read:,} rows, took {last.accepted:,}, rejected {last.rejected:,}"
        f"{', 0 changed' if changed else ''}; {took_s:.1f} s, {pace} rows/s",
    )
    yield from last.notes
    if last.report is not None:
        yield Text(f"被拒的行见 {last.report}", f"Rejected rows: {last.report}")


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="backend import", description="导入文件 / import a file")
    add = made.add_argument
    add("layer", help="图层,如 housing / layer")
    add("file", type=Path, help="CSV XLSX GeoJSON GeoPackage (Geo)Parquet")
    add("--crs", default="", help="wgs84 gcj02 bd09 EPSG:n;默认取文件自带 / else the file's own")
    add("--columns", default="", metavar="OURS=THEIRS,…", help="列对应 / which column is which")
    add("--scale-lonlat", type=float, default=1.0, help="经纬度乘数,如 1e-6 / factor")
    add("--kind", default="", help="无类别列时的类别 / kind of rows without one")
    add("--region", default="", help="无区划列时的区划 / region of rows without one")
    add("--department", default="", help="责任部门 D01…D64 / owner")
    add("--feed", default="", help="所属数据源 / id of the feed")
    add("--report", type=Path, help="被拒行的文件 / where rejected rows go")
    add_aim(made)
    return made
