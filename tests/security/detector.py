"""Notices that a guard of the database is missing: what is tried in the other tests, for one table at a time."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import psycopg

from desktop.models import Base
from desktop.store.access import differences
from tests.security import violations
from tests.security.clock_steps import ClockSteps
from tests.security.decisions import Decisions
from tests.security.firms import Maker, put
from tests.security.lab import Lab, attempt, undone
from tests.security.matrix import BY_ID, DENIED, Matrix, Outcome
from tests.security.mutants import Mutant
from tests.security.organisation import Row, Someone
from tests.security.rule_tables import COLUMNS, ON_RECORD, PARENTS
from tests.security.rules import Rules
from tests.security.signing import Signing

OWNERS = ("owner_id", "person_id", "from_person_id")
"""Columns that say whose a row is."""
PROBED = ("account", "opportunity", "target", "stage_event", "report", "person")
"""Tables that show whether a function of ours still does what it should."""
ROUNDS = 4
CONSTRAINTS = {"DROP PRIMARY KEY", "DROP UNIQUE", "DROP FOREIGN KEY", "DROP CHECK", "DROP NOT NULL"}
CONTENT = {"POLICY USING", "POLICY WITH CHECK", "FUNCTION", "STEP"}
"""What the lint does not read, and behaviour alone shows: looked for in several firms. The lint reads everything else."""


class Detector:
    """Holds one mutant after the other against what should be; everything is undone."""

    def __init__(self, lab: Lab, makers: list[Maker]) -> None:
        self.lab = lab
        self.makers = makers
        self.firms = [maker.firm for maker in makers]

    def caught_by(self, mutant: Mutant) -> str | None:
        """Return what notices a mutant: behaviour, the constraints, or the lint; None if nothing does."""
        try:
            return self._caught_by(mutant)
        finally:
            self.lab.firm = self.firms[0]

    def _caught_by(self, mutant: Mutant) -> str | None:
        with undone(self.lab.root):
            self.lab.root.execute(mutant.statement.encode())
            if mutant.kind not in CONTENT | CONSTRAINTS and self.lint():
                return "lint"
            if self._behaves_otherwise(mutant, 0):
                return "behaviour"
            others = range(1, len(self.firms)) if mutant.kind in CONTENT else ()
            for number in others:
                with undone(self.lab.root):
                    self.lab.settle(self.firms[number])
                    if self._behaves_otherwise(mutant, number):
                        return "behaviour"
        return None

    def lint(self) -> list[str]:
        """Return in what the catalogue differs from the declaration."""
        return differences(_AsSqlAlchemy(self.lab.root))  # type: ignore[arg-type]

    def _behaves_otherwise(self, mutant: Mutant, number: int) -> bool:
        """Try what the mutant might let through, or hinder."""
        self.maker = self.makers[number]
        self.rules = Rules(self.lab.firm)
        return any(outcome.differences for outcome in self._tries(mutant))

    def _tries(self, mutant: Mutant) -> Iterator[Outcome]:
        if mutant.kind in CONSTRAINTS or mutant.kind == "DROP POLICY owner":
            yield self._guarded(lambda outcome: self._violations(str(mutant.table), outcome))
            return
        if mutant.kind == "FUNCTION":
            yield self._guarded(self.guards)
        if mutant.kind == "POLICY WITH CHECK":
            yield self._guarded(lambda outcome: self.giving_away(mutant, outcome))
            if ".change_own" in mutant.name and "without (by_id" in mutant.name:
                yield self._guarded(lambda outcome: self.signing_for_others(mutant, outcome))
        if mutant.table is None or mutant.table.startswith("approval"):
            yield self._guarded(lambda outcome: Signing(self.lab, outcome).run())
        if mutant.table in ON_RECORD or "only_erased" in mutant.name:
            yield self._guarded(lambda outcome: ClockSteps(self.lab, outcome).run())
        tables = (mutant.table,) if mutant.table else PROBED
        if mutant.table is None:
            yield self._guarded(self.identities)
        for turn in range(ROUNDS if mutant.kind in CONTENT else 1):
            for one in self._people(mutant):
                yield self._guarded(lambda outcome, one=one: self._matrix(one, tables, outcome))
                if tables[0] in ("report", "approval_request") or mutant.table is None:
                    share = 0.3 if turn else 0.1
                    yield self._guarded(
                        lambda outcome, one=one, share=share, turn=turn: Decisions(
                            self.lab, outcome, share, turn
                        ).run(one)
                    )

    def _violations(self, table: str, outcome: Outcome) -> None:
        if table in violations.SETTINGS:
            violations.settings(self.lab, table, outcome)
        elif table in violations.TABLES:
            violations.run(self.lab, self.maker, table, outcome)

    def _guarded(self, look: Any) -> Outcome:
        outcome = Outcome()
        try:
            with undone(self.lab.root):
                look(outcome)
        except psycopg.Error as error:  # What fails where nothing should has been noticed as well.
            outcome.differences.append(str(error))
        self.lab.root.execute("RESET SESSION AUTHORIZATION")
        return outcome

    def _people(self, mutant: Mutant) -> list[Someone]:
        return [
            one for one in self.lab.firm.people.values() if one.job and one.job in (mutant.jobs or (one.job,))
        ]

    def _matrix(self, one: Someone, tables: tuple[str | None, ...], outcome: Outcome) -> None:
        matrix = Matrix(self.lab, self.maker, outcome)
        session = self.lab.as_login(str(one.login))
        matrix.columns(one, session)
        for table in tables:
            if table not in BY_ID:
                matrix.count(one, session, str(table))
                continue
            rows = self.lab.firm.table(table)
            matrix.see(one, session, table, rows)
            matrix.change(one, session, table, rows)
            matrix.move(one, session, table, rows)
            matrix.remove(one, session, table, rows)
            matrix.add(one, session, table)

    def giving_away(self, mutant: Mutant, outcome: Outcome) -> None:
        """Compare whether a row can be given to others even by somebody with a right to the column that says whose it is."""
        table = str(mutant.table)
        owned = next((name for name in OWNERS if name in COLUMNS[table] and table not in PARENTS), None)
        column = owned or PARENTS.get(table, ("", ""))[1]
        for one in self._people(mutant):
            rows = [
                row for row in self.lab.firm.table(table).values() if self.rules.may_change(one, table, row)
            ]
            others = self._strangers(one, table, rows, column)
            if not others or one.job == "finance":
                continue
            self.lab.as_login("postgres").execute(
                f"GRANT UPDATE ({column}) ON {table} TO plumbline_{one.job}"
            )
            session = self.lab.as_login(str(one.login))
            # Without a condition: PostgreSQL asks the policies of SELECT as well where a row is looked for.
            _, given = attempt(session, f"UPDATE {table} SET {column} = {others[0]}")
            outcome.expect(f"{one.login} gives {table} away", False, bool(given))

    def signing_for_others(self, mutant: Mutant, outcome: Outcome) -> None:
        """Compare whether who may change a row of one's own can say that somebody else made it."""
        table = str(mutant.table)
        for one in self._people(mutant):
            rows = [
                row for row in self.lab.firm.table(table).values() if self.rules.may_change(one, table, row)
            ]
            for row in rows:
                other = next(number for number in self.lab.firm.people if number != row["by_id"])
                if self.rules.may_change(one, table, row | {"by_id": other}):
                    continue
                self.lab.as_login("postgres").execute(
                    f"GRANT UPDATE (by_id) ON {table} TO plumbline_{one.job}"
                )
                session = self.lab.as_login(str(one.login))
                _, given = attempt(session, f"UPDATE {table} SET by_id = {other} WHERE id = {row['id']}")
                outcome.expect(f"{one.login} signs {table} for another", False, bool(given))

    def guards(self, outcome: Outcome) -> None:
        """Try as a superuser, whom neither right nor policy holds, what a guard refuses everybody."""
        root = self.lab.as_login("postgres")
        for table in ("snapshot", "report_file", "operation"):
            for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
                outcome.expect(f"{change} by anybody", DENIED, attempt(root, change)[0])
        decided = [row["id"] for row in self.lab.firm.table("report").values() if row["state"] != "draft"]
        for report in decided:
            row = self.maker.row(Base.metadata.tables["snapshot"]) | {"report_id": report, "number": 9}
            code = ""
            try:
                with undone(root):
                    put(root, "snapshot", [row])
            except psycopg.Error as error:
                code = str(error.sqlstate)
            outcome.expect(f"figures for report {report} by anybody", DENIED, code)
        pinned = "INSERT INTO database_setting (key, value) VALUES ('pinned_now', '2020-01-01')"
        outcome.expect("another time by anybody", DENIED, attempt(root, pinned)[0])

    def _strangers(self, one: Someone, table: str, rows: list[Row], column: str) -> list[int]:
        """Return people, or records above, to whom none of the rows could belong and still be changed."""
        if not column or not rows:
            return []
        above = self.lab.firm.people if column in OWNERS else self.lab.firm.table(PARENTS[table][0])
        return [
            number
            for number in above
            if not any(self.rules.may_change(one, table, row | {column: number}) for row in rows)
        ]

    def identities(self, outcome: Outcome) -> None:
        """Compare who the database takes everybody for, also with the setting of administrators."""
        other = next(iter(self.lab.firm.people))
        for one in self.lab.firm.people.values():
            if not one.login:
                continue
            session = self.lab.as_login(one.login)
            should = one.id if self.rules.is_known(one) else None
            ask = "SELECT plumbline.me()"
            outcome.expect(f"{one.login} is", should, session.execute(ask).fetchone()[0])  # type: ignore[index]
            session.execute(f"SET LOCAL plumbline.view_as = '{other}'")
            outcome.expect(f"{one.login} writes as", should, session.execute(ask).fetchone()[0])  # type: ignore[index]
            with undone(session):
                session.execute("SET LOCAL transaction_read_only = on")
                seen = other if one.job == "admin" else should
                outcome.expect(f"{one.login} looks as", seen, session.execute(ask).fetchone()[0])  # type: ignore[index]
            session.execute("SET LOCAL plumbline.view_as = ''")


class _AsSqlAlchemy:
    """The one thing that the lint asks of a connection of SQLAlchemy."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, statement: Any) -> Any:
        cursor = self._connection.execute(str(statement).encode())
        return SimpleNamespace(all=cursor.fetchall)
