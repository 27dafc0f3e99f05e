"""What a scheduled report is made for, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from desktop.analytics.due_days import span
from desktop.analytics.work_time import WorkCalendar
from desktop.i18n import Locale
from desktop.models.clockwork import Schedule


@dataclass(frozen=True, slots=True)
class Asked:
    """A schedule that is due on a day, in the reader's language."""

    schedule: Schedule
    day: date
    due_at: datetime
    calendar: WorkCalendar
    locale: Locale
    kind: str

    @property
    def days(self) -> tuple[date, date]:
        """The days that it tells of."""
        from desktop.terms import ScheduleKind

        return span(ScheduleKind(self.kind), self.day, self.calendar)


@dataclass(frozen=True, slots=True)
class Content:
    """One message: its words, and the file that goes with it; `person_id` names whom alone it is for."""

    subject: str
    text: str
    html: str | None = None
    file_name: str | None = None
    file: bytes | None = None
    person_id: int | None = None


def span_text(locale: Locale, starts: date, ends: date) -> str:
    """Return a span of days as text."""
    return locale.day(starts) if starts == ends else f"{locale.day(starts)} – {locale.day(ends)}"
