"""Asks the database, cell by cell, what each person may do, and compares with the rules."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import psycopg

from desktop.models import Base
from tests.security.firms import KEPT, Maker
from tests.security.lab import Connection, Lab, attempt, undone
from tests.security.organisation import Row, Someone
from tests.security.rule_tables import COLUMNS, STAMPS
from tests.security.rules import Rules

DENIED = "42501"
REFUSED = {DENIED, "PL020", "PL021"}
"""What guards of quotes and contracts say has states of its own."""
SIGNATURES = {"accepted_by_id", "undone_by_id", "settled_by_id"}
SIGNED = {"weekly_target", "handover", "clause_note"}
"""Where whoever changes a row signs as oneself."""
BY_ID = [table.name for table in Base.metadata.sorted_tables if "id" in table.columns]
"""Tables whose rows have a number: the others are read by everybody, and counted."""

COLUMN_RIGHTS = """
SELECT c.relname, a.attname, has_column_privilege(c.oid, a.attnum, 'SELECT'),
       has_column_privilege(c.oid, a.attnum, 'UPDATE')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""


@dataclass
class Outcome:
    """How many cells were compared, and those that differ."""

    cells: int = 0
    allowed: int = 0
    differences: list[str] = field(default_factory=list)

    def expect(self, where: str, should: object, does: object) -> None:
        """Compare one cell."""
        self.cells += 1
        self.allowed += bool(should)
        if should != does:
            self.differences.append(f"{where}: should {_short(should)}, does {_short(does)}")


def _short(value: object) -> str:
    return str(sorted(value, key=str) if isinstance(value, set) else value)[:300]


