"""A PostgreSQL database with a firm in it, and connections to it as whoever attacks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.databases import Place
from tests.security import firms
from tests.security.organisation import Firm, Someone

Connection = psycopg.Connection[Any]


def superuser(place: Place) -> Connection:
    """Connect as the superuser of the test's server: to prepare, and to look at what is really there."""
    return connect(place, "postgres")


def connect(place: Place, login: str) -> Connection:
    """Connect as a login role, as psql would."""
    url = place.url.set(drivername="postgresql", username=login)
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


@dataclass
class Lab:
    """A firm in a database; connections are kept until the end."""

    place: Place
    firm: Firm
    _open: dict[str, Connection] = field(default_factory=dict)

    def settle(self, firm: Firm) -> None:
        """Put another firm in place of the present one."""
        self.firm = firm
        firms.write(firm, self.root)

    @property
    def root(self) -> Connection:
        """The superuser's connection."""
        return self.as_login("postgres")

    def as_login(self, login: str) -> Connection:
        """A connection of a login role."""
        if login not in self._open:
            self._open[login] = connect(self.place, login)
        return self._open[login]

    def as_job(self, job: str) -> tuple[Someone, Connection]:
        """Somebody with the job who may sign in, and a connection of theirs."""
        someone = next(one for one in self.firm.signing_in if one.job == job)
        return someone, self.as_login(str(someone.login))

    def close(self) -> None:
        """Close every connection."""
        while self._open:
            self._open.popitem()[1].close()


class OneSession(Lab):
    """A lab whose every login acts over one superuser's session, inside one transaction: for what is undone.

    `SET SESSION AUTHORIZATION` makes the session that login's own, as far as every policy can tell.
    """

    def as_login(self, login: str) -> Connection:
        """The one session, as a login role."""
        session = super().as_login("postgres")
        session.execute("RESET SESSION AUTHORIZATION")
        if login != "postgres":
            session.execute(f"SET SESSION AUTHORIZATION {login}")
        return session


@contextmanager
def lab(place: Place, firm: Firm, kind: type[Lab] = Lab) -> Iterator[Lab]:
    """A database with a firm in it."""
    made = kind(place, firm)
    try:
        firms.make_logins(made.root)
        made.settle(firm)
        yield made
    finally:
        made.close()


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """Undo whatever happens inside."""
    with connection.transaction(force_rollback=True):
        yield


def attempt(connection: Connection, statement: str, *values: Any) -> tuple[str, list[tuple[Any, ...]]]:
    """Try a statement and undo it: ('', rows) if it went through, else (SQLSTATE, [])."""
    try:
        with undone(connection):
            cursor = connection.execute(statement.encode(), values or None)
            return "", cursor.fetchall() if cursor.description else [(cursor.rowcount,)]
    except psycopg.Error as error:
        return error.sqlstate or "client", []
