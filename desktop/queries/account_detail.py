"""Customer 360: everything about one customer on one page (CUS-01, CUS-10, CUS-11, DUP-02)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select

from desktop.clock import business_date
from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Activity
from desktop.models.imports import ImportRun, Lineage
from desktop.models.opportunities import Opportunity, Stage
from desktop.models.people import Ownership, Person
from desktop.queries.account_papers import PaperLine, contracts_of, payments_of, quotes_of
from desktop.queries.coaching import Coaching, coaching_beside
from desktop.queries.custom_fields import CustomFact, custom_facts
from desktop.queries.personal import REACH, masked_reach
from desktop.queries.receivables import owed_by
from desktop.queries.refusals import RefusalLine, refusals
from desktop.queries.silence import days_since
from desktop.store.refusals import blocked_until
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import KEEPER_ROLES, DealStatus, OwnedKind

RECENT = 40


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A person at the customer; how to reach them is masked."""

    id: int
    name: str
    title: str | None
    department: str | None
    role: str | None
    decides: bool
    mobile: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened: `kind` is a type of activity, or stage, quote, contract, payment, owner.

    `late_days` is set for an interaction that its source recorded so late that it counts as filled in
    afterwards (IMP-09); `note` is its author, `run` and `brought_by` the import that brought it here.
    """

    kind: str
    on: date
    words: str
    note: str
    amount: int | None = None
    late_days: int | None = None
    run: int | None = None
    brought_by: str | None = None


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal of the customer; amounts in minor units."""

    id: int
    name: str
    stage: str
    stage_zh: str | None
    status: DealStatus
    amount: int | None
    owner: str | None
    owner_id: int | None
    closes: date | None


@dataclass(frozen=True, slots=True)
class Collision:
    """Two owners on one customer: another person holds open deals here, or works the same customer."""

    person: str
    deals: int
    amount: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """One customer with all that hangs on it; lists are the newest first.

    `own_facts` are what the firm's own fields say of it (CUS-05).
    """

    id: int
    version: int
    name: str
    grade: str | None
    owner_id: int | None
    owner: str | None
    facts: dict[str, Any]
    tags: tuple[str, ...]
    description: str | None
    last_effective_at: datetime | None
    silent_days: int | None
    remind_days: int
    release_days: int
    contacts: tuple[ContactLine, ...]
    timeline: tuple[TimelineEntry, ...]
    activities: int
    deals: tuple[DealLine, ...]
    open_amount: int
    won_amount: int
    quotes: tuple[PaperLine, ...]
    contracts: tuple[PaperLine, ...]
    payments: tuple[PaperLine, ...]
    receivable: int
    overdue: int
    collisions: tuple[Collision, ...]
    own_facts: tuple[CustomFact, ...]
    refusals: tuple[RefusalLine, ...]
    refused_until: date | None
    """Nobody is given this customer before: it, or a record of the same customer, refused (DUP-06)."""
    may_lift: bool
    coaching: Coaching


FACTS = (
    "short_name",
    "credit_code",
    "industry",
    "type",
    "status",
    "source",
    "cooperation_stage",
    "country",
    "region",
    "province",
    "city",
    "district",
    "address",
    "phone",
    "mobile",
    "email",
    "website",
    "employees",
    "annual_revenue",
    "annual_purchase",
    "purchase_cycle",
    "budget_range",
    "go_live_on",
    "it_compatibility",
    "founded_on",
    "created_at",
    "next_contact_at",
)


def account_view(work: Work, account_id: int) -> AccountView:
    """Return one customer with contacts, time line, deals and papers; raise NotFound."""
    rows = work.rows(
        select(Account, Person.name.label("owner"))
        .outerjoin(Person, Person.id == Account.owner_id)
        .where(Account.id == account_id)
    )
    if not rows:
        raise NotFound("account_unknown", N_("This customer does not exist any more."))
    account, owner = rows[0]
    deals = _deals(work, account_id)
    quotes, contracts, payments = (
        quotes_of(work, account_id),
        contracts_of(work, account_id),
        payments_of(work, account_id),
    )
    owed = owed_by(work, Account.id == account_id)
    entries, count = _activities(work, account_id)
    papers = [*quotes, *contracts, *payments]
    timeline = [*entries, *(_paper_entry(paper) for paper in papers if paper.on), *_owners(work, account_id)]
    timeline.sort(key=lambda entry: entry.on, reverse=True)
    last = account.last_effective_at
    return AccountView(
        id=account.id,
        version=account.version,
        name=account.name,
        grade=account.grade,
        owner_id=account.owner_id,
        owner=owner,
        facts=_facts(work, account),
        tags=tuple(str(tag) for tag in account.tags or ()),
        description=account.description,
        last_effective_at=last,
        silent_days=days_since(work, last) if last else None,
        remind_days=int(threshold(work, "silent.remind_days")),
        release_days=int(threshold(work, "silent.release_days")),
        contacts=_contacts(work, account_id),
        timeline=tuple(timeline[:RECENT]),
        activities=count,
        deals=deals,
        open_amount=sum(deal.amount or 0 for deal in deals if deal.status is DealStatus.OPEN),
        won_amount=sum(deal.amount or 0 for deal in deals if deal.status is DealStatus.WON),
        quotes=quotes,
        contracts=contracts,
        payments=payments,
        receivable=owed.outstanding,
        overdue=owed.overdue,
        collisions=_collisions(account.owner_id, deals),
        own_facts=tuple(custom_facts(work, "account", account_id)),
        refusals=refusals(work, account_id=account_id),
        refused_until=blocked_until(work, "account", [account_id]).get(account_id),
        may_lift=work.actor.role in KEEPER_ROLES,
        coaching=coaching_beside(work, account.owner_id, account_id=account_id),
    )


