"""Transactions: the only module that commits.

`Workspace.write` runs one operation in one transaction, with its audit entries, and retries the
whole of it when the database asks for that; `Workspace.read` shows one consistent moment and always
rolls back; `Workspace.rehearse` does everything a write does, and then takes it back. No transaction is
open while a person thinks: each begins and ends within one of these calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from desktop.clock import Clock, business_date
from desktop.control import Control
from desktop.errors import Cancelled, DatabaseProblem, NotAllowed, UserError
from desktop.i18n import N_
from desktop.store.acknowledged import Acknowledged
from desktop.store.attempts import Attempts, name_of
from desktop.store.audit_chain import Entry, append
from desktop.store.engine import CONNECT_BY, POOLED, WRITE, hosts, is_sqlite, make_reader, settle_in
from desktop.store.problems import is_cut_off, is_read_only, translated
from desktop.store.request import PATIENCE_SECONDS, Outcomes, Request
from desktop.store.schema import require_unmoved
from desktop.store.standby import Freshness, Standby, freshness
from desktop.terms import Role

if TYPE_CHECKING:
    from desktop.store.listening import Listener, Told

T = TypeVar("T")

CANCEL_SECONDS = 5.0
"""How long the server has to take note that a statement is to end."""

CHANNEL = "plumbline"
"""Where every committed write of the team database is announced, without a word about what it was."""


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
        self.entries: list[Entry] = []
        """What goes on record, as the last statements before the commit: the chain's lock is short."""
        self.thresholds: dict[tuple[str, date], Any] = {}
        """The thresholds that were read; whoever changes one empties it."""
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
        """Put an act on record with this transaction (PER-05)."""
        self.entries.append(Entry(action, subject, subject_id, details or None))


