"""What an import will compare with, fetched while its files are still being read.

A stock is taken in a transaction of its own, before the import begins. Inside the import's transaction it is
held to the database once more: on PostgreSQL each row's `xmin` says whether it is the row that was fetched,
on SQLite `data_version` says whether anybody has written since. What has changed is fetched again; what the
import itself writes is dropped from the stock. So an import with a stock sees exactly what it would see
without one.
"""

from __future__ import annotations

import threading
from contextlib import suppress

import polars as pl
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import SQLAlchemyError

from desktop.models import Base
from desktop.store.loading import bulk

STOCKED = ("person", "account")
"""The tables that nearly every import looks at, whatever its files hold."""

MOST_ROWS = 400_000
"""A larger table is not stocked: what an import needs of it is fetched when that is known."""


class Stock:
    """Tables of a database as they were at one moment, and the way to tell whether they still are."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._frames: dict[str, pl.DataFrame] = {}
        self._data_version = -1
        self._thread = threading.Thread(target=self._fill, name="plumbline-stock", daemon=True)
        self._stop = threading.Event()

    def start(self) -> Stock:
        """Begin to fetch, on a thread of its own; return at once."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Let go of the tables and of the connection."""
        self._stop.set()
        self._thread.join()
        self._frames.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def renew(self, connection: Connection) -> dict[str, pl.DataFrame]:
        """Return the tables as the transaction of `connection` sees them, whole, with all their columns."""
        self._thread.join()
        frames, self._frames = self._frames, {}
        if not frames:
            return {}
        if connection.dialect.name == "sqlite":
            return frames if self._unwritten() else {}
        return {
            name: _brought_up(connection, Base.metadata.tables[name], frame) for name, frame in frames.items()
        }

    def _fill(self) -> None:
        # Whatever goes wrong here, the import finds out by itself and says so: it needs no stock.
        with suppress(SQLAlchemyError):
            self._connection = self._engine.connect()
            if self._connection.dialect.name == "sqlite":
                self._data_version = self._asked_version()
            with self._connection.begin():
                for name in STOCKED:
                    table = Base.metadata.tables[name]
                    if self._stop.is_set() or bulk.height(self._connection, table) > MOST_ROWS:
                        continue
                    self._frames[name] = bulk.fetch_stamped(self._connection, table)

    def _unwritten(self) -> bool:
        return self._asked_version() == self._data_version

    def _asked_version(self) -> int:
        """Return SQLite's `data_version`: another number once any other connection has committed."""
        assert self._connection is not None
        cursor = self._connection.connection.cursor()
        try:
            return int(cursor.execute("PRAGMA data_version").fetchone()[0])
        finally:
            cursor.close()


def _brought_up(connection: Connection, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    now = bulk.fetch_stamps(connection, table)
    same = frame.join(now, on=["id", bulk.STAMP], how="semi")
    others = now.join(same, on="id", how="anti")["id"].to_list()
    if not others:
        return same
    fresh = bulk.fetch(connection, table, [column.name for column in table.c], others)
    return pl.concat([same, fresh.with_columns(pl.lit(0, dtype=pl.Int64).alias(bulk.STAMP))])
