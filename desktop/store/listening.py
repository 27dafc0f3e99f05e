"""Hears other people's commits, and notices when the server is gone: one connection of its own (PLT-12).

`Workspace.listener(told)` gives one for the team database; its `run` blocks, so it belongs on a thread.
It waits in `select` and wakes when the server says something, every few seconds to ask whether it is
still there (`tcp_user_timeout` has no effect on Windows, so a black hole is found by our own deadline),
and when it is closed. Notifications carry no payload: that something was committed is all they say.

Behind a pooler LISTEN would be granted and never heard of again, so there, and wherever it is refused,
the question "are you there" is "what is your newest change" instead.
"""

from __future__ import annotations

import logging
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Collection
from enum import Enum, StrEnum
from typing import Any

import psycopg
from psycopg import pq
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from desktop.store.watch import END_STUCK

log = logging.getLogger(__name__)

CHANNEL = "plumbline"
ASK_SECONDS = 4.0
"""How often the server is asked whether it is there."""
PATIENCE_SECONDS = 4.0
"""How long an answer may take; with `ASK_SECONDS` a black hole is found within ten seconds (security 31)."""
LEAST_PAUSE, MOST_PAUSE = 0.5, 15.0
"""Seconds between attempts to connect again: doubled each time, with jitter."""

END_STUCK_SECONDS = 60.0
"""How often whoever stops everybody is looked for (security 58), give or take a half: consoles take turns."""

_NEWEST = "SELECT plumbline.latest_change('{{{own}}}'::text[])"


class Told(StrEnum):
    """What a listener tells."""

    ONLINE = "online"
    """The server answers: at first, and again after every `OFFLINE`."""
    OFFLINE = "offline"
    """The server does not answer, or cannot be reached."""
    CHANGED = "changed"
    """Somebody else has committed something."""


class _Closed(Exception):
    """`close` was called."""


class _Silence(OSError):
    """The server did not answer in time."""


class _Woke(Enum):
    SAID = 1
    NUDGED = 2
    TIME = 3


def _next_turn() -> float:
    return time.monotonic() + END_STUCK_SECONDS * random.uniform(0.5, 1.5)


