"""Opening a database: is it ours, is it current, who is acting, what time is it there."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from desktop.clock import DEFAULT_ZONE, Clock, FixedClock, SystemClock
from desktop.errors import DatabaseProblem, InvalidInput, NotAllowed, NotFound, UserError
from desktop.i18n import N_
from desktop.models.people import Person
from desktop.models.rules import DatabaseSetting
from desktop.store import audit_guard, places, schema
from desktop.store.connecting import LOGIN_CLOSED
from desktop.store.engine import WRITE, database_url, is_sqlite, make_engine
from desktop.store.keeping import condition
from desktop.store.keeping.files import sweep
from desktop.store.passwords import forget, with_password
from desktop.store.problems import translated
from desktop.store.seeds import plant, plant_administrator
from desktop.store.tls import secured
from desktop.store.workspace import Actor, Workspace
from desktop.terms import PersonStatus, Role

if TYPE_CHECKING:
    from desktop.store.founding import FirstAdministrator

PINNED_NOW = "pinned_now"
ZONE = "zone"


def open_workspace(
    where: str | Path, *, login: str | None = None, clock: Clock | None = None, create: bool = True
) -> Workspace:
    """Open a database for a person and return their workspace.

    A missing embedded database is created (unless `create` is false) with its seeds and an
    administrator made from the operating system's user. On PostgreSQL the login role is the person,
    and `login` is wrong. Raises DatabaseProblem, InvalidInput, NotFound or NotAllowed.
    """
    url = secured(with_password(database_url(where)))
    embedded = url.get_backend_name() == "sqlite"
    if not embedded and login:
        raise InvalidInput(
            "as_on_postgresql",
            N_("On the team database the login role is the person; --as cannot change it."),
            remedy=N_("Connect with that person's own login."),
        )
    if embedded:
        _check_file(url, create=create)
    engine = make_engine(url)
    try:
        if embedded:
            schema.upgrade(engine)
            _make_ready(engine, clock or SystemClock())
        with engine.connect() as connection:
            schema.require_current(schema.revision(connection))
            facts = {
                row.key: row.value
                for row in connection.execute(select(DatabaseSetting.key, DatabaseSetting.value))
            }
            if not embedded:
                from desktop.store import access  # an embedded database need not wait for it

                access.require_current(facts.get(access.SETTING))
            actor = _find_actor(connection, login, embedded=embedded)
    except SQLAlchemyError as error:
        engine.dispose()
        if told := translated(error):
            if told.code == LOGIN_CLOSED:
                forget(url)
            raise told from error
        raise
    except UserError as refused:
        engine.dispose()
        if refused.code == "login_closed":
            forget(url)
        raise
    if clock is None:
        pinned = facts.get(PINNED_NOW)
        clock = FixedClock(datetime.fromisoformat(pinned)) if pinned else SystemClock()
    return Workspace(engine, actor, clock, facts.get(ZONE, DEFAULT_ZONE))


def initialise(
    where: str | Path, clock: Clock | None = None, *, first: FirstAdministrator | None = None
) -> bool:
    """Create or upgrade a database's tables, seeds, roles and rights; return whether it was new or behind.

    `first` is let in as administrator where a team database has none yet. Running it again changes nothing.
    Raises DatabaseProblem or NotAllowed for a server, database or login that will not do, InvalidInput
    where nobody is named who could administer the database.
    """
    url = secured(with_password(database_url(where)))
    if url.get_backend_name() == "sqlite":
        _check_file(url, create=True)
    engine = make_engine(url)
    try:
        if is_sqlite(engine):
            changed = schema.upgrade(engine)
            _make_ready(engine, clock or SystemClock())
        else:
            from desktop.store.founding import initialise_server

            changed = initialise_server(engine, clock or SystemClock(), first)
    except SQLAlchemyError as error:
        if told := translated(error):
            raise told from error
        raise
    finally:
        engine.dispose()
    return changed


def os_user() -> str:
    """Return the operating system's user name, lower case; `admin` where there is none."""
    try:
        return getpass.getuser().lower() or "admin"
    except (OSError, KeyError, ImportError):
        return "admin"


def _check_file(url: URL, *, create: bool) -> None:
    path = Path(str(url.database))
    places.require_local(path)
    if path.exists():
        sweep(path)
        condition.examine(path)
        return
    if not create:
        raise NotFound(
            "database_missing",
            N_("There is no database at {path}."),
            remedy=N_("Check the path, or create it with: plumbline init"),
            path=path,
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseProblem(
            "database_not_writable",
            N_("The database file cannot be opened for writing: {detail}"),
            remedy=N_("Check that the folder exists and that you may write there."),
            detail=f"{path.parent}: {error.strerror}",
        ) from error


def _make_ready(engine: Engine, clock: Clock) -> None:
    """Plant the seeds, and see to it that somebody can administer the embedded database."""
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        now = clock.now()
        plant(connection, now)
        if engine.dialect.name == "sqlite":
            audit_guard.install(connection)
        admin = select(Person.id).where(Person.role == Role.ADMIN, Person.can_sign_in.is_(True))
        if connection.execute(admin).first() is not None:
            return
        plant_administrator(connection, os_user(), os_user(), now)


def find_actor(connection: Connection, login: str) -> Actor:
    """Return the person of a login; raise NotFound or NotAllowed."""
    known = (Person.id, Person.login, Person.name, Person.role, Person.unit_id)
    row = connection.execute(
        select(*known, Person.can_sign_in, Person.status).where(Person.login == login)
    ).first()
    if row is None:
        raise NotFound(
            "person_unknown",
            N_("Nobody here has the login “{login}”."),
            remedy=N_("See who there is with: plumbline user list"),
            login=login,
        )
    if not row.can_sign_in or row.status == PersonStatus.LEFT:
        raise NotAllowed(
            "login_closed",
            N_("The login “{login}” is closed."),
            remedy=N_("Ask an administrator."),
            login=login,
        )
    return Actor(row.id, row.login, row.name, Role(row.role), row.unit_id)


def _find_actor(connection: Connection, login: str | None, *, embedded: bool) -> Actor:
    if not embedded:
        return find_actor(connection, str(connection.exec_driver_sql("SELECT session_user").scalar()))
    if login:
        return find_actor(connection, login)
    first_admin = (
        select(Person.login)
        .where(Person.role == Role.ADMIN, Person.can_sign_in.is_(True), Person.login.is_not(None))
        .order_by(Person.login != os_user(), Person.id)
        .limit(1)
    )
    return find_actor(connection, str(connection.execute(first_admin).scalar_one()))
