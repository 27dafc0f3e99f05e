"""Yesterday's key figures, as the morning mail tells them (RPT-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import SQLColumnExpression, func, select

from desktop.models.activities import Activity
from desktop.models.contracts import Payment
from desktop.models.opportunities import Opportunity
from desktop.periods import Period
from desktop.queries.calibration import calibration
from desktop.queries.sales_history import sales
from desktop.queries.scope import owned_within, person_ids
from desktop.queries.silence import silence
from desktop.queries.targets import due_of
from desktop.store.workspace import Work
from desktop.terms import DealStatus


@dataclass(frozen=True, slots=True)
class Behind:
    """Somebody whose sales to date are below what is due (minor units)."""

    name: str
    sold: int
    due: int


@dataclass(frozen=True, slots=True)
class Morning:
    """Key figures of the days from `starts` to `ends`, and the month up to then (amounts in minor units)."""

    starts: date
    ends: date
    contacts: int
    effective: int
    opened: int
    opened_amount: int
    won: int
    won_amount: int
    lost: int
    lost_amount: int
    received: int
    month: Period
    sold: int
    due: int
    target: int
    silent: int
    release: int
    behind: tuple[Behind, ...]


def morning_figures(work: Work, *, starts: date, ends: date, unit_id: int | None = None) -> Morning:
    """Return the key figures of some days and of the month up to them; a later look counts the same days."""
    month = Period.month_of(ends)
    run = calibration(work, period=month, unit_id=unit_id)
    members = person_ids(work, unit_id)
    sold: dict[int | None, int] = {}
    for item in sales(work, run.history, month.starts, ends):
        if members is None or item.owner_id in members:
            sold[item.owner_id] = sold.get(item.owner_id, 0) + item.sale.amount
    owed = [(person, due_of(person, ends), sold.get(person.person_id, 0)) for person in run.people]
    late = sorted((one for one in owed if one[1] > one[2]), key=lambda one: one[2] - one[1])
    contacts, effective = _contacts(work, starts, ends, unit_id)
    opened = _deals(work, Opportunity.opened_on, starts, ends, unit_id)
    won = _deals(work, Opportunity.closed_on, starts, ends, unit_id, DealStatus.WON)
    lost = _deals(work, Opportunity.closed_on, starts, ends, unit_id, DealStatus.LOST)
    quiet = silence(work, unit_id=unit_id, limit=1)
    return Morning(
        starts,
        ends,
        contacts,
        effective,
        *opened,
        *won,
        *lost,
        received=_received(work, starts, ends, unit_id),
        month=month,
        sold=sum(sold.values()),
        due=sum(due for _, due, _ in owed),
        target=sum(sum(person.calibrated) for person in run.people),
        silent=quiet.count,
        release=quiet.release_count,
        behind=tuple(Behind(person.owner, done, due) for person, due, done in late[:5]),
    )


def _contacts(work: Work, starts: date, ends: date, unit_id: int | None) -> tuple[int, int]:
    within = [Activity.occurred_on.between(starts, ends), *owned_within(Activity.owner_id, unit_id)]
    all_, effective = (
        work.session.execute(select(func.count(Activity.id)).where(*within, *more)).scalar_one()
        for more in ((), (Activity.effective.is_(True),))
    )
    return int(all_), int(effective)


def _deals(
    work: Work,
    day: SQLColumnExpression[Any],
    starts: date,
    ends: date,
    unit_id: int | None,
    status: DealStatus | None = None,
) -> tuple[int, int]:
    amount = func.coalesce(Opportunity.won_amount, Opportunity.amount)
    within = [day.between(starts, ends), *owned_within(Opportunity.owner_id, unit_id)]
    if status is not None:
        within.append(Opportunity.status == status.value)
    row = work.rows(select(func.count(Opportunity.id), func.coalesce(func.sum(amount), 0)).where(*within))[0]
    return int(row[0]), int(row[1])


def _received(work: Work, starts: date, ends: date, unit_id: int | None) -> int:
    within = [Payment.received_on.between(starts, ends), *owned_within(Payment.owner_id, unit_id)]
    total = work.session.execute(select(func.sum(Payment.amount)).where(*within)).scalar_one()
    return int(total or 0)
