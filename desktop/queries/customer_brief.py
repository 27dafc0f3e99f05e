"""What a successor reads before the first call: people, open ends, last words (HND-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Activity
from desktop.models.opportunities import Opportunity, Stage
from desktop.models.people import Person
from desktop.queries.personal import masked_reach
from desktop.queries.todos import TodoLine, open_todos
from desktop.store.workspace import Work
from desktop.terms import DealStatus

KEY_CONTACTS = 5
LAST_WORDS = 6


@dataclass(frozen=True, slots=True)
class BriefContact:
    """A person at the customer; `decides` marks the decision maker."""

    id: int
    name: str
    title: str | None
    department: str | None
    mobile: str | None
    decides: bool


@dataclass(frozen=True, slots=True)
class BriefDeal:
    """An open deal."""

    id: int
    name: str
    amount: int | None
    stage: str
    stage_zh: str | None


@dataclass(frozen=True, slots=True)
class BriefActivity:
    """One of the last interactions."""

    id: int
    type: str | None
    on: date | None
    text: str
    next_action: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class CustomerBrief:
    """One customer in a page."""

    id: int
    name: str
    grade: str | None
    industry: str | None
    city: str | None
    phone: str | None
    contacts: tuple[BriefContact, ...]
    deals: tuple[BriefDeal, ...]
    todos: tuple[TodoLine, ...]
    activities: tuple[BriefActivity, ...]


def customer_brief(work: Work, account_id: int) -> CustomerBrief:
    """Return a customer's brief; raise NotFound."""
    account = work.session.get(Account, account_id)
    if account is None:
        raise NotFound("account_unknown", N_("This customer does not exist any more."))
    return CustomerBrief(
        account.id,
        account.name,
        account.grade,
        account.industry,
        account.city,
        _first(masked_reach(work, "account", [account_id]), account_id, "phone", "mobile"),
        _contacts(work, account_id),
        _deals(work, account_id),
        open_todos(work, account_id=account_id),
        _activities(work, account_id),
    )


def _contacts(work: Work, account_id: int) -> tuple[BriefContact, ...]:
    rows = work.rows(
        select(
            Contact.id,
            Contact.name,
            Contact.title,
            Contact.department,
            Contact.is_decision_maker,
        )
        .where(Contact.account_id == account_id)
        .order_by(Contact.is_decision_maker.desc().nulls_last(), Contact.title.is_(None), Contact.id)
        .limit(KEY_CONTACTS)
    )
    reach = masked_reach(work, "contact", [row.id for row in rows])
    return tuple(
        BriefContact(
            row.id,
            row.name,
            row.title,
            row.department,
            _first(reach, row.id, "mobile", "phone"),
            bool(row.is_decision_maker),
        )
        for row in rows
    )


def _first(reach: dict[int, dict[str, str]], record: int, *fields: str) -> str | None:
    known = reach.get(record, {})
    return next((known[field] for field in fields if field in known), None)


def _deals(work: Work, account_id: int) -> tuple[BriefDeal, ...]:
    rows = work.rows(
        select(Opportunity.id, Opportunity.name, Opportunity.amount, Stage.name.label("stage"), Stage.name_zh)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where(Opportunity.account_id == account_id, Opportunity.status == DealStatus.OPEN)
        .order_by(Opportunity.amount.desc().nulls_last(), Opportunity.id)
    )
    return tuple(BriefDeal(*row) for row in rows)


def _activities(work: Work, account_id: int) -> tuple[BriefActivity, ...]:
    rows = work.rows(
        select(
            Activity.id,
            Activity.type,
            Activity.occurred_on,
            Activity.subject,
            Activity.content,
            Activity.next_action,
            Person.name,
        )
        .outerjoin(Person, Person.id == Activity.owner_id)
        .where(Activity.account_id == account_id)
        .order_by(
            Activity.occurred_on.desc().nulls_last(),
            Activity.occurred_at.desc().nulls_last(),
            Activity.id.desc(),
        )
        .limit(LAST_WORDS)
    )
    return tuple(
        BriefActivity(
            row.id,
            row.type,
            row.occurred_on,
            row.content or row.subject or "",
            row.next_action,
            row.name,
        )
        for row in rows
    )
