"""Random queries over the tables of the program, made of everything that a person can type into psql.

A query must give a person exactly what it would give on a database that holds only the rows the person may
see. Constants are taken from all rows, hidden ones too; `trap` fails on a hidden row alone, so that a query
that evaluates anything on a hidden row shows it by an error.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.types import TypeDecorator

from desktop.models import Base

KINDS = {"int": "int", "str": "text", "date": "date", "datetime": "time", "bool": "bool"}
COMPARE = ("=", "<>", "<", "<=", ">", ">=")
JOINS = ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
SET_OPERATIONS = ("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL")
AGGREGATES: dict[str, tuple[str, ...]] = {
    "int": ("count({})", "sum({})", "min({})", "max({})", "bit_or({})", "array_agg({0} ORDER BY {0})"),
    "text": ("count({})", "min({})", "max({})", "string_agg({0}, '|' ORDER BY {0})", "count(DISTINCT {})"),
    "date": ("min({})", "max({})", "count(DISTINCT {})"),
    "time": ("min({})", "max({})"),
    "bool": ("bool_or({})", "bool_and({})", "count({})"),
}
PLANS = (
    "enable_seqscan",
    "enable_indexscan",
    "enable_bitmapscan",
    "enable_hashjoin",
    "enable_mergejoin",
    "enable_nestloop",
    "enable_hashagg",
    "enable_sort",
    "enable_memoize",
    "enable_material",
    "jit",
)
"""What a person can set to make the planner go another way."""

Values = dict[str, dict[str, list[Any]]]


def kind_of(column: Any) -> str | None:
    """Return int, text, date, time or bool; None for what is not compared."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    try:
        return KINDS.get(kind.python_type.__name__)
    except NotImplementedError:
        return None


ALL_KINDS: dict[str, dict[str, str]] = {
    table.name: {column.name: kind for column in table.columns if (kind := kind_of(column))}
    for table in Base.metadata.sorted_tables
}
REFERENCES: list[tuple[str, str, str]] = [
    (table.name, column.name, key.column.table.name)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    for key in column.foreign_keys
]


