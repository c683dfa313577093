"""A PostgreSQL database: one writer at a time by advisory lock, readers that see a snapshot.

Whoever serves holds a second advisory lock on the writing session itself. When that session is
lost, the next one must take the lock anew before it writes: two services never write by turns.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from backend.storage.site import MARK, Site, UnusableDatabaseError
from backend_client.contract.base import Text

OLDEST = 13
_READERS, _MORE = 8, 24  # a connection is a process there: few stay open, as many as threads may
_WAIT_S = 5
_LOCKS = 0x4E544F  # the family of our advisory locks in a database
_WRITING, _SERVING = 1, 2
_BEGIN = f"SELECT pg_advisory_xact_lock({_LOCKS}, {_WRITING}), pg_current_xact_id()::text"
_SERVE = f"SELECT pg_advisory_lock({_LOCKS}, {_SERVING})"
_SESSION = (
    f"-c lock_timeout={_WAIT_S}s -c synchronous_commit=on -c timezone=UTC "
    "-c standard_conforming_strings=on -c idle_in_transaction_session_timeout=0"
)
_LINK: dict[str, str | int] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "nantong-service",
}
_DUMP_S = 3600
_LOCK_NOT_AVAILABLE = "55P03"


def open_server(url: URL, folder: Path, *, alone: bool) -> Site:
    """Open a database on a server; its tables are made when missing.

    Args:
        url: `postgresql+psycopg://…`; what it leaves out libpq takes from its own environment.
        folder: where a backup before an upgrade goes.
        alone: whether this process is the service, of which there is one per database.

    Raises:
        UnusableDatabaseError: it cannot be reached, lets us not in, is too old, keeps text in
            another encoding than UTF-8, or another service is using it.
    """
    writer = _engine(url, size=1, more=0)
    readers = _engine(url, size=_READERS, more=_MORE).execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    event.listen(writer, "begin", _on_begin)
    if alone:
        event.listen(writer, "connect", _on_writer)
    site = Site(
        name=url.render_as_string(hide_password=True),
        writer=writer,
        readers=readers,
        back_up=partial(_back_up, url, folder),
        is_kept=partial(_is_kept, writer),
        close=partial(_close, writer, readers),
    )
    try:
        _check(site)
    except UnusableDatabaseError:
        site.close()
        raise
    return site


def _engine(url: URL, *, size: int, more: int) -> Engine:
    missing = {name: value for name, value in _LINK.items() if name not in url.query}
    told = {} if "options" in url.query else {"options": _SESSION}
    return create_engine(
        url,
        pool_size=size,
        max_overflow=more,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={**missing, **told},
    )


def _on_begin(connection: Connection) -> None:
    row = connection.exec_driver_sql(_BEGIN).one()
    connection.info[MARK] = str(row[1])


def _on_writer(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Take the service's lock for as long as this session lives."""
    connection.autocommit = True
    connection.execute(_SERVE)
    connection.autocommit = False


def _check(site: Site) -> None:
    try:
        with site.writer.connect() as connection:
            version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
            encoding = str(connection.exec_driver_sql("SHOW server_encoding").scalar_one())
    except DBAPIError as error:
        raise _unusable(site.name, error.orig) from error
    if version < OLDEST * 10_000 or encoding != "UTF8":
        raise UnusableDatabaseError(
            Text(
                f"数据库 {site.name} 为 PostgreSQL {version // 10_000}、编码 {encoding};"
                f"需要 {OLDEST} 以上版本和 UTF8 编码。",
                f"The database {site.name} is PostgreSQL {version // 10_000} with encoding "
                f"{encoding}; {OLDEST} or newer and UTF8 are needed.",
            )
        )


def _unusable(name: str, error: BaseException | None) -> UnusableDatabaseError:
    """Say what kept us out and what to do, for each way of failing the server's own words."""
    said = " ".join(str(error).split())
    for told, why in _REASONS:
        if told(error, said):
            return UnusableDatabaseError(
                Text(f"{why.zh.format(name=name)}({said})", f"{why.en.format(name=name)} ({said})")
            )
    raise AssertionError("the last reason fits everything")


_Told = Callable[[BaseException | None, str], bool]
_REASONS: tuple[tuple[_Told, Text], ...] = (
    (
        lambda error, _said: getattr(error, "sqlstate", None) == _LOCK_NOT_AVAILABLE,
        Text(
            "另一个服务正在使用数据库 {name}。请先停止它,或指定另一个数据库。",
            "Another service is using the database {name}. Stop it or name another database.",
        ),
    ),
    (
        lambda _error, said: "authentication failed" in said or "no password" in said,
        Text(
            "数据库 {name} 拒绝登录。请核对用户名和密码;密码写在环境变量或设置文件中。",
            "The database {name} refused the sign-in. Check user and password; the password "
            "belongs into the environment or the settings file.",
        ),
    ),
    (
        lambda _error, said: "does not exist" in said,
        Text(
            "数据库 {name} 或其用户不存在。请先用 createdb 和 createuser 建立。",
            "The database {name} or its user does not exist. Make it with createdb, createuser.",
        ),
    ),
    (
        lambda _error, _said: True,
        Text(
            "无法使用数据库 {name}。请确认服务器已启动、地址和端口正确。",
            "Cannot use the database {name}. See that the server runs at this address and port.",
        ),
    ),
)


def _is_kept(writer: Engine, mark: str) -> bool:
    """Ask what became of a transaction.

    The writer's begin waits for the lock the old transaction holds to its end, so the answer is
    final.
    """
    with writer.begin() as connection:
        asked = text("SELECT pg_xact_status(CAST(:mark AS xid8))")
        return bool(connection.execute(asked, {"mark": mark}).scalar() == "committed")


def _close(writer: Engine, readers: Engine) -> None:
    readers.dispose()
    writer.dispose()


def _back_up(url: URL, folder: Path, at: datetime) -> Path:
    """Dump the database with PostgreSQL's own tool; the password goes by the environment."""
    tool = shutil.which("pg_dump") or next(iter(_installed()), None)
    if tool is None:
        raise _no_backup("pg_dump")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"city.before-upgrade-{at:%Y%m%dT%H%M%SZ}.dump"
    bare = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    command = [tool, "--format=custom", f"--file={target}", f"--dbname={bare}"]
    done = subprocess.run(
        command, env={**os.environ, **secret}, capture_output=True, text=True, timeout=_DUMP_S
    )
    if done.returncode != 0:
        target.unlink(missing_ok=True)
        raise _no_backup(" ".join(done.stderr.split()))
    return target


def _installed() -> list[str]:
    """List Debian's own places of the tool, newest first."""
    found = Path("/usr/lib/postgresql").glob("*/bin/pg_dump")
    return [str(path) for path in sorted(found, key=lambda path: -int(path.parts[-3]))]


def _no_backup(why: str) -> UnusableDatabaseError:
    return UnusableDatabaseError(
        Text(
            f"升级前未能备份数据库({why}),未作任何改动。请安装与服务器同版本的 postgresql-client "
            "后重试。",
            f"No backup could be made before the upgrade ({why}); nothing was changed. Install "
            "postgresql-client of the server's version and try again.",
        )
    )
