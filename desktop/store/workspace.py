"""Transactions: the only module that commits.

`Workspace.write` runs one operation in one transaction, with its audit entries, and retries the
whole of it when the database asks for that; `Workspace.read` shows one consistent moment and always
rolls back; `Workspace.rehearse` does everything a write does, and then takes it back.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from desktop.clock import Clock, business_date
from desktop.control import Control
from desktop.errors import Cancelled, DatabaseProblem
from desktop.i18n import N_
from desktop.models.audit import AuditEntry, OperationRecord
from desktop.store.engine import WRITE, is_sqlite
from desktop.store.problems import is_cut_off, is_transient, translated
from desktop.terms import Role

if TYPE_CHECKING:
    from desktop.store.listening import Listener, Told

T = TypeVar("T")

ATTEMPTS = 4
BACK_OFF_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person, as the database knows them."""

    person_id: int
    login: str
    name: str
    role: Role
    unit_id: int | None = None


class Work:
    """What an operation or a query is handed: one open transaction and who, when and how."""

    def __init__(
        self, session: Session, actor: Actor, clock: Clock, zone: str, control: Control, operation_id: str
    ) -> None:
        self.session = session
        self.actor = actor
        self.clock = clock
        self.zone = zone
        self.control = control
        self.operation_id = operation_id
        self.now: datetime = clock.now()
        """The instant at which this transaction began: the same for all it writes."""

    @property
    def today(self) -> date:
        """The business day of this transaction."""
        return business_date(self.now, self.zone)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.session.get_bind().dialect.name == "sqlite"

    @property
    def connection(self) -> Connection:
        """The connection of this transaction, for bulk work."""
        return self.session.connection()

    def rows(self, statement: Executable) -> list[Any]:
        """Return all rows of a statement."""
        self.control.check()
        return list(self.session.execute(statement).all())

    def audit(
        self, action: str, subject: str | None = None, subject_id: int | None = None, **details: Any
    ) -> None:
        """Add an audit entry to this transaction (PER-05)."""
        self.session.add(
            AuditEntry(
                at=self.now,
                person_id=self.actor.person_id,
                action=action,
                subject=subject,
                subject_id=subject_id,
                details=details or None,
                operation_id=self.operation_id,
            )
        )


class Workspace:
    """One person at one database."""

    def __init__(self, engine: Engine, actor: Actor, clock: Clock, zone: str) -> None:
        self.engine = engine
        self.actor = actor
        self.clock = clock
        self.zone = zone

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database of one PC."""
        return self.engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """Where the data is, as a person would say it: the file, or server and database."""
        url = self.engine.url
        return url.database or "" if self.is_sqlite else f"{url.host or 'localhost'} · {url.database}"

    def acting_as(self, actor: Actor) -> Workspace:
        """Return the same database for another person (embedded database only)."""
        return Workspace(self.engine, actor, self.clock, self.zone)

    def read(self, query: Callable[[Work], T], control: Control | None = None) -> T:
        """Run a query on one consistent moment; nothing it does is kept."""
        return self._retrying(query, control, write=False, keep=False)

    def write(self, operation: Callable[[Work], T], control: Control | None = None) -> T:
        """Run an operation and commit it, whole or not at all.

        Serialization failures and a busy file are tried again, bounded; a reply lost after COMMIT is
        settled by looking the operation id up. Raises UserError, Cancelled, or what the operation raised.
        """
        return self._retrying(operation, control, write=True, keep=True)

    def rehearse(self, operation: Callable[[Work], T], control: Control | None = None) -> T:
        """Run an operation exactly as `write` would, and take it back: the dry run."""
        return self._retrying(operation, control, write=True, keep=False)

    def listener(
        self, told: Callable[[Told], None], own_operations: Callable[[], Collection[str]] = tuple
    ) -> Listener | None:
        """Return what hears other people's commits, to be run on a thread; None for the embedded database.

        `own_operations` names the newest operations of this console, which are no news to it.
        """
        if self.is_sqlite:
            return None
        from desktop.store.listening import Listener

        return Listener(self.engine, told, own_operations)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _retrying(self, job: Callable[[Work], T], control: Control | None, *, write: bool, keep: bool) -> T:
        control = control or Control()
        for attempt in range(1, ATTEMPTS + 1):
            control.check()
            try:
                return self._once(job, control, write=write, keep=keep)
            except SQLAlchemyError as error:
                if control.cancelled:
                    raise Cancelled from error
                again = isinstance(error, DBAPIError) and (is_transient(error) or is_cut_off(error))
                if again and attempt < ATTEMPTS:
                    time.sleep(BACK_OFF_SECONDS * 2**attempt * (0.5 + random.random()))
                    continue
                told = translated(error)
                if told is None:
                    raise
                raise told from error
        raise AssertionError("unreachable")

    def _once(self, job: Callable[[Work], T], control: Control, *, write: bool, keep: bool) -> T:
        operation_id = str(uuid.uuid4())
        with self._connect(write=write) as connection:
            stop_watching = control.on_cancel(_canceller(connection))
            transaction = connection.begin()
            try:
                with Session(bind=connection, autoflush=True, expire_on_commit=False) as session:
                    work = Work(session, self.actor, self.clock, self.zone, control, operation_id)
                    result = job(work)
                    session.flush()
                    if keep:
                        _record(work, job)
                        session.flush()
                        if not work.is_sqlite:
                            connection.exec_driver_sql("NOTIFY plumbline")
                control.check()
                if keep:
                    self._commit(transaction.commit, operation_id)
                return result
            finally:
                stop_watching()
                if transaction.is_active:
                    transaction.rollback()

    def _connect(self, *, write: bool) -> Connection:
        connection = self.engine.connect()
        if is_sqlite(connection):
            return connection.execution_options(**{WRITE: write})
        if write:
            return connection.execution_options(isolation_level="READ COMMITTED")
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _commit(self, commit: Callable[[], None], operation_id: str) -> None:
        try:
            commit()
        except DBAPIError as error:
            if not is_cut_off(error):
                raise
            if not self._was_committed(operation_id):
                raise

    def _was_committed(self, operation_id: str) -> bool:
        try:
            with self._connect(write=False) as connection, connection.begin():
                found = connection.execute(
                    select(OperationRecord.id).where(OperationRecord.id == operation_id)
                )
                return found.first() is not None
        except SQLAlchemyError as error:
            raise DatabaseProblem(
                "commit_unknown",
                N_(
                    "The connection was lost while saving, and the database cannot be asked whether it was saved."
                ),
                remedy=N_("Reconnect and look before you do it again; operation {operation}."),
                operation=operation_id,
            ) from error


def _record(work: Work, job: Callable[[Work], object]) -> None:
    name = getattr(job, "__name__", "operation")
    work.session.add(
        OperationRecord(id=work.operation_id, at=work.now, action=name[:100], person_id=work.actor.person_id)
    )


def _canceller(connection: Connection) -> Callable[[], None]:
    """Return what ends a running statement from another thread."""
    driver: Any = connection.connection.driver_connection
    if is_sqlite(connection):
        return driver.interrupt  # type: ignore[no-any-return]
    return driver.cancel_safe  # type: ignore[no-any-return]
