"""What one person holds, read in a dozen set-based statements: the raw material of the checklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import distinct, func, select

from desktop.clock import business_date
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Activity, Todo
from desktop.models.approvals import ApprovalRequest
from desktop.models.contracts import Contract, Quote
from desktop.models.opportunities import Opportunity, Stage
from desktop.queries.handover_money import HeldContract, HeldReceivable, held, mine, receivables
from desktop.queries.personal import masked_reach
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import ApprovalState, DealStatus, TaskState

LAST_INTERACTIONS = 3


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """A customer and how well it is documented; `known_by` counts other people who met it."""

    id: int
    name: str
    grade: str | None
    phone: str | None
    city: str | None
    contacts: int
    records: int
    known_by: int
    last_on: date | None


@dataclass(frozen=True, slots=True)
class HeldDeal:
    """An open opportunity."""

    id: int
    name: str
    account_id: int | None
    account: str | None
    amount: int | None
    currency: str
    expected_on: date | None
    next_step: str | None
    next_contact_at: datetime | None
    stage: str
    stage_zh: str | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class HeldQuote:
    """A quote; `open` says that its deal is still to be decided, or that it has none."""

    id: int
    number: str
    account_id: int | None
    account: str | None
    amount: int | None
    expires_on: date | None
    status: str | None
    open: bool


@dataclass(frozen=True, slots=True)
class HeldTodo:
    """An open to-do."""

    id: int
    title: str
    kind: str | None
    account_id: int | None
    account: str | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class HeldApproval:
    """An approval that the person asked for and that waits."""

    id: int
    title: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class HeldInteraction:
    """One of the last interactions with an account; rank 1 is the newest."""

    id: int
    account_id: int
    account: str
    on: date | None
    type: str | None
    text: str
    by: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class Held:
    """Everything together."""

    accounts: tuple[HeldAccount, ...]
    deals: tuple[HeldDeal, ...]
    quotes: tuple[HeldQuote, ...]
    contracts: tuple[HeldContract, ...]
    receivables: tuple[HeldReceivable, ...]
    todos: tuple[HeldTodo, ...]
    approvals: tuple[HeldApproval, ...]
    interactions: tuple[HeldInteraction, ...]
    last_on: dict[int, date]


def held_by(work: Work, person_id: int) -> Held:
    """Read what a person owns; records without an owner belong to their account's owner."""
    accounts = _accounts(work, person_id)
    contracts = _contracts(work, person_id)
    return Held(
        accounts=accounts,
        deals=_deals(work, person_id),
        quotes=_quotes(work, person_id),
        contracts=contracts,
        receivables=receivables(work, person_id, contracts),
        todos=_todos(work, person_id),
        approvals=_approvals(work, person_id),
        interactions=interactions(work, person_id),
        last_on={account.id: account.last_on for account in accounts if account.last_on},
    )


def _accounts(work: Work, person_id: int) -> tuple[HeldAccount, ...]:
    contacts = {
        row.account_id: row.n
        for row in work.rows(
            select(Contact.account_id, func.count().label("n"))
            .where(Contact.account_id.in_(mine(person_id)))
            .group_by(Contact.account_id)
        )
    }
    met = {
        row.account_id: row
        for row in work.rows(
            select(
                Activity.account_id,
                func.count().label("n"),
                func.max(Activity.occurred_on).filter(Activity.effective.is_(True)).label("last_on"),
                func.count(distinct(Activity.owner_id))
                .filter(Activity.owner_id != person_id)
                .label("others"),
            )
            .where(Activity.account_id.in_(mine(person_id)))
            .group_by(Activity.account_id)
        )
    }
    found = []
    rows = work.rows(
        select(Account.id, Account.name, Account.grade, Account.city, Account.last_effective_at)
        .where(Account.owner_id == person_id)
        .order_by(Account.name, Account.id)
    )
    reach = masked_reach(work, "account", [row.id for row in rows])
    for row in rows:
        seen = met.get(row.id)
        kept = business_date(row.last_effective_at, work.zone) if row.last_effective_at else None
        found.append(
            HeldAccount(
                row.id,
                row.name,
                row.grade,
                reach.get(row.id, {}).get("phone"),
                row.city,
                contacts.get(row.id, 0),
                seen.n if seen else 0,
                seen.others if seen else 0,
                (seen.last_on if seen else None) or kept,
            )
        )
    return tuple(found)


