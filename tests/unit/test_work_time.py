"""Office hours on working days: what is due when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.analytics.work_time import OwnDays, WorkCalendar, office_hours, own_days
from desktop.errors import InvalidInput
from desktop.terms import CalendarKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()


def local(text: str) -> datetime:
    """Return a local moment of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-04-13T09:00", 2, "2026-04-13T11:00"),
        ("2026-04-13T11:00", 2, "2026-04-13T14:00"),  # over lunch
        ("2026-04-13T17:00", 2, "2026-04-14T10:00"),  # over night
        ("2026-04-13T16:00", 2, "2026-04-13T18:00"),  # what ends with the office is due at its closing
        ("2026-04-17T17:00", 2, "2026-04-20T10:00"),  # over a weekend
        ("2026-04-18T11:00", 2, "2026-04-20T11:00"),  # begun on a Saturday
        ("2026-04-13T12:30", 0, "2026-04-13T13:00"),  # no hours: when the office is open again
        ("2026-04-13T09:00", 48, "2026-04-20T18:00"),  # 48 working hours are six days
        ("2026-02-13T17:00", 2, "2026-02-14T10:00"),  # the Saturday before Spring Festival is worked
        ("2026-02-14T17:00", 2, "2026-02-24T10:00"),  # nine days of Spring Festival
        ("2026-04-30T17:30", 1.5, "2026-05-06T10:00"),  # Labour Day, five days
    ],
)
def test_what_has_hours_is_due_on_the_work_calendar(start: str, hours: float, due: str) -> None:
    assert CALENDAR.add_hours(local(start), hours) == local(due)


def test_the_firms_own_days_come_before_the_official_list() -> None:
    calendar = WorkCalendar(
        own=own_days(
            [
                (CalendarKind.HOLIDAY, date(2026, 4, 14), date(2026, 4, 15)),
                (CalendarKind.MAKE_UP_DAY, date(2026, 2, 20), date(2026, 2, 20)),
                (CalendarKind.FAIR, date(2026, 4, 16), date(2026, 4, 16)),
            ]
        )
    )
    assert calendar.own == (
        OwnDays(date(2026, 4, 14), date(2026, 4, 15), worked=False),
        OwnDays(date(2026, 2, 20), date(2026, 2, 20), worked=True),
    )
    assert [calendar.is_working(date(2026, 4, day)) for day in (14, 15, 16)] == [False, False, True]
    assert calendar.is_working(date(2026, 2, 20))  # in the middle of Spring Festival


def test_the_working_day_before_a_holiday() -> None:
    assert CALENDAR.previous_working_day(date(2026, 2, 24)) == date(2026, 2, 14)


def test_a_year_without_an_official_list_goes_by_weekdays_and_says_so() -> None:
    new_year = date(2099, 1, 1)
    assert new_year.isoweekday() == 4
    assert CALENDAR.is_working(new_year)
    assert not CALENDAR.is_sure(new_year)
    assert CALENDAR.is_sure(date(2026, 1, 1))


def test_a_calendar_without_working_days_is_said_not_searched_for_ever() -> None:
    idle = WorkCalendar(weekdays=frozenset(), own=(OwnDays(date(2020, 1, 1), date(2090, 1, 1), False),))
    with pytest.raises(InvalidInput) as error:
        idle.add_hours(local("2026-04-13T09:00"), 1)
    assert error.value.code == "no_working_time"
    with pytest.raises(InvalidInput):
        idle.previous_working_day(date(2026, 4, 13))


def test_open_and_closed_at_the_edges() -> None:
    open_at = [
        CALENDAR.is_open(local(f"2026-04-13T{clock}")) for clock in ("08:59", "09:00", "12:00", "17:59")
    ]
    assert open_at == [False, True, False, True]


@pytest.mark.parametrize(
    "texts", [(), ("9-12",), ("12:00-09:00",), ("09:00-12:00", "11:00-18:00"), ("09:00",), ("",)]
)
def test_office_hours_that_make_no_sense_are_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as error:
        office_hours(texts)
    assert error.value.code == "office_hours_invalid"


moments = st.datetimes(
    min_value=datetime(2025, 1, 1), max_value=datetime(2026, 12, 1), timezones=st.just(UTC)
).map(lambda moment: moment.replace(microsecond=0))


@given(moments, st.integers(0, 120 * 60))
def test_the_hours_to_a_due_time_are_the_hours_it_was_given(start: datetime, minutes: int) -> None:
    due = CALENDAR.add_hours(start, minutes / 60)
    assert due >= start
    assert abs(CALENDAR.hours_between(start, due) - minutes / 60) < 1e-6
    assert CALENDAR.hours_between(due, start) == -CALENDAR.hours_between(start, due)


@given(moments, st.integers(0, 40), st.integers(0, 40))
def test_hours_given_in_two_parts_are_due_at_the_same_time(start: datetime, first: int, second: int) -> None:
    at_once = CALENDAR.add_hours(start, first + second)
    in_parts = CALENDAR.add_hours(CALENDAR.add_hours(start, first), second)
    # A part of no hours ends where the office opens next; both are the same moment of work.
    assert abs(CALENDAR.hours_between(at_once, in_parts)) < 1e-6


@given(moments)
def test_an_instant_counts_the_same_in_any_zone(start: datetime) -> None:
    other = start.astimezone(ZoneInfo("America/New_York"))
    assert CALENDAR.add_hours(other, 3) == CALENDAR.add_hours(start, 3)
    assert CALENDAR.add_hours(start, 3) - start >= timedelta(hours=3)
