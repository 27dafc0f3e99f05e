"""Whole tables in and out of either database as Polars frames: COPY on PostgreSQL, executemany on SQLite.

PostgreSQL refuses COPY into a table with row-level security: rows are copied into a temporary table, from
which one statement writes them. Frames carry database columns under their own names: whole numbers as Int64, instants as
Datetime("us", "UTC"), JSON as its text. SQLite's storage of dates and instants is SQLAlchemy's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy import Column, Connection, Table
from sqlalchemy.exc import DBAPIError

from desktop.control import Control
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.store.loading import storage
from desktop.store.loading.storage import from_storage, stored, text_type
from desktop.store.loading.writer import beside, settled, writing
from desktop.store.parts import in_parts

frame_type = storage.frame_type
_NULL = "\x01"
"""Stands for NULL in COPY: no text of an imported cell can be this control character."""

_CACHE_KIB = 128_000

_STAGED = "pg_temp.plumbline_staged"
"""Where rows wait on PostgreSQL for the statement that writes them."""

_STOCK = "plumbline_stock"
_CONTROL = "plumbline_control"
_PART = 20_000
"""Rows that are written at a time: well under a second's work, so that a person can stop it."""

STAMP = "_stamp"
"""The name of the column that tells one version of a row from the next."""

_FEW = 4000
"""Below this many ids, rows are asked for by id; above, the table is read whole and narrowed here."""


def fetch(
    connection: Connection, table: Table, names: Sequence[str], ids: Iterable[int] | None = None
) -> pl.DataFrame:
    """Return columns of a table, of all rows or of those with the given ids (in no order)."""
    columns = [table.c[name] for name in names]
    stocked = _stocked(connection).get(table.name)
    if stocked is not None:
        if ids is None:
            return stocked.select(names)
        keep = pl.DataFrame({"id": pl.Series(ids, dtype=pl.Int64).unique()})
        return (
            stocked.select(list(dict.fromkeys(["id", *names]))).join(keep, on="id", how="semi").select(names)
        )
    if ids is None:
        return _select(connection, table, columns, "")
    wanted = sorted(set(ids))
    if len(wanted) > _FEW:
        with_id = columns if "id" in names else [table.c.id, *columns]
        keep = pl.DataFrame({"id": wanted}, schema={"id": pl.Int64})
        return _select(connection, table, with_id, "").join(keep, on="id", how="semi").select(names)
    parts = [
        _select(connection, table, columns, f" WHERE id IN ({','.join(map(str, chunk))})")
        for chunk in in_parts(wanted)
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema={c.name: frame_type(c) for c in columns})


def fetch_stamped(connection: Connection, table: Table) -> pl.DataFrame:
    """Return a whole table and, on PostgreSQL, the stamp (`xmin`) of each row's present version."""
    return _select(connection, table, list(table.c), "", stamp=True)


def fetch_stamps(connection: Connection, table: Table) -> pl.DataFrame:
    """Return the id and the stamp of every row of a table on PostgreSQL."""
    return _select(connection, table, [table.c.id], "", stamp=True)


def height(connection: Connection, table: Table) -> int:
    """Return roughly how many rows a table has: exactly as many or more on SQLite, as last analysed elsewhere."""
    with _cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            cursor.execute(f'SELECT COALESCE(MAX(id), 0) FROM "{table.name}"')
        else:
            cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", (table.name,))
        return int(cursor.fetchone()[0])


@contextmanager
def stocked(connection: Connection, frames: dict[str, pl.DataFrame]) -> Iterator[None]:
    """Let whole tables be had from memory, each until the first write to it through this module."""
    connection.info[_STOCK] = frames
    try:
        yield
    finally:
        del connection.info[_STOCK]


def _stocked(connection: Connection) -> dict[str, pl.DataFrame]:
    found: dict[str, pl.DataFrame] = connection.info.get(_STOCK, {})
    return found


def fetch_of(
    connection: Connection, table: Table, names: Sequence[str], column: str, value: int
) -> pl.DataFrame:
    """Return columns of the rows whose `column` holds a number (in no order)."""
    return _select(connection, table, [table.c[name] for name in names], f' WHERE "{column}" = {int(value)}')


