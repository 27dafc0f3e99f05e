"""Facts: the records that figures are made of, each as one statement with named columns.

A fact has a day (or an instant) in the period, or it is what stands on the as-of day. Its columns are numbers to
add up and words to split by; what belongs to its owner, customer or deal is joined on when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, SQLColumnExpression

from desktop.clock import start_of_day
from desktop.periods import Period
from desktop.store.workspace import Work

Column = SQLColumnExpression[Any]


@dataclass(frozen=True, slots=True)
class Span:
    """The days asked for, the day on which standing figures are read, and how far back records were known.

    `known_by` leaves out what entered the database later: what a report could not have known.
    """

    period: Period
    as_of: date
    known_by: datetime | None = None

    @property
    def last(self) -> date:
        """The last day whose movements count."""
        return min(self.period.ends, self.as_of)


@dataclass(frozen=True, slots=True)
class Built:
    """The statement of a fact, still without what it is split by.

    `day` is a date column or `at` a column of instants; a standing fact has neither. `title` names a record
    to a person. `recorded` and `changed` are when it entered the database and was last changed there.
    """

    source: FromClause
    record: Column
    title: Column
    recorded: Column
    changed: Column
    where: tuple[ColumnElement[bool], ...] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)
    owner: Column | None = None
    account: Column | None = None
    deal: Column | None = None
    stage: Column | None = None
    day: Column | None = None
    at: Column | None = None
    currency: Column | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A kind of facts: its name in formulas, what it is, the kind of record behind it, and its numbers.

    `money` are the columns that are amounts of money: they are never added across currencies.
    """

    name: str
    label: str
    kind: str
    build: Callable[[Work, Span], Built]
    money: frozenset[str] = frozenset()


FACTS: dict[str, Facts] = {}
"""All facts by their name in formulas."""


def fact(
    name: str, label: str, kind: str, *, money: tuple[str, ...] = ("amount",)
) -> Callable[[Callable[[Work, Span], Built]], Callable[[Work, Span], Built]]:
    """Register a builder as the facts of that name."""

    def register(build: Callable[[Work, Span], Built]) -> Callable[[Work, Span], Built]:
        FACTS[name] = Facts(name, label, kind, build, frozenset(money))
        return build

    return register


def within(column: Column, span: Span) -> ColumnElement[bool]:
    """Return that a business day lies in the period, and not after the as-of day."""
    return column.between(span.period.starts, span.last)


def happened(work: Work, column: Column, span: Span) -> tuple[ColumnElement[bool], ...]:
    """Return that an instant lies on a business day of the period, not after the as-of day."""
    after = date.fromordinal(span.last.toordinal() + 1)
    return column >= start_of_day(span.period.starts, work.zone), column < start_of_day(after, work.zone)
