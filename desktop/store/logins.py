"""Login roles of the team database: one per person, a member of the group of their job (PER-01).

The embedded database has no logins; every function here then does nothing. Logins are made and changed
by functions of the database (`login_functions`), so that no person's login may create roles. What a group may do is
declared in `access`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.exc import DBAPIError

from desktop.errors import InvalidInput, UserError
from desktop.i18n import N_
from desktop.store import login_functions
from desktop.store.access.groups import MEMBERS, group_of
from desktop.store.engine import is_sqlite
from desktop.store.problems import sqlstate
from desktop.terms import Role

_VERIFIER = re.compile(r"SCRAM-SHA-256\$[^\s']*")


def prepare_groups(connection: Connection) -> None:
    """Make the group roles where they are missing; runs as the owner, who may then put logins into them.

    Running it again changes nothing.
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
            connection.execute(text(f"GRANT {name} TO {group_of(Role.ADMIN)}"))


def verifier_of(connection: Connection, login: str, password: str) -> str | None:
    """Return the SCRAM-SHA-256 verifier of a password, made on this machine; None on the embedded database.

    Only the verifier is sent, so that no password can reach the server's log.
    """
    if is_sqlite(connection):
        return None
    driver: Any = connection.connection.driver_connection
    made: bytes = driver.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    return made.decode("ascii")


def make_login(
    connection: Connection,
    login: str,
    role: Role,
    verifier: str | None,
    valid_until: datetime | None = None,
) -> None:
    """Let a person sign in: a new login role, or an old one opened again, in the group of their job.

    The person's record names the login and the role already. Without a verifier the login has no password.
    """
    _call(
        connection,
        "open_login(:login, :role, :verifier, :until)",
        login,
        role=role.value,
        verifier=verifier,
        until=valid_until,
    )


def move_login(connection: Connection, login: str, role: Role) -> None:
    """Put a login into the group of another job, and into no other; its sessions end and begin anew."""
    _call(connection, "move_login(:login, :role)", login, role=role.value)


def set_verifier(
    connection: Connection, login: str, verifier: str | None, valid_until: datetime | None = None
) -> None:
    """Give a login another password, by its verifier."""
    _call(connection, "set_verifier(:login, :verifier, :until)", login, verifier=verifier, until=valid_until)


def set_own_verifier(connection: Connection, verifier: str) -> None:
    """Give the login of this session another password, which everybody may do for themselves."""
    if is_sqlite(connection):
        return
    quoted = connection.execute(
        text("SELECT quote_ident(session_user), quote_literal(:verifier)").bindparams(
            bindparam("verifier", verifier)
        )
    ).one()
    connection.exec_driver_sql(f"ALTER ROLE {quoted[0]} PASSWORD {quoted[1]}")


def close_login(connection: Connection, login: str) -> int:
    """Keep a person from signing in again, take every right away, and end their sessions; return how many."""
    return _call(connection, "close_login(:login)", login)


def end_sessions(connection: Connection, login: str) -> int:
    """End a person's sessions and return how many there were; one's own are left alone."""
    return _call(connection, "end_sessions(:login)", login)


def open_sessions(connection: Connection) -> dict[str, int]:
    """Return how many sessions each login has open at the server, whatever its database."""
    if is_sqlite(connection):
        return {}
    found = connection.exec_driver_sql(
        "SELECT usename, count(*) FROM pg_stat_activity WHERE usename IS NOT NULL GROUP BY usename"
    )
    return {str(row[0]): int(row[1]) for row in found}


def _call(connection: Connection, call: str, login: str, **values: object) -> int:
    """Call one of the database's functions and return the number that it returns, if it does."""
    if is_sqlite(connection):
        return 0
    with _refusals(login):
        statement = text(f"SELECT {login_functions.SCHEMA}.{call}")
        answer = connection.execute(statement, {"login": login, **values}).scalar()
        return answer if isinstance(answer, int) else 0


@contextmanager
def _refusals(login: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if told := _REFUSALS.get(sqlstate(error)):
            raise told(login) from None
        # A verifier has no place in the details of a bug: neither as a parameter nor in the server's words.
        error.hide_parameters = True
        for told_of in (error, error.orig):
            if told_of is not None:
                told_of.args = tuple(
                    _VERIFIER.sub("SCRAM-SHA-256 …", part) if isinstance(part, str) else part
                    for part in told_of.args
                )
        raise


def malformed(login: str) -> UserError:
    """Return the refusal of a login that cannot be one."""
    return InvalidInput(
        "login_malformed",
        N_("“{login}” cannot be a login."),
        remedy=N_(
            "Use up to 63 lower-case letters, digits, dots, dashes or underscores, beginning with a letter."
        ),
        login=login,
    )


def _foreign(login: str) -> UserError:
    return InvalidInput(
        "login_foreign",
        N_("“{login}” is a role of the server that Plumbline did not make and does not change."),
        remedy=N_("Choose another login, or let the server's administrator drop that role first."),
        login=login,
    )


def last_admin(login: str) -> UserError:
    """Return the refusal to leave a database without an administrator."""
    return InvalidInput(
        "last_admin",
        N_("“{login}” is the last administrator who can sign in."),
        remedy=N_("Make another person administrator first."),
        login=login,
    )


def _out_of_step(login: str) -> UserError:
    return InvalidInput(
        "login_out_of_step",
        N_("The login “{login}” and the person's record do not say the same."),
        remedy=N_("Close the login and open it again: plumbline user close, plumbline user add."),
        login=login,
    )


def _no_verifier(login: str) -> UserError:
    return InvalidInput(
        "password_not_encrypted",
        N_("The password of “{login}” did not arrive in encrypted form; nothing was changed."),
        remedy=N_("Change it with Plumbline, which never sends a password itself."),
        login=login,
    )


_REFUSALS: dict[str, Callable[[str], UserError]] = {
    "PL001": malformed,
    "PL002": _foreign,
    "PL003": last_admin,
    "PL004": _out_of_step,
    "PL005": _no_verifier,
    "PL006": _out_of_step,
}


def _exists(connection: Connection, name: str) -> bool:
    found = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :name").bindparams(bindparam("name", name))
    )
    return found.first() is not None
