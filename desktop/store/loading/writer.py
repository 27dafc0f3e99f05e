"""Writes that go on while what needs no database is got on with (PostgreSQL)."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import Connection, event

_WRITER = "plumbline_writer"
_MOST_WAITING = 3
"""Writes that may wait at a time: each holds its rows."""


class Writer:
    """Does the writes of one connection on a thread of its own, one after the other.

    Whoever asks the connection for anything else waits for them first (`settle`), and is told of the
    first that failed; what would come after it is not done.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "plumbline-writer")
        self._waiting: deque[Future[None]] = deque()
        self._thread: threading.Thread | None = None
        self._failed = False

    def add(self, job: Callable[[], None]) -> None:
        """Have a write done; wait if many are before it. Raises what an earlier one raised."""
        while len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._do, job))

    def settle(self) -> None:
        """Wait until all writes are done; raise what the first that failed raised."""
        if threading.current_thread() is self._thread:
            return
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Let the thread end with what it is doing."""
        self._failed = True
        self._pool.shutdown()

    def _do(self, job: Callable[[], None]) -> None:
        self._thread = threading.current_thread()
        if self._failed:
            return
        try:
            job()
        except BaseException:
            self._failed = True
            raise


@contextmanager
def writing(connection: Connection) -> Iterator[None]:
    """Let bulk writes of this connection go on beside what is done inside; they are done at the end.

    Only on PostgreSQL: SQLite's writes are this process's own work.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    writer = Writer()

    def settle_first(*_: object) -> None:
        writer.settle()

    connection.info[_WRITER] = writer
    event.listen(connection, "before_cursor_execute", settle_first)
    try:
        yield
        writer.settle()
    finally:
        writer.close()
        event.remove(connection, "before_cursor_execute", settle_first)
        del connection.info[_WRITER]


def settled(connection: Connection) -> None:
    """Wait for the writes of this connection that are under way."""
    writer: Writer | None = connection.info.get(_WRITER)
    if writer:
        writer.settle()


def beside(connection: Connection, job: Callable[[], None]) -> None:
    """Have a write done beside what follows where that is possible, else at once."""
    writer: Writer | None = connection.info.get(_WRITER)
    if writer:
        writer.add(job)
    else:
        job()
