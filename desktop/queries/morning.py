"""Yesterday's key figures, as the morning mail tells them (RPT-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from desktop.periods import Period
from desktop.queries.calibration import calibration
from desktop.queries.metrics.engine import Question, compute
from desktop.queries.sales_history import sales
from desktop.queries.scope import person_ids
from desktop.queries.targets import due_of
from desktop.store.workspace import Work

TOLD = (
    "contacts",
    "effective_contacts",
    "opened_count",
    "opened_amount",
    "won_count",
    "won_amount",
    "lost_count",
    "lost_amount",
    "payments_received",
    "silent_customers",
    "release_customers",
)
"""The figures of the metric dictionary that the mail tells."""


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
    silent: int
    release: int
    month: Period
    sold: int
    due: int
    target: int
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
    days = Period(starts, ends, f"{starts}/{ends}")
    told = compute(work, Question(TOLD, days, unit_id=unit_id, as_of=work.today))
    said = {key: int(told.value(key) or 0) for key in TOLD}
    return Morning(
        starts,
        ends,
        contacts=said["contacts"],
        effective=said["effective_contacts"],
        opened=said["opened_count"],
        opened_amount=said["opened_amount"],
        won=said["won_count"],
        won_amount=said["won_amount"],
        lost=said["lost_count"],
        lost_amount=said["lost_amount"],
        received=said["payments_received"],
        silent=said["silent_customers"],
        release=said["release_customers"],
        month=month,
        sold=sum(sold.values()),
        due=sum(due for _, due, _ in owed),
        target=sum(sum(person.calibrated) for person in run.people),
        behind=tuple(Behind(person.owner, done, due) for person, due, done in late[:5]),
    )
