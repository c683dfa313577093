"""What the commands that hand a file in share: whose service, exit status, progress, words.

Exit status: 0 all rows taken, 1 some rejected, 2 nothing usable, 3 the service refused or is away.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from backend.imports.own import Aim, signed_in
from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock, SystemClock
from backend_client.errors import BadFileError, ClientError
from backend_client.importing import load as loading
from backend_client.importing.wish import Progress as Told

ALL, SOME, NOTHING, REFUSED = 0, 1, 2, 3
ACCOUNT = "feed"

O_contra = TypeVar("O_contra", contravariant=True)


class Bring(Protocol[O_contra]):
    """Bring an opened file in and give the exit status."""

    def __call__(
        self,
        client: Client,
        opened: O_contra,
        report: Path,
        /,
        *,
        ended: Callable[[], bool],
        clock: Clock,
    ) -> int:
        """Bring it in; `ended` tells when a person wants no more."""
        ...


def run(
    asked: argparse.Namespace,
    opened: Callable[[], O_contra],
    bring: Bring[O_contra],
    stays: Text,
) -> int:
    """Open a file, sign in where it goes, bring it in; what keeps it from that is said.

    Args:
        asked: the command line, with `file`, `report` and what `add_aim` adds.
        opened: opens the file.
        bring: hands it in.
        stays: what is said of the rows taken when the service refuses or is away.
    """
    ended, clock = threading.Event(), SystemClock()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    report = asked.report or asked.file.with_name(asked.file.name + loading.REPORT)
    try:
        file = opened()
        with signed_in(aim_of(asked), clock) as client:
            return bring(client, file, report, ended=ended.is_set, clock=clock)
    except BadFileError as error:
        say(Text(error.say("zh"), error.say("en")))
        return NOTHING
    except ClientError as error:
        say(Text(error.say("zh"), error.say("en")))
        say(stays)
        return REFUSED


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
