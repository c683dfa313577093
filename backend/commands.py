"""Commands of the service itself: serve, migrate, audit, accounts."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import structlog
import typer
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from sqlalchemy import URL

from backend.asgi import POSITIONS, Settings, build
from backend.domain.refused import Refused
from backend.domain.tables import BadTableError
from backend.services import accounts
from backend.services.passwords import Passwords
from backend.services.positions import thin_folder
from backend.storage import audit, moving
from backend.storage.database import Database
from backend.storage.place import ENVIRONMENT, FILE, SETTINGS, find, has_password
from backend.storage.site import UnusableDatabaseError
from backend.storage.unit import Committed
from backend_client.contract.auth import Role
from backend_client.contract.base import Text
from backend_client.contract.clock import SystemClock
from backend_client.contract.events import Channel
from backend_client.programs import backend_command

SWITCH_S = 0.001
"""How long a busy thread keeps the interpreter from others: a door asks for it again after each
statement, some fifteen times a report, and at Python's own 5 ms waits a tenth of a second."""
CLOSE_S = 4.0
_HEADER_MS = 10_000
_UNUSABLE = 3
_FAULT = 4

Data = Annotated[Path, typer.Option(help="数据目录 / data folder", file_okay=False)]
At = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="PostgreSQL 地址;含密码时写在环境变量或设置文件 / PostgreSQL by URL; with a password "
        f"rather in ${ENVIRONMENT} or {SETTINGS} in the data folder",
    ),
]

_NO_TARGET = Text(
    f"没有给出 PostgreSQL 地址。请用 --to、${ENVIRONMENT} 或 {SETTINGS} 指定一个空库。",
    "No PostgreSQL address was given. "
    f"Name an empty database by --to, ${ENVIRONMENT} or {SETTINGS}.",
)

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
audit_app = typer.Typer(help="审计链 / the audit chain", no_args_is_help=True)
accounts_app = typer.Typer(help="账号 / accounts", no_args_is_help=True)
app.add_typer(audit_app, name="audit")
app.add_typer(accounts_app, name="accounts")


@dataclass(frozen=True, slots=True)
class City:
    """The simulated city to start beside the service."""

    scale: float
    rate: float
    seed: int


@app.command()
def serve(
    *,
    data: Data,
    database: At = None,
    host: Annotated[str, typer.Option(help="监听地址 / address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口,0 为任选 / port, 0 for any", max=65535)] = 0,
    ready_file: Annotated[Path | None, typer.Option(help="就绪后写入 / written when ready")] = None,
    city: Annotated[bool, typer.Option("--city", help="同时启动模拟城市 / with the city")] = False,
    scale: Annotated[float, typer.Option(help="模拟规模 / size of the city")] = 0.1,
    rate: Annotated[float, typer.Option(help="模拟速度 / pace of the city")] = 1.0,
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 7,
) -> None:
    """启动服务 / Serve until SIGTERM."""
    _log_to_stderr()
    sys.setswitchinterval(SWITCH_S)
    os.umask(0o077)  # the database holds secrets: nobody else on this machine reads it
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _told(), _alone(data):
        chosen = _free_port(host, port)
        beside = City(scale, rate, seed) if city else None
        settings = Settings(data=data, database=_place(data, database), seed=seed)
        asyncio.run(_serve(settings, (host, chosen), ready_file, beside))


@app.command()
def migrate(*, data: Data, database: At = None) -> None:
    """升级数据库结构 / Bring the database to this program's schema."""
    with _told(), _alone(data), _database(data, database, alone=True) as opened:
        typer.echo(f"schema ok: {opened.name}")
        if opened.backup:
            typer.echo(f"backup: {opened.backup}")


