"""Connections: an embedded SQLite file or a PostgreSQL server, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from desktop.errors import InvalidInput
from desktop.i18n import N_

WRITE = "plumbline_write"
"""Execution option of a connection that is about to write: SQLite then begins IMMEDIATE."""


def database_url(text: str | Path) -> URL:
    """Return the SQLAlchemy URL that a person's text means: a file path is SQLite.

    Raises InvalidInput for any database that is not SQLite or PostgreSQL.
    """
    if isinstance(text, Path) or "://" not in text:
        path = Path(text).expanduser().absolute()
        return URL.create("sqlite", database=str(path))
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("unreadable")
    backend = url.drivername.split("+")[0]
    if backend == "sqlite" and url.database:
        return url.set(drivername="sqlite")
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    raise InvalidInput(
        "database_unsupported",
        N_("“{text}” is not a database that Plumbline can work on."),
        remedy=N_(
            "Give a file path for the embedded database, or postgresql://host/database for the team's."
        ),
        text=url.render_as_string(hide_password=True) if backend != "unreadable" else text,
    )


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether this is the embedded database."""
    return bind.dialect.name == "sqlite"


def make_engine(url: URL) -> Engine:
    """Return an engine with the isolation and durability that decisions ask for."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": 10.0})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_size=4,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "application_name": "plumbline", "options": "-c timezone=UTC"},
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that upgrades to a write fails at once when another writer is there,
    # whatever the timeout; an immediate one waits its turn.
    immediate = connection.get_execution_options().get(WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
