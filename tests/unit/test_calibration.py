"""Calibration: from a month's target to four weeks, and the properties it must keep."""

from __future__ import annotations

from datetime import date, timedelta
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.analytics import calendar
from desktop.analytics.calibration import (
    EVEN,
    FLOOR,
    Basis,
    FactorEvent,
    MonthPlan,
    Rhythm,
    Sale,
    calendar_factor,
    calibrate_month,
    exposure,
    history_months,
    learn_rhythm,
)
from desktop.i18n import ENGLISH, Locale
from desktop.periods import Period, weeks_of
from desktop.terms import CalendarKind

APRIL = Period.parse("2026-04")
YEAR = history_months(APRIL, date(2026, 4, 10))
NOTHING = Rhythm(Basis.EXPOSURE, 0, 0)


def rush(months: tuple[Period, ...] = YEAR, late: int = 860, early: int = 140) -> list[Sale]:
    """A firm with most of its money in week 4."""
    return [
        sale
        for month in months
        for sale in (Sale(month.starts, early), Sale(month.starts.replace(day=25), late))
    ]


def reasons(plan: MonthPlan) -> list[str]:
    return [reason.code for reason in plan.reasons]


def test_the_window_is_the_twelve_whole_months_before() -> None:
    assert [YEAR[0].text, YEAR[-1].text, len(YEAR)] == ["2025-04", "2026-03", 12]
    ahead = history_months(Period.parse("2026-12"), date(2026, 11, 18))
    assert ahead[-1].text == "2026-10"  # November is not over


def test_no_history_is_split_by_calendar_days() -> None:
    plan = calibrate_month(3_000_000, APRIL, learn_rhythm((), YEAR))
    assert [week.target for week in plan.weeks] == [700_000, 700_000, 700_000, 900_000]
    assert [week.equal for week in plan.weeks] == [750_000] * 4
    assert "rhythm_exposure" in reasons(plan)
    assert "process_absent" in reasons(plan)


def test_a_rush_at_the_months_end_moves_the_target_there() -> None:
    plan = calibrate_month(1_000_000, APRIL, learn_rhythm(rush(), YEAR))
    assert plan.rhythm.basis is Basis.OWN
    assert plan.rhythm.months == 12
    assert plan.weeks[3].target > 700_000
    assert plan.weeks[1].target == pytest.approx(1_000_000 * FLOOR * 7 / 30, abs=2)
    assert any(reason.code == "floor" for reason in plan.weeks[1].reasons)


def test_thin_history_falls_back_to_team_then_company_then_days() -> None:
    thin, full = rush(YEAR[:2]), rush()
    assert learn_rhythm(thin, YEAR, full, full).basis is Basis.TEAM
    assert learn_rhythm(thin, YEAR, thin, full).basis is Basis.COMPANY
    assert learn_rhythm(thin, YEAR, thin, thin).basis is Basis.EXPOSURE
    assert learn_rhythm(thin, YEAR, full).own_months == 2
    assert learn_rhythm(rush(YEAR[:3]), YEAR).basis is Basis.OWN


def test_months_that_net_to_nothing_or_less_teach_nothing() -> None:
    refunds = [
        Sale(YEAR[0].starts, 10),
        Sale(YEAR[0].ends, -50),
        Sale(YEAR[1].starts, 5),
        Sale(YEAR[1].ends, -5),
    ]
    assert learn_rhythm(refunds + rush(YEAR[2:4]), YEAR).own_months == 2


def test_an_own_event_lowers_its_weeks_by_the_days_it_covers() -> None:
    fair = FactorEvent("Valve fair", CalendarKind.FAIR, date(2026, 4, 8), date(2026, 4, 14), 0.5)
    plan = calibrate_month(2_650_000, APRIL, NOTHING, [fair])
    assert [week.calendar for week in plan.weeks] == [1.0, 0.5, 1.0, 1.0]
    assert [week.target for week in plan.weeks] == [700_000, 350_000, 700_000, 900_000]
    half = FactorEvent("Stock take", CalendarKind.OTHER, date(2026, 4, 7), date(2026, 4, 8), 0.3)
    assert calendar_factor(weeks_of(APRIL)[0], [half]) == pytest.approx(0.9)
    assert "Valve fair, 04-08 to 04-14: × 0.50, the week × 0.50" in [
        reason.text(ENGLISH) for reason in plan.weeks[1].reasons
    ]