class Workspace:
    """One person at one database."""

    def __init__(self, engine: Engine, actor: Actor, clock: Clock, zone: str) -> None:
        self.engine = engine
        self.actor = actor
        self.clock = clock
        self.zone = zone
        self.patience = PATIENCE_SECONDS
        """For how many seconds a lost server is looked for again before the person is told."""
        self.once: str | None = None
        """A key for all that is written here (a command line): the first write has the key "KEY 1", and so on."""
        self._writes = 0
        self._standby = Standby(make_reader(engine.url))
        self._outcomes = Outcomes()
        self._attempts = Attempts(clock)
        self._acknowledged = Acknowledged()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database of one PC."""
        return self.engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """Where the data is, as a person would say it: the file, or server and database."""
        url = self.engine.url
        return url.database or "" if self.is_sqlite else f"{', '.join(hosts(url))} · {url.database}"

    @property
    def can_listen(self) -> bool:
        """Whether the server can tell this console of changes; behind a pooler it has to ask for them.

        Raises DatabaseProblem where the server cannot be reached.
        """
        return not self.is_sqlite and self.read(lambda work: not work.connection.info.get(POOLED))

    @property
    def reads_standby(self) -> bool:
        """Whether this console was asked to read from a standby."""
        return self._standby.wanted

    def freshness(self) -> Freshness:
        """Return where the next reading comes from, and how far that is behind the primary."""
        return self.read(lambda work: freshness(work.connection))

    def acting_as(self, actor: Actor) -> Workspace:
        """Return the same database for another person (embedded database only)."""
        return Workspace(self.engine, actor, self.clock, self.zone)

    def viewing_as(self, person_id: int) -> Workspace:
        """Return the team database as that person would see it, read-only; see `desktop.store.viewing`."""
        from desktop.store.viewing import viewing_as

        return viewing_as(self, person_id)

    def read(self, query: Callable[[Work], T], control: Control | None = None) -> T:
        """Run a query on one consistent moment; nothing it does is kept."""
        return self._retrying(query, control, Request(self.actor.person_id, None), write=False, keep=False)

    def write(
        self, operation: Callable[[Work], T], control: Control | None = None, *, key: str | None = None
    ) -> T:
        """Run an operation and commit it, whole or not at all, and once at most.

        What the database undoes for somebody else's sake, and what is lost with its connection, is tried
        again as a whole, bounded; a reply lost after COMMIT is settled by the operation's id. With a `key` (one
        per filled form, one per command line) the same operation asked for again is not done again: this
        workspace returns the outcome that it remembers, any other raises AlreadyDone. Raises
        UserError, Cancelled, or what the operation raised.
        """
        if key is None and self.once:
            self._writes += 1
            key = f"{self.once} {self._writes}"
        request = Request(self.actor.person_id, key)
        if key is None:
            return self._retrying(operation, control, request, write=True, keep=True)
        with self._outcomes.one_at_a_time:
            if self._outcomes.known(request):
                return self._outcomes.of(request)  # type: ignore[no-any-return]
            result = self._retrying(operation, control, request, write=True, keep=True)
            self._outcomes.keep(request, result)
            return result

    def rehearse(self, operation: Callable[[Work], T], control: Control | None = None) -> T:
        """Run an operation exactly as `write` would, and take it back: the dry run."""
        return self._retrying(operation, control, Request(self.actor.person_id, None), write=True, keep=False)

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
        self._standby.close()
        self.engine.dispose()

    def _retrying(
        self, job: Callable[[Work], T], control: Control | None, request: Request, *, write: bool, keep: bool
    ) -> T:
        try:
            return self._tried(job, control, request, write=write, keep=keep)
        except NotAllowed as refused:
            self._record_refusal(refused.code, name_of(job))
            raise

    def _record_refusal(self, code: str, operation: str) -> None:
        """Put on record that somebody tried what they may not, in a transaction of its own."""
        if not self._attempts.worth_recording(code, operation):
            return
        request = Request(self.actor.person_id, None)

        def record(work: Work) -> None:
            work.audit("refused", code=code, operation=operation)

        # What cannot be recorded (a closed login, a lost server) must not hide the refusal itself.
        with suppress(UserError, SQLAlchemyError):
            self._tried(record, None, request, write=True, keep=True)

    def _tried(
        self, job: Callable[[Work], T], control: Control | None, request: Request, *, write: bool, keep: bool
    ) -> T:
        control = control or Control()
        while True:
            if not request.unsettled:
                control.check()
            connect_by = CONNECT_BY.set(request.begin(self.patience))
            try:
                return self._once(job, control, request, write=write, keep=keep)
            except SQLAlchemyError as error:
                if control.cancelled and not request.unsettled:
                    raise Cancelled from error
                if is_read_only(error) and not write:
                    raise  # a query that writes is a bug, and no fail-over
                if isinstance(error, DBAPIError) and request.may_try_again(error, self.patience):
                    self._forget_connections(error)
                    request.pause(control, self.patience)
                    continue
                told = self._told(error, request)
                if isinstance(error, StaleDataError):
                    told = self._without_a_right(request) or told
                if told is None:
                    raise
                raise told from error
            finally:
                CONNECT_BY.reset(connect_by)

    def _told(self, error: SQLAlchemyError, request: Request) -> UserError | None:
        if request.unsettled:
            return DatabaseProblem(
                "commit_unknown",
                N_(
                    "The connection was lost while saving, and the database cannot be asked whether it was saved."
                ),
                remedy=N_("Reconnect and look before you do it again; operation {operation}."),
                operation=request.operation_id,
            )
        return translated(error)

    def _without_a_right(self, request: Request) -> UserError | None:
        """Return that records are not this person's to change, where the database says so."""
        from desktop.store.stale import not_yours, out_of_reach

        refused = self.rehearse(lambda work: out_of_reach(work, request.flushed))
        return not_yours() if refused else None

    def _forget_connections(self, error: DBAPIError) -> None:
        """After a fail-over no connection of before is worth anything, also those that still answer."""
        self._standby.skip()
        if is_cut_off(error) and (is_read_only(error) or error.connection_invalidated):
            self.engine.dispose()

    def _once(
        self, job: Callable[[Work], T], control: Control, request: Request, *, write: bool, keep: bool
    ) -> T:
        with self._connect(write=write) as connection:
            stop_watching = control.on_cancel(_canceller(connection))
            transaction = connection.begin()
            try:
                settle_in(connection)
                if not self.is_sqlite and not request.unsettled:
                    require_unmoved(connection)  # nobody upgrades a file that is open
                    if connection.engine.pool is self.engine.pool:
                        self._acknowledged.hold_to(connection)
                with Session(bind=connection, autoflush=True, expire_on_commit=False) as session:
                    if write and not self.is_sqlite:
                        request.flushed = _note_flushed(session)
                    work = Work(session, self.actor, self.clock, self.zone, control, request.operation_id)
                    if keep and not request.claim(session, _record(work, job)):
                        if not request.unsettled:
                            raise request.already_done(session)
                        result: T = request.result
                    else:
                        request.unsettled = False
                        result = job(work)
                        session.flush()
                if keep:
                    self._keep(connection, work, transaction.commit, request, result, stop_watching)
                return result
            finally:
                stop_watching()
                if transaction.is_active:
                    transaction.rollback()

    def _keep(
        self,
        connection: Connection,
        work: Work,
        commit: Callable[[], None],
        request: Request,
        result: Any,
        stop_watching: Callable[[], None],
    ) -> None:
        if not request.unsettled:
            work.control.check()
        if not self.is_sqlite:
            if not request.unsettled:
                require_unmoved(connection)
            # Also where an earlier attempt is found committed: its standby may not have it yet, and this
            # transaction, which the same standby has to confirm, comes after it.
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
        _chain(work, connection)
        stop_watching()  # a COMMIT that is cancelled while it waits for its standby would say that it is done
        request.result = result
        self._commit(commit, request)
        self._acknowledged.note(connection, request.operation_id, work.now)
        self._standby.written(connection)

    def _connect(self, *, write: bool) -> Connection:
        if not write and (standby := self._standby.connection()):
            return standby
        connection = self.engine.connect()
        if is_sqlite(connection):
            return connection.execution_options(**{WRITE: write})
        if write:
            return connection.execution_options(isolation_level="READ COMMITTED")
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _commit(self, commit: Callable[[], None], request: Request) -> None:
        try:
            commit()
        except DBAPIError as error:
            request.unsettled = request.unsettled or is_cut_off(error)
            raise
        request.unsettled = False


def _note_flushed(session: Session) -> list[Any]:
    from desktop.store.stale import note_flushed  # which knows what an operation is handed

    return note_flushed(session)


def _record(work: Work, job: Callable[[Work], object]) -> dict[str, Any]:
    name = getattr(job, "__name__", "operation")
    return {"at": work.now, "action": name[:100], "person_id": work.actor.person_id}


def _chain(work: Work, connection: Connection) -> None:
    append(
        connection,
        work.entries,
        at=work.now,
        person_id=work.actor.person_id,
        operation_id=work.operation_id,
    )


def _canceller(connection: Connection) -> Callable[[], None]:
    """Return what ends a running statement from another thread."""
    driver: Any = connection.connection.driver_connection
    if is_sqlite(connection):
        return driver.interrupt  # type: ignore[no-any-return]
    return partial(driver.cancel_safe, timeout=CANCEL_SECONDS)
