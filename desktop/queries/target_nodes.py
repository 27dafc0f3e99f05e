"""A node of the target tree with its month: carried, calibrated, sold, judged (TGT-02, 19, 20, 25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from desktop.analytics.deviation import (
    Deviation,
    Pace,
    dispersion,
    effective_deals,
    pace,
    target_to_date,
)
from desktop.analytics.ratio import Ratio
from desktop.analytics.reasons import Reason
from desktop.periods import Week
from desktop.queries.calibration import PersonPlan, Weeks

UNIT, PERSON, FIRM = "unit", "person", "firm"


def due_of(person: PersonPlan, day: date) -> int:
    """Return a person's calibrated target up to and with a day, minor units."""
    weeks = zip(person.plan.weeks, person.calibrated, strict=True)
    return target_to_date([(week.week, value) for week, value in weeks], day)


@dataclass(frozen=True, slots=True)
class TargetNode:
    """A unit, a person, or the whole firm, with its month (minor units).

    `target` is its own, else the sum of what is below (`own` says which). `below` is the sum of its
    children's targets, None where nothing below has one. `calibrated` adds up the people's weeks. `sold` in the
    month to date is the metric dictionary's, of `sellers`; `actual` are the weeks of the records that it counts.
    """

    key: str
    kind: str
    id: int | None
    name: str
    level: str | None
    parent: str | None
    depth: int
    manager: str | None
    own: bool
    target: int
    below: int | None
    original: Weeks
    calibrated: Weeks
    actual: Weeks
    due: int
    people: tuple[PersonPlan, ...]
    amounts: tuple[int, ...]
    as_of: date
    sellers: frozenset[int | None]
    sold: int

    @property
    def leak(self) -> int | None:
        """Children's targets less its own: 0 is whole, negative has leaked (TGT-02)."""
        return self.below - self.target if self.own and self.below is not None else None

    @property
    def pace(self) -> Pace:
        """Sold against the calibrated target to date."""
        return pace(self.sold, self.due)

    @property
    def progress(self) -> Ratio:
        """Sold ÷ calibrated target to date."""
        return Ratio(self.sold, max(self.due, 0))

    @property
    def deviation(self) -> Deviation:
        """Sold against the calibrated target to date, with what chance alone explains (TGT-19)."""
        return Deviation(self.sold, self.due, effective_deals(self.amounts))

    @property
    def dispersion(self) -> float | None:
        """Spread of the people's attainment to date (TGT-20)."""
        return dispersion(
            Ratio(sum(person.actual), due)
            for person in self.people
            if (due := due_of(person, self.as_of)) > 0
        )


@dataclass(frozen=True, slots=True)
class WeekParts:
    """What a week's target is made of: the three factors (TGT-25) and the product in minor units."""

    week: Week
    exposure: float
    rhythm: float
    process: float
    calendar: float
    target: int


@dataclass(frozen=True, slots=True)
class Why:
    """A reason of a week, and how many people's week it concerns."""

    week: int
    reason: Reason
    people: int


@dataclass(frozen=True, slots=True)
class Cascade:
    """What is lost on the way down from a node: one step per level, `leaf` what the last ones carry."""

    start: int
    steps: tuple[tuple[str, int], ...]
    leaf: int
