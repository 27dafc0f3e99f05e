"""Random statements that change rows, and the difference they leave, held against the rules.

Whatever was typed: a row that is different afterwards is one that its person may change, in columns that they may change.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import psycopg

from tests.security.firms import KEPT
from tests.security.lab import Lab, undone
from tests.security.matrix import BY_ID
from tests.security.oracle import Tally
from tests.security.organisation import Row, Someone
from tests.security.queries import QueryMaker, literal, values_of
from tests.security.rule_tables import COLUMNS, DECIDED
from tests.security.rules import Rules

TABLES = [name for name in BY_ID if name not in KEPT and name not in DECIDED and name != "operation"]
"""Steps of reports are a matter of `decisions.py`."""
GUARDED = {"role", "can_sign_in"}
"""What of a person an administrator alone changes."""


class ChangeMaker:
    """Makes statements that change rows of one table."""

    def __init__(self, seed: int, lab: Lab, one: Someone, rules: Rules) -> None:
        self.random = random.Random(seed)
        self.one = one
        self.rules = rules
        readable = {name: rules.columns(one, name) for name in COLUMNS}
        self.queries = QueryMaker(seed, readable, values_of(lab.firm.rows), {})
        self.values = self.queries.values
        self.within = [name for name in TABLES if rules.writable(one, name)] or TABLES

    def make(self) -> tuple[str, str]:
        """Return a table, and a statement that would change it."""
        shapes: tuple[Callable[[str], str], ...] = (
            self.update,
            self.update,
            self.update_from,
            self.delete,
            self.insert,
            self.insert,
            self.upsert,
            self.merge,
        )
        table = self.random.choice(self.within if self.random.random() < 0.7 else TABLES)
        statement = self.random.choice(shapes)(table)
        if self.random.random() < 0.2 and not statement.startswith("MERGE"):
            statement = f"WITH w AS ({statement} RETURNING *) SELECT count(*) FROM w"
        return table, statement

    def columns(self, table: str) -> list[str]:
        """Return some columns, mostly such as may be changed."""
        allowed = sorted(self.rules.writable(self.one, table))
        choose = allowed if allowed and self.random.random() < 0.85 else COLUMNS[table]
        return self.random.sample(choose, min(len(choose), self.random.randint(1, 2)))

    def value(self, table: str, column: str) -> str:
        """Return a value that some row has in a column, or that names the person themselves."""
        if column.endswith(("owner_id", "by_id", "person_id")) and self.random.random() < 0.5:
            return str(self.one.id)
        known = self.values[table].get(column) or [None]
        value = self.random.choice(known)
        return "'{}'" if isinstance(value, dict) else literal(value)

    def settings(self, table: str) -> str:
        """Return what an UPDATE sets."""
        return ", ".join(f'"{name}" = {self.value(table, name)}' for name in self.columns(table))

    def where(self, table: str, name: str) -> str:
        """Return a condition on a table's rows under a name."""
        if table not in self.queries.columns or self.random.random() < 0.3:
            return "true"
        alias = self.queries.alias(table)
        return self.queries.condition(alias, 1).replace(f"{alias.name}.", f"{name}.")

    def update(self, table: str) -> str:
        """Rows by a condition."""
        return f'UPDATE "{table}" AS c SET {self.settings(table)} WHERE {self.where(table, "c")}'

    def update_from(self, table: str) -> str:
        """Rows by those of another table."""
        other = self.random.choice(TABLES)
        return (
            f'UPDATE "{table}" AS c SET {self.settings(table)} FROM "{other}" AS o'
            f" WHERE {self.where(other, 'o')} AND {self.where(table, 'c')}"
        )

    def delete(self, table: str) -> str:
        """Rows by a condition."""
        return f'DELETE FROM "{table}" AS c WHERE {self.where(table, "c")}'

    def insert(self, table: str) -> str:
        """Copies of rows that are seen, some of them as one's own and without keys."""
        names = [name for name in COLUMNS[table] if name != "id"]
        keys = {"external_id": "NULL", "row_key": "NULL", "dedup_key": "NULL", "source_system": "''"}
        owners = dict.fromkeys(("owner_id", "person_id", "by_id", "accepted_by_id"), str(self.one.id))
        given = (keys if self.random.random() < 0.7 else {}) | (owners if self.random.random() < 0.6 else {})
        listed = ", ".join(f'"{name}"' for name in names)
        chosen = ", ".join(given.get(name, f'c."{name}"') for name in names)
        return f'INSERT INTO "{table}" ({listed}) SELECT {chosen} FROM "{table}" AS c WHERE {self.where(table, "c")}'

    def upsert(self, table: str) -> str:
        """The same where a row stands in the way."""
        does = self.random.choice(("NOTHING", f"(id) DO UPDATE SET {self.settings(table)}"))
        names = ", ".join(f'"{name}"' for name in COLUMNS[table])
        return (
            f'INSERT INTO "{table}" ({names}) SELECT {names} FROM "{table}" AS c'
            f" WHERE {self.where(table, 'c')} ON CONFLICT {does}"
        )

    def merge(self, table: str) -> str:
        """MERGE, with each thing it can do."""
        does = self.random.choice(("DELETE", f"UPDATE SET {self.settings(table)}"))
        ids = ", ".join(f"({row})" for row in self.values[table]["id"])
        return (
            f'MERGE INTO "{table}" AS c USING (VALUES {ids}) AS s(id) ON c.id = s.id'
            f" WHEN MATCHED AND {self.where(table, 'c')} THEN {does}"
        )


