"""Where an import goes: a running service, or our own started on a folder for its time."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend_client.client import Client
from backend_client.contract.base import Text
from backend_client.contract.clock import Clock
from backend_client.errors import BadFileError, Unreachable
from backend_client.programs import backend_command

START_S = 60.0
STOP_S = 15.0
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Aim:
    """The service an import is for.

    Args:
        url: a running service; None starts our own on `data`.
        data: the folder of our own service.
        credentials: the file of accounts; our own service names its own.
        account: who signs in.
    """

    url: str | None
    data: Path | None
    credentials: Path | None
    account: str


@contextmanager
def signed_in(aim: Aim, clock: Clock) -> Iterator[Client]:
    """Give a client of the service, signed in; our own service ends with it.

    Raises:
        BadFileError: the file of accounts is not there or lacks the account.
        Refused: the service does not let the account in.
        Unreachable: no service answers, or our own does not come up.
    """
    if aim.url is not None:
        with _client(aim.url, aim.credentials, aim.account, clock) as client:
            yield client
        return
    with (
        _own(aim.data or Path(), clock) as (url, credentials),
        _client(url, aim.credentials or credentials, aim.account, clock) as client,
    ):
        yield client


@contextmanager
def _client(url: str, credentials: Path | None, account: str, clock: Clock) -> Iterator[Client]:
    client = Client(url, clock)
    try:
        client.sign_in(account, _password(credentials, account))
        yield client
    finally:
        client.close()


def _password(credentials: Path | None, account: str) -> str:
    try:
        known = json.loads((credentials or Path()).read_text(encoding="utf-8"))
        return next(str(one["password"]) for one in known if one["account"] == account)
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise BadFileError(
            Text(
                f"账号文件 {credentials} 中没有 {account}。",
                f"The file of accounts {credentials} has no {account}.",
            ),
            Text(
                "用 --credentials 指明首次口令文件，用 --account 指明账号。",
                "Name the file of first passwords with --credentials, the account with --account.",
            ),
        ) from error


@contextmanager
def _own(data: Path, clock: Clock) -> Iterator[tuple[str, Path]]:
    ready = data.resolve() / f"import-{os.getpid()}.ready.json"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = ["serve", "--data", str(data), "--ready-file", str(ready)]
    parent = ["--with-parent", str(os.getpid())]
    command = [*backend_command(), *words, *parent]
    with (data / "import.log").open("wb") as log:
        service = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        yield _wait(service, ready, data / "import.log", clock)
    finally:
        service.terminate()
        try:
            service.wait(STOP_S)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()


def _wait(
    service: subprocess.Popen[bytes], ready: Path, log: Path, clock: Clock
) -> tuple[str, Path]:
    end_s, pause = clock.steady_s() + START_S, threading.Event()
    while service.poll() is None and clock.steady_s() < end_s:
        if ready.exists():
            said = json.loads(ready.read_text(encoding="utf-8"))
            return str(said["url"]), Path(said["credentials"])
        pause.wait(_LOOK_S)
    why = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-2:]
    raise Unreachable(
        Text(
            f"服务未能在 {log.parent} 上启动：{' '.join(why)}",
            f"The service did not start on {log.parent}: {' '.join(why)}",
        ),
        Text("若它已在运行，改用 --backend 地址。", "If it runs already, use --backend URL."),
    )
