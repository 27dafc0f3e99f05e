"""From a figure to the records that it counts: the same facts, the same conditions, row by row (RPT-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import literal, select

from desktop.analytics.formula import Aggregate, aggregates
from desktop.clock import business_date
from desktop.queries.metrics.dictionary import metric_named
from desktop.queries.metrics.dimensions import folded, members
from desktop.queries.metrics.engine import FactQuery, Group, Question, facts_named
from desktop.store.workspace import Work

MOST = 1000
NAMES = ("record", "title", "owner", "account", "moment", "recorded", "changed")


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record behind a figure: what it is, whose, when, and the numbers that are counted of it.

    `counts` is what the figure adds for it: minor units for money. `late` says that it entered the database after
    the moment that was asked about, `changed` that it changed since.
    """

    kind: str
    id: int
    title: str
    person: str
    customer: str
    customer_id: int | None
    day: date | None
    counts: int | None
    values: tuple[Any, ...]
    recorded_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Behind:
    """The records behind a figure; `more` says that not all are listed."""

    kind: str
    rows: tuple[RecordRow, ...]
    money: bool
    more: bool


def records_behind(
    work: Work,
    question: Question,
    groups: Sequence[Group] | None = None,
    *,
    columns: tuple[str, ...] = (),
    part: int = 0,
    limit: int = MOST,
) -> Behind:
    """Return the records that a question's one figure counts, in some of its groups (None: in all).

    A formula of several parts is asked for one of them: 0 is what stands first, in a rate what it counts.
    """
    definition = metric_named(work, question.metrics[0])
    asked = list(aggregates(definition.tree))[part]
    facts = facts_named(asked.facts)
    more = tuple(name for name in columns if name != asked.field)
    wider = (asked, *(Aggregate("count", asked.facts, name) for name in more))
    one = FactQuery(work, question, facts, wider, question.currency or "", records=True)
    cells = one.inner.c
    counted = cells[f"col_{asked.field}"] if asked.field else literal(1)
    statement = select(
        *(cells[name] for name in NAMES),
        counted.label("counted"),
        *(cells[f"col_{name}"] for name in columns),
        *(cells[f"by{at}"] for at in range(len(question.by))),
    ).where(*one.tests(asked))
    if asked.field:
        statement = statement.where(counted.is_not(None)).order_by(counted.desc())
    elif columns:
        # What is only counted comes by its first column: of more records than are listed, those of the highest.
        statement = statement.order_by(cells[f"col_{columns[0]}"].desc().nulls_last())
    statement = statement.order_by(cells.record)
    if groups is None:
        rows = work.rows(statement.limit(limit + 1))
    else:
        wanted = set(groups)
        rows = [row for row in work.rows(statement) if _group(work, question, row) in wanted]
    listed = _listed(work, facts.kind, rows[:limit], len(columns))
    return Behind(facts.kind, listed, asked.field in facts.money, len(rows) > limit)


def _group(work: Work, question: Question, row: Any) -> Group:
    """Return the group that a row falls into: what it is split by stands last."""
    values = row[len(row) - len(question.by) :]
    return tuple(folded(key, value, work.zone) for key, value in zip(question.by, values, strict=True))


def _listed(work: Work, kind: str, rows: Sequence[Any], columns: int) -> tuple[RecordRow, ...]:
    people = _names(work, "person", {row.owner for row in rows})
    customers = _names(work, "customer", {row.account for row in rows})
    first = len(NAMES) + 1
    return tuple(
        RecordRow(
            kind,
            row.record,
            str(row.title or ""),
            people.get(row.owner, ""),
            customers.get(row.account, ""),
            row.account,
            _day(row.moment, work.zone),
            None if row.counted is None else int(row.counted),
            tuple(row[first : first + columns]),
            row.recorded,
            row.changed,
        )
        for row in rows
    )


def _names(work: Work, dimension: str, numbers: set[int | None]) -> dict[Any, str]:
    return {member.value: member.name[0] for member in members(work, dimension, numbers - {None})}


def _day(moment: Any, zone: str) -> date | None:
    if isinstance(moment, str):
        return date.fromisoformat(moment[:10])
    if isinstance(moment, datetime):
        return business_date(moment, zone)
    return moment  # type: ignore[no-any-return]
