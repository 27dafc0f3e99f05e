"""What must hold of a server and a database before the team's tables are put there, and whom to let in first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, event, inspect, select

from desktop.clock import Clock
from desktop.errors import DatabaseProblem, InvalidInput, NotAllowed
from desktop.i18n import N_
from desktop.models import Base
from desktop.models.people import Person
from desktop.store import access, logins, schema
from desktop.store.engine import make_engine
from desktop.store.seeds import plant, plant_administrator
from desktop.terms import Role

OLDEST, NEWEST = 15, 18
"""Major versions of PostgreSQL that Plumbline is tried on."""

_FOREIGN_SHOWN = 5


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Whom a new team database lets in; without a password the login has none yet."""

    login: str
    name: str
    password: str | None = field(default=None, repr=False)


def require_suitable(connection: Connection, version: int | None = None) -> None:
    """Raise DatabaseProblem or NotAllowed unless the team's tables may be put into this database.

    `version` overrides what the server says of itself (PostgreSQL's number, 150018 say).
    """
    facts = connection.exec_driver_sql(
        "SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS said,"
        " pg_encoding_to_char(encoding) AS encoding, datname AS name, r.rolsuper AS super,"
        " r.rolcreaterole AS creator, pg_has_role(session_user, datdba, 'MEMBER') AS owns"
        " FROM pg_database d, pg_roles r WHERE datname = current_database() AND r.rolname = session_user"
    ).one()
    found = (version or facts.version) // 10_000
    if not OLDEST <= found <= NEWEST:
        raise DatabaseProblem(
            "server_version",
            N_("This server is PostgreSQL {found}; the team database needs {oldest} to {newest}."),
            remedy=N_("Use a server of one of these versions, or a newer Plumbline for a newer server."),
            found=found,
            oldest=OLDEST,
            newest=NEWEST,
        )
    if facts.encoding != "UTF8":
        raise DatabaseProblem(
            "database_encoding",
            N_("The database “{name}” is encoded as {found}; Chinese and all other names need UTF8."),
            remedy=N_("Make one with: createdb --encoding=UTF8 --template=template0 {name}_utf8"),
            name=facts.name,
            found=facts.encoding,
        )
    if not facts.super and not (facts.creator and facts.owns):
        raise NotAllowed(
            "init_not_allowed",
            N_("This login may not set up a team database: it must own the database and may create roles."),
            remedy=N_(
                "Let the server's administrator run: ALTER ROLE … CREATEROLE; ALTER DATABASE {name} OWNER TO … , "
                "or run init as the server's administrator."
            ),
            name=facts.name,
        )
    _require_empty_or_ours(connection, facts.name)


def _require_empty_or_ours(connection: Connection, name: str) -> None:
    tables = set(inspect(connection).get_table_names("public"))
    if not tables or ("alembic_version" in tables and "person" in tables):
        return
    foreign = sorted(tables - set(Base.metadata.tables)) or sorted(tables)
    raise DatabaseProblem(
        "database_foreign",
        N_("The database “{name}” holds tables of another program: {tables}. It was not touched."),
        remedy=N_("Make an empty database for the team: createdb --encoding=UTF8 --template=template0 NAME"),
        name=name,
        tables=", ".join(foreign[:_FOREIGN_SHOWN]) + (" …" if len(foreign) > _FOREIGN_SHOWN else ""),
    )


def is_new(connection: Connection) -> bool:
    """Whether Plumbline has never been in this database; asks nothing that only the owner may read."""
    return not inspect(connection).has_table("alembic_version")


def has_administrator(connection: Connection) -> bool:
    """Whether somebody can administer the database."""
    admin = select(Person.id).where(Person.role == Role.ADMIN.value, Person.can_sign_in.is_(True))
    return connection.execute(admin).first() is not None


def require_first(connection: Connection, first: FirstAdministrator | None) -> FirstAdministrator:
    """Return whom to let in first; raise InvalidInput if that is nobody, or whoever runs the set-up."""
    if first is None:
        raise InvalidInput(
            "first_admin_needed",
            N_("A new team database needs its first administrator."),
            remedy=N_("Name them: plumbline init --admin LOGIN --admin-name NAME --password-stdin"),
        )
    if first.login == connection.exec_driver_sql("SELECT session_user").scalar_one():
        raise InvalidInput(
            "first_admin_is_migrator",
            N_("“{login}” sets the database up and has rights that no person's login may have."),
            remedy=N_("Name another login for the first administrator; this one is only for init."),
            login=first.login,
        )
    return first


def let_in(connection: Connection, first: FirstAdministrator, now: datetime) -> None:
    """Make the first administrator's record and login; run as the owner, in one transaction with the tables."""
    plant_administrator(connection, first.login, first.name, now)
    verifier = logins.verifier_of(connection, first.login, first.password) if first.password else None
    logins.make_login(connection, first.login, Role.ADMIN, verifier)


def initialise_server(engine: Engine, clock: Clock, first: FirstAdministrator | None) -> bool:
    """Create or upgrade a team database; return whether it was new or behind.

    Groups and owner are made as whoever is connected, all that is in the database as its owner.
    """
    with engine.begin() as connection:
        require_suitable(connection)
        if is_new(connection):
            require_first(connection, first)
        access.prepare_owner(connection)
    as_owner = make_engine(engine.url)
    event.listen(as_owner, "connect", access.become_owner)
    try:
        with as_owner.begin() as connection:
            logins.prepare_groups(connection)
        changed = schema.upgrade(as_owner)
        with as_owner.begin() as connection:
            now = clock.now()
            plant(connection, now)
            access.install(connection)
            if not has_administrator(connection):
                let_in(connection, require_first(connection, first), now)
    finally:
        as_owner.dispose()
    with engine.begin() as connection:
        access.open_schemas(connection)
    return changed
