"""Sign-in, tokens, persons and their scope."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from backend_client.contract.base import Flag, Frozen, Id, Line, Region
from backend_client.contract.events import Channel


class Role(StrEnum):
    """Six human roles, and the account of a feed."""

    OPERATOR = "operator"  # 操作员
    DISPATCHER = "dispatcher"  # 调度员
    DUTY_LEADER = "duty_leader"  # 值班领导
    LEADER = "leader"  # 领导
    MAINTAINER = "maintainer"  # 运维
    AUDITOR = "auditor"  # 审计员
    FEED = "feed"  # 数据源


class Person(Frozen):
    """Who is signed in and what they may reach.

    `departments` holds ids, or "*" for every department. An account with `channels` stands for
    these alone: it hands in by them and reads what their reporters hear; one without any is bound
    to none.
    """

    person_id: Id
    name: Line
    role: Role
    regions: tuple[Region, ...]
    departments: tuple[str, ...]
    mfa: Flag = False
    channels: tuple[Channel, ...] = ()


class SignIn(Frozen):
    """Name and password, and the second factor where the account has one."""

    account: Id
    password: Annotated[str, Field(min_length=1, max_length=200)]
    totp: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = None


class Refresh(Frozen):
    """Exchange a refresh token for a new pair; each works once."""

    refresh: Annotated[str, Field(min_length=10, max_length=4_000)]


class Tokens(Frozen):
    """A short access token and the refresh token that renews it."""

    access: str
    refresh: str
    expires_in_s: int
    person: Person
