"""Customers nobody has effectively talked to: whom to remind about, whom to release (HND-01, HND-02)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, func, or_, select

from desktop.clock import business_date, start_of_day
from desktop.models.accounts import Account
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.queries.scope import owned_within
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import DealStatus


@dataclass(frozen=True, slots=True)
class SilentAccount:
    """A customer without effective interaction; `days` since the last one, or since it was recorded.

    `never` says that there has been none at all. `open_amount` and `won_amount` (last 365 days) are
    what is at stake, in minor units. `release` says that the release threshold is reached.
    """

    id: int
    name: str
    grade: str | None
    owner_id: int | None
    owner: str | None
    days: int
    never: bool
    open_amount: int
    won_amount: int
    release: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """The thresholds in days, how many customers passed them, and the most valuable of them."""

    remind_days: int
    release_days: int
    count: int
    release_count: int
    accounts: tuple[SilentAccount, ...]


def silence(work: Work, *, unit_id: int | None = None, limit: int = 200) -> Silence:
    """Return the silent customers who have an owner, the most at stake first.

    Silent is: the last effective interaction (else the day the customer was recorded) lies at least
    `silent.remind_days` back.
    """
    remind = int(threshold(work, "silent.remind_days"))
    release = int(threshold(work, "silent.release_days"))
    silent = [*_since(work, remind), *owned_within(Account.owner_id, unit_id), Account.owner_id.is_not(None)]
    count = work.session.execute(select(func.count(Account.id)).where(*silent)).scalar_one()
    released = work.session.execute(
        select(func.count(Account.id)).where(*silent, *_since(work, release))
    ).scalar_one()
    rows = work.rows(_statement(work, silent, limit))
    return Silence(
        remind, release, int(count), int(released), tuple(_account(work, row, release) for row in rows)
    )


def _since(work: Work, days: int) -> list[ColumnElement[bool]]:
    before = start_of_day(work.today - timedelta(days=days - 1), work.zone)
    known = func.coalesce(Account.created_at, Account.recorded_at)
    return [
        or_(Account.last_effective_at < before, and_(Account.last_effective_at.is_(None), known < before))
    ]


def _statement(work: Work, silent: list[ColumnElement[bool]], limit: int) -> Executable:
    year_ago = work.today - timedelta(days=365)
    open_deals = (
        select(Opportunity.account_id, func.sum(Opportunity.amount).label("amount"))
        .where(Opportunity.status == DealStatus.OPEN.value)
        .group_by(Opportunity.account_id)
        .subquery()
    )
    won_deals = (
        select(
            Opportunity.account_id,
            func.sum(func.coalesce(Opportunity.won_amount, Opportunity.amount)).label("amount"),
        )
        .where(Opportunity.status == DealStatus.WON.value, Opportunity.closed_on >= year_ago)
        .group_by(Opportunity.account_id)
        .subquery()
    )
    open_amount = func.coalesce(open_deals.c.amount, 0)
    won_amount = func.coalesce(won_deals.c.amount, 0)
    return (
        select(
            Account.id,
            Account.name,
            Account.grade,
            Account.owner_id,
            Person.name.label("owner"),
            Account.last_effective_at,
            func.coalesce(Account.created_at, Account.recorded_at).label("known_at"),
            open_amount.label("open_amount"),
            won_amount.label("won_amount"),
        )
        .join(Person, Person.id == Account.owner_id)
        .outerjoin(open_deals, open_deals.c.account_id == Account.id)
        .outerjoin(won_deals, won_deals.c.account_id == Account.id)
        .where(*silent)
        .order_by((open_amount + won_amount).desc(), Account.last_effective_at, Account.id)
        .limit(limit)
    )


def days_since(work: Work, instant: datetime | None) -> int:
    """Return the business days' distance (calendar days) from an instant to today; 0 for none."""
    return 0 if instant is None else (work.today - business_date(instant, work.zone)).days


def _account(work: Work, row: Any, release: int) -> SilentAccount:
    days = days_since(work, row.last_effective_at or row.known_at)
    return SilentAccount(
        id=row.id,
        name=row.name,
        grade=row.grade,
        owner_id=row.owner_id,
        owner=row.owner,
        days=days,
        never=row.last_effective_at is None,
        open_amount=int(row.open_amount),
        won_amount=int(row.won_amount),
        release=days >= release,
    )
