"""Reading from a standby, where the address asks for it: only what is at least as new as what was written here."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from desktop.store.engine import is_sqlite

log = logging.getLogger(__name__)

SKIP_SECONDS = 10.0
"""How long a standby that failed is left alone; reading then goes to the primary."""

_FRESHNESS = text("""SELECT pg_is_in_recovery() AS standby,
    CASE WHEN NOT pg_is_in_recovery() THEN 0.0
        WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0.0
        ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END::float8 AS behind""")

_CAUGHT_UP = text(
    "SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= CAST(CAST(:lsn AS text) AS pg_lsn)"
)


@dataclass(frozen=True, slots=True)
class Freshness:
    """Where a reading came from."""

    standby: bool
    """Whether it was a standby and not the primary."""
    behind_seconds: float | None
    """How far behind the primary it may be; 0 for the primary itself, None where the standby cannot say."""


def freshness(connection: Connection) -> Freshness:
    """Return whether a connection leads to a standby, and how many seconds that is behind.

    A standby that has replayed all it received, and is still being sent more, is not behind at all, however
    long ago the last change was.
    """
    if is_sqlite(connection):
        return Freshness(standby=False, behind_seconds=0.0)
    row = connection.execute(_FRESHNESS).one()
    behind = None if row.behind is None else max(0.0, float(row.behind))
    return Freshness(standby=bool(row.standby), behind_seconds=behind)


class Standby:
    """The standby that a workspace reads from, if it was asked to; each person sees their own writes at once."""

    def __init__(self, engine: Engine | None) -> None:
        self._engine = engine
        self._written: str | None = None
        self._skip_until = 0.0

    @property
    def wanted(self) -> bool:
        """Whether the address asks for reading from a standby."""
        return self._engine is not None

    def connection(self) -> Connection | None:
        """Return a connection to read from, None where the primary has to be asked."""
        if self._engine is None or time.monotonic() < self._skip_until:
            return None
        try:
            if self._written is not None and not self._has(self._written):
                return None
            return self._reading()
        except SQLAlchemyError as error:
            log.info("not reading from the standby: %s", error)
            self.skip()
            return None

    def written(self, connection: Connection) -> None:
        """Note how far the log of the primary is after a write of this person, over the connection that wrote."""
        if self._engine is None:
            return
        self._written = "FFFFFFFF/FFFFFFFF"  # until it is known: read from the primary
        with suppress(SQLAlchemyError), connection.begin():
            self._written = str(connection.execute(text("SELECT pg_current_wal_lsn()")).scalar_one())

    def skip(self) -> None:
        """Leave a standby alone for a while that has just failed."""
        self._skip_until = time.monotonic() + SKIP_SECONDS

    def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            self._engine.dispose()

    def _reading(self) -> Connection:
        # Always read-only: a connection that was so once says READ WRITE otherwise, which a standby refuses.
        assert self._engine is not None
        return self._engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def _has(self, written: str) -> bool:
        with self._reading() as connection:
            caught_up = bool(connection.execute(_CAUGHT_UP, {"lsn": written}).scalar_one())
        if caught_up and self._written == written:
            self._written = None
        return caught_up
