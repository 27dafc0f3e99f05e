"""The quarterly bonus: what of it hangs on process figures, and what on the result (PRF-03).

Process figures are shares with their counts, of what is recorded: effective contacts, contacts with a next step,
customers reached in the quarter, fields of customers that are filled. Their mean is the process score.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.activities import Activity
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.models.targets import Target
from desktop.periods import Period
from desktop.queries.calibration import metrics_of
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import Role

SELLERS = (Role.REP, Role.CITY_MANAGER, Role.REGIONAL_MANAGER)
_FIELDS = ("credit_code", "industry", "grade", "source", "province", "city")
"""What a customer's record should have; phones are left out, as finance may not read them."""

WEIGHT = "perf.process_bonus"
RATES = ("effective", "next_step", "reached", "complete")
RATE_TITLES = {
    "effective": N_("Share of effective contacts"),
    "next_step": N_("Contacts with a next step"),
    "reached": N_("Customers reached"),
    "complete": N_("Customer fields filled"),
}
RATE_NOTES = {
    "effective": N_("Done calls, visits, meetings and replies, of all contacts of the quarter."),
    "next_step": N_("Contacts of the quarter with a next action or a next date, of all of them."),
    "reached": N_("Own customers with an effective contact in the quarter, of all own customers."),
    "complete": N_("Filled cells of credit code, industry, grade, source, province, city of own customers."),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its counts; nothing to count is no share."""

    part: int
    whole: int

    @property
    def value(self) -> Fraction | None:
        """The share, None where there is nothing to count."""
        return Fraction(self.part, self.whole) if self.whole else None


@dataclass(frozen=True, slots=True)
class BonusLine:
    """One seller's quarter: process figures, and result against target in minor units."""

    person_id: int
    name: str
    rates: dict[str, Rate]
    weight: Decimal
    target: int
    won: int

    @property
    def score(self) -> Fraction | None:
        """The mean of the process figures that there are."""
        known = [rate.value for rate in self.rates.values() if rate.value is not None]
        return sum(known, Fraction(0)) / len(known) if known else None

    @property
    def process_part(self) -> Fraction | None:
        """The share of the whole bonus that the process figures have earned: weight times score."""
        return None if self.score is None else self.score * Fraction(self.weight)

    @property
    def attainment(self) -> Fraction | None:
        """What was won, of the quarter's target."""
        return Fraction(self.won, self.target) if self.target else None


def bonus_lines(work: Work, quarter: Period) -> list[BonusLine]:
    """Return each seller's quarter, by name; raise InvalidInput for a period that is no quarter."""
    if "Q" not in quarter.text:
        raise InvalidInput(
            "bonus_quarter",
            N_("“{text}” is no quarter."),
            remedy=N_("Write a quarter such as 2026-Q3."),
            text=quarter.text,
        )
    weight = Decimal(str(threshold(work, WEIGHT, quarter.ends)))
    contacts = _by_owner(work, _contacts(quarter))
    customers = _by_owner(work, _customers(quarter))
    won = _by_owner(work, _won(quarter))
    targets = _by_owner(work, _targets(work, quarter))
    people = work.rows(
        select(Person.id, Person.name).where(Person.role.in_(SELLERS)).order_by(Person.name, Person.id)
    )
    lines = []
    for person in people:
        contact, customer = contacts.get(person.id), customers.get(person.id)
        rates = {
            "effective": Rate(int(contact.effective), int(contact.all)) if contact else Rate(0, 0),
            "next_step": Rate(int(contact.next_step), int(contact.all)) if contact else Rate(0, 0),
            "reached": Rate(int(customer.reached), int(customer.all)) if customer else Rate(0, 0),
            "complete": Rate(int(customer.filled), int(customer.all) * len(_FIELDS))
            if customer
            else Rate(0, 0),
        }
        result, goal = won.get(person.id), targets.get(person.id)
        lines.append(
            BonusLine(
                person.id,
                person.name,
                rates,
                weight,
                int(goal.total or 0) if goal else 0,
                int(result.total or 0) if result else 0,
            )
        )
    return [
        line for line in lines if line.target or line.won or any(rate.whole for rate in line.rates.values())
    ]


def _by_owner(work: Work, statement: Any) -> dict[int, Any]:
    return {row.who: row for row in work.rows(statement)}


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _contacts(quarter: Period) -> Any:
    next_step = or_(Activity.next_contact_at.is_not(None), func.coalesce(Activity.next_action, "") != "")
    return (
        select(
            Activity.owner_id.label("who"),
            func.count().label("all"),
            _count(Activity.effective.is_(True)).label("effective"),
            _count(next_step).label("next_step"),
        )
        .where(Activity.owner_id.is_not(None), Activity.occurred_on.between(quarter.starts, quarter.ends))
        .group_by(Activity.owner_id)
    )


def _customers(quarter: Period) -> Any:
    reached = (
        select(Activity.account_id)
        .where(
            Activity.account_id.is_not(None),
            Activity.effective.is_(True),
            Activity.occurred_on.between(quarter.starts, quarter.ends),
        )
        .distinct()
    )
    filled: Any = sum(
        (case((func.coalesce(Account.__table__.c[name], "") != "", 1), else_=0) for name in _FIELDS),
        start=0,
    )
    return (
        select(
            Account.owner_id.label("who"),
            func.count().label("all"),
            _count(Account.id.in_(reached)).label("reached"),
            func.sum(filled).label("filled"),
        )
        .where(Account.owner_id.is_not(None))
        .group_by(Account.owner_id)
    )


def _won(quarter: Period) -> Any:
    return (
        select(
            Opportunity.owner_id.label("who"),
            func.sum(func.coalesce(Opportunity.won_amount, Opportunity.amount)).label("total"),
        )
        .where(
            and_(Opportunity.status == "won", Opportunity.closed_on.between(quarter.starts, quarter.ends)),
            Opportunity.owner_id.is_not(None),
        )
        .group_by(Opportunity.owner_id)
    )


def _targets(work: Work, quarter: Period) -> Any:
    """Targets of the quarter's three months, each by the metric that counts in it, as in the calibration."""
    months = [Period.month(quarter.starts.year, quarter.starts.month + step) for step in range(3)]
    metrics = {month.text: (*metrics_of(work, month), "")[0] for month in months}
    of_month = [and_(Target.period == text, Target.metric == metric) for text, metric in metrics.items()]
    return (
        select(Target.person_id.label("who"), func.sum(Target.value).label("total"))
        .where(Target.person_id.is_not(None), or_(*of_month))
        .group_by(Target.person_id)
    )
