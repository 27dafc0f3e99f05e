"""One calibration run: the weekly targets of everybody with a target in a month (TGT-11, TGT-13, TGT-25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from sqlalchemy import func, select

from desktop.analytics.calibration import (
    FactorEvent,
    MonthPlan,
    Sale,
    calibrate_month,
    history_months,
    learn_rhythm,
)
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models.people import OrgClosure, OrgUnit, Person
from desktop.models.targets import CalendarEvent, Target, WeeklyTarget
from desktop.periods import Period, week_number
from desktop.queries.sales_history import History, by_owner, chosen_history, sales
from desktop.queries.scope import owned_within
from desktop.store.workspace import Work
from desktop.terms import CalendarKind

SALES_METRICS = (
    "sales",
    "sales amount",
    "sales_amount",
    "revenue",
    "amount",
    "销售额",
    "销售金额",
    "销售目标",
    "业绩",
    "业绩目标",
)
"""Words for money sold, preferred where a month has targets of several metrics."""

Weeks = tuple[int, int, int, int]
NOTHING: Weeks = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """One person's calibrated month beside what was accepted and what was sold (minor units)."""

    person_id: int
    owner: str
    unit_id: int | None
    target_id: int
    plan: MonthPlan
    actual: Weeks
    amounts: tuple[int, ...]
    accepted: Weeks | None

    @property
    def calibrated(self) -> Weeks:
        """The weekly targets in force: those accepted, else those proposed."""
        first, second, third, fourth = (week.target for week in self.plan.weeks)
        return self.accepted or (first, second, third, fourth)

    @property
    def is_accepted(self) -> bool:
        """Whether exactly the proposed weeks were accepted."""
        return self.accepted == tuple(week.target for week in self.plan.weeks)


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """A calibration run; `metrics` are all metrics that have targets in the month."""

    period: Period
    today: date
    metric: str
    metrics: tuple[str, ...]
    history: History
    months: tuple[Period, ...]
    people: tuple[PersonPlan, ...]
    sold: Mapping[int | None, tuple[Sale, ...]]
    """What each person sold in the month, whether or not they have a target."""
    staff: Sequence[Any]
    """Everybody: id, name, unit, manager."""


def calibration(
    work: Work,
    *,
    period: Period,
    unit_id: int | None = None,
    history: History | None = None,
    metric: str | None = None,
) -> CalibrationView:
    """Return the calibrated weeks of everybody in a unit who has a target in the month.

    `history` is what counts as sold (chosen by itself when None), `metric` which targets to calibrate.
    Raises InvalidInput for a period that is not a month.
    """
    if not period.is_month:
        raise InvalidInput(
            "period_not_month",
            N_("Targets are calibrated by month; “{text}” is not one."),
            remedy=N_("Write a month such as 2026-04."),
            text=period.text,
        )
    months = history_months(period, work.today)
    kind = history or chosen_history(work, months[0].starts, period.ends)
    until = min(period.ends, work.today)
    found = sales(work, kind, months[0].starts, max(months[-1].ends, until))
    past = by_owner(item for item in found if item.sale.day <= months[-1].ends)
    metrics = metrics_of(work, period)
    chosen = metric or (metrics[0] if metrics else "")
    people = _people(work, period, chosen, unit_id)
    sold = by_owner(item for item in found if period.starts <= item.sale.day <= until)
    company = [sale for found in past.values() for sale in found]
    staff = work.rows(select(Person.id, Person.name, Person.unit_id, Person.manager_id))
    teams = _team_sales(staff, past)
    events = _events(work, period)
    places = _places(work) if any(region for _, region in events) else {}
    accepted = _accepted(work, [person.target_id for person in people])
    plans = tuple(
        PersonPlan(
            person_id=person.person_id,
            owner=person.name,
            unit_id=person.unit_id,
            target_id=person.target_id,
            plan=calibrate_month(
                person.value,
                period,
                learn_rhythm(
                    past.get(person.person_id, ()),
                    months,
                    teams.get(person.unit_id, ()) if person.unit_id else (),
                    company,
                ),
                _events_at(events, [person.region or "", *places.get(person.unit_id or 0, ())]),
            ),
            actual=weeks_of_sales(sold.get(person.person_id, ())),
            amounts=tuple(sale.amount for sale in sold.get(person.person_id, ())),
            accepted=accepted.get(person.target_id),
        )
        for person in people
    )
    return CalibrationView(
        period=period,
        today=work.today,
        metric=chosen,
        metrics=metrics,
        history=kind,
        months=months,
        people=plans,
        sold={owner: tuple(own) for owner, own in sold.items()},
        staff=staff,
    )


