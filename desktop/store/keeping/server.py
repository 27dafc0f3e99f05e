"""The team database as an archive of pg_dump, and back: whole, proved, and all or nothing.

Whoever makes a backup must see every row. Row-level security is forced on the owner of the tables, too,
so pg_dump refuses there unless it is told to respect the policies, and then it would leave hidden rows out
without a word. It is told so only after the catalogue has proved, in the same snapshot as the dump, that
the owner's policy of each table lets every row through; otherwise the backup is refused.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from desktop import __version__
from desktop.clock import DEFAULT_ZONE, FixedClock
from desktop.control import Control
from desktop.errors import DatabaseProblem, UserError
from desktop.i18n import N_
from desktop.store import schema
from desktop.store.access import OWNER
from desktop.store.digest import digest
from desktop.store.engine import make_engine
from desktop.store.keeping.files import written_beside
from desktop.store.keeping.manifest import (
    SQLITE_HEAD,
    Manifest,
    Why,
    append_manifest,
    damaged,
    foreign,
    read_manifest,
    require_sound,
)
from desktop.store.keeping.tools import address, find_tool, run
from desktop.store.workspace import Actor, Work
from desktop.terms import Role

SCHEMAS = ("public", "plumbline")

_HIDDEN = """
SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'p') AND (
    NOT has_table_privilege(c.oid, 'SELECT')
    OR row_security_active(c.oid) AND (
        NOT EXISTS (SELECT 1 FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polpermissive
            AND p.polcmd IN ('*', 'r') AND pg_get_expr(p.polqual, p.polrelid) = 'true'
            AND (SELECT oid FROM pg_roles WHERE rolname = current_user) = ANY(p.polroles))
        OR EXISTS (SELECT 1 FROM pg_policy AS p WHERE p.polrelid = c.oid AND NOT p.polpermissive)))
ORDER BY 1
"""
_FORCED = """
SELECT EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'p') AND row_security_active(c.oid))
"""
_TABLES = """
SELECT format('%I.%I', schemaname, tablename), CASE schemaname WHEN 'public' THEN tablename
    ELSE schemaname || '.' || tablename END
FROM pg_tables WHERE schemaname = ANY(:schemas) ORDER BY 2
"""
_LOGINS = """
SELECT u.rolname, min(g.rolname) FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
JOIN pg_roles AS u ON u.oid = m.member
WHERE g.rolname LIKE 'plumbline%' AND u.rolcanlogin AND g.rolname <> :owner GROUP BY 1
"""


def back_up(
    url: URL, target: Path, *, now: datetime, why: Why = "asked", control: Control | None = None
) -> Manifest:
    """Write an archive of one moment of the team database, with its manifest.

    Raises UserError `tool_missing`, DatabaseProblem `backup_incomplete` where the login does not see
    every row, `tool_failed`, or Cancelled; what was at `target` stays until the new file is whole.
    """
    control = control or Control()
    with written_beside(target) as draft, _seeing_everything(url) as connection:
        tool = find_tool("pg_dump", _major(connection))
        counts = counts_of(connection)
        arguments = ["--format=custom", "--verbose", f"--file={draft}", f"--dbname={address(connection)}"]
        arguments += [f"--snapshot={_one(connection, 'SELECT pg_export_snapshot()')}", "--no-publications"]
        arguments += [f"--schema={name}" for name in SCHEMAS if _has_schema(connection, name)]
        if _one(connection, "SELECT current_user") != _one(connection, "SELECT session_user"):
            arguments.append(f"--role={_one(connection, 'SELECT current_user')}")
        if connection.execute(text(_FORCED), {"schemas": list(SCHEMAS)}).scalar():
            arguments.append(
                "--enable-row-security"
            )  # `_require_everything` has proved that it hides nothing
        run(tool, arguments, str(url.password or ""), control, N_("Backing up"), steps=len(counts))
        manifest = Manifest(
            kind="postgresql",
            schema=schema.revision(connection) or "",
            database=str(url.database),
            made_at=now.isoformat(),
            made_by=str(_one(connection, "SELECT session_user")),
            machine=platform.node(),
            why=why,
            program=__version__,
            counts=counts,
            digest=_digest(connection, control),
            logins={row[0]: row[1] for row in connection.execute(text(_LOGINS), {"owner": OWNER})},
        )
        return append_manifest(draft, manifest, control)


def older_schema(url: URL) -> str | None:
    """Return the schema of a team database that is behind this console's; None for a new or a current one."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            if not _one(connection, "SELECT to_regclass('public.alembic_version') IS NOT NULL"):
                return None
            _become_owner(connection)
            found = schema.revision(connection)
            return found if found is not None and found < schema.HEAD else None
    finally:
        engine.dispose()


