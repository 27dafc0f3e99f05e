"""What stands in the way of deleting records: others that refer to them."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, Table

from desktop.models import Base
from desktop.store.loading import bulk

DEPENDENT = {"stage_event": "opportunity_id", "org_closure": "descendant_id"}
"""Rows that have no life of their own: they go with what they describe."""

_GOING_ALONG = {*DEPENDENT.items(), ("org_closure", "ancestor_id")}


def referred(connection: Connection, table: Table, ids: set[int]) -> dict[int, tuple[str, int | None]]:
    """Return which of the records others refer to, and one of those others (its table and id)."""
    if not ids:
        return {}
    found: dict[int, tuple[str, int | None]] = {}
    keys = [
        (other, column)
        for other in Base.metadata.tables.values()
        for column in other.c
        if any(key.column.table is table for key in column.foreign_keys)
        and not (other is not table and (other.name, column.name) in _GOING_ALONG)
    ]
    for other, column in keys:
        hit = bulk.distinct(connection, other, column.name) & ids
        if not hit:
            continue
        names = ["id", column.name] if "id" in other.c else [column.name]
        rows = bulk.fetch(connection, other, names)
        for row in rows.filter(pl.col(column.name).is_in(list(hit))).iter_rows(named=True):
            record_id, by_id = row[column.name], row.get("id")
            if other is not table or by_id not in ids:
                found.setdefault(record_id, (other.name, by_id))
    return _spread(connection, table, ids, found)


def _spread(
    connection: Connection, table: Table, ids: set[int], found: dict[int, tuple[str, int | None]]
) -> dict[int, tuple[str, int | None]]:
    """What a blocked record of the same table refers to (its parent) is blocked as well."""
    own = [c.name for c in table.c if any(key.column.table is table for key in c.foreign_keys)]
    if not own or not found:
        return found
    parents = bulk.fetch(connection, table, ["id", *own], ids)
    pending = set(found)
    while pending:
        above: set[int] = set()
        for name in own:
            for child, parent in parents.select("id", name).drop_nulls().iter_rows():
                if child in pending and parent in ids and parent not in found:
                    found[parent] = (table.name, child)
                    above.add(parent)
        pending = above
    return found
