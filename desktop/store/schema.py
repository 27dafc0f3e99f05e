"""Which schema a database has, and bringing it to the one this console knows."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from desktop.errors import DatabaseProblem
from desktop.i18n import N_
from desktop.store.engine import database_url, is_sqlite, make_engine

HEAD = "0005"
"""The schema revision this console works on; a test holds it to the newest migration."""


def revision(connection: Connection) -> str | None:
    """Return the schema revision of a database; None where Plumbline has never been."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


def require_current(found: str | None) -> None:
    """Raise DatabaseProblem unless `found` is the revision this console works on."""
    if found == HEAD:
        return
    if found is None:
        raise DatabaseProblem(
            "not_initialised",
            N_("This database has no Plumbline tables yet."),
            remedy=N_("Let its administrator run: plumbline init"),
        )
    if found > HEAD:
        raise DatabaseProblem(
            "database_newer",
            N_("This database has schema {found}; this console knows only {known}."),
            remedy=N_("Please upgrade this console. The database was not touched."),
            found=found,
            known=HEAD,
        )
    raise DatabaseProblem(
        "database_older",
        N_("This database has schema {found}; this console needs {known}."),
        remedy=N_("Let its administrator run: plumbline init"),
        found=found,
        known=HEAD,
    )


def upgrade(engine: Engine) -> bool:
    """Bring a database to `HEAD`; return whether anything was done.

    An embedded database that already holds data is upgraded as a copy which replaces the file only
    when it is whole; DDL on SQLite is not reliably rolled back.
    """
    with engine.connect() as connection:
        found = revision(connection)
    if found == HEAD:
        return False
    if found is not None and found > HEAD:
        require_current(found)
    if engine.dialect.name == "sqlite" and found is not None:
        _upgrade_copy(engine)
    else:
        with engine.begin() as connection:
            _run_migrations(connection)
    return True


def _upgrade_copy(engine: Engine) -> None:
    path = Path(str(engine.url.database))
    copy = path.with_name(path.name + ".upgrading")
    engine.dispose()
    copy.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
        upgraded = make_engine(database_url(copy))
        with upgraded.begin() as connection:
            _run_migrations(connection)
        with upgraded.connect() as connection:
            problems = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            if problems != "ok":
                raise DatabaseProblem(
                    "upgrade_failed",
                    N_("The upgraded copy of the database is damaged: {detail}"),
                    remedy=N_("The old file was kept as it was; check the disk and try again."),
                    detail=problems,
                )
            connection.rollback()
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        upgraded.dispose()
        shutil.copy2(path, path.with_name(path.name + ".before-upgrade"))
        os.replace(copy, path)  # noqa: PTH105
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    finally:
        for suffix in ("", "-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def alembic_config(connection: Connection | None = None) -> object:
    """Return the Alembic configuration of this program, working on `connection` where one is given."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def _run_migrations(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = alembic_config(connection)
    assert isinstance(config, Config)
    command.upgrade(config, HEAD)
    if is_sqlite(connection):
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        assert broken is None, f"a migration broke a reference: {broken}"
