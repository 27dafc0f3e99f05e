"""Login roles of the team database: one per person, a member of the group of their job (PER-01).

The embedded database has no logins; every function here then does nothing. Group roles may read and
write every table: which rows is a matter of row-level security, which attaches to these groups.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, text

from desktop.store.engine import is_sqlite
from desktop.terms import Role

MEMBERS = "plumbline_member"
"""The group that every person is in; holds the table rights."""


def group_of(role: Role) -> str:
    """Return the name of the database group of a job."""
    return f"plumbline_{role.value}"


def prepare_groups(connection: Connection) -> None:
    """Make the group roles where they are missing, and give them their rights on all tables.

    Needs the right to create roles. Running it again changes nothing.
    """
    if is_sqlite(connection):
        return
    groups = [group_of(role) for role in Role]
    missing = [name for name in (MEMBERS, *groups) if not _exists(connection, name)]
    for name in missing:
        connection.execute(text(f"CREATE ROLE {name} NOLOGIN"))
    for name in groups:
        if name in missing:
            connection.execute(text(f"GRANT {MEMBERS} TO {name}"))
        if name in missing and name != group_of(Role.ADMIN):
            connection.execute(text(f"GRANT {name} TO {group_of(Role.ADMIN)} WITH ADMIN OPTION"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {MEMBERS}"))
    connection.execute(
        text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {MEMBERS}")
    )
    connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {MEMBERS}"))


def make_login(connection: Connection, login: str, role: Role, password: str | None) -> None:
    """Let a person sign in: a new login role, or an old one opened again, in the group of their job."""
    if is_sqlite(connection):
        return
    name = _quoted(connection, login)
    if not _exists(connection, login):
        # Administrators manage every other login; another administrator's only its maker does.
        rights = "CREATEROLE" if role is Role.ADMIN else f"ADMIN {group_of(Role.ADMIN)}"
        connection.execute(text(f"CREATE ROLE {name} {rights}"))
    secret = f" PASSWORD {_literal(connection, password)}" if password else ""
    connection.execute(text(f"ALTER ROLE {name} LOGIN{secret}".replace(":", "\\:")))
    _leave_groups(connection, login, but=group_of(role))
    onward = " WITH ADMIN OPTION" if role is Role.ADMIN else ""
    connection.execute(text(f"GRANT {group_of(role)} TO {name}{onward}"))


def _leave_groups(connection: Connection, login: str, but: str) -> None:
    """Take a login out of every group of a job but one: a job that was given up gives no rights."""
    found = connection.execute(
        text(
            "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
            " JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = :login AND g.rolname LIKE 'plumbline%'"
        ).bindparams(bindparam("login", login))
    )
    for group in {str(row.rolname) for row in found} - {but}:
        connection.execute(text(f"REVOKE {group} FROM {_quoted(connection, login)}"))
        if group == group_of(Role.ADMIN):
            connection.execute(text(f"ALTER ROLE {_quoted(connection, login)} NOCREATEROLE"))


def close_login(connection: Connection, login: str) -> None:
    """Keep a person from signing in again."""
    if not is_sqlite(connection) and _exists(connection, login):
        connection.execute(text(f"ALTER ROLE {_quoted(connection, login)} NOLOGIN"))


def _exists(connection: Connection, name: str) -> bool:
    found = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :name").bindparams(bindparam("name", name))
    )
    return found.first() is not None


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


def _literal(connection: Connection, value: str) -> str:
    """Return a quoted literal: utility statements take no parameters."""
    found = connection.execute(
        text("SELECT quote_literal(:value)").bindparams(bindparam("value", value))
    ).scalar_one()
    return str(found)
