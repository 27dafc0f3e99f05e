"""On which days scheduled reports are due, and what they tell of."""

from __future__ import annotations

from datetime import date

import pytest

from desktop.analytics.due_days import due_days, period, span
from desktop.analytics.work_time import WorkCalendar
from desktop.terms import ScheduleKind

CALENDAR = WorkCalendar()


def days(kind: ScheduleKind, first: str, last: str) -> list[str]:
    found = due_days(kind, date.fromisoformat(first), date.fromisoformat(last), CALENDAR)
    return [day.isoformat()[5:] for day in found]


def test_the_morning_mail_comes_on_working_days_make_up_days_among_them() -> None:
    assert days(ScheduleKind.MORNING_MAIL, "2026-02-12", "2026-02-25") == [
        "02-12",
        "02-13",
        "02-14",
        "02-24",
        "02-25",
    ]


def test_the_monday_pack_comes_on_the_weeks_first_working_day() -> None:
    # Monday 6 April 2026 is a day off for Tomb-sweeping Day; the week of Spring Festival has no working day.
    assert days(ScheduleKind.MONDAY_PACK, "2026-03-30", "2026-04-19") == ["03-30", "04-07", "04-13"]
    assert days(ScheduleKind.MONDAY_PACK, "2026-02-16", "2026-02-22") == []


def test_the_quarter_pack_comes_on_the_first_working_day_after_the_quarter() -> None:
    assert days(ScheduleKind.QUARTER_PACK, "2026-03-25", "2026-10-31") == ["04-01", "07-01", "10-08"]
    assert period(ScheduleKind.QUARTER_PACK, date(2026, 10, 8)).text == "2026-Q3"
    assert period(ScheduleKind.QUARTER_PACK, date(2026, 1, 4)).text == "2025-Q4"


@pytest.mark.parametrize(
    ("kind", "day", "starts", "ends"),
    [
        (ScheduleKind.MORNING_MAIL, "2026-04-14", "2026-04-13", "2026-04-13"),
        (ScheduleKind.MORNING_MAIL, "2026-04-13", "2026-04-10", "2026-04-12"),  # Friday to Sunday
        (ScheduleKind.MORNING_MAIL, "2026-02-24", "2026-02-14", "2026-02-23"),  # all of Spring Festival
        (ScheduleKind.MONDAY_PACK, "2026-04-13", "2026-04-06", "2026-04-12"),
        (ScheduleKind.QUARTER_PACK, "2026-04-01", "2026-01-01", "2026-03-31"),
    ],
)
def test_what_a_report_tells_of(kind: ScheduleKind, day: str, starts: str, ends: str) -> None:
    expected = date.fromisoformat(starts), date.fromisoformat(ends)
    assert span(kind, date.fromisoformat(day), CALENDAR) == expected


def test_no_day_is_left_out_between_two_morning_mails_and_none_told_twice() -> None:
    covered: list[date] = []
    for day in due_days(ScheduleKind.MORNING_MAIL, date(2026, 1, 5), date(2026, 12, 31), CALENDAR):
        starts, ends = span(ScheduleKind.MORNING_MAIL, day, CALENDAR)
        covered += [date.fromordinal(number) for number in range(starts.toordinal(), ends.toordinal() + 1)]
    assert covered == [date.fromordinal(covered[0].toordinal() + number) for number in range(len(covered))]
