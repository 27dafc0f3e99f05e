"""The rhythm that calibration learns from the demo firm is the one that was planted in it (TGT-11)."""

from __future__ import annotations

from statistics import mean

import pytest

from desktop.analytics.calibration import Basis, Sale, calibrate_month, history_months, learn_rhythm
from desktop.demo.firm import Firm
from desktop.demo.generate import generate_firm
from desktop.demo.words import RHYTHM, WON
from desktop.periods import Period

NOVEMBER = Period.parse("2026-11")


@pytest.fixture(scope="module")
def firm() -> Firm:
    return generate_firm(0.5)


def _shares(firm: Firm, owners: set[str]) -> tuple[Basis, list[float]]:
    months = history_months(NOVEMBER, firm.today)
    sales = [
        Sale(deal.closed_on, deal.amount)
        for deal in firm.deals
        if deal.status == WON and deal.closed_on and deal.owner in owners
    ]
    rhythm = learn_rhythm(sales, months)
    plan = calibrate_month(100_000_000, NOVEMBER, rhythm)
    return rhythm.basis, [week.target / 100_000_000 for week in plan.weeks]


@pytest.mark.parametrize("region", RHYTHM)
def test_the_rhythm_of_a_region(firm: Firm, region: str) -> None:
    basis, shares = _shares(firm, {rep.name for rep in firm.reps() if rep.region == region})
    assert basis is Basis.OWN
    for found, planted in zip(shares, RHYTHM[region], strict=True):
        assert abs(found - planted / 100) < 0.05


@pytest.mark.parametrize("region", RHYTHM)
def test_the_rhythm_of_its_people_on_average(firm: Firm, region: str) -> None:
    people = [_shares(firm, {rep.name}) for rep in firm.reps() if rep.region == region]
    assert {basis for basis, _ in people} == {Basis.OWN}
    for week, planted in enumerate(RHYTHM[region]):
        assert abs(mean(shares[week] for _, shares in people) - planted / 100) < 0.05
