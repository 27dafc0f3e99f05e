"""The only place with threads: queries on a small pool, operations one at a time.

`tasks.read(page, query, done)` and `tasks.write(page, operation, done, topics)` take a function of
`Work` and call `done(result)` later on the GUI thread. A task belongs to a page: results for a page
that was closed are dropped, and so is an older read with the same `key`. Expected problems become a
strip on the page (or go to `failed`), cancelling is silence, anything else is a bug and opens the one
dialog. After a commit `changed(topics)` says what pages may have to reload. Never hand a widget to
a query or an operation.

With `inline=True` (tests, pictures) everything runs at once in the calling thread.
"""

from __future__ import annotations

import functools
import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QElapsedTimer, QObject, QRunnable, QThreadPool, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.control import Control
from desktop.errors import Cancelled, DatabaseProblem, UserError
from desktop.i18n import N_
from desktop.views.remembered import Remembered

if TYPE_CHECKING:
    from desktop.store.listening import Listener
    from desktop.store.standby import Freshness
    from desktop.store.workspace import Work

T = TypeVar("T")
log = logging.getLogger(__name__)

SHOW_AFTER_MS = 400
CANCEL_AFTER_MS = 2_000
EVERYTHING = frozenset({"*"})
GONE = frozenset({"database_unreachable", "commit_unknown"})
"""Codes of the errors that say that the database cannot be reached."""
AWAY = GONE | {"offline", "offline_unread"}
"""The same, and those with which nothing was even tried."""
OWN_OPERATIONS = 64
"""How many of our own commits are remembered, so that they are no news to us."""


class _Workspace(Protocol):
    def read(self, query: Callable[[Work], T], control: Control | None = None) -> T: ...
    def write(
        self, operation: Callable[[Work], T], control: Control | None = None, *, key: str | None = None
    ) -> T: ...
    def freshness(self) -> Freshness: ...


class Task:
    """One running piece of work, as the status bar shows it."""

    def __init__(
        self, number: int, owner: QWidget | None, title: str, key: str | None, is_write: bool
    ) -> None:
        self.number = number
        self.owner = owner
        self.title = title
        self.key = key
        self.is_write = is_write
        self.topics: frozenset[str] = frozenset()
        self.done_count = 0
        self.total: int | None = None
        self.what = ""
        self.dropped = False
        self.clock = QElapsedTimer()
        self.clock.start()
        self.control = Control()
        self.read_at: datetime | None = None
        """The moment that a read shows."""
        self.on_done: Callable[[Any], None] | None = None
        self.on_failed: Callable[[UserError], None] | None = None
        self.on_end: Callable[[], None] | None = None

    @property
    def visible(self) -> bool:
        """Whether it has run long enough to be shown."""
        return bool(self.title) and self.clock.elapsed() >= SHOW_AFTER_MS

    @property
    def can_cancel(self) -> bool:
        """Whether it has run long enough for a way to stop it."""
        return self.clock.elapsed() >= CANCEL_AFTER_MS

    def cancel(self) -> None:
        """Ask it to stop, now; ending a statement at a server that is far away happens on another thread."""
        self.control.ask_to_stop()
        _ENDERS.start(_Job(self._end))

    def _end(self) -> None:
        try:
            self.control.cancel()
        except Exception:  # the server cannot be told: the watch over the connection ends what waits for it
            log.info("a statement could not be ended", exc_info=True)