def literal(value: Any) -> str:
    """Return an SQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


@dataclass(frozen=True)
class Alias:
    """A table in a FROM clause under a name of its own."""

    name: str
    table: str

    def __str__(self) -> str:
        return f'"{self.table}" {self.name}'


class QueryMaker:
    """Makes queries over the columns that a person may read."""

    def __init__(
        self, seed: int, readable: dict[str, set[str]], values: Values, hidden: dict[str, list[int]]
    ) -> None:
        self.random = random.Random(seed)
        self.columns = {
            table: {name: kind for name, kind in kinds.items() if name in readable.get(table, ())}
            for table, kinds in ALL_KINDS.items()
        }
        self.columns = {table: kinds for table, kinds in self.columns.items() if kinds}
        self.tables = [*self.columns]
        self.values = values
        self.hidden = hidden
        self.joins = [
            (table, column, target)
            for table, column, target in REFERENCES
            if column in self.columns.get(table, ()) and "id" in self.columns.get(target, ())
        ]
        self._count = 0

    def make(self) -> str:
        """Return one query as a sum of its rows that does not depend on their order."""
        shapes: tuple[Callable[[int], str], ...] = (
            self.plain,
            self.plain,
            self.joined,
            self.joined,
            self.grouped,
            self.set_operation,
            self.with_query,
            self.lateral,
            self.windowed,
            self.recursive,
        )
        inner = self.random.choice(shapes)(2)
        return f"SELECT count(*), coalesce(sum(hashtextextended(q::text, 0)::numeric), 0) FROM ({inner}) q"

    # Parts

    def alias(self, table: str | None = None) -> Alias:
        """Return a table, a random one unless told, under a fresh name."""
        self._count += 1
        return Alias(f"t{self._count}", table or self.random.choice(self.tables))

    def column(self, alias: Alias, kind: str | None = None) -> tuple[str, str]:
        """Return a column of a kind (any, if there is none of it) as SQL, and its kind."""
        kinds = self.columns[alias.table]
        fitting = [name for name, its in kinds.items() if kind in (None, its)]
        name = self.random.choice(fitting or [*kinds])
        return f'{alias.name}."{name}"', kinds[name]

    def constant(self, alias: Alias, column: str) -> str:
        """Return a value that some row, hidden or not, has in a column."""
        name = column.split('"')[1]
        known = self.values[alias.table].get(name) or [None]
        return literal(self.random.choice(known))

    def trap(self, alias: Alias) -> str:
        """Return a condition that is true of visible rows, and an error on a hidden one."""
        hidden = self.hidden.get(alias.table)
        if not hidden or "id" not in self.columns[alias.table]:
            return "true"
        return f"1 / ({alias.name}.id - {self.random.choice(hidden)}) IS NOT NULL"

    def condition(self, alias: Alias, depth: int) -> str:
        """Return a random condition on a table's row."""
        column, kind = self.column(alias)
        constant = self.constant(alias, column)
        choice = self.random.randrange(11)
        if choice <= 2:
            return f"{column} {self.random.choice(COMPARE)} {constant}"
        if choice == 3:
            return f"{column} IS {self.random.choice(('', 'NOT '))}NULL"
        if choice == 4:
            return f"{column} IN ({constant}, {self.constant(alias, column)})"
        if choice == 5 and kind == "text":
            part = constant.strip("'")[:3].replace("'", "").replace("%", "")
            return f"{column} LIKE '%{part}%'"
        if choice == 6:
            return self.trap(alias)
        if choice == 7:
            return f"NOT ({self.condition(alias, depth)})"
        if choice == 8:
            word = self.random.choice(("AND", "OR"))
            return f"({self.condition(alias, depth)} {word} {self.condition(alias, depth)})"
        if depth > 0:
            return self.subcondition(alias, depth - 1)
        return f"{column} IS DISTINCT FROM {constant}"

    def subcondition(self, alias: Alias, depth: int) -> str:
        """Return a condition that asks another table."""
        known = [join for join in self.joins if alias.table in (join[0], join[2])]
        if not known:
            return "true"
        table, column, target = self.random.choice(known)
        word = self.random.choice(("", "NOT "))
        if alias.table == table:
            other = self.alias(target)
            inner = f"SELECT {other.name}.id FROM {other} WHERE {self.condition(other, depth)}"
            form = self.random.choice(("{0} IN ({1})", "{0} = ANY(ARRAY({1}))", "{0} = ANY({1})"))
            return f"{word}{form.format(f'{alias.name}.{column}', inner)}"
        other = self.alias(table)
        return (
            f"{word}EXISTS (SELECT FROM {other} WHERE {other.name}.{column} = {alias.name}.id"
            f" AND {self.condition(other, depth)})"
        )

    def where(self, alias: Alias, depth: int) -> str:
        """Return a WHERE clause, or nothing."""
        return f" WHERE {self.condition(alias, depth)}" if self.random.random() < 0.8 else ""

    def select_list(self, alias: Alias) -> str:
        """Return some columns."""
        return ", ".join(self.column(alias)[0] for _ in range(self.random.randint(1, 3)))

    # Shapes

    def plain(self, depth: int) -> str:
        """One table."""
        alias = self.alias()
        return f"SELECT {self.select_list(alias)} FROM {alias}{self.where(alias, depth)}"

    def joined(self, depth: int) -> str:
        """Two or three tables along their references, outer joins too."""
        table, column, target = self.random.choice(self.joins)
        one, other = self.alias(table), self.alias(target)
        text = f"{one} {self.random.choice(JOINS)} {other} ON {one.name}.{column} = {other.name}.id"
        chosen = f"{self.select_list(one)}, {self.select_list(other)}"
        if depth and self.random.random() < 0.4:
            third = self.alias()
            text += f" CROSS JOIN (SELECT count(*) AS n FROM {third}{self.where(third, 0)}) c"
            chosen += ", c.n"
        return f"SELECT {chosen} FROM {text}{self.where(self.random.choice((one, other)), depth)}"

    def grouped(self, depth: int) -> str:
        """Aggregates with GROUP BY, FILTER and HAVING."""
        alias = self.alias()
        by, _ = self.column(alias)
        column, kind = self.column(alias)
        aggregate = self.random.choice(AGGREGATES[kind]).format(column)
        having = f" HAVING count(*) > {self.random.randrange(3)}" if self.random.random() < 0.3 else ""
        if self.random.random() < 0.4:
            return f"SELECT {aggregate} FROM {alias}{self.where(alias, depth)}"
        only = f" FILTER (WHERE {self.condition(alias, 0)})"
        return (
            f"SELECT {by} AS a, {aggregate}, count(*){only} FROM {alias}{self.where(alias, depth)}"
            f" GROUP BY {self.random.choice(('1', 'ROLLUP (1)', 'CUBE (1)')).replace('1', by)}{having}"
        )

    def set_operation(self, depth: int) -> str:
        """Two selects of columns of one kind."""
        one = self.alias()
        column, kind = self.column(one)
        fitting = [table for table, kinds in self.columns.items() if kind in kinds.values()]
        other = self.alias(self.random.choice(fitting))
        return (
            f"SELECT {column} FROM {one}{self.where(one, depth)} {self.random.choice(SET_OPERATIONS)}"
            f" SELECT {self.column(other, kind)[0]} FROM {other}{self.where(other, depth)}"
        )

    def with_query(self, depth: int) -> str:
        """A common table expression, folded in or not."""
        word = self.random.choice(("", "MATERIALIZED ", "NOT MATERIALIZED "))
        return f"WITH w AS {word}({self.joined(0) if depth else 'SELECT 1'}) SELECT count(*) FROM w"

    def lateral(self, depth: int) -> str:
        """A subquery that looks at the row beside it, and a scalar one."""
        table, column, target = self.random.choice(self.joins)
        one, other = self.alias(target), self.alias(table)
        inner = f"SELECT count(*) AS n FROM {other} WHERE {other.name}.{column} = {one.name}.id"
        if self.random.random() < 0.5:
            return f"SELECT {self.select_list(one)}, ({inner}) FROM {one}{self.where(one, depth)}"
        return f"SELECT {self.select_list(one)}, l.n FROM {one}, LATERAL ({inner}) l{self.where(one, depth)}"

    def windowed(self, depth: int) -> str:
        """Counts over windows; the whole table is behind each row."""
        alias = self.alias()
        by, _ = self.column(alias)
        column, _ = self.column(alias)
        return (
            f"SELECT {column}, count(*) OVER (PARTITION BY {by}), dense_rank() OVER (ORDER BY {by})"
            f" FROM {alias}{self.where(alias, depth)}"
        )

    def recursive(self, depth: int) -> str:
        """Up or down a tree."""
        trees = [join for join in self.joins if join[0] == join[2]]
        if not trees:
            return self.plain(depth)
        table, column, _ = self.random.choice(trees)
        alias = self.alias(table)
        return (
            f"WITH RECURSIVE r(id) AS (SELECT {alias.name}.id FROM {alias}{self.where(alias, 0)}"
            f' UNION SELECT c.id FROM "{table}" c JOIN r ON c.{column} = r.id) SELECT id FROM r'
        )


def values_of(rows: dict[str, dict[int, dict[str, Any]]]) -> Values:
    """Return every value of every column, for constants."""
    return {
        table.name: {
            column.name: [row.get(column.name) for row in rows.get(table.name, {}).values()]
            for column in table.columns
        }
        for table in Base.metadata.sorted_tables
    }
