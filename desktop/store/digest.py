"""SHA-256 per table: did anything change? (cli.md, `digest`)

A business digest is the same for the same business, whatever ids the database gave: surrogate keys,
versions and the system's own stamps are left out, a reference is replaced by its target's natural
key, rows are hashed, the hashes sorted and hashed again. A physical digest covers every table and
column as it stands, for fault tests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Table, select

from desktop.models import Base
from desktop.store.loading.specs import SPECS
from desktop.store.schema import HEAD
from desktop.store.workspace import Work

LEFT_OUT_TABLES = frozenset(
    {
        "alembic_version",
        "apart_decision",
        "approval_duty",
        "approval_flow",
        "approval_level",
        "approval_request",
        "approval_task",
        "audit_entry",
        "database_setting",
        "deputy",
        "fill_template",
        "handover",
        "handover_item",
        "import_evidence",
        "import_lineage",
        "import_run",
        "job_lease",
        "mapping_profile",
        "operation",
        "outbox",
        "outbox_file",
        "paper_version",
        "record_alias",
        "record_merge",
        "report",
        "report_file",
        "rule_run",
        "schedule",
        "schedule_recipient",
        "saved_view",
        "settlement_return",
        "settlement_sheet",
        "seal_key",
        "snapshot",
    }
)
LEFT_OUT_COLUMNS = frozenset({"id", "version", "recorded_at", "changed_at", "operation_id"})

NATURAL_KEYS: dict[str, tuple[str, ...]] = {
    "org_unit": ("source_system", "external_id", "name"),
    "person": ("source_system", "external_id", "login", "name"),
    "account": ("source_system", "external_id", "credit_code", "name"),
    "contact": ("source_system", "external_id", "name", "mobile", "email"),
    "campaign": ("source_system", "external_id", "name"),
    "lead": ("source_system", "external_id", "name", "company"),
    "product": ("source_system", "external_id", "code", "name"),
    "pipeline": ("name",),
    "stage": ("pipeline_id", "name"),
    "opportunity": ("source_system", "external_id", "name"),
    "contract": ("source_system", "external_id", "number", "name"),
    "quote": ("source_system", "external_id", "number"),
    "sales_order": ("number",),
    "target": ("person_id", "unit_id", "period", "metric"),
    "custom_field": ("entity", "code"),
}
"""What identifies a referenced record to a person; references inside are resolved in turn."""

_BY_ROW = ("source_system", "external_id", "row_key")
"""What identifies the records of all other tables."""

OWNED_TABLES = {
    "account": "account",
    "contact": "contact",
    "lead": "lead",
    "opportunity": "opportunity",
    "quote": "quote",
    "contract": "contract",
    "task": "task",
}


@dataclass(frozen=True, slots=True)
class Digest:
    """The SHA-256 of each table, and of all of them together."""

    schema: str
    tables: dict[str, str]
    all: str


def digest(work: Work, *, physical: bool = False) -> Digest:
    """Return the digest of the business (or, physically, of everything) as this transaction sees it."""
    tables = [
        table
        for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name)
        if physical or table.name not in LEFT_OUT_TABLES
    ]
    make = _physical_rows if physical else _Business(work).rows
    found: dict[str, str] = {}
    for done, table in enumerate(tables):
        work.control.report(done, len(tables), table.name)
        found[table.name] = _hash_of_rows(make(work, table))
    together = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
    return Digest(HEAD, found, together)


def _hash_of_rows(rows: Iterable[list[Any]]) -> str:
    hashes = sorted(hashlib.sha256(_canonical(row)).digest() for row in rows)
    return hashlib.sha256(b"".join(hashes)).hexdigest()


def _canonical(row: list[Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"no canonical form for {type(value)}")


def _physical_rows(work: Work, table: Table) -> Iterable[list[Any]]:
    return (list(row) for row in work.connection.execute(select(table)))


class _Business:
    """Rows without what the database made up; natural keys are read once per referenced table."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._keys: dict[str, dict[int, Any]] = {}

    def rows(self, work: Work, table: Table) -> Iterable[list[Any]]:
        columns = sorted((c for c in table.c if c.name not in LEFT_OUT_COLUMNS), key=lambda c: c.name)
        if table.name == "ownership":
            return self._ownership(table, columns)
        if table.name == "custom_value":
            return self._custom_values(table, columns)
        makers = [self._maker(column) for column in columns]
        return self._plain_rows(table, columns, makers)

    def _plain_rows(
        self, table: Table, columns: list[Column[Any]], makers: list[Callable[[Any], Any] | None]
    ) -> Iterable[list[Any]]:
        for row in self._work.connection.execute(select(*columns)):
            yield [make(value) if make else value for make, value in zip(makers, row, strict=True)]

    def _maker(self, column: Column[Any]) -> Callable[[Any], Any] | None:
        target = next((key.column.table.name for key in column.foreign_keys), None)
        if target is None:
            return None
        keys = self._natural(target)
        return lambda value: None if value is None else keys[value]

    def _natural(self, name: str) -> dict[int, Any]:
        if name not in self._keys:
            table = Base.metadata.tables[name]
            columns = [table.c[key] for key in NATURAL_KEYS.get(name, _BY_ROW)]
            makers = [self._maker(column) for column in columns]
            self._keys[name] = {
                row[0]: [make(value) if make else value for make, value in zip(makers, row[1:], strict=True)]
                for row in self._work.connection.execute(select(table.c.id, *columns))
            }
        return self._keys[name]

    def _ownership(self, table: Table, columns: list[Column[Any]]) -> Iterable[list[Any]]:
        """Ownership names its record by kind and id, which no foreign key tells."""
        makers = [self._maker(column) for column in columns]
        names = [column.name for column in columns]
        kind_at, record_at = names.index("kind"), names.index("record_id")
        for row in self._plain_rows(table, columns, makers):
            owned = OWNED_TABLES.get(row[kind_at], "")
            if owned in NATURAL_KEYS:
                row[record_at] = self._natural(owned).get(row[record_at])
            else:
                row[record_at] = None
            yield row

    def _custom_values(self, table: Table, columns: list[Column[Any]]) -> Iterable[list[Any]]:
        """A custom value names its record by its field's entity and an id, which no foreign key tells."""
        makers = [self._maker(column) for column in columns]
        names = [column.name for column in columns]
        field_at, record_at = names.index("field_id"), names.index("record_id")
        for row in self._plain_rows(table, columns, makers):
            owner = SPECS.get(row[field_at][0])
            row[record_at] = self._natural(owner.table_name).get(row[record_at]) if owner else None
            yield row
