"""Connections to a server that are watched: one whose server has gone silent is cut, not waited for (security 31).

A black hole (a laptop asleep, a VPN gone, a firewall that forgot us) sends neither answer nor refusal. TCP gives up
after minutes, and `tcp_user_timeout`, which would shorten that, does nothing on Windows; so the console looks
itself. A statement may not simply have a time limit: an import is silent for minutes while the server works. Hence
the question is not "how long has it lasted" but "is anybody there": while a statement lasts, a **second connection**
asks the same server, every few seconds, whether it still knows the first. Any answer at all, even a refusal for
too many connections, proves that the server lives. No answer, or a server that no longer knows the session or is not working
for it, means that the reply will never come: the socket is shut down, which the waiting thread sees at once on
every system, and the lost connection takes the ordinary way through `Workspace`.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
LOOK_AFTER_SECONDS = 2.0
"""How long a statement lasts before the server is asked for the first time."""

ASK_SECONDS = 5
"""How long the server has to answer; with the two above, silence is noticed within 8 seconds."""

LOOK_AGAIN_SECONDS = 5.0
REPLY_LOST_SECONDS = 15.0
"""How long the server has been done with a statement before its reply counts as lost on the way."""

_SERVER_ENDS = ("starting up", "shutting down", "recovery mode")
_STATES = "SELECT pid, state, extract(epoch FROM clock_timestamp() - state_change)::float8 FROM pg_stat_activity WHERE pid = ANY(%s)"
_WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = ANY(%s) AND NOT granted)"
END_STUCK = "SELECT plumbline.end_stuck_sessions()"
"""Ends whoever stops everybody; see `access.watching`. Asked by whoever waits, and by every console now and then."""


class ServerSilent(psycopg.OperationalError):
    """The server of a connection said nothing for so many seconds that the connection was cut."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer for {seconds:.0f} seconds")
        self.silent_for = seconds


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that waits for its server only while there is one."""

    asked_with: dict[str, Any]
    pooled = False
    """Whether a pooler such as PgBouncer stands between: sessions then belong to nobody for long."""
    listening = False
    silent_for: float | None = None
    """For how many seconds the server had been silent when this connection was cut, if it was."""

    def wait(self, *arguments: Any, **named: Any) -> Any:
        """Wait for the server as psycopg does, under the eye of the watchdog."""
        if self.listening:
            return super().wait(*arguments, **named)
        WATCHDOG.begin(self)
        try:
            return super().wait(*arguments, **named)
        except psycopg.OperationalError as error:
            if self.silent_for is None:
                raise
            raise ServerSilent(self.silent_for) from error
        finally:
            WATCHDOG.end(self)

    def notifies(self, *arguments: Any, **named: Any) -> Iterator[psycopg.Notify]:  # type: ignore[override]
        """Wait for notifications: here silence is what one expects, so nobody watches."""
        self.listening = True
        try:
            yield from super().notifies(*arguments, **named)
        finally:
            self.listening = False


@dataclass(slots=True)
class _Wait:
    connection: WatchedConnection
    since: float
    asked: float


class Watchdog:
    """Looks after every connection of this process that waits for its server; one thread, asleep when none does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits: dict[int, _Wait] = {}
        self._needed = threading.Event()
        self._pause = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, connection: WatchedConnection) -> None:
        """Note that a connection begins to wait."""
        now = time.monotonic()
        with self._lock:
            self._waits[id(connection)] = _Wait(connection, now, now)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="plumbline-watchdog", daemon=True)
                self._thread.start()
        if not self._needed.is_set():
            self._needed.set()

    def end(self, connection: WatchedConnection) -> None:
        """Note that a connection has its answer, or has lost its server."""
        with self._lock:
            self._waits.pop(id(connection), None)

    def _run(self) -> None:
        while True:
            self._needed.wait()
            self._pause.wait(TICK_SECONDS)
            for group in self._due():
                try:
                    self._look_after(group)
                except Exception:  # a watchdog that dies of one bad look would watch nothing
                    log.exception("looking after a connection failed")

    def _due(self) -> list[list[_Wait]]:
        """Return who has waited too long to be left alone, by server."""
        now = time.monotonic()
        servers: dict[tuple[object, ...], list[_Wait]] = {}
        with self._lock:
            if not self._waits:
                self._needed.clear()
            for wait in self._waits.values():
                pause = LOOK_AFTER_SECONDS if wait.asked == wait.since else LOOK_AGAIN_SECONDS
                if now - wait.asked >= pause:
                    with suppress(psycopg.Error):
                        info = wait.connection.info
                        key = (info.host, info.port, info.dbname, info.user, wait.connection.pooled)
                        servers.setdefault(key, []).append(wait)
        return list(servers.values())

    def _look_after(self, group: list[_Wait]) -> None:
        now = time.monotonic()
        for wait in group:
            wait.asked = now
        first = group[0].connection
        pids = [wait.connection.info.backend_pid for wait in group]
        try:
            known = ask(first, pids)
        except psycopg.Error as error:
            if not silent(error):
                return
            log.warning("the server does not answer: %s", error)
            for wait in group:
                self._cut(wait)
            return
        if first.pooled:
            return
        for wait, pid in zip(group, pids, strict=True):
            if lost(known.get(pid), waited=time.monotonic() - wait.since):
                log.warning("the server does not know of the statement that we wait for (session %d)", pid)
                self._cut(wait)

    def _cut(self, wait: _Wait) -> None:
        # Under the lock: whoever has its answer meanwhile is not in the list any more and keeps its socket.
        with self._lock:
            if self._waits.get(id(wait.connection)) is not wait:
                return
            wait.connection.silent_for = time.monotonic() - wait.since
            with suppress(psycopg.Error, OSError):
                end = socket.socket(fileno=wait.connection.pgconn.socket)
                try:
                    end.shutdown(socket.SHUT_RDWR)
                finally:
                    end.detach()  # psycopg closes it


