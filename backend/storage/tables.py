"""Tables of the core as SQLAlchemy sees them; the DDL itself is in the migrations.

Work items of every kind share one table: stream, pages, scope filter and version check need the
same columns of all of them, and the body is the contract's own JSON, so a new kind costs no
table. What a kind is searched by has an expression index on its body.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

METADATA = MetaData()

WORK_ITEM = Table(
    "work_item",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("region", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("last_by", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Present state of every work item; `body` is the contract's JSON with `allowed` empty."""

CHANGE_LOG = Table(
    "change_log",
    METADATA,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("was_region", Text, nullable=False),
    Column("was_department", Text, nullable=False),
    Column("body", Text),
)
"""The numbered stream; `was_*` is the scope before the change, `body` NULL means deleted."""

CHANGE_COUNT = Table(
    "change_count",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("n", BigInteger, nullable=False),
)
"""One row: the newest change number. Counted by the writing unit, so no number is ever left out."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True),
    Column("at", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""The hash chain; triggers refuse UPDATE and DELETE."""

PERSON = Table(
    "person",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("regions", Text, nullable=False),
    Column("departments", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", Text),
    Column("totp_step", BigInteger, nullable=False),
    Column("active", BigInteger, nullable=False),
    Column("channels", Text, nullable=False),
)
"""Accounts; regions, departments and channels are JSON lists, `totp_step` the last one accepted."""

SESSION = Table(
    "session",
    METADATA,
    Column("family", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("mfa", BigInteger, nullable=False),
    Column("refresh_hash", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("revoked", BigInteger, nullable=False),
)
"""One row per sign-in; `refresh_hash` is the only refresh token of the family that still works."""

ALARM_LOG = Table(
    "alarm_log",
    METADATA,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("deed", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("circle", Text, nullable=False),
    Column("upset", Text, nullable=False),
    Column("level", BigInteger, nullable=False),
    Column("region", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("quiet", BigInteger, nullable=False),
)
"""One row per step of an alarm; `quiet` 1 where a suppression kept it from strip and sound."""

META = Table(
    "meta",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Facts about this database itself, e.g. its epoch."""

SHIFT_LINE = Table(
    "shift_line",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("no", BigInteger, primary_key=True),
    Column("entry_id", Text),
    Column("at", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("closes", BigInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""Lines of the shift log; triggers refuse UPDATE, DELETE and a line after the one that closes.

`body` is the line's JSON without its place in the chain, `words` what it is searched by.
"""

ATTACHMENT = Table(
    "attachment",
    METADATA,
    Column("attachment_id", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("region", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
)
"""Who brought which file; the same bytes are one file. `held` 1 once something refers to it."""

ATTACHMENT_USE = Table(
    "attachment_use",
    METADATA,
    Column("attachment_id", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
)
"""Which event came with which file."""

REPAIR = Table(
    "repair",
    METADATA,
    Column("no", BigInteger, primary_key=True, autoincrement=False),
    Column("repair_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("done_id", Text),
    Column("done_name", Text),
    Column("done_ms", BigInteger),
    Column("is_cut", BigInteger, nullable=False),
    Column("raw", Text, nullable=False),
)
"""What the door refused; the same from the same sender is one row. `raw` stands last: it is long,
and whoever looks for a row need not read past it."""
