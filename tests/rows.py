"""Rows for every table of any schema revision, made from what the database says of its columns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, MetaData, Table

ROWS = 3
STAMP = datetime.fromisoformat("2026-03-05T10:20:00+00:00")
ONE_OF = {
    "custom_value": (("text",), ("whole",), ("number",), ("day",), ("moment",), ("truth",)),
    "refusal": (("account_id",), ("lead_id",)),
    "report_file": (("report_id", "snapshot_id"), ("sheet_id",)),
}
"""Tables of which a check demands that exactly one of these groups of columns is filled."""
LEFT_ALONE = frozenset({"alembic_version"})
_LETTERS = "甲乙丙丁"


def fill(connection: Connection) -> dict[str, int]:
    """Put rows into every table; return how many rows each table has now."""
    metadata = MetaData()
    metadata.reflect(connection)
    keys: dict[str, list[Any]] = {}
    for table in metadata.sorted_tables:
        if table.name in LEFT_ALONE:
            continue
        for n in range(ROWS):
            connection.execute(table.insert(), _row(table, n, keys))
        if "id" in table.c:
            keys[table.name] = list(connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars())
    return count(connection)


def count(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = [name for name in sa.inspect(connection).get_table_names() if name not in LEFT_ALONE]
    return {
        name: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar() or 0)
        for name in names
    }


def contents(connection: Connection, columns: dict[str, list[str]] | None = None) -> dict[str, list[str]]:
    """Return what stands in every table, in these columns (default: all there are), as sorted text."""
    columns = columns if columns is not None else columns_of(connection)
    found = {}
    for name, chosen in columns.items():
        listed = ", ".join(f'"{column}"' for column in chosen)
        rows = connection.exec_driver_sql(f'SELECT {listed} FROM "{name}"').all()
        found[name] = sorted(repr(tuple(row)) for row in rows)
    return found


def columns_of(connection: Connection) -> dict[str, list[str]]:
    """Return the columns of every table of records."""
    seen = sa.inspect(connection)
    return {
        name: [column["name"] for column in seen.get_columns(name)]
        for name in sorted(seen.get_table_names())
        if name not in LEFT_ALONE
    }


def _row(table: Table, n: int, keys: dict[str, list[Any]]) -> dict[str, Any]:
    groups = [group for group in ONE_OF.get(table.name, ()) if group[0] in table.c]
    empty = {name for place, group in enumerate(groups) if place != n % len(groups) for name in group}
    row = {}
    for column in table.c:
        if column.primary_key and isinstance(column.type, sa.Integer) and not column.foreign_keys:
            continue  # the database numbers its rows itself
        if column.name in empty:
            continue
        value = _value(table, column, n, keys)
        if value is not None:
            row[column.name] = value
    return row


def _value(table: Table, column: Column[Any], n: int, keys: dict[str, list[Any]]) -> Any:
    for key in column.foreign_keys:
        found = keys.get(key.column.table.name, [])
        # What refers to its own table, or to one that comes later, stays empty.
        # Columns of a row that name people name different ones, which checks demand.
        alike = [other.name for other in table.c if other.references(key.column)]
        return found[(n + alike.index(column.name)) % len(found)] if found else None
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return n % 2 == 0
    if isinstance(kind, sa.DateTime):
        return STAMP.replace(minute=n)
    if isinstance(kind, sa.Date):
        return date(2026, 3, 1 + n)
    if isinstance(kind, sa.Integer | sa.Numeric | sa.Float):
        return 1000 + n
    if isinstance(kind, sa.LargeBinary):
        return bytes([n, 0, 255])
    if isinstance(kind, sa.JSON):
        return {"第": n, "值": ["’", None, 0.5]}
    text = f"{_LETTERS[n % 4]}{column.name}{n}"
    return text[: kind.length] if isinstance(kind, sa.String) and kind.length else text
