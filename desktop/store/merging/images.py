"""Rows as JSON and back, and who refers to a record: what a merge writes down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, Table, select

from desktop.models import Base
from desktop.models.base import Instant, as_json
from desktop.store.loading.specs import ENTITY_OF_TABLE
from desktop.store.parts import in_parts
from desktop.store.workspace import Work

TABLES = {"account": "account", "contact": "contact", "lead": "lead"}
"""What can be merged: the entity and its table."""


def table_of(entity: str) -> Table:
    """Return the table of an entity that can be merged."""
    return Base.metadata.tables[TABLES[entity]]


def stored(column: Column[Any], value: Any) -> Any:
    """Return a value of an image as its column takes it."""
    if value is None or not isinstance(value, str):
        return value
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return value


def rows_by_id(work: Work, table: Table, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return whole rows as images, by id."""
    found: dict[int, dict[str, Any]] = {}
    for part in in_parts(sorted(set(ids))):
        for row in work.session.execute(select(table).where(table.c.id.in_(part))).mappings():
            found[row["id"]] = {name: as_json(value) for name, value in row.items()}
    return found


def insert_row(work: Work, table: Table, image: Mapping[str, Any]) -> None:
    """Write a row as its image has it, with its id."""
    values = {name: stored(table.c[name], value) for name, value in image.items() if name in table.c}
    work.session.execute(table.insert().values(**values))


def references(table: Table) -> list[tuple[Table, str]]:
    """Return every column elsewhere (and in the table itself) that refers to a table's records."""
    return [
        (other, column.name)
        for other in Base.metadata.sorted_tables
        for column in other.c
        if any(key.column.table is table for key in column.foreign_keys)
    ]


def entity_name(table: str) -> str:
    """Return the entity that a table stores, as documents name it."""
    return ENTITY_OF_TABLE.get(table, table)