class Matrix:
    """The whole matrix of one firm."""

    def __init__(self, lab: Lab, maker: Maker, outcome: Outcome) -> None:
        self.lab = lab
        self.maker = maker
        self.rules = Rules(lab.firm)
        self.outcome = outcome

    def run(self, one: Someone) -> None:
        """Compare everything for one person."""
        session = self.lab.as_login(str(one.login))
        self.columns(one, session)
        for table in BY_ID:
            rows = self.lab.firm.table(table)
            self.see(one, session, table, rows)
            self.change(one, session, table, rows)
            self.move(one, session, table, rows)
            self.remove(one, session, table, rows)
            self.add(one, session, table)

    def columns(self, one: Someone, session: Connection) -> None:
        """Compare which columns may be read, and which changed."""
        found: dict[str, tuple[set[str], set[str]]] = {table: (set(), set()) for table in COLUMNS}
        for table, column, read, change in session.execute(COLUMN_RIGHTS).fetchall():
            if table in found:
                found[table][0].update([column] * read)
                found[table][1].update([column] * change)
        for table, (read, change) in found.items():
            where = f"{one.login} {table}"
            self.outcome.expect(f"{where} SELECT columns", self.rules.columns(one, table), read)
            self.outcome.expect(f"{where} UPDATE columns", self.rules.writable(one, table), change)

    def see(self, one: Someone, session: Connection, table: str, rows: dict[int, Row]) -> None:
        """Compare which rows are seen."""
        should = {row["id"] for row in rows.values() if self.rules.sees(one, table, row)}
        does = {row[0] for row in session.execute(f'SELECT id FROM "{table}"').fetchall()}
        self.outcome.expect(f"{one.login} {table} SELECT", should, does)

    def count(self, one: Someone, session: Connection, table: str) -> None:
        """Compare how many rows of a table without numbers are seen."""
        found = session.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        self.outcome.expect(f"{one.login} {table} seen", True, found is not None and found[0] > 0)

    def change(self, one: Someone, session: Connection, table: str, rows: dict[int, Row]) -> None:
        """Compare which rows can be changed, in every column that is writable at once."""
        writable = sorted(self.rules.writable(one, table))
        should = {row["id"] for row in rows.values() if self.rules.may_change(one, table, row)}
        where = f"{one.login} {table} UPDATE"
        columns = [*writable, *([] if writable else COLUMNS[table][:1])]
        settings = ", ".join(f'"{name}" = "{name}"' for name in columns)
        # Whoever changes an accepted week accepts it as oneself.
        for name in SIGNATURES:
            if table in SIGNED:
                settings = settings.replace(f'= "{name}"', f"= {one.id}")
        does: object
        try:
            with undone(session):
                cursor = session.execute(f'UPDATE "{table}" SET {settings} RETURNING id')
                does = {row[0] for row in cursor.fetchall()}
        except psycopg.Error as error:
            does = set() if error.sqlstate == DENIED and not writable else error.sqlstate
        self.outcome.expect(where, should, does)
        for name in SIGNATURES & set(writable):
            if table in SIGNED:
                with undone(session):  # Nobody has to sign who takes a signature away.
                    found = session.execute(f'UPDATE "{table}" SET "{name}" = NULL RETURNING id').fetchall()
                self.outcome.expect(f"{where} {name} empty", should, {row[0] for row in found})
                other = next(person for person in self.lab.firm.people if person != one.id)
                _, forged = attempt(session, f'UPDATE "{table}" SET "{name}" = {other}')
                self.outcome.expect(f"{where} {name} another", False, forged not in ([], [(0,)]))

    def move(self, one: Someone, session: Connection, table: str, rows: dict[int, Row]) -> None:
        """Compare to which customers a row can be moved by who may change it."""
        if "account_id" not in self.rules.writable(one, table):
            return
        mine = [row for row in rows.values() if self.rules.may_change(one, table, row)][:2]
        for row in mine:
            for account in (*self.lab.firm.table("account"), None):
                should = self.rules.may_move(one, table, row, account)
                code, _ = attempt(
                    session, f'UPDATE "{table}" SET account_id = %s WHERE id = %s', account, row["id"]
                )
                if code.startswith("PL"):
                    continue  # a paper that is frozen stays where it is, whoever asks
                self.outcome.expect(
                    f"{one.login} {table} {row['id']} under {account}", should, code not in REFUSED
                )

    def remove(self, one: Someone, session: Connection, table: str, rows: dict[int, Row]) -> None:
        """Compare which rows can be deleted; one that others refer to was about to be."""
        should = {row["id"] for row in rows.values() if self.rules.may_remove(one, table, row)}
        does = set()
        for row in rows.values():
            try:
                with undone(session):
                    found = session.execute(f'DELETE FROM "{table}" WHERE id = %s', [row["id"]])
                    does |= {row["id"]} if found.rowcount else set()
            except psycopg.errors.IntegrityError:
                does.add(row["id"])
            except psycopg.Error as error:
                if error.sqlstate not in REFUSED:
                    raise
                if "table" in str(error):
                    break
        self.outcome.expect(f"{one.login} {table} DELETE", should, does)

    def add(self, one: Someone, session: Connection, table: str) -> None:
        """Compare which rows can be added."""
        if table in KEPT:
            return
        for number, row in enumerate(self.candidates(one, table)):
            should = self.rules.may_add(one, table, row)
            columns = ", ".join(f'"{name}"' for name in row)
            try:
                with undone(session):
                    session.execute(
                        f'INSERT INTO "{table}" ({columns}) SELECT {columns}'
                        f' FROM jsonb_populate_recordset(NULL::"{table}", %s)',
                        [json.dumps([row])],
                    )
                does = True
            except psycopg.errors.IntegrityError:
                does = True  # Constraints are looked at after policies.
            except psycopg.Error as error:
                if error.sqlstate not in REFUSED:
                    raise
                does = False
            self.outcome.expect(f"{one.login} {table} INSERT {number} {row}", should, does)

    def candidates(self, one: Someone, table: str) -> list[Row]:
        """Return rows that might be added: random ones, and such as this person would make."""
        known = Base.metadata.tables[table]
        found = []
        for own in (False, True, True, True, False):
            row = self.maker.row(known)
            if isinstance(row["id"], int):
                del row["id"]
            if own or self.maker.random.random() < 0.5:
                row |= {name: None for name in ("external_id", "row_key", "dedup_key") if name in row}
                row |= {"source_system": ""} if "source_system" in row else {}
                row |= {"role": "rep", "can_sign_in": False} if table == "person" else {}
                row |= self._begun(table)
                keys = [
                    name for name in ("external_id", "row_key", "source_system", "dedup_key") if name in row
                ]
                if (
                    keys and self.maker.random.random() < 0.4
                ):  # One of the keys of a source alone is one too many.
                    row[self.maker.random.choice(keys)] = f"key {next(self.maker.ids)}"
            if own:
                owners = ("owner_id", "made_by_id", "requested_by_id", "person_id", "exported_by_id", "by_id")
                row |= {name: one.id for name in (*owners, "accepted_by_id") if name in row}
                row |= {"unit_id": None} if table == "target" else {}
            found.append(row)
        return found

    def _begun(self, table: str) -> Row:
        if table == "report":
            return {"state": "draft", **dict.fromkeys(STAMPS)}
        if table != "approval_request":
            return {}
        flow = self.maker.random.choice([*self.lab.firm.table("approval_flow").values()])
        levels = self.lab.firm.table("approval_level").values()
        through = {
            "kind": flow["kind"],
            "flow_id": flow["id"],
            "report_id": None,
            "facts": {},
            "payload": {},
            "levels": sorted(level["number"] for level in levels if level["flow_id"] == flow["id"]),
        }
        return {"state": "waiting", "decided_by_id": None, "decided_at": None, "reason": None, **through}
