"""Putting an archive into the team database: made beside the old one, proved, and exchanged in one step."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection
from sqlalchemy.engine import URL

from desktop.control import Control
from desktop.errors import DatabaseProblem, NotAllowed
from desktop.i18n import N_
from desktop.store import access
from desktop.store.engine import make_engine
from desktop.store.keeping.server import require_same, verified
from desktop.store.keeping.tools import address, find_tool, run
from desktop.store.logins import prepare_groups
from desktop.store.open import initialise

Root = psycopg.Connection[tuple[Any, ...]]
_LONGEST_NAME = 63


def restore(
    backup: Path, url: URL, *, now: datetime, control: Control | None = None
) -> tuple[str | None, list[str]]:
    """Put a backup in the place of a team database; return the name under which the replaced one stays.

    A missing or empty database is filled. Anything else is left alone until a new database beside it holds
    row for row what the manifest says; then the two change names in one transaction. The second value
    names the logins of the backup that this server does not have. Raises what `verified` raises,
    DatabaseProblem (`database_in_use`, `tool_failed`) or NotAllowed.
    """
    control = control or Control()
    manifest = verified(backup, control)
    with _root(url) as root:
        name = str(url.database)
        there = _exists(root, name)
        target = name if not there or _is_empty(url) else f"{name[:40]}_restoring_{now:%Y%m%dt%H%M%S}"
        made = target != name or not there
        if made:
            _create(root, target, like=name if there else None)
        try:
            _fill(backup, url.set(database=target), control)
            require_same(url.set(database=target), backup, manifest, control)
            initialise(url.set(database=target).render_as_string(hide_password=False))
            control.check()
            kept = _exchange(root, name, target, now) if target != name else None
        except BaseException:
            if made:
                with contextlib.suppress(psycopg.Error):
                    root.execute(
                        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(target))
                    )
            raise
        known = {row[0] for row in root.execute("SELECT rolname FROM pg_roles")}
        return kept, sorted(set(manifest.logins) - known)


@contextmanager
def _root(url: URL) -> Iterator[Root]:
    """Connect to the server, outside the database that is to be exchanged."""
    engine = make_engine(url.set(database="postgres"))
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            connection.rollback()
            driver.autocommit = True
            yield driver
    finally:
        engine.dispose()


def _exists(root: Root, name: str) -> bool:
    return root.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _is_empty(url: URL) -> bool:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
                " WHERE NOT starts_with(n.nspname::text, 'pg_') AND n.nspname <> 'information_schema' LIMIT 1"
            )
            return found.first() is None
    finally:
        engine.dispose()


def _create(root: Root, name: str, like: str | None) -> None:
    made = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
    if like:
        found = root.execute(
            "SELECT datcollate, datctype FROM pg_database WHERE datname = %s", [like]
        ).fetchone()
        assert found
        made += sql.SQL(" LC_COLLATE {} LC_CTYPE {}").format(*map(sql.Literal, found))
    try:
        root.execute(made)
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotAllowed(
            "restore_not_allowed",
            N_("This login may not make the new database that a restore needs."),
            remedy=N_(
                "Let the server's administrator run: ALTER ROLE {login} CREATEDB; or restore into an empty database."
            ),
            login=root.info.user,
        ) from error
    if like:
        for (setting,) in root.execute(
            "SELECT unnest(setconfig) FROM pg_db_role_setting JOIN pg_database AS d ON d.oid = setdatabase"
            " WHERE setrole = 0 AND datname = %s",
            [like],
        ).fetchall():
            key, _, value = str(setting).partition("=")
            root.execute(
                sql.SQL("ALTER DATABASE {} SET {} TO {}").format(
                    sql.Identifier(name), sql.Identifier(key), sql.Literal(value)
                )
            )


def _fill(backup: Path, url: URL, control: Control) -> None:
    """Run pg_restore as one transaction, into schemas that are there already."""
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            prepare_groups(connection)
            access.prepare_owner(connection)
            _empty_own_schema(connection)
            driver: Any = connection.connection.driver_connection
            tool = find_tool("pg_restore", driver.info.server_version // 10_000, newest=True)
            where = address(connection)
    finally:
        engine.dispose()
    with tempfile.TemporaryDirectory(prefix="plumbline-") as folder:
        contents, chosen = Path(folder) / "contents", Path(folder) / "chosen"
        run(tool, ["--list", f"--file={contents}", str(backup)], "", control, "")
        lines = contents.read_text(encoding="utf-8").splitlines()
        chosen.write_text("\n".join(line for line in lines if not _is_schema(line)), encoding="utf-8")
        arguments = ["--single-transaction", "--exit-on-error", "--verbose", f"--role={access.OWNER}"]
        arguments += [f"--use-list={chosen}", f"--dbname={where}", str(backup)]
        tables = sum(" TABLE DATA " in line for line in lines)
        run(tool, arguments, str(url.password or ""), control, N_("Restoring"), steps=tables)


def _empty_own_schema(connection: Connection) -> None:
    """Make room for the functions of the archive: setting roles up has brought its own."""
    found = connection.exec_driver_sql(
        "SELECT quote_ident(pg_get_userbyid(nspowner)) FROM pg_namespace WHERE nspname = 'plumbline'"
    )
    if owner := found.scalar():
        for statement in (f"SET LOCAL ROLE {owner}", "DROP SCHEMA plumbline CASCADE", "RESET ROLE"):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"CREATE SCHEMA plumbline AUTHORIZATION {owner}")


def _is_schema(line: str) -> bool:
    """Whether a line of an archive's contents is a schema itself: `12; 2615 2200 SCHEMA - public owner`."""
    words = line.split()
    return len(words) > 4 and (
        words[3] == "SCHEMA" or words[3:6] in (["ACL", "-", "SCHEMA"], ["COMMENT", "-", "SCHEMA"])
    )


def _exchange(root: Root, name: str, target: str, now: datetime) -> str:
    stamp = f"_replaced_{now:%Y%m%dt%H%M%S}"
    kept = name[: _LONGEST_NAME - len(stamp)] + stamp
    for database in (name, target):
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
            root.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                [database],
            )
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        with root.transaction():
            for old, new in ((name, kept), (target, name)):
                root.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))
    except psycopg.errors.ObjectInUse as error:
        raise DatabaseProblem(
            "database_in_use",
            N_("Somebody else has the database {path} open; nothing was changed."),
            remedy=N_("Close every other window and command on it, then try again."),
            path=name,
        ) from error
    return kept
