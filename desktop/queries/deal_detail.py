"""One deal in full: its way through the stages, last contacts, and what else the customer has (FUN-09, FUN-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import select

from desktop.analytics.funnel import age_days
from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.activities import Activity
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.models.people import Person
from desktop.queries.coaching import Coaching, coaching_beside
from desktop.queries.deals import DealState, state_of
from desktop.queries.pipelines import StageRow, stage_list
from desktop.queries.todos import TodoLine, open_todos
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import DealStatus

CONTACTS_SHOWN = 5
OTHERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class StayRow:
    """One stay in a stage; `days` runs to the next entry, or to the as-of day for the last."""

    stage: str
    stage_zh: str | None
    entered_on: date | None
    days: int | None
    person: str | None
    inferred: bool


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One logged contact with the customer."""

    type: str | None
    occurred_on: date | None
    subject: str | None
    owner: str | None
    effective: bool


@dataclass(frozen=True, slots=True)
class OtherDeal:
    """Another open deal of the same customer."""

    id: int
    name: str
    stage: str
    stage_zh: str | None
    amount: int | None


@dataclass(frozen=True, slots=True)
class DealDetail:
    """Everything the inspector shows of a deal; `usual_days` is the median stay of won deals there."""

    id: int
    name: str
    account: str | None
    account_id: int | None
    grade: str | None
    owner: str | None
    status: DealStatus
    stage: StageRow
    amount: int | None
    won_amount: int | None
    currency: str
    probability: int | None
    opened_on: date | None
    expected_close_on: date | None
    closed_on: date | None
    next_step: str | None
    competitor: str | None
    lost_reason: str | None
    days: int | None
    limit_days: int
    state: DealState
    usual_days: float | None
    stays: tuple[StayRow, ...]
    contacts: tuple[ContactRow, ...]
    others: tuple[OtherDeal, ...]
    todos: tuple[TodoLine, ...]
    coaching: Coaching

    @property
    def weighted(self) -> int | None:
        """Amount × probability, minor units."""
        if self.amount is None or self.probability is None:
            return None
        return self.amount * self.probability // 10_000


def deal_detail(work: Work, *, deal_id: int, as_of: date | None = None) -> DealDetail:
    """Return one deal in full; raise NotFound."""
    day = as_of or work.today
    rows = work.rows(
        select(Opportunity, Account.name, Account.grade, Person.name)
        .outerjoin(Account, Account.id == Opportunity.account_id)
        .outerjoin(Person, Person.id == Opportunity.owner_id)
        .where(Opportunity.id == deal_id)
    )
    if not rows:
        raise NotFound("deal_unknown", N_("This deal does not exist any more."))
    deal, account, grade, owner = rows[0]
    stages = {stage.id: stage for stage in stage_list(work, deal.pipeline_id)}
    stage = stages[deal.stage_id]
    stays = _stays(work, deal_id, day)
    days = stays[-1].days if stays else None
    stalled = int(threshold(work, "stage.stagnation_days", day))
    is_open = deal.status == DealStatus.OPEN
    return DealDetail(
        id=deal.id,
        name=deal.name,
        account=account,
        account_id=deal.account_id,
        grade=grade,
        owner=owner,
        status=DealStatus(deal.status),
        stage=stage,
        amount=deal.amount,
        won_amount=deal.won_amount,
        currency=deal.currency,
        probability=stage.probability if deal.probability is None else deal.probability,
        opened_on=deal.opened_on,
        expected_close_on=deal.expected_close_on,
        closed_on=deal.closed_on,
        next_step=deal.next_step,
        competitor=deal.competitor,
        lost_reason=deal.lost_reason,
        days=days if is_open else None,
        limit_days=stage.limit_days or stalled,
        state=state_of(days, stage.limit_days, stalled) if is_open else DealState.NORMAL,
        usual_days=_usual_days(work, deal.stage_id),
        stays=stays,
        contacts=_contacts(work, deal),
        others=_others(work, deal),
        todos=open_todos(work, deal_id=deal_id),
        coaching=coaching_beside(work, deal.owner_id, deal_id=deal_id),
    )


def _stays(work: Work, deal_id: int, as_of: date) -> tuple[StayRow, ...]:
    rows = work.rows(
        select(Stage.name, Stage.name_zh, StageEvent.entered_on, Person.name, StageEvent.inferred)
        .join(Stage, Stage.id == StageEvent.stage_id)
        .outerjoin(Person, Person.id == StageEvent.person_id)
        .where(StageEvent.opportunity_id == deal_id)
        .order_by(StageEvent.entered_on.is_not(None), StageEvent.entered_on, StageEvent.id)
    )
    stays = []
    for i, (name, name_zh, entered_on, person, inferred) in enumerate(rows):
        left = rows[i + 1][2] if i + 1 < len(rows) else as_of
        days = age_days(entered_on, left) if left else None
        stays.append(StayRow(name, name_zh, entered_on, days, person, bool(inferred)))
    return tuple(stays)


def _contacts(work: Work, deal: Opportunity) -> tuple[ContactRow, ...]:
    if deal.account_id is None:
        about = Activity.opportunity_id == deal.id
    else:
        about = (Activity.opportunity_id == deal.id) | (Activity.account_id == deal.account_id)
    rows = work.rows(
        select(Activity.type, Activity.occurred_on, Activity.subject, Person.name, Activity.effective)
        .outerjoin(Person, Person.id == Activity.owner_id)
        .where(about, Activity.occurred_on.is_not(None))
        .order_by(Activity.occurred_on.desc(), Activity.id.desc())
        .limit(CONTACTS_SHOWN)
    )
    return tuple(ContactRow(*row) for row in rows)


def _others(work: Work, deal: Opportunity) -> tuple[OtherDeal, ...]:
    if deal.account_id is None:
        return ()
    rows = work.rows(
        select(Opportunity.id, Opportunity.name, Stage.name, Stage.name_zh, Opportunity.amount)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where(
            Opportunity.account_id == deal.account_id,
            Opportunity.id != deal.id,
            Opportunity.status == DealStatus.OPEN.value,
        )
        .order_by(Opportunity.amount.desc().nulls_last(), Opportunity.id)
        .limit(OTHERS_SHOWN)
    )
    return tuple(OtherDeal(*row) for row in rows)


def _usual_days(work: Work, stage_id: int) -> float | None:
    """Return the median of observed stays in a stage by deals that were won in the end (FUN-11)."""
    here: Any = StageEvent.__table__.alias("here")
    after: Any = StageEvent.__table__.alias("after_")
    left = (
        select(after.c.entered_on)
        .where(
            after.c.opportunity_id == here.c.opportunity_id,
            after.c.stage_id != here.c.stage_id,
            (after.c.entered_on > here.c.entered_on)
            | ((after.c.entered_on == here.c.entered_on) & (after.c.id > here.c.id)),
        )
        .order_by(after.c.entered_on, after.c.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = work.rows(
        select(here.c.entered_on, left)
        .select_from(here)
        .join(Opportunity, Opportunity.id == here.c.opportunity_id)
        .where(
            here.c.stage_id == stage_id,
            here.c.inferred.is_(False),
            Opportunity.status == DealStatus.WON.value,
        )
    )
    stays = [(until - since).days for since, until in rows if since and until]
    return float(median(stays)) if stays else None