WATCHDOG = Watchdog()


def silent(error: psycopg.Error) -> bool:
    """Whether a failed question means that nobody is there who could answer.

    A refusal that the server itself worded ("FATAL:  too many connections") is an answer, unless the
    server has just begun or is about to end: it then knows nothing of the sessions of before.
    """
    text = str(error)
    worded = error.sqlstate is not None or "FATAL:" in text or "ERROR:" in text
    return not worded or error.sqlstate == "57P03" or any(word in text for word in _SERVER_ENDS)


def lost(known: tuple[str | None, float] | None, *, waited: float) -> bool:
    """Whether a reply will never come, from what the server says of the session: its state, and for how long."""
    if known is None:
        return True
    state, seconds = known
    if state is None or not state.startswith("idle"):
        return False
    # Idle since before we asked: the statement never arrived. Idle since: its reply is on the way, or lost.
    return seconds > waited + 1 or seconds > REPLY_LOST_SECONDS


def ask(connection: WatchedConnection, pids: list[int]) -> dict[int, tuple[str | None, float]]:
    """Return what the server of a connection says of its sessions; raise psycopg.Error if it says nothing."""
    info = connection.info
    parameters = {
        **{
            name: value
            for name, value in connection.asked_with.items()
            if name not in ("options", "hostaddr")
        },
        "host": info.host,
        "port": info.port,
        "target_session_attrs": "any",
        "connect_timeout": ASK_SECONDS,
        "application_name": "plumbline watch",
    }
    with _Question.connect(**parameters, autocommit=True, prepare_threshold=None) as question:
        if connection.pooled:
            return {}  # the pooler is there; a statement of ours might wait in its queue like the one we ask about
        known = {pid: (state, seconds or 0.0) for pid, state, seconds in question.execute(_STATES, [pids])}
        with suppress(psycopg.Error):  # a standby, a closed login: what the server said above stands
            if question.execute(_WAITS, [pids]).fetchone() == (True,):
                question.execute(END_STUCK)
        return known


class _Question(psycopg.Connection[Any]):
    """A connection for one question that is given up in time: nobody watches the watchdog."""

    def wait(self, gen: Any, *_arguments: Any, **_named: Any) -> Any:
        """Run one exchange with the server; raise OperationalError if it takes too long."""
        deadline = time.monotonic() + ASK_SECONDS
        try:
            ready = next(gen)
            with selectors.DefaultSelector() as selector:
                while True:
                    selector.register(self.pgconn.socket, ready)
                    found = selector.select(timeout=max(0.0, deadline - time.monotonic()))
                    if not found:
                        self.pgconn.finish()
                        raise psycopg.OperationalError("no answer in time")
                    selector.unregister(self.pgconn.socket)
                    ready = gen.send(found[0][1])
        except StopIteration as end:
            return end.value