@contextmanager
def _seeing_everything(url: URL) -> Iterator[Connection]:
    """Give a read-only transaction of one moment, as a role that provably sees every row."""
    engine = make_engine(url)
    try:
        with engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                _become_owner(connection)
                _require_everything(connection)
                yield connection
    finally:
        engine.dispose()


def _become_owner(connection: Connection) -> None:
    """Act as the owner of the tables, unless the login is a superuser or may not."""
    kind = "SET" if _major(connection) >= 16 else "MEMBER"
    question = text(
        "SELECT EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_roles AS o ON o.oid = c.relowner WHERE o.rolname = :owner"
        " AND c.oid = to_regclass('public.alembic_version')) AND NOT rolsuper AND NOT rolbypassrls"
        " FROM pg_roles WHERE rolname = session_user"
    )
    if connection.execute(question, {"owner": OWNER}).scalar() and _one(
        connection, f"SELECT pg_has_role(session_user, '{OWNER}', '{kind}')"
    ):
        connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER}")


def _require_everything(connection: Connection) -> None:
    hidden = [row[0] for row in connection.execute(text(_HIDDEN), {"schemas": list(SCHEMAS)})]
    if hidden:
        raise DatabaseProblem(
            "backup_incomplete",
            N_(
                "The login {login} does not see every row of {tables}; a backup made with it would lose some."
            ),
            remedy=N_("Make the backup as whoever runs plumbline init, or as the server's superuser."),
            login=str(_one(connection, "SELECT session_user")),
            tables=", ".join(hidden[:5]) + (" …" if len(hidden) > 5 else ""),
        )


def counts_of(connection: Connection) -> dict[str, int]:
    """Return the number of rows of each of our tables, as far as the connection sees them."""
    tables = connection.execute(text(_TABLES), {"schemas": list(SCHEMAS)}).all()
    return {name: int(str(_one(connection, f"SELECT count(*) FROM {full}"))) for full, name in tables}


def _digest(connection: Connection, control: Control) -> str | None:
    if schema.revision(connection) != schema.HEAD:
        return None
    nobody = Actor(0, "", "", Role.ADMIN)
    clock = FixedClock(datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
    with Session(bind=connection) as session:
        return digest(Work(session, nobody, clock, DEFAULT_ZONE, control, "")).all


def verified(path: Path, control: Control | None = None) -> Manifest:
    """Return the manifest of a backup of a team database after checking every byte of it.

    Raises NotFound, DatabaseProblem `backup_damaged` or `database_newer`, UserError `backup_foreign` or
    `backup_of_other_kind`.
    """
    manifest = read_manifest(path)
    with path.open("rb") as stream:
        head = stream.read(16)
    if (manifest and manifest.kind == "sqlite") or (manifest is None and head == SQLITE_HEAD):
        raise UserError(
            "backup_of_other_kind",
            N_("{file} is an embedded database; it cannot be restored into the team database."),
            remedy=N_("Restore it into a file of its own: plumbline restore FILE --database new.db"),
            file=str(path),
        )
    if manifest is None and head.startswith(b"PGDMP"):
        raise damaged(path, "manifest")
    if manifest is None:
        raise foreign(path)
    require_sound(path, manifest, control)
    return manifest


def require_same(url: URL, backup: Path, manifest: Manifest, control: Control) -> None:
    """Raise DatabaseProblem `backup_damaged` unless the database holds, row for row, what the manifest says."""
    with _seeing_everything(url) as connection:
        if counts_of(connection) != manifest.counts:
            raise damaged(backup, "rows")
        comparable = manifest.digest and manifest.schema == schema.HEAD
        if comparable and _digest(connection, control) != manifest.digest:
            raise damaged(backup, "digest")


def _major(connection: Connection) -> int:
    return int(str(_one(connection, "SELECT current_setting('server_version_num')"))) // 10_000


def _has_schema(connection: Connection, name: str) -> bool:
    found = connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": name})
    return found.first() is not None


def _one(connection: Connection, query: str) -> object:
    return connection.exec_driver_sql(query).scalar()