class Changes:
    """Runs changes of one person, and tells every difference that the rules do not allow."""

    def __init__(self, lab: Lab, one: Someone, rules: Rules) -> None:
        self.lab = lab
        self.one = one
        self.rules = rules
        self._before: dict[str, dict[int, Row]] = {}

    def run(self, seed: int, count: int, tally: Tally) -> None:
        """Run `count` changes."""
        maker = ChangeMaker(seed, self.lab, self.one, self.rules)
        for _ in range(count):
            table, statement = maker.make()
            if table not in self._before:
                self._before[table] = self.rows(table)
            tally.compared += 1
            for wrong in self.wrongs(table, statement, tally):
                tally.differences.append(f"{self.one.login}: {statement}\n  {wrong}")

    def rows(self, table: str) -> dict[int, Row]:
        """Return what a table really holds."""
        root = self.lab.as_login("postgres")
        found = root.execute(f'SELECT id, to_jsonb(t) FROM public."{table}" t'.encode()).fetchall()
        return {row[0]: row[1] for row in found}

    def wrongs(self, table: str, statement: str, tally: Tally) -> Iterator[str]:
        """Run a statement and return each difference that is not allowed."""
        with undone(self.lab.as_login("postgres")):
            try:
                with self.lab.root.transaction():
                    self.lab.as_login(str(self.one.login)).execute(statement.encode())
            except psycopg.Error:
                tally.failed += 1
                return
            after = self.rows(table)
        before = self._before[table]
        if after != before:
            tally.rows += 1
            yield from self.compare(table, before, after)

    def compare(self, table: str, before: dict[int, Row], after: dict[int, Row]) -> Iterator[str]:
        """Return what is different and may not be."""
        firm = self.lab.firm.table(table)
        for number in before.keys() - after.keys():
            if not self.rules.may_remove(self.one, table, firm[number]):
                yield f"removed {number}"
        for number in after.keys() - before.keys():
            if not self.rules.may_add(self.one, table, after[number]):
                yield f"added {after[number]}"
        for number in before.keys() & after.keys():
            changed = {name for name in after[number] if after[number][name] != before[number][name]}
            if changed and not self.rules.may_change(self.one, table, firm[number]):
                yield f"changed {number}: {changed}"
            if changed - self.rules.writable(self.one, table):
                yield f"changed {number}, columns {changed - self.rules.writable(self.one, table)}"
            if table == "person" and self.one.job != "admin" and changed & GUARDED:
                yield f"changed person {number}: {changed & GUARDED}"
