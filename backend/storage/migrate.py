"""Bring the database to this program's schema: backup first, forward only, never half-way."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from backend.storage.site import Site, UnusableDatabaseError
from backend_client.contract.base import Text

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(site: Site, at: datetime) -> Path | None:
    """Upgrade to the newest schema in one transaction.

    Args:
        site: the database; its writer's transactions begin with the right to write.
        at: present instant, for the name of the backup.

    Returns:
        Where the backup of a non-empty database was written, None when nothing had to be done
        or the database was new.

    Raises:
        UnusableDatabaseError: the database was written by a newer program.
    """
    script = ScriptDirectory.from_config(_config())
    known = {revision.revision for revision in script.walk_revisions()}
    with site.writer.connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    if unknown := sorted(present - known):
        raise UnusableDatabaseError(
            Text(
                f"数据库由更新版本的程序写入(结构 {', '.join(unknown)}),"
                "本程序不会改动它。请升级程序,或指定另一个数据库。",
                f"A newer program wrote this database (schema {', '.join(unknown)}); this one "
                "leaves it alone. Upgrade the program or name another database.",
            )
        )
    if present == set(script.get_heads()):
        return None
    backup = site.back_up(at) if present else None
    with site.writer.begin() as connection:
        upgrade(connection)
    return backup


def upgrade(connection: Connection) -> None:
    """Upgrade to the newest schema inside the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
