"""The start page: whom to help today, and how the month stands (PLT-16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from desktop.models.accounts import Account
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.models.people import Person
from desktop.periods import Period, weeks_of
from desktop.queries.approvals import ApprovalItem, approval_inbox
from desktop.queries.calibration import CalibrationView, PersonPlan, calibration
from desktop.queries.metrics.engine import Figures, Question, compute
from desktop.queries.scope import Scope, owned_within, person_ids
from desktop.queries.silence import Silence, silence
from desktop.queries.targets import due_of
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import DealStatus

TOLD = ("silent_customers", "release_customers", "actual_won")
NEGOTIATION_WORDS = ("谈判", "报价", "negotiat", "quotation")
"""A stage is a negotiation if its name has one of these (FUN-09 names the stage by what happens in it)."""

BEHIND = 0.8
"""A person under 80 % of the calibrated target to date is behind plan (TGT-22)."""


@dataclass(frozen=True, slots=True)
class StuckDeal:
    """An open deal over its stage's limit; `amount` in minor units."""

    id: int
    name: str
    account_id: int | None
    account: str | None
    grade: str | None
    owner_id: int | None
    owner: str | None
    stage: str
    stage_zh: str | None
    amount: int | None
    days: int
    limit: int
    negotiation: bool


@dataclass(frozen=True, slots=True)
class BehindPerson:
    """A person whose sales to date are under 80 % of the calibrated target to date (minor units)."""

    id: int
    name: str
    unit_id: int | None
    sold: int
    due: int
    target: int

    @property
    def share(self) -> float:
        """Sold ÷ due."""
        return self.sold / self.due

    @property
    def gap(self) -> int:
        """What is missing to date."""
        return self.due - self.sold


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the month with the cumulative calibrated target and what was sold (minor units)."""

    day: date
    target: int
    sold: int | None


@dataclass(frozen=True, slots=True)
class MonthLine:
    """The scope's month: cumulative days, the whole target, sold and due to date (minor units)."""

    period: Period
    days: tuple[MonthDay, ...]
    target: int
    sold: int
    due: int
    people: int


@dataclass(frozen=True, slots=True)
class TodayView:
    """Everything that the start page shows; `told` are the figures that the metric dictionary defines."""

    today: date
    has_data: bool
    told: Figures
    silent: Silence
    stuck: tuple[StuckDeal, ...]
    open_deals: int
    stagnation_days: int
    behind: tuple[BehindPerson, ...]
    month: MonthLine
    inbox: tuple[ApprovalItem, ...]
    """What waits for an approval, still without its reports (see `with_their_reports`)."""

    @property
    def waiting(self) -> tuple[ApprovalItem, ...]:
        """Those of it that the acting person may decide, the longest waiting first."""
        return tuple(item for item in self.inbox if not item.why_not)


def today_view(work: Work, *, scope: Scope) -> TodayView:
    """Return the start page of a scope as of today."""
    month = scope.period if scope.period.is_month else Period.month_of(work.today)
    run = calibration(work, period=month, unit_id=scope.unit_id)
    told = compute(work, Question(TOLD, month, unit_id=scope.unit_id, as_of=min(work.today, month.ends)))
    stuck, open_deals = stuck_deals(work, scope)
    return TodayView(
        today=work.today,
        has_data=_has_data(work),
        told=told,
        silent=silence(work, unit_id=scope.unit_id),
        stuck=stuck,
        open_deals=open_deals,
        stagnation_days=int(threshold(work, "stage.stagnation_days")),
        behind=_behind(run.people, work.today, month),
        month=_month(work, scope, run, int(told.value("actual_won") or 0)),
        inbox=tuple(approval_inbox(work, with_reports=False)),
    )


def _has_data(work: Work) -> bool:
    return any(
        work.session.execute(select(column).limit(1)).first() is not None
        for column in (Account.id, Opportunity.id)
    )


