"""Random firms: an organisation with rows in every table, and writing it to a database.

A column that no line here speaks of is filled by its type, so that a new table is in every firm at once.
"""

from __future__ import annotations

import itertools
import json
import random
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Float, LargeBinary, Table, UniqueConstraint
from sqlalchemy.types import TypeDecorator

from desktop.models import Base
from tests.security.organisation import Firm, Row

LOGINS = {
    f"{job}_{number}": job
    for job, count in {
        "rep": 4,
        "city_manager": 2,
        "regional_manager": 2,
        "director": 1,
        "sales_ops": 1,
        "finance": 1,
        "auditor": 1,
        "admin": 1,
    }.items()
    for number in range(1, count + 1)
}
"""The logins of every firm, each with the job whose group it is in."""

KEPT = {"database_setting", "alembic_version"}
"""Tables that a firm leaves as set-up made them."""

WORDS = ("north", "alpha", "gear", "river", "准绳", "kilo", "stone", "amber")
START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
RECORDS = ("account", "contact", "lead", "opportunity", "quote", "contract", "task")
PAIRS = (
    ("submitted_by_id", "approved_by_id"),
    ("requested_by_id", "decided_by_id"),
)
"""Two people who are never the same."""
POINTING = {"custom_value", "ownership", "import_lineage", "record_merge", "record_alias", "apart_decision"}
"""Tables whose rows name a record by kind and number: made when there are records."""
STATES = {
    "report": ("draft", "submitted", "approved", "rejected", "exported"),
    "approval_request": ("waiting", "approved", "rejected", "withdrawn"),
    "approval_task": ("waiting", "approved", "rejected", "skipped"),
    "import_run": ("applied", "undone"),
    "record_merge": ("merged", "split"),
    "task": ("open", "done", "cancelled"),
}


