"""Periods of business time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import InvalidInput
from desktop.periods import Period, week_number, weeks_of


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_text_names_its_days(text: str, starts: date, ends: date) -> None:
    period = Period.parse(text)
    assert (period.starts, period.ends, str(period)) == (starts, ends, text)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-Q5", "2025-W53", "26-01", "2026-1", "next month", "0000"]
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(InvalidInput, match="2026-03"):
        Period.parse(text)


@given(st.integers(2000, 2100), st.integers(1, 12))
def test_the_four_weeks_cover_the_month_without_gap_or_overlap(year: int, month: int) -> None:
    period = Period.month(year, month)
    weeks = weeks_of(period)
    days = [week.starts + timedelta(days=n) for week in weeks for n in range(week.days)]
    assert days == [period.starts + timedelta(days=n) for n in range(period.days)]
    assert all(week_number(day) == week.number for week in weeks for day in (week.starts, week.ends))


@given(st.integers(2000, 2100), st.integers(1, 12), st.integers(-300, 300))
def test_shifting_there_and_back_is_the_same_month(year: int, month: int, by: int) -> None:
    period = Period.month(year, month)
    assert period.shift(by).shift(-by) == period