def weeks_of_sales(found: Sequence[Sale]) -> Weeks:
    """Return what was sold in each week of the month, minor units."""
    weeks = [0, 0, 0, 0]
    for sale in found:
        weeks[week_number(sale.day) - 1] += sale.amount
    first, second, third, fourth = weeks
    return first, second, third, fourth


def metrics_of(work: Work, period: Period) -> tuple[str, ...]:
    """Return the metrics that have targets in a period: money sold first, then the most frequent."""
    number = func.count(Target.id)
    rows = work.rows(
        select(Target.metric, number.label("n")).where(Target.period == period.text).group_by(Target.metric)
    )
    ranked = sorted(rows, key=lambda row: (row.metric.lower() not in SALES_METRICS, -row.n, row.metric))
    return tuple(row.metric for row in ranked)


@dataclass(frozen=True, slots=True)
class _Targeted:
    person_id: int
    name: str
    unit_id: int | None
    region: str | None
    target_id: int
    value: int


def _people(work: Work, period: Period, metric: str, unit_id: int | None) -> list[_Targeted]:
    """Return each person's target; where a source was imported twice the last one counts."""
    rows = work.rows(
        select(Person.id, Person.name, Person.unit_id, Person.region, Target.id, Target.value)
        .join(Target, Target.person_id == Person.id)
        .where(
            Target.period == period.text,
            Target.metric == metric,
            *owned_within(Target.person_id, unit_id),
        )
        .order_by(Target.id)
    )
    latest = {row[0]: _Targeted(*row) for row in rows}
    return sorted(latest.values(), key=lambda person: (-person.value, person.name, person.person_id))


def _team_sales(staff: Sequence[Any], past: Mapping[int | None, list[Sale]]) -> dict[int, list[Sale]]:
    teams: dict[int, list[Sale]] = {}
    for person_id, _, unit_id, _ in staff:
        if unit_id is not None:
            teams.setdefault(unit_id, []).extend(past.get(person_id, ()))
    return teams


def _events(work: Work, period: Period) -> list[tuple[FactorEvent, str]]:
    """Return the firm's own events that touch the month, with the region each is for."""
    rows = work.rows(
        select(CalendarEvent)
        .where(CalendarEvent.starts_on <= period.ends, CalendarEvent.ends_on >= period.starts)
        .order_by(CalendarEvent.starts_on, CalendarEvent.id)
    )
    known = {kind.value for kind in CalendarKind}
    return [
        (
            FactorEvent(
                event.name,
                CalendarKind(event.kind) if event.kind in known else CalendarKind.OTHER,
                event.starts_on,
                event.ends_on,
                event.factor if event.factor is not None and isfinite(event.factor) else None,
            ),
            (event.region or "").strip(),
        )
        for (event,) in rows
    ]


def _events_at(events: Sequence[tuple[FactorEvent, str]], places: Sequence[str]) -> list[FactorEvent]:
    """Return the events for everywhere and those whose region is part of one of the places' names."""
    return [
        event
        for event, region in events
        if not region or any(region.lower() in place.lower() for place in places if place)
    ]


def _places(work: Work) -> dict[int, list[str]]:
    """Return the names of each unit and of everything above it."""
    rows = work.rows(
        select(OrgClosure.descendant_id, OrgUnit.name).join(OrgUnit, OrgUnit.id == OrgClosure.ancestor_id)
    )
    places: dict[int, list[str]] = {}
    for unit_id, name in rows:
        places.setdefault(unit_id, []).append(name)
    return places


def _accepted(work: Work, target_ids: Sequence[int]) -> dict[int, Weeks]:
    rows = work.rows(
        select(WeeklyTarget.target_id, WeeklyTarget.week, WeeklyTarget.value).where(
            WeeklyTarget.target_id.in_(target_ids)
        )
    )
    found: dict[int, dict[int, int]] = {}
    for target_id, week, value in rows:
        found.setdefault(target_id, {})[week] = value
    return {
        target_id: (weeks[1], weeks[2], weeks[3], weeks[4])
        for target_id, weeks in found.items()
        if len(weeks) == 4
    }
