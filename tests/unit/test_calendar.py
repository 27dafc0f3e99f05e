"""China's public holidays as the product knows them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from desktop.analytics.calendar import is_known, known_years, public_days
from desktop.terms import CalendarKind


def test_spring_festival_2026_is_one_run_with_its_make_up_days() -> None:
    found = public_days(date(2026, 2, 1), date(2026, 2, 28))
    assert [(run.kind, run.starts, run.ends, run.days) for run in found] == [
        (CalendarKind.MAKE_UP_DAY, date(2026, 2, 14), date(2026, 2, 14), 1),
        (CalendarKind.HOLIDAY, date(2026, 2, 15), date(2026, 2, 23), 9),
        (CalendarKind.MAKE_UP_DAY, date(2026, 2, 28), date(2026, 2, 28), 1),
    ]
    assert {run.name for run in found} == {"Spring Festival"}


def test_a_run_is_cut_at_the_edges_of_the_span() -> None:
    (run,) = public_days(date(2026, 10, 3), date(2026, 10, 5))
    assert (run.days, run.name) == (3, "National Day")


def test_years_beyond_the_list_are_unknown() -> None:
    last = known_years()[-1]
    assert is_known(date(last, 12, 31))
    assert not is_known(date(last + 1, 1, 1))
    assert public_days(date(last + 1, 1, 1), date(last + 1, 12, 31)) == ()


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_it_agrees_with_the_published_lists(year: int, shared_data: Path) -> None:
    path = shared_data / "calendar" / "holiday-cn" / f"{year}.json"
    published = {
        day["date"]: day["isOffDay"]
        for day in json.loads(path.read_text("utf-8"))["days"]
        if day["date"][:4] == str(year)
    }
    ours = {
        day.isoformat(): run.kind is CalendarKind.HOLIDAY
        for run in public_days(date(year, 1, 1), date(year, 12, 31))
        for day in (date.fromordinal(n) for n in range(run.starts.toordinal(), run.ends.toordinal() + 1))
    }
    assert ours == published
