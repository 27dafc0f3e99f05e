"""Which schema a database has, and bringing it to the one this console knows."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from desktop.control import Control
from desktop.errors import DatabaseProblem
from desktop.i18n import N_
from desktop.store.engine import database_url, is_sqlite, make_engine

HEAD = "0024"
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


def require_unmoved(connection: Connection) -> None:
    """Raise DatabaseProblem if the schema is no longer this console's: somebody upgraded it meanwhile (case 67)."""
    require_current(str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()))


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
    from desktop.store.keeping.embedded import alone, check_whole, copy, open_plain, told_of
    from desktop.store.keeping.files import keep_beside, written_beside

    path = Path(str(engine.url.database))
    engine.dispose()
    alone(path)
    kept = path.with_name(path.name + ".before-upgrade")
    with written_beside(path) as draft, told_of(path), closing(open_plain(path)) as held:
        held.execute("BEGIN IMMEDIATE")  # nobody writes into what is about to be replaced
        copy(path, draft, Control())
        upgraded = make_engine(database_url(draft))
        with upgraded.begin() as connection:
            _run_migrations(connection)
        upgraded.dispose()
        alone(draft)
        check_whole(draft, draft, Control())
        kept.unlink(missing_ok=True)
        keep_beside(path, kept)
        held.execute("ROLLBACK")


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
