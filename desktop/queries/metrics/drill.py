"""From a figure to the records that it counts: the same facts, the same conditions, row by row (RPT-11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from desktop.analytics.formula import Aggregate, aggregates
from desktop.clock import business_date
from desktop.queries.metrics.dictionary import metric_named
from desktop.queries.metrics.dimensions import folded, members
from desktop.queries.metrics.engine import FactQuery, Group, Question, facts_named
from desktop.store.workspace import Work

MOST = 1000


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
    """The records behind a figure; `total` of them exist, `more` says that not all are listed."""

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
    by = [one.inner.c[f"by{at}"] for at in range(len(question.by))]
    shown = [one.inner.c[f"col_{name}"] for name in columns]
    counted = one.inner.c[f"col_{asked.field}"] if asked.field else None
    extra = [] if counted is None else [counted.is_not(None)]
    names = ("record", "title", "owner", "account", "moment", "recorded", "changed")
    order = [counted.desc()] if counted is not None else []
    rows = work.rows(
        select(
            *(one.inner.c[name] for name in names), *([counted] if counted is not None else []), *shown, *by
        )
        .where(*one.tests(asked), *extra)
        .order_by(*order, one.inner.c.record)
    )
    wanted = None if groups is None else set(groups)
    start = len(names) + (counted is not None)
    found: list[RecordRow] = []
    for row in rows:
        group = tuple(
            folded(key, value, work.zone)
            for key, value in zip(question.by, row[start + len(shown) :], strict=True)
        )
        if wanted is None or group in wanted:
            found.append(
                _row(
                    work,
                    facts.kind,
                    row,
                    row[len(names)] if counted is not None else 1,
                    row[start : start + len(shown)],
                )
            )
    shown_rows = _named(work, found[:limit])
    return Behind(facts.kind, shown_rows, asked.field in facts.money, len(found) > limit)


def _row(work: Work, kind: str, row: Any, counts: Any, values: Any) -> RecordRow:
    moment = row.moment
    if isinstance(moment, str):
        moment = date.fromisoformat(moment[:10])
    elif isinstance(moment, datetime):
        moment = business_date(moment, work.zone)
    return RecordRow(
        kind,
        row.record,
        str(row.title or ""),
        str(row.owner or ""),
        str(row.account or ""),
        row.account,
        moment,
        None if counts is None else int(counts),
        tuple(values),
        row.recorded,
        row.changed,
    )


def _named(work: Work, rows: list[RecordRow]) -> tuple[RecordRow, ...]:
    people = {int(row.person) for row in rows if row.person}
    customers = {int(row.customer) for row in rows if row.customer}
    names = {member.value: member.name[0] for member in members(work, "person", people)}
    firms = {member.value: member.name[0] for member in members(work, "customer", customers)}
    return tuple(
        replace(
            row,
            person=names.get(int(row.person), "") if row.person else "",
            customer=firms.get(int(row.customer), "") if row.customer else "",
        )
        for row in rows
    )
