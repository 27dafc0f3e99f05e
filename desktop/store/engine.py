"""Connections: an embedded SQLite file or a PostgreSQL server, and nothing else.

The team's database may be several servers, one of which is the primary at a time: `postgresql://a,b/team`. A
connection for writing is then made to whichever takes writes (`target_session_attrs=read-write`), so that a
fail-over needs no other address and no restart. `?reads=standby` asks for reading from a standby.
"""

from __future__ import annotations

import math
import re
import time
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from desktop.analytics.names import name_key
from desktop.errors import InvalidInput
from desktop.i18n import N_

if TYPE_CHECKING:
    from desktop.store.watch import WatchedConnection

WRITE = "plumbline_write"
"""Execution option of a connection that is about to write: SQLite then begins IMMEDIATE."""

READS = "reads"
"""The parameter of an address that says from where to read: `standby`, where there is one, or `primary`."""

POOLED = "plumbline_pooled"
"""Key in `Connection.info`: whether a pooler (PgBouncer in transaction mode) stands before the server."""

CONNECT_SECONDS = 5
CONNECT_SECONDS_EACH = 3
"""How long one of several servers has to take a connection, before the next one is tried."""

IDLE_SECONDS = 300
"""How long a transaction of ours may do nothing before the server ends it: a frozen PC frees its locks (security 33)."""

LOCK_SECONDS = 30
"""How long a statement waits for what another one holds; then the whole transaction is tried again, bounded."""

CONNECT_BY: ContextVar[float | None] = ContextVar("CONNECT_BY", default=None)
"""The moment (monotonic) by which connecting must have come to an end, for whoever is trying again."""

_SEVERAL = re.compile(r"^(?P<scheme>[\w+]+)://(?P<who>[^/?#]*@)?(?P<hosts>[^/?@]*,[^/?@]*)(?P<rest>[/?].*)?$")

# A second line behind the watchdog of `watch.py`, by the system itself, where it honours them.
_TCP = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 9000}

_GREETING = """SELECT pg_backend_pid() AS pid, set_config('TimeZone', 'UTC', false),
    set_config('idle_in_transaction_session_timeout', CASE WHEN pg_backend_pid() = %(pid)s THEN %(idle)s
        ELSE current_setting('idle_in_transaction_session_timeout') END, false),
    set_config('lock_timeout', CASE WHEN pg_backend_pid() = %(pid)s THEN %(lock)s
        ELSE current_setting('lock_timeout') END, false)"""


def database_url(text: str | Path) -> URL:
    """Return the SQLAlchemy URL that a person's text means: a file path is SQLite.

    Raises InvalidInput for any database that is not SQLite or PostgreSQL.
    """
    if isinstance(text, Path) or "://" not in text:
        path = Path(text).expanduser().absolute()
        return URL.create("sqlite", database=str(path))
    try:
        url = make_url(_hosts_as_parameters(text))
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        url = URL.create("unreadable")
    backend = url.drivername.split("+")[0]
    if backend == "sqlite" and url.database:
        return url.set(drivername="sqlite")
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    raise InvalidInput(
        "database_unsupported",
        N_("“{text}” is not a database that Plumbline can work on."),
        remedy=N_(
            "Give a file path for the embedded database, or postgresql://host/database for the team's."
        ),
        text=url.render_as_string(hide_password=True) if backend != "unreadable" else text,
    )


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether this is the embedded database."""
    return bind.dialect.name == "sqlite"


def make_engine(url: URL) -> Engine:
    """Return an engine with the isolation and durability that decisions ask for."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 10.0})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return _server_engine(url, "read-write" if len(hosts(url)) > 1 else None)


def make_reader(url: URL) -> Engine | None:
    """Return an engine that reads from a standby and, where none is to be had, from the primary.

    Returns None unless the address asks for it with `reads=standby`.
    """
    if url.get_backend_name() == "sqlite" or url.query.get(READS) != "standby":
        return None
    return _server_engine(url, "prefer-standby")


