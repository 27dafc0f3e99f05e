"""The firm's work calendar: thresholds say the hours, its own calendar the days (PLT-09)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from desktop.analytics.calendar import is_known
from desktop.analytics.work_time import WorkCalendar, office_hours, own_days
from desktop.i18n import Locale
from desktop.models.targets import CalendarEvent
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import CalendarKind


def work_calendar(work: Work) -> WorkCalendar:
    """Return when the firm works, as configured today; days of single regions or industries do not count.

    Raises InvalidInput if the configured hours cannot be read.
    """
    events = work.rows(
        select(CalendarEvent.kind, CalendarEvent.starts_on, CalendarEvent.ends_on).where(
            CalendarEvent.kind.in_([CalendarKind.HOLIDAY.value, CalendarKind.MAKE_UP_DAY.value]),
            CalendarEvent.region.is_(None),
            CalendarEvent.industry.is_(None),
        )
    )
    return WorkCalendar(
        hours=office_hours(threshold(work, "work.office_hours")),
        weekdays=frozenset(threshold(work, "work.weekdays")),
        own=own_days((row.kind, row.starts_on, row.ends_on) for row in events),
        zone=work.zone,
    )


def due_text(moment: datetime | None, locale: Locale) -> str:
    """Return when something is due, and that it goes by weekdays where that year's holidays are not known yet."""
    if moment is None or is_known(moment.date()):
        return locale.instant(moment) if moment else ""
    note = locale._("the holidays of {year} are not published yet: by weekdays").format(year=moment.year)
    return f"{locale.instant(moment)} ({note})"
