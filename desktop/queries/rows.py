"""What a table asks of a query: a slice of rows, sorted and filtered by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, UnaryExpression, and_, or_

from desktop.clock import start_of_day

Operator = Literal["contains", "=", "!=", ">", ">=", "<", "<=", "between", "in", "blank", "filled"]
Value = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter on one column; `value` is in stored units (cents, 1/10000, stored words)."""

    operator: Operator
    value: Value = None
    upper: Value = None
    values: tuple[Value, ...] = ()

    def accepts(self, value: Any, text: str) -> bool:
        """Whether a value in memory (and what is shown for it) passes; used for small tables."""
        if self.operator == "contains":
            return str(self.value).casefold() in text.casefold()
        if self.operator == "blank":
            return value is None or value == ""
        if self.operator == "filled":
            return value is not None and value != ""
        if self.operator == "in":
            return value in self.values
        if value is None:
            return False
        if self.operator == "between":
            return bool(self.value <= value <= self.upper)
        tests = {
            "=": lambda: value == self.value,
            "!=": lambda: value != self.value,
            ">": lambda: value > self.value,
            ">=": lambda: value >= self.value,
            "<": lambda: value < self.value,
            "<=": lambda: value <= self.value,
        }
        return bool(tests[self.operator]())


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and which way."""

    key: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class RowRequest:
    """A slice of a table: `limit` rows from `offset`, in an order, with conditions by column key."""

    offset: int = 0
    limit: int = 200
    sort: Sort | None = None
    filters: Mapping[str, Condition] = field(default_factory=dict)


def conditions(
    columns: Mapping[str, ColumnElement[Any]], filters: Mapping[str, Condition]
) -> list[ColumnElement[bool]]:
    """Return the WHERE clauses of filters; keys that are no column of this query are left out."""
    return [_clause(columns[key], wanted) for key, wanted in filters.items() if key in columns]


def instant_conditions(column: ColumnElement[Any], wanted: Condition, zone: str) -> list[ColumnElement[bool]]:
    """Return the WHERE clauses of a filter by business days on a column of instants."""

    def begins(day: Value, later: int = 0) -> datetime:
        if not isinstance(day, date):
            raise TypeError(f"a day is needed, not {day!r}")
        return start_of_day(day + timedelta(days=later), zone)

    match wanted.operator:
        case "between":
            return [column >= begins(wanted.value), column < begins(wanted.upper, 1)]
        case "=":
            return [column >= begins(wanted.value), column < begins(wanted.value, 1)]
        case ">":
            return [column >= begins(wanted.value, 1)]
        case ">=":
            return [column >= begins(wanted.value)]
        case "<":
            return [column < begins(wanted.value)]
        case "<=":
            return [column < begins(wanted.value, 1)]
        case "!=":
            return [or_(column < begins(wanted.value), column >= begins(wanted.value, 1), column.is_(None))]
        case "blank" | "filled":
            return [column.is_(None) if wanted.operator == "blank" else column.is_not(None)]
        case _:
            return []


def _clause(column: ColumnElement[Any], wanted: Condition) -> ColumnElement[bool]:
    value = wanted.value
    match wanted.operator:
        case "contains":
            return column.icontains(str(value), autoescape=True)
        case "blank":
            return or_(column.is_(None), column == "") if _is_text(column) else column.is_(None)
        case "filled":
            return and_(column.is_not(None), column != "") if _is_text(column) else column.is_not(None)
        case "in":
            return column.in_(wanted.values)
        case "between":
            return column.between(value, wanted.upper)
        case "=":
            return column == value
        case "!=":
            return or_(column != value, column.is_(None))
        case ">":
            return column > value
        case ">=":
            return column >= value
        case "<":
            return column < value
        case _:
            return column <= value


def _is_text(column: ColumnElement[Any]) -> bool:
    try:
        return column.type.python_type is str
    except NotImplementedError:
        return False


def ordering(
    columns: Mapping[str, ColumnElement[Any]],
    sort: Sort | None,
    default: Sequence[UnaryExpression[Any] | ColumnElement[Any]],
    tie: ColumnElement[Any],
) -> list[UnaryExpression[Any] | ColumnElement[Any]]:
    """Return ORDER BY: the wanted column (blanks last, whichever way), else the default; then `tie`."""
    if sort is None or sort.key not in columns:
        return [*default, tie]
    # Not "is it blank, then what": a server would compute a column that is a query of its own twice, and use no index.
    column = columns[sort.key]
    return [(column.desc() if sort.descending else column.asc()).nulls_last(), tie]
