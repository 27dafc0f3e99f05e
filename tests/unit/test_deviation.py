"""Deviation, its floor, dispersion and pace."""

from __future__ import annotations

from datetime import date

import pytest

from desktop.analytics.deviation import (
    Deviation,
    Judgement,
    Pace,
    deviation_floor,
    dispersion,
    effective_deals,
    pace,
    target_to_date,
    weekly_deviation,
)
from desktop.analytics.ratio import Ratio
from desktop.periods import Period, weeks_of


def test_effective_deals_counts_equal_deals_and_discounts_unequal_ones() -> None:
    assert effective_deals([5, 5, 5, 5]) == 4
    assert effective_deals([1000, 1, 1]) == pytest.approx(1.004, abs=0.001)
    assert effective_deals([-5, 0]) == 0


def test_the_floor_of_a_deviation_is_1_38_over_root_n() -> None:
    assert deviation_floor(566) == pytest.approx(0.058, abs=0.0001)
    assert deviation_floor(0) is None


@pytest.mark.parametrize(
    ("actual", "deals", "judgement"),
    [
        (108, 100, Judgement.PASS),
        (109, 100, Judgement.FAIL),
        (91, 566, Judgement.FAIL),
        (150, 99, Judgement.TOO_FEW),
    ],
)
def test_8_percent_is_asked_for_only_with_deals_enough(
    actual: int, deals: float, judgement: Judgement
) -> None:
    assert Deviation(actual, 100, deals).judgement is judgement


def test_without_a_target_there_is_no_deviation() -> None:
    nothing = Deviation(50, 0, 0)
    assert nothing.rate is None
    assert nothing.floor is None
    assert nothing.judgement is Judgement.NONE
    assert weekly_deviation([1, 2], [0, 0]) is None


def test_weekly_deviation_adds_magnitudes() -> None:
    assert weekly_deviation([10, 30, 20, 40], [25, 25, 25, 25]) == pytest.approx(0.4)


def test_dispersion_is_the_population_deviation_over_people_with_a_target() -> None:
    assert dispersion([Ratio(80, 100), Ratio(120, 100), Ratio(7, 0)]) == pytest.approx(0.2)
    assert dispersion([Ratio(80, 100)]) is None


def test_the_target_to_date_counts_the_running_week_by_its_days() -> None:
    weeks = [(week, 700) for week in weeks_of(Period.parse("2026-11"))]
    assert target_to_date(weeks, date(2026, 10, 31)) == 0
    assert target_to_date(weeks, date(2026, 11, 7)) == 700
    assert target_to_date(weeks, date(2026, 11, 10)) == 1000
    assert target_to_date(weeks, date(2026, 12, 9)) == 2800


@pytest.mark.parametrize(
    ("actual", "due", "state"),
    [
        (95, 100, Pace.ON),
        (94, 100, Pace.NEAR),
        (80, 100, Pace.NEAR),
        (79, 100, Pace.BEHIND),
        (1, 0, Pace.NONE),
    ],
)
def test_pace_has_four_states(actual: int, due: int, state: Pace) -> None:
    assert pace(actual, due) is state