class Listener:
    """See the module. `told` is called on the thread of `run`, and never after `close` has returned."""

    def __init__(
        self,
        engine: Engine,
        told: Callable[[Told], None],
        own_operations: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._engine, self._told, self._own_operations = engine, told, own_operations
        self._own_backends: set[int] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._waker, self._wakened = socket.socketpair()
        self._wakened.setblocking(False)
        self._newest: int | None = None
        self.hears = False
        """Whether LISTEN is in force; otherwise the newest change is asked for."""
        event.listen(engine, "checkout", self._used)

    def run(self) -> None:
        """Listen until `close` is called, connecting again with longer and longer pauses."""
        pause = LEAST_PAUSE
        try:
            while True:
                line = None
                try:
                    line = self._connect()
                    self._tell(Told.ONLINE)
                    pause = LEAST_PAUSE
                    self._listen(line)
                except (SQLAlchemyError, psycopg.Error, OSError) as error:
                    log.info("listening ended: %s", error)
                    self._tell(Told.OFFLINE)
                finally:
                    if line is not None:
                        line.close()
                woke = self._wait(None, pause * random.uniform(0.7, 1.3))
                pause = LEAST_PAUSE if woke is _Woke.NUDGED else min(pause * 2, MOST_PAUSE)
        except _Closed:
            log.debug("no longer listening")
        finally:
            event.remove(self._engine, "checkout", self._used)

    def nudge(self) -> None:
        """Try, or ask, now; from any thread."""
        with self._lock:
            if not self._closed:
                self._waker.send(b"!")

    def close(self) -> None:
        """End `run` soon; from any thread. Nothing is told any more once this returns."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._waker.send(b".")

    # connection

    def _connect(self) -> psycopg.Connection[Any]:
        """Return a fresh connection that listens, made exactly as those of the pool are."""
        raw = self._engine.pool.recreate().connect()
        driver: Any = raw.driver_connection
        raw.detach()
        driver.rollback()
        driver.pgconn.nonblocking = 1
        try:
            (found,) = self._ask(driver, "SELECT pg_backend_pid()")
            self.hears = int(found) == driver.info.backend_pid and self._granted(driver)
        except BaseException:
            driver.close()
            raise
        return driver  # type: ignore[no-any-return]

    def _granted(self, line: psycopg.Connection[Any]) -> bool:
        try:
            self._ask(line, f"LISTEN {CHANNEL}")
        except psycopg.ProgrammingError as refused:
            log.info("LISTEN was refused: %s", refused)
            return False
        return True

    def _used(self, driver: Any, _record: object, _proxy: object) -> None:
        """Remember which backends work for this console: what they announce is no news."""
        self._own_backends.add(driver.info.backend_pid)

    # waiting

    def _listen(self, line: psycopg.Connection[Any]) -> None:
        self._look(line)
        ask_at = time.monotonic() + ASK_SECONDS
        end_at = _next_turn()
        while True:
            if self._wait(line, ask_at - time.monotonic()) is _Woke.SAID:
                continue
            if self.hears:
                self._ask(line, "")
            else:
                self._look(line)
            if time.monotonic() >= end_at:
                self._end_stuck(line)
                end_at = _next_turn()
            ask_at = time.monotonic() + ASK_SECONDS

    def _end_stuck(self, line: psycopg.Connection[Any]) -> None:
        try:
            self._ask(line, END_STUCK)
        except psycopg.ProgrammingError as refused:
            log.info("looking for stuck sessions was refused: %s", refused)

    def _look(self, line: psycopg.Connection[Any]) -> None:
        """Ask for the newest change that is not ours; a new one since last time is told.

        Also with LISTEN, whenever a connection is new: what happened meanwhile was announced to nobody.
        """
        own = ",".join(one for one in self._own_operations() if one.replace("-", "").isalnum())
        (found,) = self._ask(line, _NEWEST.format(own=own))
        before, self._newest = self._newest, int(found)
        if before is not None and self._newest > before:
            self._tell(Told.CHANGED)

    def _ask(self, line: psycopg.Connection[Any], query: str) -> list[bytes]:
        """Return the first column of what the server answers; raise if it refuses, is gone, or is silent."""
        pgconn = line.pgconn
        pgconn.send_query(query.encode())
        pgconn.flush()
        until = time.monotonic() + PATIENCE_SECONDS
        found: list[bytes] = []
        refusal = ""
        while True:
            while pgconn.is_busy():
                if self._wait(line, until - time.monotonic(), nudged=False) is _Woke.TIME:
                    raise _Silence(f"no answer within {PATIENCE_SECONDS:g} s")
            result = pgconn.get_result()
            if result is None:
                self._hear(pgconn)
                if refusal:
                    raise psycopg.ProgrammingError(refusal)
                return found
            if result.status == pq.ExecStatus.FATAL_ERROR:
                refusal = result.get_error_message() or "refused"
            found = [result.get_value(row, 0) or b"0" for row in range(result.ntuples)]

    def _wait(self, line: psycopg.Connection[Any] | None, seconds: float, *, nudged: bool = True) -> _Woke:
        """Wait until the server says something, somebody nudges, or time is up; raise when closed."""
        watched: list[Any] = [self._wakened, *([line.pgconn.socket] if line else [])]
        until = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select(watched, [], [], max(0.0, until - time.monotonic()))
            if self._wakened in ready:
                self._wakened.recv(64)
                if self._closed:
                    raise _Closed
                if nudged:
                    return _Woke.NUDGED
            if line is not None and line.pgconn.socket in ready:
                line.pgconn.consume_input()
                self._hear(line.pgconn)
                return _Woke.SAID
            if not ready:
                return _Woke.TIME

    def _hear(self, pgconn: pq.abc.PGconn) -> None:
        news = False
        while note := pgconn.notifies():
            news = news or note.be_pid not in self._own_backends
        if news:
            self._tell(Told.CHANGED)

    def _tell(self, what: Told) -> None:
        with self._lock:
            if self._closed:
                raise _Closed
            self._told(what)