@app.command()
def move(
    *,
    data: Data,
    to: Annotated[
        str | None,
        typer.Option(
            help="PostgreSQL 空库的地址，缺省取设置 / an empty PostgreSQL database by URL; "
            f"else from ${ENVIRONMENT} or {SETTINGS}"
        ),
    ] = None,
) -> None:
    """把数据目录中的 SQLite 整个迁到 PostgreSQL / Move the folder's SQLite file to PostgreSQL."""
    with _told(), _alone(data):
        target, file = _place(data, to), data / FILE
        if isinstance(target, Path):
            raise UnusableDatabaseError(_NO_TARGET)
        if not file.exists():
            raise UnusableDatabaseError(
                Text(f"{file} 不存在，没有可迁的数据。", f"There is no {file}, nothing to move.")
            )
        source = Database(file, SystemClock(), _to_nobody)
        try:
            with source.read() as view:
                verdict = moving.move(view, target, data, _tell_moved)
        finally:
            source.close()
        kept = file.with_name(f"{file.stem}.moved-{SystemClock().now():%Y%m%dT%H%M%SZ}.db")
        file.rename(kept)  # a service started by habit must not go on writing to it
    typer.echo(json.dumps({"rows": verdict.rows, "head": verdict.head, "kept": str(kept)}))
    _say(
        Text(
            f"已全部迁入并核对。请把地址写入 {data / SETTINGS} 或 ${ENVIRONMENT} 后再启动服务；"
            f"原文件保留为 {kept.name}。",
            f"All is there and was compared. Put the address into {data / SETTINGS} or "
            f"${ENVIRONMENT} before you start the service; the old file stays as {kept.name}.",
        )
    )


@app.command()
def thin(
    *,
    data: Data,
    after_days: Annotated[int, typer.Option(help="早于几天 / days older than this", min=2)] = 7,
    keep_s: Annotated[int, typer.Option(help="每对象几秒留一点 / one fix per span", min=1)] = 60,
) -> None:
    """精简旧轨迹 / Keep one position per object and span of old days; the service must be down."""
    with _told(), _alone(data):
        today = SystemClock().now().date()
        dropped = thin_folder(data / POSITIONS, today, after_days=after_days, keep_s=keep_s)
    typer.echo(f"dropped: {dropped}")


@audit_app.command("verify")
def verify(*, data: Data, database: At = None) -> None:
    """校验审计链 / Recompute the chain; exits 4 at the first row that does not fit."""
    with _told(), _database(data, database) as opened, opened.read() as view:
        verdict = audit.verify(view.connection)
    typer.echo(json.dumps({"rows": verdict.rows, "head": verdict.head}))
    if verdict.fault:
        _say(verdict.fault)
        raise typer.Exit(_FAULT)


@accounts_app.command("reset")
def reset(account: str, *, data: Data, database: At = None) -> None:
    """重置密码并结束其会话 / Give a new random password and end the sessions."""
    with _told(), _database(data, database) as opened:
        given = accounts.reset_password(opened, Passwords(), account)
    typer.echo(json.dumps({"account": given.account, "password": given.password}))


@accounts_app.command("close")
def close(account: str, *, data: Data, database: At = None) -> None:
    """停用账号 / Close an account and end its sessions."""
    with _told(), _database(data, database) as opened:
        accounts.close_account(opened, account)


@accounts_app.command("role")
def change_role(account: str, role: Role, *, data: Data, database: At = None) -> None:
    """更改角色 / Give an account another role, at once."""
    with _told(), _database(data, database) as opened:
        accounts.change_role(opened, account, role)


@accounts_app.command("bind")
def bind(
    account: str,
    channels: Annotated[
        list[Channel] | None, typer.Argument(help="渠道,不写则不限 / channels; none for any")
    ] = None,
    *,
    data: Data,
    database: At = None,
) -> None:
    """账号只代表这些渠道 / Let an account stand for these channels only, at once."""
    with _told(), _database(data, database) as opened:
        accounts.bind(opened, account, channels or ())


@accounts_app.command("complete")
def complete(*, data: Data, database: At = None) -> None:
    """补建旧库缺少的渠道账号 / Make the channels' accounts an older database lacks."""
    with _told(), _database(data, database) as opened:
        made = accounts.complete(opened, Passwords(), data)
    if made is None:
        _say(
            Text(
                "渠道账号齐全；新库的账号由首次启动建立。",
                "No channel's account is missing; a new database gets its own at the first start.",
            )
        )
        return
    _say(
        Text(
            f"已补建渠道账号，密码在 {made}；channel 命令的 --credentials 用它，用后移走。",
            f"The channels' accounts are made, their passwords in {made}: give it to the channel "
            "command as --credentials, then keep it elsewhere.",
        )
    )