def stuck_deals(work: Work, scope: Scope) -> tuple[tuple[StuckDeal, ...], int]:
    """Return open deals over their stage's limit, the largest first, and how many are open at all."""
    stagnation = int(threshold(work, "stage.stagnation_days"))
    negotiation = int(threshold(work, "stage.negotiation_stuck_days"))
    wanted = [Opportunity.status == DealStatus.OPEN.value, *owned_within(Opportunity.owner_id, scope.unit_id)]
    if scope.pipeline_id is not None:
        wanted.append(Opportunity.pipeline_id == scope.pipeline_id)
    open_deals = work.session.execute(select(func.count(Opportunity.id)).where(*wanted)).scalar_one()
    entered = (
        select(func.max(StageEvent.entered_on))
        .where(
            StageEvent.opportunity_id == Opportunity.id,
            StageEvent.stage_id == Opportunity.stage_id,
            StageEvent.entered_on <= work.today,
        )
        .correlate(Opportunity)
        .scalar_subquery()
    )
    since = func.coalesce(entered, Opportunity.opened_on)
    rows = work.rows(
        select(
            Opportunity.id,
            Opportunity.name,
            Opportunity.account_id,
            Account.name.label("account"),
            Account.grade,
            Opportunity.owner_id,
            Person.name.label("owner"),
            Stage.name.label("stage"),
            Stage.name_zh.label("stage_zh"),
            Stage.limit_days,
            Opportunity.amount,
            since.label("since"),
        )
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(Account, Account.id == Opportunity.account_id)
        .outerjoin(Person, Person.id == Opportunity.owner_id)
        .where(*wanted, since < work.today - timedelta(days=1))
        .order_by(Opportunity.amount.desc(), Opportunity.id)
    )
    found = (_deal(work.today, row, stagnation, negotiation) for row in rows)
    return tuple(deal for deal in found if deal.days > deal.limit), int(open_deals)


def _deal(today: date, row: Any, stagnation: int, negotiation: int) -> StuckDeal:
    words = f"{row.stage} {row.stage_zh or ''}".casefold()
    negotiates = any(word in words for word in NEGOTIATION_WORDS)
    since = row.since if isinstance(row.since, date) else date.fromisoformat(row.since)
    return StuckDeal(
        id=row.id,
        name=row.name,
        account_id=row.account_id,
        account=row.account,
        grade=row.grade,
        owner_id=row.owner_id,
        owner=row.owner,
        stage=row.stage,
        stage_zh=row.stage_zh,
        amount=row.amount,
        days=(today - since).days,
        limit=row.limit_days or (negotiation if negotiates else stagnation),
        negotiation=negotiates,
    )


def _behind(people: Iterable[PersonPlan], today: date, month: Period) -> tuple[BehindPerson, ...]:
    day = min(today, month.ends)
    found = []
    for person in people:
        due, sold = due_of(person, day), sum(person.actual)
        if due > 0 and sold < due * BEHIND:
            target = sum(person.calibrated)
            found.append(BehindPerson(person.person_id, person.owner, person.unit_id, sold, due, target))
    return tuple(sorted(found, key=lambda person: (-person.gap, person.id)))


def _month(work: Work, scope: Scope, run: CalibrationView, sold: int) -> MonthLine:
    """Return the month's line: the calibrated weeks of everybody spread evenly over their days; `sold` to date."""
    members, month = person_ids(work, scope.unit_id), run.period
    until = min(work.today, month.ends)
    sold_on: Counter[date] = Counter()
    for owner, found in run.sold.items():
        if members is None or owner in members:
            for sale in found:
                sold_on[sale.day] += sale.amount
    days: list[MonthDay] = []
    passed = reached = 0
    for number, week in enumerate(weeks_of(month)):
        whole = sum(person.calibrated[number] for person in run.people)
        for at in range(week.days):
            day = week.starts + timedelta(days=at)
            passed += sold_on[day]
            target = reached + whole * (at + 1) // week.days
            days.append(MonthDay(day, target, passed if day <= work.today else None))
        reached += whole
    due = next((day.target for day in days if day.day == until), reached if work.today > month.ends else 0)
    return MonthLine(month, tuple(days), reached, sold, due, len(run.people))
