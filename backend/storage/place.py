"""Where the database is: a file in the data folder, or a server named by URL.

A URL is looked for in this order: the command line, the environment, `service.toml` in the data
folder. A password belongs into one of the last two, since everybody on a machine sees its command
lines.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from backend.storage.site import UnusableDatabaseError
from backend_client.contract.base import Text

FILE = "city.db"
ENVIRONMENT = "CITY_DATABASE"
SETTINGS = "service.toml"
_DRIVER = "postgresql+psycopg"
_SERVERS = ("postgresql", "postgres", _DRIVER)


def find(data: Path, given: str | None) -> Path | URL:
    """Find the database that belongs to a data folder.

    Args:
        data: the service's own folder.
        given: the URL named on the command line, if any.

    Raises:
        UnusableDatabaseError: the URL or the settings file cannot be read.
    """
    # Taken out of the environment: no process of ours that does not need it inherits a password.
    told = os.environ.pop(ENVIRONMENT, None)
    spelled = given or told or _from_settings(data / SETTINGS)
    return data / FILE if not spelled else read_url(spelled)


def has_password(given: str | None) -> bool:
    """Tell whether an address on the command line shows a password to the whole machine."""
    found = read_url(given) if given else None
    return isinstance(found, URL) and found.password is not None


def read_url(spelled: str) -> Path | URL:
    """Read `postgresql+psycopg://user@host/name`, or `sqlite:///path`.

    Raises:
        UnusableDatabaseError: it is neither.
    """
    try:
        url = make_url(spelled)
    except ArgumentError as error:
        raise _unread(spelled) from error
    if url.drivername == "sqlite" and url.database:
        return Path(url.database)
    if url.drivername not in _SERVERS:
        raise _unread(url.render_as_string(hide_password=True))
    return url.set(drivername=_DRIVER)


def _from_settings(path: Path) -> str | None:
    if not path.exists():
        return None
    try:
        spelled = tomllib.loads(path.read_text(encoding="utf-8")).get("database")
    except (OSError, ValueError) as error:
        raise UnusableDatabaseError(
            Text(
                f"无法读取设置文件 {path}({error})。请改正或删除它。",
                f"Cannot read the settings file {path} ({error}). Correct or remove it.",
            )
        ) from error
    if spelled is not None and not isinstance(spelled, str):
        raise _unread(f"{path}: database = {spelled!r}")
    return spelled


def _unread(spelled: str) -> UnusableDatabaseError:
    return UnusableDatabaseError(
        Text(
            f"看不懂数据库地址 {spelled}。请写成 postgresql+psycopg://用户@主机/库名。",
            f"Cannot read the database address {spelled}. "
            "Write it as postgresql+psycopg://user@host/name.",
        )
    )
