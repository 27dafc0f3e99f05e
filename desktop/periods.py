"""Periods of business time: years, quarters, months and the weeks of a month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from desktop.errors import InvalidInput
from desktop.i18n import N_

_MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
_QUARTER = re.compile(r"^(\d{4})-Q([1-4])$")
_WEEK = re.compile(r"^(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])$")
_YEAR = re.compile(r"^(\d{4})$")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A closed span of business days with its canonical text (2026-03, 2026-Q1, 2026-W05, 2026)."""

    starts: date
    ends: date
    text: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period that a canonical text names; raise InvalidInput otherwise."""
        if match := _MONTH.match(text):
            return cls.month(int(match[1]), int(match[2]))
        if match := _QUARTER.match(text):
            year, quarter = int(match[1]), int(match[2])
            first = cls.month(year, quarter * 3 - 2)
            return cls(first.starts, cls.month(year, quarter * 3).ends, text)
        if match := _WEEK.match(text):
            try:
                start = date.fromisocalendar(int(match[1]), int(match[2]), 1)
            except ValueError:
                pass
            else:
                return cls(start, start + timedelta(days=6), text)
        if match := _YEAR.match(text):
            year = int(match[1])
            if year:
                return cls(date(year, 1, 1), date(year, 12, 31), text)
        raise InvalidInput(
            "period_invalid",
            N_("“{text}” is not a period."),
            remedy=N_("Write a month (2026-03), a quarter (2026-Q1), a week (2026-W05) or a year (2026)."),
            text=text,
        )

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """Return a calendar month."""
        starts = date(year, month, 1)
        following = date(year + month // 12, month % 12 + 1, 1)
        return cls(starts, following - timedelta(days=1), f"{year:04d}-{month:02d}")

    @classmethod
    def month_of(cls, day: date) -> Period:
        """Return the calendar month in which a day falls."""
        return cls.month(day.year, day.month)

    @classmethod
    def quarter_of(cls, day: date) -> Period:
        """Return the quarter in which a day falls."""
        return cls.parse(f"{day.year:04d}-Q{(day.month + 2) // 3}")

    @property
    def is_month(self) -> bool:
        """Whether this is a calendar month."""
        return bool(_MONTH.match(self.text))

    @property
    def days(self) -> int:
        """The number of calendar days."""
        return (self.ends - self.starts).days + 1

    def shift(self, months: int) -> Period:
        """Return the calendar month `months` after this period's first month."""
        index = self.starts.year * 12 + self.starts.month - 1 + months
        return Period.month(index // 12, index % 12 + 1)

    def __contains__(self, day: date) -> bool:
        return self.starts <= day <= self.ends

    def __str__(self) -> str:
        return self.text


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month where it is shorter."""
    month = Period.month_of(day).shift(months)
    return min(month.starts + timedelta(days=day.day - 1), month.ends)


@dataclass(frozen=True, slots=True)
class Week:
    """Week 1 to 4 of a month: days 1-7, 8-14, 15-21, 22-end (Appendix C-7)."""

    number: int
    starts: date
    ends: date

    @property
    def days(self) -> int:
        """The number of calendar days."""
        return (self.ends - self.starts).days + 1


def weeks_of(month: Period) -> tuple[Week, Week, Week, Week]:
    """Return the four weeks of a calendar month."""
    first = month.starts
    return (
        Week(1, first, first.replace(day=7)),
        Week(2, first.replace(day=8), first.replace(day=14)),
        Week(3, first.replace(day=15), first.replace(day=21)),
        Week(4, first.replace(day=22), month.ends),
    )


def week_number(day: date) -> int:
    """Return 1 to 4: the week of the month in which a day falls."""
    return min((day.day - 1) // 7 + 1, 4)
