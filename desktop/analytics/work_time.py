"""Office hours on working days: when something that has hours to be done is due (LED-09, APR-04, PLT-09).

A day is worked or not by the firm's own calendar first, then by the official list of public holidays and
make-up days, then by the weekday. A year without an official list goes by weekdays and `is_sure` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desktop.analytics.calendar import is_known, public_days
from desktop.clock import DEFAULT_ZONE
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.terms import CalendarKind

HORIZON_DAYS = 800
"""How far a due time may lie ahead: beyond that the calendar has no working hours worth the name."""

OFFICE_HOURS = ((time(9), time(12)), (time(13), time(18)))
WORKING_WEEKDAYS = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class OwnDays:
    """A span of the firm's own calendar that is off, or worked although it would be off."""

    starts: date
    ends: date
    worked: bool


@dataclass(frozen=True)
class WorkCalendar:
    """When the firm works: hours of a day, weekdays (1 is Monday), its own days, in its business zone."""

    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS
    weekdays: frozenset[int] = WORKING_WEEKDAYS
    own: tuple[OwnDays, ...] = ()
    zone: str = DEFAULT_ZONE
    _known: dict[date, bool] = field(default_factory=dict, compare=False, repr=False)

    def is_working(self, day: date) -> bool:
        """Whether a day is worked."""
        if day not in self._known:
            self._known[day] = self._decide(day)
        return self._known[day]

    def _decide(self, day: date) -> bool:
        own = [span.worked for span in self.own if span.starts <= day <= span.ends]
        if own:
            return any(own)
        official = public_days(day, day)
        if official:
            return official[0].kind is CalendarKind.MAKE_UP_DAY
        return day.isoweekday() in self.weekdays

    def is_sure(self, day: date) -> bool:
        """Whether the official list of the day's year is known; else weekdays and the firm's own days count."""
        return is_known(day) or any(span.starts <= day <= span.ends for span in self.own)

    def previous_working_day(self, day: date) -> date:
        """Return the last working day before a day."""
        for distance in range(1, HORIZON_DAYS):
            found = day - timedelta(days=distance)
            if self.is_working(found):
                return found
        raise _never()

    def add_hours(self, start: datetime, hours: float) -> datetime:
        """Return the UTC instant at which `hours` office hours have passed since `start`.

        What ends with the office is due at its closing, not at the next opening; no hours at all are due when
        the office is next open. Raises InvalidInput if the calendar has no such time within two years.
        """
        left = timedelta(hours=hours)
        if left < timedelta(0):
            raise ValueError(hours)
        for opens, closes in self._open_from(start):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise _never()

    def hours_between(self, start: datetime, end: datetime) -> float:
        """Return the office hours from `start` to `end`; negative if `end` comes first."""
        if end < start:
            return -self.hours_between(end, start)
        passed = timedelta(0)
        first, last = self._day(start), self._day(end)
        for distance in range((last - first).days + 1):
            for opens, closes in self._spans(first + timedelta(days=distance)):
                passed += max(min(closes, end) - max(opens, start), timedelta(0))
        return passed / timedelta(hours=1)

    def is_open(self, moment: datetime) -> bool:
        """Whether the office is open at an instant."""
        return any(opens <= moment < closes for opens, closes in self._spans(self._day(moment)))

    def at(self, day: date, clock: time) -> datetime:
        """Return the UTC instant of a time of day in the business zone."""
        return datetime.combine(day, clock, ZoneInfo(self.zone)).astimezone(UTC)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self.is_working(day):
            for opens, closes in self.hours:
                yield self.at(day, opens), self.at(day, closes)

    def _open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        first = self._day(start)
        for distance in range(HORIZON_DAYS):
            for opens, closes in self._spans(first + timedelta(days=distance)):
                if closes > start:
                    yield max(opens, start.astimezone(UTC)), closes


def office_hours(texts: Iterable[str]) -> tuple[tuple[time, time], ...]:
    """Return hours from texts such as 09:00-12:00; raise InvalidInput unless they follow each other in a day."""
    hours: list[tuple[time, time]] = []
    for text in texts:
        opens, _, closes = text.replace("–", "-").partition("-")
        try:
            span = time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
        except ValueError:
            raise _bad_hours(text) from None
        if span[0] >= span[1] or (hours and span[0] < hours[-1][1]):
            raise _bad_hours(text)
        hours.append(span)
    if not hours:
        raise _bad_hours("")
    return tuple(hours)


def own_days(events: Iterable[tuple[str, date, date]]) -> tuple[OwnDays, ...]:
    """Return the spans of a firm's calendar (kind, first day, last day) that say whether a day is worked."""
    worked: Mapping[str, bool] = {CalendarKind.HOLIDAY.value: False, CalendarKind.MAKE_UP_DAY.value: True}
    return tuple(OwnDays(starts, ends, worked[kind]) for kind, starts, ends in events if kind in worked)


def _span(opens: time, closes: time) -> timedelta:
    day = date(2000, 1, 1)
    return datetime.combine(day, closes) - datetime.combine(day, opens)


def _bad_hours(text: str) -> InvalidInput:
    return InvalidInput(
        "office_hours_invalid",
        N_("“{text}” is no span of office hours."),
        remedy=N_("Write spans that follow each other, such as 09:00-12:00 and 13:00-18:00."),
        text=text,
    )


def _never() -> InvalidInput:
    return InvalidInput(
        "no_working_time",
        N_("The work calendar has no working time within two years."),
        remedy=N_("Look through the firm's calendar and its working weekdays."),
    )