class _Job(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


_ENDERS = QThreadPool()
_ENDERS.setMaxThreadCount(4)


class _Ear(QObject):
    """Carries what a listener tells from its thread to the window's."""

    told = Signal(object)


class Tasks(QObject):
    """Runs work for pages; see the module."""

    changed = Signal(object)
    """Emitted on the GUI thread after a commit, with the frozenset of topics."""
    running = Signal(object)
    """Emitted a few times a second while work runs, with the list of visible `Task`s."""
    bug = Signal(object, str)
    """An unexpected exception and what was being done."""
    lost = Signal()
    """A task has found that the database cannot be reached."""
    quiet = Signal(object)
    """The last read of a page (its owner) has ended."""

    _finished = Signal(object, object, object)

    def __init__(self, workspace: _Workspace, *, inline: bool = False) -> None:
        super().__init__()
        self.workspace = workspace
        self.inline = inline
        self.offline = False
        """Whether the database is known not to answer: operations are refused at once."""
        self.own_operations: deque[str] = deque(maxlen=OWN_OPERATIONS)
        self._remembered = Remembered()
        self._listener: Listener | None = None
        self._ear = _Ear(self)
        self._numbers = itertools.count(1)
        self._tasks: dict[int, Task] = {}
        self._readers = QThreadPool(self)
        self._readers.setMaxThreadCount(3)
        self._writers = QThreadPool(self)
        self._writers.setMaxThreadCount(1)
        self._finished.connect(self._settle)
        self._timer = QTimer(self)
        self._timer.setInterval(200)
        self._timer.timeout.connect(self._tell)

    def read(
        self,
        page: QWidget | None,
        query: Callable[[Work], T],
        done: Callable[[T], None],
        *,
        title: str = "",
        key: str | None = None,
        failed: Callable[[UserError], None] | None = None,
    ) -> Task:
        """Run a query off the GUI thread; a newer read of the page with the same `key` replaces it."""
        if key is not None:
            for task in list(self._tasks.values()):
                if task.owner is page and task.key == key and not task.is_write:
                    task.dropped = True
                    task.cancel()
        task = self._new(page, title, key, is_write=False)
        task.on_done, task.on_failed = done, failed

        def ask(work: Work) -> T:
            task.read_at = work.now
            return query(work)

        return self._start(task, lambda: self._answer(task, query, ask), self._readers)

    def write(
        self,
        page: QWidget | None,
        operation: Callable[[Work], T],
        done: Callable[[T], None] | None = None,
        *,
        topics: Iterable[str] = EVERYTHING,
        title: str = "",
        failed: Callable[[UserError], None] | None = None,
        ended: Callable[[], None] | None = None,
        key: str | None = None,
    ) -> Task:
        """Run an operation in one transaction, after those asked for before; then emit `changed(topics)`.

        `ended` is called however it ends (done, refused, cancelled): the place to enable a button again. What is
        asked for again with the same `key` is not done again; see `Workspace.write`.
        """
        task = self._new(page, title, None, is_write=True)
        task.on_done, task.on_failed, task.on_end = done, failed, ended
        task.topics = frozenset(topics)

        @functools.wraps(operation)
        def carry_out(work: Work) -> T:
            self.own_operations.append(work.operation_id)
            return operation(work)

        def change() -> T:
            if self.offline:
                raise DatabaseProblem(
                    "offline",
                    N_("Nothing can be saved while the database cannot be reached; what you typed is kept."),
                    remedy=N_("Do it again when the status bar says “Online”."),
                )
            return self.workspace.write(carry_out, task.control, key=key)

        return self._start(task, change, self._writers)

    def run(
        self,
        page: QWidget | None,
        job: Callable[[Control], T],
        done: Callable[[T], None],
        *,
        title: str = "",
        failed: Callable[[UserError], None] | None = None,
        ended: Callable[[], None] | None = None,
    ) -> Task:
        """Run work that needs no transaction of its own (reading files, say) off the GUI thread."""
        task = self._new(page, title, None, is_write=False)
        task.on_done, task.on_failed, task.on_end = done, failed, ended
        return self._start(task, lambda: job(task.control), self._readers)

    def _answer(self, task: Task, query: Callable[[Work], T], ask: Callable[[Work], T]) -> T:
        """Ask the database; if it cannot be reached, return what it said last time it was asked this."""
        known = self._remembered.of(task.owner, query)
        if self.offline:
            if known is None:
                raise DatabaseProblem(
                    "offline_unread",
                    N_("This has not been read yet, and the database cannot be reached."),
                    remedy=N_("It is shown as soon as the database answers again."),
                )
        else:
            try:
                found = self.workspace.read(ask, task.control)
            except DatabaseProblem as problem:
                if known is None or problem.code not in GONE:
                    raise
                self.lost.emit()
            else:
                if task.read_at is not None:
                    self._remembered.keep(task.owner, query, found, task.read_at)
                return found
        task.read_at = known.at
        return known.found  # type: ignore[no-any-return]

    def cancel_page(self, page: QWidget) -> None:
        """Forget the reads of a page that is closed; its writes go on, unheard."""
        for task in self._tasks.values():
            if task.owner is page:
                task.dropped = True
                if not task.is_write:
                    task.cancel()

    def reading(self, page: QWidget) -> bool:
        """Whether a page waits for a read."""
        return any(
            task.owner is page and not task.is_write and not task.dropped for task in self._tasks.values()
        )

    def listen(self, told: Callable[[Any], None]) -> bool:
        """Hear on this thread what a listener of the database tells; False where there is none to be had."""
        make = getattr(self.workspace, "listener", None)
        if self.inline or make is None:
            return False
        self._ear.told.connect(told)
        self._listener = make(self._ear.told.emit, lambda: tuple(self.own_operations))
        if self._listener is None:
            return False
        threading.Thread(target=self._listener.run, name="listener", daemon=True).start()
        return True

    def nudge(self) -> None:
        """Let the listener try the database now."""
        if self._listener is not None:
            self._listener.nudge()

    def stop(self) -> None:
        """Cancel what runs and wait for it: the window closes."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for task in self._tasks.values():
            task.dropped = True
            task.cancel()
        self._readers.waitForDone(1_000 if self.offline else 5_000)
        self._writers.waitForDone(15_000)

    def busy(self) -> bool:
        """Whether anything is running."""
        return bool(self._tasks)

    def _new(self, page: QWidget | None, title: str, key: str | None, *, is_write: bool) -> Task:
        task = Task(next(self._numbers), page, title, key, is_write)

        def progress(done: int, total: int | None, what: str) -> None:
            task.done_count, task.total, task.what = done, total, what

        task.control = Control(progress)
        return task

    def _start(self, task: Task, call: Callable[[], Any], pool: QThreadPool) -> Task:
        self._tasks[task.number] = task
        settle = self._settle if self.inline else self._finished.emit

        def work() -> None:
            try:
                task.control.check()
                result = call()
            except BaseException as error:
                settle(task, None, error)
            else:
                settle(task, result, None)

        if self.inline:
            work()
        else:
            if not self._timer.isActive():
                self._timer.start()
            pool.start(_Job(work))
        return task

    @Slot(object, object, object)
    def _settle(self, task: Task, result: Any, error: BaseException | None) -> None:
        self._tasks.pop(task.number, None)
        self._tell()
        heard = not task.dropped and (task.owner is None or isValid(task.owner))
        self._note(task, heard and error is None)
        if heard and task.on_end:
            task.on_end()
        if error is None:
            if heard and task.on_done:
                task.on_done(result)
            if task.is_write:
                self.changed.emit(task.topics)
        elif isinstance(error, Cancelled):
            return
        elif isinstance(error, UserError):
            if error.code in GONE:
                self.lost.emit()
            if heard:
                self._refused(task, error)
        elif not task.dropped or task.is_write:
            log.error("a task failed", exc_info=error)
            self.bug.emit(error, task.title)

    def _note(self, task: Task, answered: bool) -> None:
        """Let a page know which moment it shows, and that its last read has ended."""
        note = getattr(task.owner, "note_read", None)
        if answered and task.read_at is not None and callable(note):
            note(task.key or "", task.read_at)
        if task.owner is not None and not task.is_write and not self.reading(task.owner):
            self.quiet.emit(task.owner)

    def _refused(self, task: Task, error: UserError) -> None:
        show = getattr(task.owner, "show_error", None)
        if task.on_failed:
            task.on_failed(error)
        elif callable(show):
            show(error)
        elif error.code in AWAY:
            log.info("%s: %s", task.title or "a task", error)
        else:
            self.bug.emit(error, task.title)

    @Slot()
    def _tell(self) -> None:
        self.running.emit([task for task in self._tasks.values() if task.visible and not task.dropped])
        if not self._tasks:
            self._timer.stop()
