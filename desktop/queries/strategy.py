"""What a week brought, for the strategy meeting: pains, competitors, moves, what comes next (RPT-16)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, SQLColumnExpression, func, select

from desktop.models.accounts import Account
from desktop.models.activities import Activity
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.models.people import Person
from desktop.queries.morning import Morning, morning_figures
from desktop.queries.scope import owned_within
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import DealStatus

MOST = 8


@dataclass(frozen=True, slots=True)
class Named:
    """How often something was named this week and the week before."""

    name: str
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal with its customer, owner, amount (minor units), stage and next step or reason."""

    name: str
    customer: str
    owner: str
    amount: int | None
    stage: str
    stage_zh: str
    note: str


@dataclass(frozen=True, slots=True)
class Strategy:
    """The week and the one before it."""

    now: Morning
    before: Morning
    pains: tuple[Named, ...]
    competitors: tuple[Named, ...]
    moved: tuple[DealLine, ...]
    decided: tuple[DealLine, ...]
    next_steps: tuple[DealLine, ...]


def strategy(work: Work, *, starts: date, ends: date, unit_id: int | None) -> Strategy:
    """Return what the days from `starts` to `ends` brought, beside as many days before."""
    span = (ends - starts).days + 1
    earlier, until = starts - timedelta(days=span), starts - timedelta(days=1)
    return Strategy(
        morning_figures(work, starts=starts, ends=ends, unit_id=unit_id),
        morning_figures(work, starts=earlier, ends=until, unit_id=unit_id),
        _pains(work, starts, ends, earlier, until, unit_id),
        _competitors(work, starts, ends, earlier, until, unit_id),
        _moved(work, starts, ends, unit_id),
        _decided(work, starts, ends, unit_id),
        _next_steps(work, unit_id),
    )


def _pains(
    work: Work, starts: date, ends: date, earlier: date, until: date, unit_id: int | None
) -> tuple[Named, ...]:
    def named(first: date, last: date) -> Counter[str]:
        rows = work.rows(
            select(Activity.pains).where(
                Activity.occurred_on.between(first, last),
                Activity.pains.is_not(None),
                *owned_within(Activity.owner_id, unit_id),
            )
        )
        return Counter(str(pain) for row in rows for pain in row.pains or ())

    return _most(named(starts, ends), named(earlier, until), MOST)


def _competitors(
    work: Work, starts: date, ends: date, earlier: date, until: date, unit_id: int | None
) -> tuple[Named, ...]:
    def named(first: date, last: date) -> Counter[str]:
        rows = work.rows(
            select(Activity.competitor, func.count(Activity.id).label("n"))
            .where(
                Activity.occurred_on.between(first, last),
                Activity.competitor.is_not(None),
                Activity.competitor != "",
                *owned_within(Activity.owner_id, unit_id),
            )
            .group_by(Activity.competitor)
        )
        return Counter({str(row.competitor): int(row.n) for row in rows})

    return _most(named(starts, ends), named(earlier, until), int(threshold(work, "visit.competitor_top")))


def _most(now: Counter[str], before: Counter[str], keep: int) -> tuple[Named, ...]:
    ordered = sorted({*now, *before}, key=lambda name: (-now[name], -before[name], name))
    return tuple(Named(name, now[name], before[name]) for name in ordered[:keep])


def _lines(
    work: Work, note: SQLColumnExpression[Any], *conditions: ColumnElement[bool]
) -> tuple[DealLine, ...]:
    statement: Executable = (
        select(
            Opportunity.name,
            Account.name.label("customer"),
            Person.name.label("owner"),
            func.coalesce(Opportunity.won_amount, Opportunity.amount).label("amount"),
            Stage.name.label("stage"),
            Stage.name_zh.label("stage_zh"),
            note.label("note"),
        )
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(Account, Account.id == Opportunity.account_id)
        .outerjoin(Person, Person.id == Opportunity.owner_id)
        .where(*conditions)
        .order_by(func.coalesce(Opportunity.amount, 0).desc(), Opportunity.id)
        .limit(MOST)
    )
    return tuple(
        DealLine(
            row.name,
            row.customer or "",
            row.owner or "",
            row.amount,
            row.stage,
            row.stage_zh or row.stage,
            row.note or "",
        )
        for row in work.rows(statement)
    )


def _moved(work: Work, starts: date, ends: date, unit_id: int | None) -> tuple[DealLine, ...]:
    entered = select(StageEvent.opportunity_id).where(
        StageEvent.entered_on.between(starts, ends),
        StageEvent.from_stage_id.is_not(None),
        StageEvent.inferred.is_(False),
    )
    return _lines(
        work,
        Opportunity.next_step,
        Opportunity.id.in_(entered),
        Opportunity.status == DealStatus.OPEN.value,
        *owned_within(Opportunity.owner_id, unit_id),
    )


def _decided(work: Work, starts: date, ends: date, unit_id: int | None) -> tuple[DealLine, ...]:
    return _lines(
        work,
        Opportunity.lost_reason,
        Opportunity.closed_on.between(starts, ends),
        Opportunity.status != DealStatus.OPEN.value,
        *owned_within(Opportunity.owner_id, unit_id),
    )


def _next_steps(work: Work, unit_id: int | None) -> tuple[DealLine, ...]:
    return _lines(
        work,
        Opportunity.next_step,
        Opportunity.next_step.is_not(None),
        Opportunity.next_step != "",
        Opportunity.status == DealStatus.OPEN.value,
        *owned_within(Opportunity.owner_id, unit_id),
    )
