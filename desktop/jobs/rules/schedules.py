"""Scheduled reports: each is due by the work calendar, and of those missed the latest is made up for (RPT-03)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

from sqlalchemy import select

from desktop.analytics.due_days import due_days
from desktop.analytics.work_time import WorkCalendar
from desktop.clock import business_date
from desktop.i18n import N_
from desktop.jobs.rule import Due, Result, Rule
from desktop.models.clockwork import Schedule
from desktop.operations.scheduled.making import make_and_queue
from desktop.queries.work_calendar import work_calendar
from desktop.store.workspace import Work
from desktop.terms import ScheduleKind

BACK = 40
"""How many days are looked back at: what is older was missed before anybody can use it."""
AHEAD = 100
"""How many days are looked ahead at for what comes next: a quarter."""


def due(work: Work) -> Sequence[Due]:
    """Return what has fallen due of every active schedule."""
    calendar = work_calendar(work)
    found = []
    for schedule in _active(work):
        first = max(business_date(schedule.since, work.zone), work.today - timedelta(days=BACK))
        dues = _dues(schedule, first, work.today, calendar)
        found += [one for one in dues if schedule.since <= one.due_at <= work.now]
    return found


def following(work: Work) -> Sequence[Due]:
    """Return what falls due next of every active schedule."""
    calendar = work_calendar(work)
    found = []
    for schedule in _active(work):
        ahead = _dues(schedule, work.today, work.today + timedelta(days=AHEAD), calendar)
        found += next(([one] for one in ahead if one.due_at > work.now), [])
    return found


def _active(work: Work) -> list[Schedule]:
    return list(work.session.scalars(select(Schedule).where(Schedule.active.is_(True)).order_by(Schedule.id)))


def _dues(schedule: Schedule, first: date, last: date, calendar: WorkCalendar) -> list[Due]:
    at = time.fromisoformat(schedule.at)
    return [
        Due(
            f"{schedule.id}:{day.isoformat()}",
            calendar.at(day, at),
            about=str(schedule.id),
            subject=f"{schedule.name} {day.isoformat()}",
            data=(schedule.id, day),
        )
        for day in due_days(ScheduleKind(schedule.kind), first, last, calendar)
    ]


def act(work: Work, due: Due) -> Result:
    """Make the report and put it into the outbox."""
    schedule_id, day = due.data
    return make_and_queue(work, schedule_id, day, due.due_at, due.run_id)


RULE = Rule("schedule", N_("Scheduled report"), due, act, catch_up=1, next=following)
