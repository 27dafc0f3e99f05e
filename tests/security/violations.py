"""Tries to break every constraint of the records, as the owner of the tables, whom no policy hinders."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint

from desktop.models import Base
from desktop.store.access.groups import OWNER
from tests.security.firms import KEPT, Maker
from tests.security.lab import Connection, Lab, attempt, undone
from tests.security.matrix import Outcome
from tests.security.organisation import Row

NOWHERE = 999_999_999
CHECKED: dict[str, tuple[Row, ...]] = {
    "report_file": (dict.fromkeys(("report_id", "snapshot_id", "sheet_id")),),
    "paper_version": ({"quote_id": None, "contract_id": None},),
    "task": ({"state": "open", "due_on": None},),
    "refusal": ({"account_id": None, "lead_id": None},),
    "custom_value": ({"text": None}, {"text": "x", "whole": 1}),
}
"""What a CHECK forbids, beside that a second person decides."""
SETTINGS = {
    "database_setting": (
        (
            "key twice",
            "INSERT INTO database_setting SELECT key, 'other' FROM database_setting LIMIT 1",
            "23505",
        ),
        ("key null", "INSERT INTO database_setting (key, value) VALUES (NULL, 'x')", "23502"),
        ("value null", "INSERT INTO database_setting (key, value) VALUES ('nothing', NULL)", "23502"),
        ("value gone", "UPDATE database_setting SET value = NULL", "23502"),
    ),
    "alembic_version": (
        ("version twice", "INSERT INTO alembic_version SELECT version_num FROM alembic_version", "23505"),
        ("version null", "INSERT INTO alembic_version VALUES (NULL)", "23502"),
        ("version gone", "UPDATE alembic_version SET version_num = NULL", "23502"),
    ),
}
"""What nobody may do to the tables that a firm leaves as set-up made them: what, the statement, its SQLSTATE."""


def settings(lab: Lab, table_name: str, outcome: Outcome) -> None:
    """Compare what the constraints of a table of set-up's own should refuse with what is refused."""
    with undone(lab.root):
        lab.root.execute(f"SET ROLE {OWNER}")
        for what, statement, should in SETTINGS[table_name]:
            outcome.expect(f"{table_name} {what}", should, attempt(lab.root, statement)[0])
        lab.root.execute("RESET ROLE")


def run(lab: Lab, maker: Maker, table_name: str, outcome: Outcome) -> None:
    """Compare what each constraint of a table should refuse with what is refused."""
    table = Base.metadata.tables[table_name]
    with undone(lab.root):
        session = lab.root
        session.execute(f"SET ROLE {OWNER}")
        base = whole(maker, table)
        outcome.expect(f"{table_name} takes a good row", "", refusal(session, table_name, base, keep=True))
        for what, row, should in bad_rows(maker, table, base):
            outcome.expect(f"{table_name} {what}", should, refusal(session, table_name, row))
        session.execute("RESET ROLE")


def bad_rows(maker: Maker, table: Table, base: Row) -> Iterator[tuple[str, Row, str]]:
    """Return rows that break one constraint each, and the SQLSTATE they should end in."""
    for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
        columns = [column.name for column in constraint.columns]
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint):
            yield f"{columns} twice", twice(maker, table, base, columns), "23505"
        elif isinstance(constraint, ForeignKeyConstraint):
            row = whole(maker, table)
            if table.name == "report_file" and columns[0] != "exported_by_id":
                maker.come_from(row, sheet=columns == ["sheet_id"])
            yield f"{columns} to nowhere", row | dict.fromkeys(columns, NOWHERE), "23503"
    for index in table.indexes:
        if index.unique:
            columns = [column.name for column in index.columns]
            yield f"{columns} twice", twice(maker, table, base, columns), "23505"
    for column in table.columns:
        if not column.nullable and not column.primary_key:
            yield f"{column.name} null", whole(maker, table) | {column.name: None}, "23502"
    for changes in CHECKED.get(table.name, ()):
        yield f"{changes}", whole(maker, table) | changes, "23514"
    for one, other in (
        ("submitted_by_id", "approved_by_id"),
        ("requested_by_id", "decided_by_id"),
        ("person_id", "deputy_id"),
        ("person_id", "by_id"),
    ):
        if one in table.columns and other in table.columns:
            row = whole(maker, table)
            row[other] = row[one] = row[one] or base[one] or next(iter(maker.firm.people))
            yield "one person twice", row, "23514"


def twice(maker: Maker, table: Table, base: Row, columns: list[str]) -> Row:
    """Return another row with these of a row's values, and, where one is to be had, with nothing else that is unique."""
    keys = [each for each in table.constraints if isinstance(each, UniqueConstraint | PrimaryKeyConstraint)]
    together = [{column.name for column in each.columns} for each in keys]
    together += [{column.name for column in index.columns} for index in table.indexes if index.unique]
    for _ in range(100):
        row = whole(maker, table) | {name: base[name] for name in columns}
        same = {name for name in row if row[name] == base[name]}
        if not any(names <= same and names != set(columns) for names in together):
            break
    return row


def whole(maker: Maker, table: Table) -> Row:
    """Return a good row whose unique columns are all filled."""
    while True:
        row = maker.row(table)
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                for column in constraint.columns:
                    if row[column.name] is None:
                        row[column.name] = f"key {next(maker.ids)}"
        if not maker.is_taken(table, row):
            return row


def refusal(session: Connection, table: str, row: Row, *, keep: bool = False) -> str:
    """Try to insert a row; return the SQLSTATE, empty if the row was taken."""
    columns = ", ".join(f'"{name}"' for name in row)
    statement = (
        f'INSERT INTO "{table}" ({columns}) SELECT {columns}'
        f' FROM jsonb_populate_recordset(NULL::"{table}", %s)'
    )
    try:
        if keep:
            with session.transaction():
                session.execute(statement.encode(), [json.dumps([row])])
        else:
            with undone(session):
                session.execute(statement.encode(), [json.dumps([row])])
    except psycopg.Error as error:
        return error.sqlstate or "client"
    return ""


TABLES = [table.name for table in Base.metadata.sorted_tables if table.name not in KEPT]
