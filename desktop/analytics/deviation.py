"""How far sales were from their targets: deviation, its floor, dispersion and pace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import pstdev

from desktop.analytics.ratio import Ratio
from desktop.i18n import N_
from desktop.periods import Week
from desktop.terms import Term

PASS = 0.08
"""target.deviation_pass: ± 8 % (TGT-19)."""
PASS_FROM = 100
"""Effective deals a month from which ± 8 % can be asked for; below, chance alone exceeds it."""
ON_PACE, NEAR_PACE = 0.95, 0.80


class Pace(Term):
    """How actual compares with the calibrated target to date."""

    ON = "on", N_("On pace")
    NEAR = "near", N_("Low")
    BEHIND = "behind", N_("Behind")
    NONE = "none", N_("No target yet")


class Judgement(Term):
    """What a month's deviation says (TGT-19)."""

    PASS = "pass", N_("Within ±8%")
    FAIL = "fail", N_("Outside ±8%")
    TOO_FEW = "too_few", N_("Too few deals to judge by ±8%")
    NONE = "none", N_("No target")


@dataclass(frozen=True, slots=True)
class Deviation:
    """Actual against target (minor units), and what chance alone would explain.

    `rate` is signed; the rate of TGT-19 is its magnitude. `floor` is 1.38 ÷ √n with n effective deals.
    """

    actual: int
    target: int
    effective_deals: float

    @property
    def rate(self) -> float | None:
        """(actual - target) ÷ target, None without a target."""
        return (self.actual - self.target) / self.target if self.target > 0 else None

    @property
    def floor(self) -> float | None:
        """The deviation of weekly targets that no method can get below, None without deals."""
        return deviation_floor(self.effective_deals)

    @property
    def judgement(self) -> Judgement:
        """Whether the deviation passes, where there are deals enough to ask."""
        if self.rate is None:
            return Judgement.NONE
        if self.effective_deals < PASS_FROM:
            return Judgement.TOO_FEW
        return Judgement.PASS if abs(self.rate) <= PASS else Judgement.FAIL


def effective_deals(amounts: Iterable[int]) -> float:
    """Return (Σ amount)² ÷ Σ amount² over positive amounts: how many deals of equal size these weigh."""
    positive = [amount for amount in amounts if amount > 0]
    squares = sum(amount * amount for amount in positive)
    return sum(positive) ** 2 / squares if squares else 0.0


def deviation_floor(deals: float) -> float | None:
    """Return 1.38 ÷ √n for n effective deals, None for none."""
    return 1.38 / sqrt(deals) if deals > 0 else None


def weekly_deviation(actuals: Sequence[int], targets: Sequence[int]) -> float | None:
    """Return D = Σ|actual - target| ÷ Σ target, None without a positive target."""
    whole = sum(targets)
    if whole <= 0:
        return None
    return sum(abs(a - t) for a, t in zip(actuals, targets, strict=True)) / whole


def dispersion(attainments: Iterable[Ratio]) -> float | None:
    """Return the population standard deviation of attainment over people with a target (TGT-20)."""
    values = [ratio.value for ratio in attainments if ratio.denominator > 0 and ratio.value is not None]
    return pstdev(values) if len(values) > 1 else None


def target_to_date(weeks: Sequence[tuple[Week, int]], day: date) -> int:
    """Return the target up to and with a day (minor units): past weeks whole, the running one by its days."""
    due = 0
    for week, target in weeks:
        if day >= week.ends:
            due += target
        elif day >= week.starts:
            due += target * ((day - week.starts).days + 1) // week.days
    return due


def pace(actual: int, due: int) -> Pace:
    """Return the state of actual against the target to date: at least 95 %, 80 to 95 %, below 80 %."""
    if due <= 0:
        return Pace.NONE
    part = actual / due
    return Pace.ON if part >= ON_PACE else Pace.NEAR if part >= NEAR_PACE else Pace.BEHIND
