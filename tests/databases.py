"""Fresh databases for tests: a SQLite file copied, or a PostgreSQL database cloned, from one template.

PostgreSQL runs as a server of this test run alone. Tests connect to it as login roles that are
members of the program's group roles, never as a superuser, which would pass every permission check.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy import URL, NullPool, create_engine

from desktop.clock import Clock
from desktop.operations.demo import pin_clock
from desktop.store.access import group_of
from desktop.store.engine import database_url, make_engine
from desktop.store.open import find_actor, initialise, open_workspace
from desktop.store.workspace import Workspace
from desktop.terms import Role

ADMIN = "admin"
"""The login of the first person in every test database; see `conftest.py` for SQLite."""


@dataclass
class Place:
    """One fresh database: tables, seeds and the administrator, and nothing else."""

    kind: str
    url: URL
    opened: list[Workspace] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is an embedded database."""
        return self.kind == "sqlite"

    @property
    def where(self) -> str:
        """What a person would write after --database, acting as the administrator."""
        return self.where_for(ADMIN)

    def where_for(self, login: str) -> str:
        """What a person of that login would write after --database."""
        if self.is_sqlite:
            return str(self.url.database)
        return self.url.set(username=login).render_as_string(hide_password=False)

    def open(self, login: str = ADMIN, clock: Clock | None = None) -> Workspace:
        """Open it as a person; on PostgreSQL over a connection of that person's own login role."""
        if self.is_sqlite:
            workspace = open_workspace(self.where, login=login, clock=clock)
        else:
            workspace = open_workspace(self.where_for(login), clock=clock)
        self.opened.append(workspace)
        return workspace

    def close(self) -> None:
        """Close every connection that was opened here."""
        while self.opened:
            self.opened.pop().close()


class Host(Protocol):
    """Makes fresh databases of one kind."""

    def fresh(self, folder: Path) -> Place:
        """Return a new database; `folder` belongs to the test."""
        ...

    def drop(self, place: Place) -> None:
        """Throw a database away."""
        ...


class SqliteHost:
    """Copies one prepared file."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        initialise(self._template)
        engine = make_engine(database_url(self._template))
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()

    def fresh(self, folder: Path) -> Place:
        """Return a copy of the template in `folder`."""
        path = folder / "plumbline.db"
        shutil.copyfile(self._template, path)
        return Place("sqlite", database_url(path))

    def drop(self, place: Place) -> None:
        """Close what is open; pytest removes the folder."""
        place.close()


def ensure_login(workspace: Workspace, login: str, role: Role) -> None:
    """See to it that a login role exists; roles belong to the server, which all tests share.

    So that tests cannot give each other rights, a login means the same role everywhere.
    """
    if workspace.is_sqlite:
        return
    root = workspace.engine.url.set(drivername="postgresql", username="postgres", database="postgres")
    with psycopg.connect(root.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(2)")
        found = connection.execute(
            "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
            " JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = %s AND g.rolname LIKE 'plumbline%%'",
            [login],
        ).fetchall()
        if not found:
            connection.execute(f'CREATE ROLE "{login}" LOGIN IN ROLE {group_of(role)}')
        elif (group_of(role),) not in found:
            raise AssertionError(f"another test uses the login {login} for {found}: choose another one")


def acting(workspace: Workspace, login: str) -> Workspace:
    """Return the same open database for another person, without a connection of their own."""
    with workspace.engine.connect() as connection:
        return workspace.acting_as(find_actor(connection, login))


def unguarded(workspace: Workspace) -> Workspace:
    """Return the database as somebody sees it who holds the server: no permission, guard or constraint holds them.

    For tests of what is noticed afterwards. An embedded database has no such person: it is returned as it is.
    """
    if workspace.is_sqlite:
        with workspace.engine.begin() as connection:
            for (name,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return workspace
    engine = create_engine(
        workspace.engine.url.set(username="postgres"),
        poolclass=NullPool,
        connect_args={"options": "-c timezone=UTC -c session_replication_role=replica"},
    )
    return Workspace(engine, workspace.actor, workspace.clock, workspace.zone)


def pinned(place: Place, instant: datetime) -> None:
    """Let a database's clock stand still: on PostgreSQL as whoever holds the server, for nobody else may."""
    if place.is_sqlite:
        place.open().write(lambda work: pin_clock(work, instant))
        return
    root = place.url.set(drivername="postgresql", username="postgres")
    with psycopg.connect(root.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("SET ROLE plumbline_owner")
        connection.execute(
            "INSERT INTO database_setting (key, value) VALUES ('pinned_now', %s)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [instant.isoformat()],
        )
