"""Runs queries as a person and on copies that hold only what the rules let that person see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import psycopg

from desktop.models import Base
from tests.security.lab import Connection, Lab, connect
from tests.security.organisation import Row, Someone
from tests.security.queries import PLANS, QueryMaker, values_of
from tests.security.rules import Rules

BATCH = 40
Answer = tuple[Any, ...] | str
"""A row, or the SQLSTATE of the error."""


def answers(connection: Connection, queries: list[str]) -> list[Answer]:
    """Run queries that each return one row; together if none fails, else one by one."""
    try:
        cursor = connection.execute(";".join(queries).encode())
        found: list[Answer] = []
        while True:
            found.append(cursor.fetchone() or ())
            if not cursor.nextset():
                return found
    except psycopg.Error:
        return [_answer(connection, query) for query in queries]


def _answer(connection: Connection, query: str) -> Answer:
    try:
        return connection.execute(query.encode()).fetchone() or ()
    except psycopg.Error as error:
        return error.sqlstate or "client"


@dataclass
class Tally:
    """How many queries were compared, and what differed."""

    compared: int = 0
    rows: int = 0
    failed: int = 0
    """Queries that fail on the copies as well (a division by zero of their own, say)."""
    differences: list[str] = field(default_factory=list)


class Oracle:
    """Temporary copies of every table, in a superuser's session: unqualified names mean the copies."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.connection = connect(lab.place, "postgres")
        self.tables = list(Base.metadata.sorted_tables)
        for table in self.tables:
            self.connection.execute(f'CREATE TEMP TABLE "{table.name}" (LIKE public."{table.name}")')

    def close(self) -> None:
        """End the session, and the copies with it."""
        self.connection.close()

    def show(self, one: Someone, rules: Rules) -> dict[str, list[int]]:
        """Fill the copies with what somebody may see; return the numbers of the rows that are hidden."""
        hidden: dict[str, list[int]] = {}
        parts: list[str] = []
        for table in self.tables:
            parts.append(f'DELETE FROM pg_temp."{table.name}"')
            copy = f'INSERT INTO pg_temp."{table.name}" SELECT * FROM public."{table.name}"'
            rows = self.lab.firm.table(table.name).values()
            seen: list[Row] = [row for row in rows if rules.sees(one, table.name, row)]
            if len(seen) < len(rows):
                ids = ", ".join(f"'{row['id']}'" for row in seen)
                copy += f" WHERE id IN ({ids})" if ids else " WHERE false"
                left = {row["id"] for row in rows} - {row["id"] for row in seen}
                hidden[table.name] = [number for number in left if isinstance(number, int)]
            parts.append(copy)
        self.connection.execute(";".join(parts).encode())
        return hidden

    def compare(self, one: Someone, rules: Rules, seed: int, count: int, tally: Tally) -> None:
        """Run `count` queries as somebody and on the copies, and note every difference."""
        hidden = self.show(one, rules)
        readable = {table.name: rules.columns(one, table.name) for table in self.tables}
        maker = QueryMaker(seed, readable, values_of(self.lab.firm.rows), hidden)
        session = self.lab.as_login(str(one.login))
        settings = [f"SET {name} = {maker.random.choice(('on', 'on', 'off'))}" for name in PLANS]
        session.execute(";".join(settings).encode())
        for queries in _batches((maker.make() for _ in range(count)), BATCH):
            expected = answers(self.connection, queries)
            given = answers(session, queries)
            for query, should, does in zip(queries, expected, given, strict=True):
                tally.compared += 1
                tally.failed += isinstance(should, str)
                tally.rows += 0 if isinstance(should, str) else should[0]
                if should != does:
                    tally.differences.append(f"{one.login}: {query}\n  should: {should}\n  does: {does}")


def _batches(queries: Iterable[str], size: int) -> Iterator[list[str]]:
    every = iter(queries)
    while batch := list(islice(every, size)):
        yield batch
