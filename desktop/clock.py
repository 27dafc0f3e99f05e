"""The injected clock: instants are UTC, business dates are those of the business time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "Asia/Shanghai"


class Clock(Protocol):
    """Tells the time; `now` is an aware UTC instant."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: tests, and the demo firm with its pinned date."""

    instant: datetime

    def now(self) -> datetime:
        """Return the pinned instant in UTC."""
        return self.instant.astimezone(UTC)


def business_date(instant: datetime, zone: str = DEFAULT_ZONE) -> date:
    """Return the business day on which an aware instant falls."""
    return instant.astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str = DEFAULT_ZONE) -> datetime:
    """Return the UTC instant at which a business day begins."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
