"""The working days of the demo's fourteen months, and the weeks of a month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from desktop.clock import DEFAULT_ZONE
from desktop.periods import Period

DEMO_NOW = datetime(2026, 11, 18, 8, 42, tzinfo=ZoneInfo(DEFAULT_ZONE))
"""The instant at which the demo firm stands still."""

DEMO_START = date(2025, 9, 18)
"""The first of the demo's fourteen months."""

DAYS_OFF: tuple[tuple[date, date], ...] = (
    (date(2025, 10, 1), date(2025, 10, 8)),
    (date(2026, 1, 1), date(2026, 1, 3)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)
"""Public holidays in the demo's months."""

SEASON = {
    1: 0.9,
    2: 0.55,
    3: 1.1,
    4: 1.0,
    5: 0.95,
    6: 1.2,
    7: 0.9,
    8: 0.95,
    9: 1.1,
    10: 0.85,
    11: 1.0,
    12: 1.35,
}
"""How much of an average month each month of the year brings."""


def day_weight(day: date) -> float:
    """Return how much is done on a day: holidays and Sundays next to nothing."""
    if any(first <= day <= last for first, last in DAYS_OFF):
        return 0.02
    return (1.0, 1.05, 1.05, 1.0, 0.95, 0.12, 0.03)[day.weekday()]


def days_between(first: date, last: date) -> list[date]:
    """Return every day from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def months() -> Iterator[Period]:
    """Yield the calendar months that the demo's history touches."""
    month = Period.month_of(DEMO_START)
    while month.starts <= DEMO_NOW.date():
        yield month
        month = month.shift(1)
