"""Make and change accounts: random first passwords into a file only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyotp

from backend.domain.refused import not_found
from backend.services.passwords import Passwords
from backend.storage import persons
from backend.storage.database import Database
from backend.storage.persons import Account
from backend_client.contract.auth import Person, Role
from backend_client.contract.base import CITY, EVERY_DEPARTMENT
from backend_client.contract.events import Channel

FIRST_FILE = "first-passwords.json"
_PASSWORD_BYTES = 15


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """An account of a fresh database; change or close it once people have their own."""

    account: str
    name: str
    role: Role
    region: str = CITY
    department: str = EVERY_DEPARTMENT
    channels: tuple[Channel, ...] = ()


def _channel(name: str, channel: Channel) -> FirstAccount:
    return FirstAccount(f"channel_{channel.value}", name, Role.FEED, channels=(channel,))


FIRST: tuple[FirstAccount, ...] = (
    FirstAccount("operator", "市值班操作员", Role.OPERATOR),
    FirstAccount("operator_rudong", "如东操作员", Role.OPERATOR, "320623"),
    FirstAccount("operator_chongchuan", "崇川操作员", Role.OPERATOR, "320613"),
    FirstAccount("operator_water", "水利操作员", Role.OPERATOR, CITY, "D27"),
    FirstAccount("operator_police", "公安操作员", Role.OPERATOR, CITY, "D16"),
    FirstAccount("operator_urban", "城管操作员", Role.OPERATOR, CITY, "D25"),
    FirstAccount("dispatcher", "市调度员", Role.DISPATCHER),
    FirstAccount("dispatcher_second", "市调度员(邻席)", Role.DISPATCHER),
    FirstAccount("dispatcher_rudong", "如东调度员", Role.DISPATCHER, "320623"),
    FirstAccount("duty", "市值班领导", Role.DUTY_LEADER),
    FirstAccount("leader", "市领导", Role.LEADER),
    FirstAccount("maintainer", "运维人员", Role.MAINTAINER),
    FirstAccount("auditor", "审计员", Role.AUDITOR),
    FirstAccount("feed", "数据源", Role.FEED),
    _channel("渠道 110", Channel.POLICE),
    _channel("渠道 12345", Channel.HOTLINE),
    _channel("渠道 网页", Channel.WEB),
    _channel("渠道 应用与随手拍", Channel.APP),
    _channel("渠道 网格员", Channel.GRID),
    _channel("渠道 视频识别", Channel.CAMERA),
    _channel("渠道 部门系统", Channel.DEPARTMENT),
)


@dataclass(frozen=True, slots=True)
class Credential:
    """One line of the first-passwords file."""

    account: str
    password: str
    totp_secret: str | None
    role: str
    note: str


def make_first(database: Database, passwords: Passwords, folder: Path) -> Path | None:
    """Fill an empty database with accounts of random passwords.

    Returns:
        The 0600 file they were written to, None when accounts existed already.
    """
    with database.read() as view:
        if persons.count(view.connection):
            return None
    return _make(database, passwords, folder / FIRST_FILE, FIRST)


def missing(database: Database) -> tuple[FirstAccount, ...]:
    """Name the channels' accounts that an older program did not make; a closed one is there.

    None where nobody has an account yet: the first start makes all of them.
    """
    with database.read() as view:
        if not persons.count(view.connection):
            return ()
        return tuple(
            first
            for first in FIRST
            if first.channels and persons.account(view.connection, first.account) is None
        )


def complete(database: Database, passwords: Passwords, folder: Path) -> Path | None:
    """Make the channels' accounts that are missing, each bound to its channel.

    Returns:
        The 0600 file their passwords were put into, beside those that were there; None when none
        was missing.
    """
    lacking = missing(database)
    return _make(database, passwords, folder / FIRST_FILE, lacking) if lacking else None


def _make(
    database: Database, passwords: Passwords, path: Path, wanted: Sequence[FirstAccount]
) -> Path:
    """Make accounts; their passwords are on the disk before the first of them can sign in."""
    credentials = [_credential(first) for first in wanted]
    made = [
        _account(first, given, passwords) for first, given in zip(wanted, credentials, strict=True)
    ]
    names = {given.account for given in credentials}
    kept = [one for one in _lines(path) if one.get("account") not in names]
    lines = [*kept, *map(_line, credentials)]
    _write_private(path, json.dumps(lines, ensure_ascii=False))
    with database.write() as unit:
        for account in made:
            persons.add(unit.connection, account)
            unit.audit("account.make", f"account/{account.person.person_id}", by=None)
    return path


def _lines(path: Path) -> list[dict[str, object]]:
    """Read the file of passwords there is, if it is still there and one of ours."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def reset_password(database: Database, passwords: Passwords, account: str) -> Credential:
    """Give an account a new random password and end its sessions.

    Raises:
        Refused: 404 when there is no such account.
    """
    with database.read() as view:
        present = persons.account(view.connection, account)
    if present is None:
        raise not_found(account)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    hashed = passwords.hash(password)
    with database.write() as unit:
        persons.set_password(unit.connection, account, hashed)
        persons.revoke_all(unit.connection, account)
        unit.audit("account.reset", f"account/{account}", by=None)
    return Credential(account, password, present.totp_secret, present.person.role.value, "")


def close_account(database: Database, account: str) -> None:
    """Close an account; its sessions and streams end at once.

    Raises:
        Refused: 404 when there is no such account.
    """
    with database.write() as unit:
        if persons.account(unit.connection, account) is None:
            raise not_found(account)
        persons.set_active(unit.connection, account, active=False)
        persons.revoke_all(unit.connection, account)
        unit.audit("account.close", f"account/{account}", by=None)


def change_role(database: Database, account: str, role: Role) -> None:
    """Give an account another role; it counts from the next request on, streams included.

    Raises:
        Refused: 404 when there is no such account.
    """
    with database.write() as unit:
        if persons.account(unit.connection, account) is None:
            raise not_found(account)
        persons.set_role(unit.connection, account, role)
        unit.audit("account.role", f"account/{account}", by=None, detail={"role": role.value})


def bind(database: Database, account: str, channels: Sequence[Channel]) -> None:
    """Let an account stand for some channels alone, or for none; it counts from the next request.

    Raises:
        Refused: 404 when there is no such account.
    """
    with database.write() as unit:
        if persons.account(unit.connection, account) is None:
            raise not_found(account)
        own = tuple(dict.fromkeys(channels))
        persons.set_channels(unit.connection, account, own)
        detail = {"channels": " ".join(own)}
        unit.audit("account.bind", f"account/{account}", by=None, detail=detail)


def _credential(first: FirstAccount) -> Credential:
    return Credential(
        account=first.account,
        password=secrets.token_urlsafe(_PASSWORD_BYTES),
        totp_secret=None if first.role is Role.FEED else pyotp.random_base32(),
        role=first.role.value,
        note=f"{first.name} {first.region} {first.department}",
    )


def _account(first: FirstAccount, given: Credential, passwords: Passwords) -> Account:
    person = Person(
        person_id=first.account,
        name=first.name,
        role=first.role,
        regions=(first.region,),
        departments=(first.department,),
        channels=first.channels,
    )
    return Account(person, passwords.hash(given.password), given.totp_secret, 0, active=True)


def _line(given: Credential) -> dict[str, str | None]:
    return {
        "account": given.account,
        "password": given.password,
        "totp_secret": given.totp_secret,
        "role": given.role,
        "note": given.note,
    }


def _write_private(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
