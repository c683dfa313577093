"""Accounts and sessions: read and written inside the caller's unit."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from backend.storage.tables import PERSON, SESSION
from backend_client.contract.auth import Person, Role
from backend_client.contract.events import Channel


@dataclass(frozen=True, slots=True)
class Account:
    """One account with its secrets; never leaves the service."""

    person: Person
    password_hash: str
    totp_secret: str | None
    totp_step: int
    active: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in and the only refresh token of it that still works."""

    family: str
    person_id: str
    mfa: bool
    refresh_hash: str
    expires_at: datetime
    revoked: bool


def count(connection: Connection) -> int:
    """Count the accounts."""
    return int(connection.execute(select(func.count()).select_from(PERSON)).scalar_one())


def account(connection: Connection, person_id: str, *, mfa: bool = False) -> Account | None:
    """Read one account; `mfa` is what the person's sign-in proved."""
    row = connection.execute(select(PERSON).where(PERSON.c.person_id == person_id)).first()
    return _account(row, mfa=mfa) if row else None


def add(connection: Connection, new: Account) -> None:
    """Write a new account."""
    person = new.person
    connection.execute(
        insert(PERSON).values(
            person_id=person.person_id,
            name=person.name,
            role=person.role.value,
            regions=json.dumps(person.regions),
            departments=json.dumps(person.departments),
            password_hash=new.password_hash,
            totp_secret=new.totp_secret,
            totp_step=new.totp_step,
            active=int(new.active),
            channels=json.dumps(person.channels),
        )
    )


def names_of(connection: Connection, person_ids: Collection[str]) -> dict[str, str]:
    """Give the names of some persons by their ids; an account that is gone has none."""
    rows = connection.execute(
        select(PERSON.c.person_id, PERSON.c.name).where(PERSON.c.person_id.in_(person_ids))
    )
    return {row.person_id: row.name for row in rows}


def set_step(connection: Connection, person_id: str, step: int) -> None:
    """Remember the last one-time-code step a person used."""
    _update(connection, person_id, {"totp_step": step})


def set_password(connection: Connection, person_id: str, password_hash: str) -> None:
    """Replace a person's password hash."""
    _update(connection, person_id, {"password_hash": password_hash})


def set_active(connection: Connection, person_id: str, *, active: bool) -> None:
    """Open or close an account."""
    _update(connection, person_id, {"active": int(active)})


def set_role(connection: Connection, person_id: str, role: Role) -> None:
    """Give a person another role; it counts from the next request on."""
    _update(connection, person_id, {"role": role.value})


def set_channels(connection: Connection, person_id: str, channels: Collection[Channel]) -> None:
    """Bind an account to channels, or to none in particular; it counts from the next request on."""
    _update(connection, person_id, {"channels": json.dumps(list(channels))})


def session(connection: Connection, family: str) -> Session | None:
    """Read one session."""
    row = connection.execute(select(SESSION).where(SESSION.c.family == family)).first()
    if row is None:
        return None
    return Session(
        row.family,
        row.person_id,
        bool(row.mfa),
        row.refresh_hash,
        datetime.fromisoformat(row.expires_at),
        bool(row.revoked),
    )


def open_session(connection: Connection, new: Session) -> None:
    """Write a new session."""
    connection.execute(
        insert(SESSION).values(
            family=new.family,
            person_id=new.person_id,
            mfa=int(new.mfa),
            refresh_hash=new.refresh_hash,
            expires_at=new.expires_at.isoformat(),
            revoked=0,
        )
    )


def rotate(connection: Connection, family: str, refresh_hash: str, expires_at: datetime) -> None:
    """Replace a session's refresh token; the one before stops working."""
    connection.execute(
        update(SESSION)
        .where(SESSION.c.family == family)
        .values(refresh_hash=refresh_hash, expires_at=expires_at.isoformat())
    )


def revoke(connection: Connection, family: str) -> None:
    """End one session."""
    connection.execute(update(SESSION).where(SESSION.c.family == family).values(revoked=1))


def revoke_all(connection: Connection, person_id: str) -> None:
    """End every session of a person."""
    connection.execute(update(SESSION).where(SESSION.c.person_id == person_id).values(revoked=1))


def active(connection: Connection) -> list[Person]:
    """Read everybody whose account is open, by id."""
    rows = connection.execute(
        select(PERSON).where(PERSON.c.active == 1).order_by(PERSON.c.person_id)
    )
    return [_account(row, mfa=False).person for row in rows]


def signed_in(connection: Connection, now: datetime) -> frozenset[str]:
    """Name everybody who has a session that still stands."""
    rows = connection.execute(
        select(SESSION.c.person_id, SESSION.c.expires_at).where(SESSION.c.revoked == 0)
    )
    return frozenset(row.person_id for row in rows if datetime.fromisoformat(row.expires_at) > now)


def _update(connection: Connection, person_id: str, values: dict[str, object]) -> None:
    connection.execute(update(PERSON).where(PERSON.c.person_id == person_id).values(**values))


def _account(row: Row[*tuple[object, ...]], *, mfa: bool) -> Account:
    return Account(
        Person(
            person_id=row.person_id,
            name=row.name,
            role=Role(row.role),
            regions=tuple(json.loads(row.regions)),
            departments=tuple(json.loads(row.departments)),
            mfa=mfa,
            channels=tuple(map(Channel, json.loads(row.channels))),
        ),
        row.password_hash,
        row.totp_secret,
        row.totp_step,
        bool(row.active),
    )