def hosts(url: URL) -> tuple[str, ...]:
    """Return the servers that an address names, each with its port if that is given; empty for a file."""
    if url.get_backend_name() == "sqlite":
        return ()
    if url.host:
        return (f"{url.host}:{url.port}" if url.port else url.host,)
    named = url.query.get("host", "localhost")
    names = named.split(",") if isinstance(named, str) else named
    ports = str(url.query.get("port", "")).split(",")
    if len(ports) == len(names) > 0 and ports[0]:
        return tuple(f"{name}:{port}" for name, port in zip(names, ports, strict=True))
    return tuple(names)


def _hosts_as_parameters(text: str) -> str:
    """Return an address whose hosts are listed as libpq allows (`a,b:5433`) in the way that SQLAlchemy reads it."""
    found = _SEVERAL.match(text)
    if not found:
        return text
    path, _, query = (found["rest"] or "").partition("?")
    places = [place.partition(":") for place in found["hosts"].split(",")]
    each = f"host={','.join(name for name, _, _ in places)}&port={','.join(port or '5432' for _, _, port in places)}"
    return f"{found['scheme']}://{found['who'] or ''}{path or '/'}?{each}{'&' if query else ''}{query}"


def _server_engine(url: URL, attributes: str | None) -> Engine:
    defaults = {"application_name": "plumbline", **_TCP}
    if attributes and "target_session_attrs" not in url.query:
        defaults["target_session_attrs"] = attributes
    asked = {name: value for name, value in defaults.items() if name not in url.query}
    several = len(hosts(url))
    engine = create_engine(
        url,
        hide_parameters=True,  # what an error says is copied and logged; it must not hold anybody's phone
        pool_size=4,
        pool_timeout=10,
        pool_pre_ping=True,
        use_native_hstore=False,  # there is none, and asking costs every start a round trip
        connect_args=asked,
    )

    def connect(
        _dialect: object, _record: object, arguments: list[Any], parameters: dict[str, Any]
    ) -> WatchedConnection:
        parameters.pop(READS, None)  # ours, and unknown to libpq
        parameters.setdefault("connect_timeout", _seconds_to_connect(several))
        return _connected(arguments, parameters)

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", _note_pooler)
    return engine


def _seconds_to_connect(several: int) -> int:
    usual = CONNECT_SECONDS if several < 2 else CONNECT_SECONDS_EACH
    by = CONNECT_BY.get()
    if by is None:
        return usual
    return max(2, min(usual, math.ceil((by - time.monotonic()) / max(1, several))))


def _connected(arguments: list[Any], parameters: dict[str, Any]) -> WatchedConnection:
    from desktop.store.watch import WatchedConnection

    connection = WatchedConnection.connect(*arguments, **parameters)
    connection.asked_with = parameters
    try:
        _greet(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _greet(connection: WatchedConnection) -> None:
    """Set what every session needs, and find out whether it is a session at all.

    In transaction mode a pooler lends us another session for each transaction, and gives us a number that
    is not the session's: that is how it is noticed. Then nothing may be left behind in a session: no prepared
    statement, no setting (but the time zone, which PgBouncer itself carries over), no LISTEN.
    """
    connection.autocommit = True
    mine = connection.info.backend_pid
    values = {"pid": mine, "idle": f"{IDLE_SECONDS}s", "lock": f"{LOCK_SECONDS}s"}
    connection.prepare_threshold = None
    found = connection.execute(_GREETING, values).fetchone()
    connection.autocommit = False
    connection.pooled = found is not None and found[0] != mine
    if not connection.pooled:
        connection.prepare_threshold = 5


def _note_pooler(connection: WatchedConnection, record: Any) -> None:
    record.info[POOLED] = connection.pooled


def settle_in(connection: Connection) -> None:
    """Set for this transaction alone what a session behind a pooler cannot keep."""
    if connection.info.get(POOLED):
        connection.exec_driver_sql(
            f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s';"
            f" SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"
        )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: see _begin_sqlite
    connection.create_function("name_key", 1, lambda name: name and name_key(name), deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that upgrades to a write fails at once when another writer is there,
    # whatever the timeout; an immediate one waits its turn.
    immediate = connection.get_execution_options().get(WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