@contextmanager
def roomy(connection: Connection, control: Control) -> Iterator[None]:
    """Give bulk writing on SQLite room for its indexes, and check references when it commits.

    The default cache of 2 MB would read index pages from disk again and again; and a parent may
    stand after its child in the same set. On PostgreSQL what is written inside goes on beside what follows,
    until the connection is asked for something else. `control` is asked before each statement and part of one.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.info[_CONTROL] = control
    try:
        with writing(connection):
            yield
    finally:
        del connection.info[_CONTROL]
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA cache_size = -2000")
            connection.exec_driver_sql("PRAGMA shrink_memory")


def _may_go_on(connection: Connection) -> None:
    control: Control | None = connection.info.get(_CONTROL)
    if control:
        control.check()


def _many(connection: Connection, cursor: Any, statement: str, table: Table, frame: pl.DataFrame) -> None:
    """Run a statement for every row, in parts between which the work can be stopped."""
    for part in frame.iter_slices(_PART):
        _may_go_on(connection)
        cursor.executemany(statement, stored(connection, table, part).rows())


def reserve_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Return `count` ids that nobody has or will get."""
    if not count:
        return []
    with _cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            # The write lock is held, so the highest id ever given is ours to continue from.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,))
            row = cursor.fetchone()
            first = (row[0] if row else 0) + 1
            cursor.execute(f'SELECT COALESCE(MAX(id), 0) + 1 FROM "{table.name}"')
            first = max(first, cursor.fetchone()[0])
            _remember_sequence(cursor, table.name, first + count - 1)
            return list(range(first, first + count))
        return _block(cursor, table.name, count)


def _block(cursor: Any, table: str, count: int) -> list[int]:
    """Return `count` new ids of PostgreSQL's sequence; they are told one by one only if somebody took some between."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')::regclass::oid", (table,))
    taken = (
        f"SELECT nextval({int(cursor.fetchone()[0])}::regclass) AS id FROM generate_series(1, {int(count)})"
    )
    cursor.execute(f"WITH taken AS MATERIALIZED ({taken}) SELECT min(id), max(id) FROM taken")
    first, last = cursor.fetchone()
    if last - first + 1 == count:
        return list(range(first, first + count))
    cursor.execute(taken)
    return [row[0] for row in cursor.fetchall()]


def insert(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Add rows; the frame's columns are columns of the table."""
    if frame.is_empty():
        return
    _stocked(connection).pop(table.name, None)
    beside(connection, lambda: _insert(connection, table, frame))


