"""Bulk layers: features with their fields, each layer's version, measured values."""

from __future__ import annotations

from alembic import op

from backend.storage.dialect import ddl

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

_DDL = (
    """
    CREATE TABLE layer (
        layer TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        last_oid INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE feature (
        layer TEXT NOT NULL,
        oid INTEGER NOT NULL,
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        lon REAL,
        lat REAL,
        region TEXT NOT NULL,
        department TEXT NOT NULL,
        state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
        value REAL,
        observed_ms INTEGER NOT NULL,
        properties TEXT NOT NULL,
        gone INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (layer, oid),
        CHECK ((lon IS NULL) = (lat IS NULL))
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX feature_id ON feature (layer, id)",
    """
    CREATE TABLE series (
        layer TEXT NOT NULL,
        oid INTEGER NOT NULL,
        minute INTEGER NOT NULL,
        observed_ms INTEGER NOT NULL,
        value REAL NOT NULL,
        PRIMARY KEY (layer, oid, minute)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX series_minute ON series (minute)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in _DDL:
        op.execute(ddl(op.get_bind(), statement))