def _contacts(work: Work, account_id: int) -> tuple[ContactLine, ...]:
    rows = work.rows(
        select(Contact)
        .where(Contact.account_id == account_id)
        .order_by(Contact.is_decision_maker.is_(True).desc(), Contact.id)
    )
    reach = masked_reach(work, "contact", [contact.id for (contact,) in rows])
    return tuple(
        ContactLine(
            contact.id,
            contact.name,
            contact.title,
            contact.department,
            contact.decision_role,
            bool(contact.is_decision_maker),
            **{name: reach.get(contact.id, {}).get(name) for name in ("mobile", "phone", "email")},
        )
        for (contact,) in rows
    )


def _facts(work: Work, account: Account) -> dict[str, Any]:
    """Return what is known of the customer; ways to reach it masked."""
    reach = masked_reach(work, "account", [account.id]).get(account.id, {})
    reached_by = REACH["account"]
    return {name: reach.get(name) if name in reached_by else getattr(account, name) for name in FACTS}


def _activities(work: Work, account_id: int) -> tuple[list[TimelineEntry], int]:
    mine = Activity.account_id == account_id
    count = work.session.execute(select(func.count(Activity.id)).where(mine)).scalar_one()
    rows = work.rows(
        select(
            Activity.id,
            Activity.type,
            Activity.occurred_on,
            # What came on a sheet of our own was recorded nowhere before it came in.
            func.coalesce(Activity.logged_at, case(_ON_OUR_SHEET)).label("logged_at"),
            Activity.subject,
            Activity.content,
            Person.name,
        )
        .outerjoin(Person, Person.id == Activity.owner_id)
        .where(mine, Activity.occurred_on.is_not(None))
        .order_by(Activity.occurred_on.desc(), Activity.id.desc())
        .limit(RECENT)
    )
    allowed = int(threshold(work, "interaction.late_days"))
    batches = _batches(work, [row.id for row in rows])
    return [
        TimelineEntry(
            row.type or "note",
            row.occurred_on,
            row.subject or row.content or "",
            row.name or "",
            None,
            _late(row.occurred_on, row.logged_at, allowed, work.zone),
            *batches.get(row.id, (None, None)),
        )
        for row in rows
    ], int(count)


_ON_OUR_SHEET = (Activity.source_system == "plumbline", Activity.recorded_at)


def _batches(work: Work, ids: list[int]) -> dict[int, tuple[int, str]]:
    """Return which import brought each interaction, and who imported it: never its author."""
    statement = (
        select(Lineage.record_id, ImportRun.id, Person.name)
        .join(ImportRun, ImportRun.id == Lineage.run_id)
        .join(Person, Person.id == ImportRun.by_id)
        .where(
            Lineage.table_name == "activity",
            Lineage.record_id.in_(ids),
            Lineage.action == "created",
            Lineage.undone.is_(False),
        )
    )
    return {row.record_id: (row.id, row.name) for row in work.rows(statement)}


def _late(occurred_on: date, logged_at: datetime | None, allowed: int, zone: str) -> int | None:
    """Return after how many business days an interaction was recorded, if that is more than allowed."""
    if logged_at is None:
        return None
    days = (business_date(logged_at, zone) - occurred_on).days
    return days if days > allowed else None


def _deals(work: Work, account_id: int) -> tuple[DealLine, ...]:
    closes = func.coalesce(Opportunity.closed_on, Opportunity.expected_close_on)
    rows = work.rows(
        select(
            Opportunity.id,
            Opportunity.name,
            Stage.name.label("stage"),
            Stage.name_zh.label("stage_zh"),
            Opportunity.status,
            Opportunity.amount,
            Opportunity.won_amount,
            Person.name.label("owner"),
            Opportunity.owner_id,
            Opportunity.closed_on,
            Opportunity.expected_close_on,
        )
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(Person, Person.id == Opportunity.owner_id)
        .where(Opportunity.account_id == account_id)
        .order_by(Opportunity.status != DealStatus.OPEN.value, closes.desc(), Opportunity.id.desc())
    )
    return tuple(
        DealLine(
            row.id,
            row.name,
            row.stage,
            row.stage_zh,
            DealStatus(row.status),
            row.amount if row.won_amount is None else row.won_amount,
            row.owner,
            row.owner_id,
            row.closed_on or row.expected_close_on,
        )
        for row in rows
    )


def _paper_entry(paper: PaperLine) -> TimelineEntry:
    return TimelineEntry(paper.kind, paper.on or date.min, paper.number, paper.status or "", paper.amount)


def _owners(work: Work, account_id: int) -> list[TimelineEntry]:
    rows = work.rows(
        select(Ownership.since, Ownership.reason, Person.name)
        .outerjoin(Person, Person.id == Ownership.to_person_id)
        .where(Ownership.kind == OwnedKind.ACCOUNT.value, Ownership.record_id == account_id)
    )
    return [TimelineEntry("owner", row.since, row.name or "", row.reason) for row in rows]


def _collisions(owner_id: int | None, deals: tuple[DealLine, ...]) -> tuple[Collision, ...]:
    """Return the other people who hold open deals of this customer (DUP-02)."""
    held: dict[str, list[int]] = {}
    for deal in deals:
        if deal.status is DealStatus.OPEN and deal.owner and deal.owner_id != owner_id:
            held.setdefault(deal.owner, []).append(deal.amount or 0)
    return tuple(Collision(person, len(amounts), sum(amounts)) for person, amounts in held.items())