def test_public_holidays_and_make_up_days_are_shown_and_not_weighted() -> None:
    february = Period.parse("2026-02")
    plan = calibrate_month(2_800_000, february, NOTHING)
    assert [week.target for week in plan.weeks] == [700_000] * 4
    chinese = Locale("zh_CN")
    assert "春节" in " ".join(reason.text(chinese) for reason in plan.weeks[2].reasons)
    codes = [reason.code for week in plan.weeks for reason in week.reasons]
    assert codes == ["make_up_day", "holiday", "holiday", "make_up_day"]


def test_a_year_that_is_not_announced_is_said_to_be_unknown() -> None:
    beyond = Period.month(calendar.known_years()[-1] + 1, 5)
    plan = calibrate_month(100, beyond, NOTHING)
    assert "holidays_unknown" in reasons(plan)
    assert str(beyond.starts.year) in plan.reasons[-1].text(ENGLISH)
    assert all(not week.reasons for week in plan.weeks)


def test_identical_people_get_identical_weeks() -> None:
    first = calibrate_month(777_777, APRIL, learn_rhythm(rush(), YEAR, rush() * 2, rush() * 9))
    second = calibrate_month(777_777, APRIL, learn_rhythm(rush(), YEAR, rush() * 5, rush() * 7))
    assert first == second


def test_process_factors_are_part_of_the_product() -> None:
    plan = calibrate_month(1_000_000, APRIL, NOTHING, process=(2.0, 1.0, 1.0, 1.0))
    assert plan.weeks[0].target == pytest.approx(1_000_000 * 14 / 37, abs=1)
    assert "process_absent" not in reasons(plan)


_MONTHS = st.builds(Period.month, st.integers(2004, 2030), st.integers(1, 12))
_SALES = st.lists(
    st.builds(
        Sale,
        st.integers(0, 430).map(lambda days: date(2025, 3, 1) + timedelta(days=days)),
        st.integers(-(10**10), 10**11),
    ),
    max_size=60,
)
_FACTORS = st.one_of(st.none(), st.floats(0, 5, allow_nan=False))


@st.composite
def _events(draw: st.DrawFn) -> list[FactorEvent]:
    starts = st.integers(-5, 35).map(lambda days: date(2026, 4, 1) + timedelta(days=days))
    return [
        FactorEvent(
            "event",
            CalendarKind.OTHER,
            day := draw(starts),
            day + timedelta(days=draw(st.integers(0, 20))),
            draw(_FACTORS),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]


@given(st.integers(0, 10**13), _SALES, _events())
def test_weeks_add_up_to_the_cent_and_stay_above_their_floor(
    target: int, sales: list[Sale], events: list[FactorEvent]
) -> None:
    plan = calibrate_month(target, APRIL, learn_rhythm(sales, YEAR), events)
    assert sum(week.target for week in plan.weeks) == target
    assert sum(week.equal for week in plan.weeks) == target
    assert sum(week.rhythm for week in plan.weeks) == pytest.approx(1)
    days = exposure(APRIL)
    whole = sum(e * week.calendar for e, week in zip(days, plan.weeks, strict=True))
    for part, week in zip(days, plan.weeks, strict=True):
        assert all(isfinite(value) for value in (week.rhythm, week.calendar, week.multiplier))
        baseline = part * week.calendar / whole if whole > 0 else part
        assert week.target >= target * FLOOR * baseline * (1 - 1e-9) - 1


@given(_MONTHS, st.integers(-(10**12), 10**12))
def test_every_month_adds_up_without_history(month: Period, target: int) -> None:
    plan = calibrate_month(target, month, NOTHING)
    assert sum(week.target for week in plan.weeks) == target
    assert [week.multiplier for week in plan.weeks] == pytest.approx(list(EVEN))


@given(st.integers(1, 10**10), _SALES, st.integers(2, 1000))
def test_scaling_all_money_scales_the_weeks(target: int, sales: list[Sale], k: int) -> None:
    small = calibrate_month(target, APRIL, learn_rhythm(sales, YEAR))
    large = calibrate_month(
        target * k, APRIL, learn_rhythm([Sale(sale.day, sale.amount * k) for sale in sales], YEAR)
    )
    for one, many in zip(small.weeks, large.weeks, strict=True):
        assert abs(one.target * k - many.target) <= k + target * k * 1e-12


@given(_SALES, st.lists(st.integers(0, 700), max_size=20), st.integers(-(10**12), 10**12))
def test_poisoning_the_future_changes_nothing(sales: list[Sale], days: list[int], amount: int) -> None:
    poison = [Sale(APRIL.starts + timedelta(days=day), amount) for day in days]
    assert learn_rhythm(sales + poison, YEAR, poison) == learn_rhythm(sales, YEAR)