def _deals(work: Work, person_id: int) -> tuple[HeldDeal, ...]:
    last = (
        select(Activity.opportunity_id, func.max(Activity.occurred_on).label("last_on"))
        .where(Activity.effective.is_(True), Activity.opportunity_id.is_not(None))
        .group_by(Activity.opportunity_id)
        .subquery()
    )
    statement = (
        select(
            Opportunity.id,
            Opportunity.name,
            Opportunity.account_id,
            Account.name.label("account"),
            Opportunity.amount,
            Opportunity.currency,
            Opportunity.expected_close_on,
            Opportunity.next_step,
            Account.next_contact_at,
            Stage.name.label("stage"),
            Stage.name_zh,
            last.c.last_on,
        )
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(Account, Account.id == Opportunity.account_id)
        .outerjoin(last, last.c.opportunity_id == Opportunity.id)
        .where(Opportunity.status == DealStatus.OPEN, held(Opportunity, person_id))
        .order_by(func.coalesce(Opportunity.amount, 0).desc(), Opportunity.id)
    )
    return tuple(HeldDeal(*row) for row in work.rows(statement))


def _quotes(work: Work, person_id: int) -> tuple[HeldQuote, ...]:
    valid = timedelta(days=int(threshold(work, "quote.valid_days")))
    statement = (
        select(Quote, Account.name.label("account"), Opportunity.status.label("deal"))
        .outerjoin(Account, Account.id == Quote.account_id)
        .outerjoin(Opportunity, Opportunity.id == Quote.opportunity_id)
        .where(held(Quote, person_id))
        .order_by(Quote.issued_on.desc().nulls_last(), Quote.number, Quote.id)
    )
    return tuple(
        HeldQuote(
            row.Quote.id,
            row.Quote.number,
            row.Quote.account_id,
            row.account,
            row.Quote.amount,
            row.Quote.valid_until or (row.Quote.issued_on + valid if row.Quote.issued_on else None),
            row.Quote.status,
            row.deal in (None, DealStatus.OPEN),
        )
        for row in work.rows(statement)
    )


def _contracts(work: Work, person_id: int) -> tuple[HeldContract, ...]:
    statement = (
        select(
            Contract.id,
            Contract.number,
            Contract.name,
            Contract.account_id,
            Account.name.label("account"),
            Contract.amount,
            Contract.ends_on,
            Contract.status,
        )
        .outerjoin(Account, Account.id == Contract.account_id)
        .where(held(Contract, person_id))
        .order_by(Contract.number, Contract.id)
    )
    return tuple(HeldContract(*row) for row in work.rows(statement))


def _todos(work: Work, person_id: int) -> tuple[HeldTodo, ...]:
    statement = (
        select(Todo.id, Todo.title, Todo.kind, Todo.account_id, Account.name.label("account"), Todo.due_on)
        .outerjoin(Account, Account.id == Todo.account_id)
        .where(Todo.state == TaskState.OPEN, held(Todo, person_id))
        .order_by(Todo.due_on.asc().nulls_last(), Todo.id)
    )
    return tuple(HeldTodo(*row) for row in work.rows(statement))


def _approvals(work: Work, person_id: int) -> tuple[HeldApproval, ...]:
    statement = (
        select(ApprovalRequest.id, ApprovalRequest.title, ApprovalRequest.requested_at)
        .where(ApprovalRequest.state == ApprovalState.WAITING, ApprovalRequest.requested_by_id == person_id)
        .order_by(ApprovalRequest.requested_at, ApprovalRequest.id)
    )
    return tuple(
        HeldApproval(row.id, row.title, business_date(row.requested_at, work.zone))
        for row in work.rows(statement)
    )


def interactions(work: Work, person_id: int) -> tuple[HeldInteraction, ...]:
    """Return the last interactions with each of a person's accounts, newest first."""
    from desktop.models.people import Person

    newest = (
        func.row_number()
        .over(
            partition_by=Activity.account_id,
            order_by=(
                Activity.occurred_on.desc().nulls_last(),
                Activity.occurred_at.desc().nulls_last(),
                Activity.id.desc(),
            ),
        )
        .label("rank")
    )
    inner = (
        select(
            Activity.id,
            Activity.account_id,
            Activity.occurred_on,
            Activity.type,
            Activity.subject,
            Activity.content,
            Activity.owner_id,
            newest,
        )
        .where(Activity.account_id.in_(mine(person_id)))
        .subquery()
    )
    statement = (
        select(inner, Account.name.label("account"), Person.name.label("by"))
        .join(Account, Account.id == inner.c.account_id)
        .outerjoin(Person, Person.id == inner.c.owner_id)
        .where(inner.c.rank <= LAST_INTERACTIONS)
        .order_by(Account.name, inner.c.account_id, inner.c.rank)
    )
    return tuple(
        HeldInteraction(
            row.id,
            row.account_id,
            row.account,
            row.occurred_on,
            row.type,
            " — ".join(filter(None, (row.subject, row.content)))[:500],
            row.by,
            row.rank,
        )
        for row in work.rows(statement)
    )
