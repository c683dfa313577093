"""`python -m backend import LAYER FILE`: bring a file into a layer and say what became of it.

Exit status: 0 all rows taken, 1 some rejected, 2 nothing usable, 3 the service refused or is away.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from backend.imports.ahead import ahead
from backend.imports.own import Aim, signed_in
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock, SystemClock
from backend_client.errors import BadFileError, ClientError
from backend_client.importing import load as loading
from backend_client.importing.load import Opened, load, open_wish
from backend_client.importing.wish import Progress as Told
from backend_client.importing.wish import Wish
from backend_client.importing.words import read_columns

ALL, SOME, NOTHING, REFUSED = 0, 1, 2, 3
ACCOUNT = "feed"


def main(words: Sequence[str]) -> int:
    """Import one file from the command line."""
    asked = parser().parse_args(words)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    try:
        opened = open_wish(wish(asked))
        clock = SystemClock()
        with signed_in(aim_of(asked), clock) as client:
            return bring(client, opened, report_path(asked), ended=ended.is_set, clock=clock)
    except BadFileError as error:
        say(Text(error.say("zh"), error.say("en")))
        return NOTHING
    except ClientError as error:
        say(Text(error.say("zh"), error.say("en")))
        say(
            Text(
                "已收的行保留；再次运行同一命令即可接着导入。",
                "Rows taken stay; run the same command again to go on.",
            )
        )
        return REFUSED


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


def report_path(asked: argparse.Namespace) -> Path:
    """Give where rejected rows are written down."""
    name: Path = asked.report or asked.file.with_name(asked.file.name + loading.REPORT)
    return name


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


@contextmanager
def bar(name: str) -> Iterator[Callable[[Told], None]]:
    """Show how far an import is, under a file's name."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as shown:
        task = shown.add_task(name, total=1.0)
        yield partial(_show, shown, task)


def _show(shown: Progress, task: TaskID, now: Told) -> None:
    words = f"{now.read:,} 行 rows · 拒 rejected {now.rejected:,}"
    shown.update(task, completed=max(0.0, now.done), description=words)


def say(text: Text) -> None:
    """Say one thing in both languages."""
    sys.stderr.write(f"{text.zh}\n{text.en}\n")


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


def add_aim(made: argparse.ArgumentParser) -> None:
    """Let a command line say which service it is for, and as whom."""
    where = made.add_mutually_exclusive_group(required=True)
    where.add_argument("--backend", "--url", metavar="URL", help="运行中的服务 / a running service")
    where.add_argument("--data", type=Path, help="数据目录,临时启动服务 / start our own on it")
    made.add_argument("--credentials", type=Path, help="账号文件 / file of accounts")
    made.add_argument("--account", default=ACCOUNT, help="账号 / account")


def aim_of(asked: argparse.Namespace) -> Aim:
    """Give the service a command line is for."""
    return Aim(asked.backend, asked.data, asked.credentials, asked.account)
