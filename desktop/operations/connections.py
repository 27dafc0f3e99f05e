"""Connecting to a team database, and setting one up: what the console's form and the commands do (PLT-03)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from desktop.errors import InvalidInput, UserError
from desktop.i18n import N_
from desktop.operations.password_policy import check_password
from desktop.operations.people import LOGIN
from desktop.store import schema, tls
from desktop.store.connecting import LOGIN_CLOSED
from desktop.store.engine import database_url, make_engine
from desktop.store.founding import FirstAdministrator
from desktop.store.logins import malformed
from desktop.store.open import find_actor, initialise
from desktop.store.passwords import forget, with_password
from desktop.store.problems import sqlstate, translated
from desktop.store.workspace import Actor, Workspace
from desktop.terms import Role

_SERVER = re.compile(r"[^\s/@?#]+")


@dataclass(frozen=True, slots=True)
class TeamAddress:
    """What a person fills in: `server` may carry a port (`db.firm.example:5433`), or be several with commas."""

    server: str
    database: str
    login: str
    password: str = field(default="", repr=False)
    certificate: str = ""
    pooled: bool = False

    def url(self) -> str:
        """Return it as an address; raise InvalidInput for what is missing."""
        server = self.server.strip().removeprefix("postgresql://").strip("/")
        if not _SERVER.fullmatch(server):
            raise InvalidInput(
                "server_missing",
                N_("Where is the server?"),
                remedy=N_("Write its name as the certificate has it, for example db.firm.example."),
            )
        if not self.login.strip():
            raise InvalidInput(
                "login_missing",
                N_("Who signs in?"),
                remedy=N_("Write the login that the administrator gave you."),
            )
        certificate = self.certificate.strip()
        if certificate and not Path(certificate).is_file():
            raise InvalidInput(
                "certificate_missing",
                N_("There is no certificate file at {path}."),
                remedy=N_("Choose the file that the administrator gave you, or leave the field empty."),
                path=certificate,
            )
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        options = [f"sslrootcert={quote(certificate, safe='')}"] if certificate else []
        options += ["channel_binding=prefer"] if self.pooled else []
        database = quote(self.database.strip() or "plumbline", safe="")
        tail = f"?{'&'.join(options)}" if options else ""
        return f"postgresql://{quote(self.login.strip(), safe='')}{secret}@{server}/{database}{tail}"


def address_of(where: str) -> TeamAddress | None:
    """Return the parts of an address of a team database, without its password; None for any other."""
    try:
        url = database_url(where)
    except UserError:
        return None
    if url.get_backend_name() == "sqlite":
        return None
    named = url.query.get("host", ())
    server = url.host or (named if isinstance(named, str) else ",".join(named))
    if server and url.port:
        server = f"{server}:{url.port}"
    return TeamAddress(
        server,
        url.database or "",
        url.username or "",
        certificate=str(url.query.get("sslrootcert", "")),
        pooled=url.query.get("channel_binding") == "prefer",
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What a test of a connection found; `tls` is its protocol, empty where nothing is encrypted.

    `state` is `ready`, `empty` (no tables of ours), `older` or `newer`; `person` and `role` are whom the login
    stands for, `problem` why it does not open.
    """

    version: str
    tls: str
    is_local: bool
    proved: bool
    state: str
    person: str = ""
    role: Role | None = None
    problem: UserError | None = None


def look_at(where: str) -> Found:
    """Connect to a server as far as that goes, change nothing, and return what is there; raise UserError."""
    url = tls.secured(with_password(database_url(where)))
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            version, protocol = _server(connection)
            state, person, problem = _state(connection)
            return Found(
                version,
                protocol,
                tls.is_local(url),
                tls.is_verified(url),
                state,
                person.name if person else "",
                person.role if person else None,
                problem,
            )
    except SQLAlchemyError as error:
        if told := translated(error):
            raise told from None
        raise
    finally:
        engine.dispose()


def _state(connection: Connection) -> tuple[str, Actor | None, UserError | None]:
    try:
        found = schema.revision(connection)
        if found is None:
            return "empty", None, None
        if found != schema.HEAD:
            return "newer" if found > schema.HEAD else "older", None, None
        login = str(connection.exec_driver_sql("SELECT session_user").scalar_one())
        return "ready", find_actor(connection, login), None
    except UserError as refused:
        return "ready", None, refused
    except DBAPIError as error:
        if sqlstate(error) != "42501":
            raise
        return "ready", None, translated(error)  # a login of the server that is nobody here


CLOSED = frozenset({LOGIN_CLOSED, "login_closed"})
"""Codes of refusals after which a console lets go of everything it has read."""


def admitted(workspace: Workspace) -> Actor:
    """Return who the login of an open workspace is now, over a fresh connection.

    Raises UserError; where the login was closed its password is forgotten on this machine (security 55).
    """
    try:
        with workspace.engine.connect() as connection:
            return find_actor(connection, workspace.actor.login)
    except SQLAlchemyError as error:
        told = translated(error)
        if told is None:
            raise
        refused = told
    except UserError as error:
        refused = error
    if refused.code in CLOSED:
        forget(workspace.engine.url)
    raise refused


def _server(connection: Connection) -> tuple[str, str]:
    row = connection.exec_driver_sql(
        "SELECT current_setting('server_version') AS version,"
        " (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) AS tls"
    ).one()
    return str(row.version).split(" ")[0], str(row.tls or "")


def set_up(where: str, *, login: str, name: str, password: str | None) -> bool:
    """Set a team database up, or upgrade it, and return whether anything was done; raise UserError.

    `login`, `name` and `password` are the first administrator's; they are needed where there is none yet.
    """
    first = first_administrator(login, name, password) if login else None
    return initialise(where, first=first)


def first_administrator(login: str, name: str, password: str | None) -> FirstAdministrator:
    """Return whom a new team database lets in first; raise InvalidInput for a malformed login or a poor password."""
    if not LOGIN.fullmatch(login):
        raise malformed(login)
    if not name.strip():
        raise InvalidInput("name_missing", N_("A person needs a name."))
    if password is not None:
        check_password(password, login)
    return FirstAdministrator(login, name.strip(), password)