async def _serve(
    settings: Settings, at: tuple[str, int], ready_file: Path | None, city: City | None
) -> None:
    data, service = settings.data, build(settings)
    gc.freeze()  # what the service is made of stays: later garbage is found sooner, and cheaply
    server = Server(
        service,
        address=at[0],
        port=at[1],
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS),
        websockets=False,
        backlog=1024,
        log_enabled=False,
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server.serve())
    child: subprocess.Popen[bytes] | None = None
    try:
        await _answers(at, serving)
        url = f"http://{at[0]}:{at[1]}"
        child = _start_city(url, data, city) if city else None
        _write_ready(ready_file, {"url": url, "pid": os.getpid(), "credentials": _first(data)})
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
    finally:
        _stop_child(child)
        service.state.parts.hub.close()
        server.stop()  # type: ignore[no-untyped-call]  # granian ships it untyped
        done, late = await asyncio.wait({serving}, timeout=CLOSE_S)
        _unready(ready_file)
        if late:  # a client that neither reads nor leaves must not keep the service up
            os._exit(0)
        for task in done:
            task.result()


async def _answers(at: tuple[str, int], serving: asyncio.Task[None]) -> None:
    """Wait until the socket takes connections; raise what the server raised if it fails first."""
    while True:
        if serving.done():
            serving.result()
            raise RuntimeError("the server ended before it began")
        try:
            _reader, writer = await asyncio.open_connection(*at)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        await writer.wait_closed()
        return


def _start_city(url: str, data: Path, city: City) -> subprocess.Popen[bytes]:
    words = {
        "--backend": url,
        "--credentials": _first(data),
        "--seed": city.seed,
        "--scale": city.scale,
        "--rate": city.rate,
    }
    spelled = [str(word) for pair in words.items() for word in pair]
    parent = ["--with-parent", str(os.getpid())]
    return subprocess.Popen([*backend_command(), "simulate", *parent, *spelled])


def _stop_child(child: subprocess.Popen[bytes] | None) -> None:
    if child is None or child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(timeout=1.0)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _first(data: Path) -> str:
    return str((data / accounts.FIRST_FILE).resolve())


def _write_ready(path: Path | None, facts: dict[str, object]) -> None:
    line = json.dumps(facts)
    typer.echo(line)
    if path is None:
        return
    part = path.with_name(f"{path.name}.part")
    part.write_text(line, encoding="utf-8")
    part.replace(path)


def _unready(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)


def _free_port(host: str, port: int) -> int:
    """Find a port; the server shares ports by default, so one that is taken is refused here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnusableDatabaseError(
                Text(
                    f"无法监听 {host}:{port}({error.strerror})。请换一个端口。",
                    f"Cannot listen on {host}:{port} ({error.strerror}). Choose another port.",
                )
            ) from error
        return int(probe.getsockname()[1])


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data folder: two services on one database would be two truths."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "service.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnusableDatabaseError(
                Text(
                    f"另一个服务正在使用 {data}。请先停止它,或指定另一个数据目录。",
                    f"Another service is using {data}. Stop it or name another data folder.",
                )
            ) from error
        yield


def _place(data: Path, given: str | None) -> Path | URL:
    if has_password(given):
        _say(
            Text(
                f"命令行中的密码本机所有人可见;请改写在 ${ENVIRONMENT} 或 {SETTINGS} 中。",
                "Everybody on this machine sees a password on the command line; "
                f"put it into ${ENVIRONMENT} or {SETTINGS}.",
            )
        )
    return find(data, given)


@contextmanager
def _database(data: Path, url: str | None, *, alone: bool = False) -> Iterator[Database]:
    opened = Database(_place(data, url), SystemClock(), _to_nobody, folder=data, alone=alone)
    try:
        yield opened
    finally:
        opened.close()


def _tell_moved(one: moving.Moved) -> None:
    typer.echo(f"{one.table}: {one.rows}")


def _to_nobody(_committed: Committed) -> None:
    """Publish to no one: a serving process learns of it by reading."""


@contextmanager
def _told() -> Iterator[None]:
    """Say in both languages why a command cannot be done, and exit 3."""
    try:
        yield
    except UnusableDatabaseError as error:
        _say(error.why)
        raise typer.Exit(_UNUSABLE) from error
    except BadTableError as error:
        typer.echo(error.line(), err=True)
        raise typer.Exit(_UNUSABLE) from error
    except Refused as error:
        _say(error.problem.what)
        raise typer.Exit(_UNUSABLE) from error


def _say(text: Text) -> None:
    typer.echo(f"{text.zh}\n{text.en}", err=True)


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