class Maker:
    """Makes one firm; the same seed always makes the same one."""

    def __init__(self, seed: int, size: int = 6) -> None:
        self.random = random.Random(seed)
        self.size = size
        self.ids = itertools.count(1000)
        self.firm = Firm(jobs=dict(LOGINS))

    def make(self) -> Firm:
        """Return the firm."""
        self._units()
        self._people()
        done = {"org_unit", "org_closure", "person", *KEPT}
        tables = [table for table in Base.metadata.sorted_tables if table.name not in done]
        for table in sorted(tables, key=lambda table: table.name in POINTING):
            for _ in range(self.size):
                row = self.row(table)
                if not self.is_taken(table, row):
                    self.firm.table(table.name)[self._key(table, row)] = row
        for row in self.firm.table("refusal").values():
            # None stands: names of the firm's customers repeat, and a second one that refused is a test of its own.
            row["lifted_at"] = row["lifted_at"] or START.isoformat()
        return self.firm

    def is_taken(self, table: Table, row: Row) -> bool:
        """Whether a row of the firm already has one of the keys of `row`."""
        keys = [
            tuple(column.name for column in constraint.columns)
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        ]
        return any(
            None not in (wanted := [row[name] for name in key])
            and any(wanted == [other[name] for name in key] for other in self.firm.table(table.name).values())
            for key in keys
        )

    def row(self, table: Table) -> Row:
        """Return another possible row of a table, not added to the firm."""
        row = {column.name: self._value(table, column) for column in table.columns}
        self._agree(table.name, row)
        return row

    def _key(self, table: Table, row: Row) -> int:
        return row["id"] if isinstance(row.get("id"), int) else len(self.firm.table(table.name))

    def _units(self) -> None:
        table = Base.metadata.tables["org_unit"]
        units = self.firm.table("org_unit")
        for level, count in (("hq", 1), ("region", 2), ("province", 2), ("city", 4), ("team", 3)):
            above = [unit["id"] for unit in units.values() if unit["level"] != level]
            for _ in range(count):
                row = self.row(table) | {"level": level}
                row["parent_id"] = self.random.choice(above) if above else None
                units[row["id"]] = row
        pairs = self.firm.table("org_closure")
        for unit in units:
            for depth, ancestor in enumerate(self.firm.parents(unit)):
                pairs[len(pairs)] = {"ancestor_id": ancestor, "descendant_id": unit, "depth": depth}

    def _people(self) -> None:
        table = Base.metadata.tables["person"]
        people = self.firm.table("person")
        units = [*self.firm.table("org_unit")]
        for login in (*LOGINS, None, None, None):
            row = self.row(table) | {"login": login, "manager_id": None}
            row["unit_id"] = self.random.choice([*units, *units, None])
            row["role"] = LOGINS.get(login or "", "rep")
            row |= {"can_sign_in": login is not None, "status": "active", "left_on": None}
            people[row["id"]] = row
        for row in people.values():  # Anybody may report to anybody, in circles too.
            row["manager_id"] = self.random.choice([*people, *[None] * len(people)])
        gone = self.random.choice([row for row in people.values() if (row["login"] or "").startswith("rep")])
        gone |= self.random.choice(({"can_sign_in": False}, {"status": "left"}))

    def _value(self, table: Table, column: Column[Any]) -> Any:
        if column.name == "id" and not isinstance(column.type.python_type(), str):
            return next(self.ids)
        if column.foreign_keys:
            return self._reference(table, column)
        if column.nullable and not column.unique and self.random.random() < 0.3:
            return None
        kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
        return self._of_type(table, column, kind)

    def _of_type(self, table: Table, column: Column[Any], kind: Any) -> Any:
        if isinstance(kind, JSON):
            return [] if column.name == "conditions" else {}
        if isinstance(kind, LargeBinary):
            return "\\x00ff"
        if isinstance(kind, Boolean):
            return self.random.random() < 0.5
        if isinstance(kind, DateTime):
            return (START + timedelta(minutes=self.random.randrange(400_000))).isoformat()
        if isinstance(kind, Date):
            return (date(2026, 1, 5) + timedelta(days=self.random.randrange(300))).isoformat()
        if isinstance(kind, Float):
            return self.random.randrange(1000) / 4
        if kind.python_type is int:
            return self.random.randrange(1, 1000)
        unique = (
            column.unique or column.primary_key or column.name in ("external_id", "number", "code", "key")
        )
        text = f"{self.random.choice(WORDS)} {next(self.ids)}" if unique else self.random.choice(WORDS)
        length = getattr(kind, "length", None)
        return text if length is None else text[:length]

    def _reference(self, table: Table, column: Column[Any]) -> int | None:
        if column.nullable and self.random.random() < 0.25:
            return None
        (key,) = column.foreign_keys
        target = [*self.firm.table(key.column.table.name)]
        if not target:
            return None
        return self.random.choice(target)

    def _agree(self, name: str, row: Row) -> None:
        """Make what constraints want of a row true."""
        if "state" in row and name in STATES:
            row["state"] = self.random.choice(STATES[name])
        if name == "task" and row["state"] == "open":
            row["due_on"] = row["due_on"] or "2026-03-05"
        if name == "custom_value":
            field = self.firm.table("custom_field")[row["field_id"]]
            row["record_id"] = self.random.choice([*self.firm.table(field["entity"])])
            row |= dict.fromkeys(("whole", "number", "day", "moment", "truth")) | {"text": "kept"}
        if name == "custom_field":
            row |= {
                "entity": self.random.choice([name for name in RECORDS if name != "task"]),
                "type": "text",
            }  # Tasks have no fields of a firm's own.
        if name == "ownership":
            row["kind"] = self.random.choice(RECORDS)
        if name in ("import_lineage", "record_merge", "record_alias", "apart_decision"):
            row["table_name"] = self.random.choice(("account", "contact"))
        kind = row.get("kind") if name == "ownership" else row.get("table_name")
        if "record_id" in row and kind:
            row["record_id"] = self.random.choice([*self.firm.table(kind)])
        if name == "coaching_note":
            others = [person for person in self.firm.table("person") if person != row["person_id"]]
            row["by_id"] = self.random.choice(others)
        if name == "deputy":
            others = [person for person in self.firm.table("person") if person != row["person_id"]]
            row["deputy_id"] = self.random.choice(others)
        if name == "paper_version":
            kept, left = self.random.sample(("quote_id", "contract_id"), 2)
            target = kept.removesuffix("_id")
            row |= {left: None, kept: self.random.choice([*self.firm.table(target)])}
        if name == "refusal":
            kept, left = self.random.sample(("account_id", "lead_id"), 2)
            row |= {left: None, kept: self.random.choice([*self.firm.table(kept.removesuffix("_id"))])}
            if self.random.random() < 0.5:  # Most would block for too long, or be lifted already.
                row["refused_on"] = self.random.choice((row["refused_on"], "2999-01-05"))
                row |= {"lifted_at": None, "lifted_by_id": None, "blocked_until": row["refused_on"]}
        if name == "report_file":
            self.come_from(row, sheet=self.random.random() < 0.3)
        if name == "target":
            row[self.random.choice(("person_id", "unit_id"))] = None
            if row["person_id"] is None and row["unit_id"] is None:
                row["unit_id"] = self.random.choice([*self.firm.table("org_unit")])
        for one, other in PAIRS:
            if one in row and row[one] == row[other]:
                row[other] = None

    def come_from(self, row: Row, *, sheet: bool) -> None:
        """Make a registered workbook that of a settlement sheet, or that of a report's snapshot."""
        of = {"sheet_id": "settlement_sheet"} if sheet else {"report_id": "report", "snapshot_id": "snapshot"}
        row |= dict.fromkeys(("report_id", "snapshot_id", "sheet_id"))
        row |= {column: self.random.choice([*self.firm.table(table)]) for column, table in of.items()}


def write(firm: Firm, connection: psycopg.Connection[Any]) -> None:
    """Put a firm in place of what a database holds, past every guard; needs a superuser."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in KEPT]
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(";".join(f'DELETE FROM public."{table.name}"' for table in tables))
        for table in tables:
            put(connection, table.name, list(firm.table(table.name).values()))


def put(connection: psycopg.Connection[Any], table: str, rows: list[Row]) -> None:
    """Insert rows with one statement."""
    if not rows:
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    name = sql.Identifier(table)
    connection.execute(
        sql.SQL(
            "INSERT INTO public.{} ({}) SELECT {} FROM jsonb_populate_recordset(NULL::public.{}, %s)"
        ).format(name, columns, columns, name),
        [json.dumps(rows)],
    )


def make_logins(connection: psycopg.Connection[Any]) -> None:
    """See to it that the login roles of every firm exist; needs a superuser."""
    for login, job in LOGINS.items():
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login]).fetchone()
        if found is None:
            # Another database of the server may be made beside this one, and roles belong to the server.
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(f"CREATE ROLE {login} LOGIN IN ROLE plumbline_{job}")