def _insert(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    names = ", ".join(f'"{name}"' for name in frame.columns)
    with _cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            marks = ", ".join("?" * frame.width)
            _many(connection, cursor, f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', table, frame)
        else:
            _stage(connection, cursor, table, frame)
            cursor.execute(f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM {_STAGED}')
            cursor.execute(f"DROP TABLE {_STAGED}")


def update(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Set the frame's columns of the rows named by its `id`."""
    names = [name for name in frame.columns if name != "id"]
    if frame.is_empty() or not names:
        return
    _stocked(connection).pop(table.name, None)
    beside(connection, lambda: _update(connection, table, frame.select(*names, "id"), names))


def _update(connection: Connection, table: Table, given: pl.DataFrame, names: list[str]) -> None:
    with _cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            sets = ", ".join(f'"{name}" = ?' for name in names)
            _many(connection, cursor, f'UPDATE "{table.name}" SET {sets} WHERE id = ?', table, given)
            return
        _stage(connection, cursor, table, given)
        sets = ", ".join(f'"{name}" = staged."{name}"' for name in names)
        same = f'"{table.name}".id = staged.id'
        if "version" in names and "changed_at" in table.c:
            # On SQLite nobody else can write meanwhile; here an edit since we looked must not be lost.
            same += f' AND "{table.name}".version = staged.version - 1'
        cursor.execute(f'UPDATE "{table.name}" SET {sets} FROM {_STAGED} AS staged WHERE {same}')
        if cursor.rowcount != given.height:
            raise InvalidInput(
                "database_moved",
                N_("Somebody changed {count} of the records at this very moment; nothing was done."),
                remedy=N_("Do it again."),
                count=given.height - cursor.rowcount,
            )
        cursor.execute(f"DROP TABLE {_STAGED}")


def delete(connection: Connection, table: Table, ids: Iterable[int], column: str = "id") -> None:
    """Remove the rows whose `column` is one of the given numbers."""
    wanted = sorted(set(ids))
    _stocked(connection).pop(table.name, None)
    with _cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            cursor.executemany(f'DELETE FROM "{table.name}" WHERE "{column}" = ?', [(one,) for one in wanted])
        elif wanted:
            cursor.execute(f'DELETE FROM "{table.name}" WHERE "{column}" = ANY(%s)', (wanted,))


def delete_of(
    connection: Connection, table: Table, within: tuple[str, int], ids: Iterable[int], column: str
) -> None:
    """Remove the rows with one number in one column, and one of several in another."""
    wanted = sorted(set(ids))
    _stocked(connection).pop(table.name, None)
    name, value = within
    with _cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            cursor.executemany(
                f'DELETE FROM "{table.name}" WHERE "{name}" = ? AND "{column}" = ?',
                [(value, one) for one in wanted],
            )
        elif wanted:
            cursor.execute(
                f'DELETE FROM "{table.name}" WHERE "{name}" = %s AND "{column}" = ANY(%s)', (value, wanted)
            )


def distinct(connection: Connection, table: Table, column: str) -> set[int]:
    """Return the numbers that a column holds."""
    with _cursor(connection) as cursor:
        cursor.execute(f'SELECT DISTINCT "{column}" FROM "{table.name}" WHERE "{column}" IS NOT NULL')
        return {row[0] for row in cursor.fetchall()}


@contextmanager
def _cursor(connection: Connection) -> Iterator[Any]:
    """Lend the driver's cursor; its errors are raised as SQLAlchemy's, which the workspace understands."""
    settled(connection)
    _may_go_on(connection)
    cursor = connection.connection.cursor()
    driver = connection.dialect.loaded_dbapi
    try:
        yield cursor
    except driver.Error as error:
        wrapped = DBAPIError.instance("bulk", None, error, driver.Error, dialect=connection.dialect)
        raise wrapped from error
    finally:
        cursor.close()


def _remember_sequence(cursor: Any, table: str, last: int) -> None:
    cursor.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (last, table))
    if cursor.rowcount == 0:
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))


def _select(
    connection: Connection, table: Table, columns: list[Column[Any]], where: str, *, stamp: bool = False
) -> pl.DataFrame:
    listed = ", ".join(f'"{column.name}"' for column in columns)
    schema = {column.name: frame_type(column) for column in columns}
    if stamp and connection.dialect.name != "sqlite":
        listed += ", xmin::text::bigint"
        schema[STAMP] = pl.Int64()
    query = f'SELECT {listed} FROM "{table.name}"{where}'
    texts = {name: text_type(kind) for name, kind in schema.items()}
    with _cursor(connection) as cursor:
        if connection.dialect.name == "sqlite":
            cursor.execute(query)
            found = _gathered(cursor, texts)
        else:
            with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, NULL '{_NULL}')") as copy:
                document = b"".join(bytes(part) for part in copy)
            found = (
                pl.read_csv(
                    document,
                    has_header=False,
                    schema={
                        name: pl.String() if kind == pl.Boolean else texts[name]
                        for name, kind in schema.items()
                    },
                    null_values=_NULL,
                    empty_string_is_null=False,
                )
                if document
                else pl.DataFrame(schema=texts)
            )
    return found.select([from_storage(name, kind, found.schema[name]) for name, kind in schema.items()])


def _gathered(cursor: Any, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return what a statement finds; a part of it at a time is made of Python's large objects."""
    parts = [pl.DataFrame(schema=schema)]
    while lines := cursor.fetchmany(_PART):
        parts.append(pl.DataFrame(lines, schema=schema, orient="row"))
    return pl.concat(parts)


def _stage(connection: Connection, cursor: Any, table: Table, frame: pl.DataFrame) -> None:
    """Copy rows into a temporary table with these columns of the table they are meant for."""
    kinds = (f'"{name}" {table.c[name].type.compile(connection.dialect)}' for name in frame.columns)
    cursor.execute(f"CREATE TEMP TABLE {_STAGED} ({', '.join(kinds)}) ON COMMIT DROP")
    with cursor.copy(f"COPY {_STAGED} FROM STDIN (FORMAT csv, NULL '{_NULL}')") as copy:
        for part in frame.iter_slices(_PART):
            copy.write(
                stored(connection, table, part).write_csv(include_header=False, null_value=_NULL).encode()
            )
