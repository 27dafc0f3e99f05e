"""On which days a scheduled report is due, and what span of days it then tells of (RPT-03, RPT-06)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from desktop.analytics.work_time import WorkCalendar
from desktop.periods import Period
from desktop.terms import ScheduleKind

WEEKLY = {ScheduleKind.MONDAY_PACK, ScheduleKind.STRATEGY_PACK}


def is_due(kind: ScheduleKind, day: date, calendar: WorkCalendar) -> bool:
    """Whether a report of a kind is due on a day: each working day, or the first one of a week or quarter."""
    if not calendar.is_working(day):
        return False
    if kind in WEEKLY:
        begins = day - timedelta(days=day.isoweekday() - 1)
    elif kind is ScheduleKind.QUARTER_PACK:
        begins = Period.quarter_of(day).starts
    else:
        return True
    return not any(calendar.is_working(begins + timedelta(days=n)) for n in range((day - begins).days))


def due_days(kind: ScheduleKind, first: date, last: date, calendar: WorkCalendar) -> Iterator[date]:
    """Yield the days from `first` to `last` on which a report of a kind is due."""
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if is_due(kind, day, calendar):
            yield day


def span(kind: ScheduleKind, day: date, calendar: WorkCalendar) -> tuple[date, date]:
    """Return the days that a report due on `day` tells of.

    A daily report tells of what passed since the last working day, that day included: on Mondays of Friday to
    Sunday. A weekly one of the seven days before, a quarterly one of the quarter before.
    """
    yesterday = day - timedelta(days=1)
    if kind in WEEKLY:
        return day - timedelta(days=7), yesterday
    if kind is ScheduleKind.QUARTER_PACK:
        before = Period.quarter_of(Period.quarter_of(day).starts - timedelta(days=1))
        return before.starts, before.ends
    return calendar.previous_working_day(day), yesterday


def period(kind: ScheduleKind, day: date) -> Period:
    """Return the month, or the quarter before, whose reports a pack due on `day` brings together."""
    if kind is ScheduleKind.QUARTER_PACK:
        return Period.quarter_of(Period.quarter_of(day).starts - timedelta(days=1))
    return Period.month_of(day - timedelta(days=1))
