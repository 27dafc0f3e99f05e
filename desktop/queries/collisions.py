"""Colleagues in each other's way: customers pursued, quoted or contacted twice, or by nobody (DUP-02 to 05)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, func, or_, select

from desktop.analytics.names import name_key
from desktop.models.accounts import Account
from desktop.models.activities import Activity, Ticket
from desktop.models.contracts import Quote
from desktop.models.leads import Lead
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.money import money_text
from desktop.queries.duplicates import Duplicates, find_duplicates
from desktop.store.workspace import Work
from desktop.terms import DealStatus

WINDOW_DAYS = 90
"""Within how many days a second quotation or a second contact counts as one too many."""

MOST_LINES = 500

_GOOD = ("mql", "sql", "qualified", "有效", "合格", "意向", "working", "nurtur")
_BAD = ("invalid", "unqualified", "disqualified", "junk", "dead", "无效", "不合格", "作废", "垃圾")
_COMPLAINT = ("complain", "投诉", "抱怨")


@dataclass(frozen=True, slots=True)
class Pursuit:
    """One owner's share in a customer: open deals and quotations with their amounts (minor units)."""

    owner: str
    deals: int
    amount: int
    quotes: int
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Pursued:
    """A customer (all spellings of it) that several owners pursue at once (DUP-02)."""

    accounts: tuple[int, ...]
    name: str
    sure: bool
    by: tuple[Pursuit, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the line of `duplicates --collisions`."""
        return {
            "accounts": list(self.accounts),
            "name": self.name,
            "verdict": "sure" if self.sure else "unsure",
            "by": [
                {
                    "owner": one.owner,
                    "deals": one.deals,
                    "amount": money_text(one.amount),
                    "quotes": one.quotes,
                    "last_on": one.last_on,
                }
                for one in self.by
            ],
        }


@dataclass(frozen=True, slots=True)
class QuotedAgain:
    """A customer that was quoted the same product again within the window, with the price history (DUP-03)."""

    accounts: tuple[int, ...]
    name: str
    product: str
    quotes: tuple[tuple[str, date | None, int | None, str | None], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the line of `duplicates --collisions`."""
        return {
            "accounts": list(self.accounts),
            "name": self.name,
            "product": self.product,
            "quotes": [
                {
                    "number": number,
                    "issued_on": on,
                    "amount": None if amount is None else money_text(amount),
                    "owner": owner,
                }
                for number, on, amount, owner in self.quotes
            ],
        }


@dataclass(frozen=True, slots=True)
class Touched:
    """A customer contacted by several people within the window, or by nobody (DUP-04)."""

    kind: str
    accounts: tuple[int, ...]
    name: str
    owner: str | None
    people: tuple[str, ...]
    last_on: date | None

    def to_json(self) -> dict[str, Any]:
        """Return the line of `duplicates --collisions`."""
        return {
            "entity": self.kind,
            "ids": list(self.accounts),
            "name": self.name,
            "owner": self.owner,
            "people": list(self.people),
            "last_on": self.last_on,
        }


@dataclass(frozen=True, slots=True)
class Labelled:
    """One customer under labels that contradict each other (DUP-05); each is (entity, id, label)."""

    accounts: tuple[int, ...]
    name: str
    labels: tuple[tuple[str, int, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the line of `duplicates --collisions`."""
        return {
            "accounts": list(self.accounts),
            "name": self.name,
            "labels": [
                {"entity": entity, "id": record, "label": label} for entity, record, label in self.labels
            ],
        }


@dataclass(frozen=True, slots=True)
class Collisions:
    """All of it; `window` in days."""

    window: int
    pursued: tuple[Pursued, ...]
    quoted_again: tuple[QuotedAgain, ...]
    contacted_by_several: tuple[Touched, ...]
    followed_by_nobody: tuple[Touched, ...]
    labels: tuple[Labelled, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document of `duplicates --collisions`."""
        document: dict[str, Any] = {"window_days": self.window}
        for name in ("pursued", "quoted_again", "contacted_by_several", "followed_by_nobody", "labels"):
            document[name] = [line.to_json() for line in getattr(self, name)]
        return document


class _Customers:
    """Which accounts are one customer: the clusters of the duplicate search, else each its own."""

    def __init__(self, work: Work, found: Duplicates) -> None:
        self.names: dict[int, str] = {row.id: row.name for row in work.rows(select(Account.id, Account.name))}
        self.group: dict[int, tuple[int, ...]] = {}
        self.sure: dict[tuple[int, ...], bool] = {}
        for one in sorted(found.clusters, key=lambda c: c.sure):
            members = tuple(member.id for member in one.members)
            self.sure[members] = one.sure
            for member in members:
                self.group[member] = members

    def of(self, account: int) -> tuple[int, ...]:
        return self.group.get(account, (account,))

    def name(self, group: tuple[int, ...]) -> str:
        return max((self.names.get(one, "") for one in group), key=len)


def collisions(work: Work, window: int = WINDOW_DAYS, found: Duplicates | None = None) -> Collisions:
    """Return who is in whose way; clusters that are unsure count too and say so."""
    customers = _Customers(work, found or find_duplicates(work, "account"))
    people = {row.id: row.name for row in work.rows(select(Person.id, Person.name))}
    since = work.today - timedelta(days=window)
    return Collisions(
        window,
        _pursued(work, customers, people),
        _quoted_again(work, customers, people, window),
        _contacted(work, customers, people, since),
        _nobody(work, customers, people, since),
        _labels(work, customers),
    )


def _pursued(work: Work, customers: _Customers, people: dict[int, str]) -> tuple[Pursued, ...]:
    owner = func.coalesce(Opportunity.owner_id, Account.owner_id)
    deals = work.rows(
        select(
            Opportunity.account_id,
            owner.label("owner"),
            func.count().label("n"),
            func.sum(Opportunity.amount).label("amount"),
        )
        .join(Account, Account.id == Opportunity.account_id)
        .where(Opportunity.status == DealStatus.OPEN.value, owner.is_not(None))
        .group_by(Opportunity.account_id, owner)
    )
    quoter = func.coalesce(Quote.owner_id, Opportunity.owner_id, Account.owner_id)
    quotes = work.rows(
        select(
            Quote.account_id,
            quoter.label("owner"),
            func.count().label("n"),
            func.max(Quote.issued_on).label("last"),
        )
        .join(Account, Account.id == Quote.account_id)
        .outerjoin(Opportunity, Opportunity.id == Quote.opportunity_id)
        .where(
            quoter.is_not(None),
            or_(Opportunity.id.is_(None), Opportunity.status == DealStatus.OPEN.value),
            or_(Quote.valid_until.is_(None), Quote.valid_until >= work.today),
        )
        .group_by(Quote.account_id, quoter)
    )
    shares: dict[tuple[int, ...], dict[int, list[Any]]] = defaultdict(
        lambda: defaultdict(lambda: [0, 0, 0, None])
    )
    for row in deals:
        share = shares[customers.of(row.account_id)][row.owner]
        share[0] += row.n
        share[1] += int(row.amount or 0)
    for row in quotes:
        share = shares[customers.of(row.account_id)][row.owner]
        share[2] += row.n
        share[3] = max((day for day in (share[3], row.last) if day), default=None)
    found = [
        Pursued(
            group,
            customers.name(group),
            customers.sure.get(group, True),
            tuple(
                Pursuit(people.get(person, ""), n, amount, quoted, last)
                for person, (n, amount, quoted, last) in sorted(by.items(), key=lambda item: -item[1][1])
            ),
        )
        for group, by in shares.items()
        if len(by) > 1
    ]
    return tuple(sorted(found, key=lambda one: -sum(share.amount for share in one.by))[:MOST_LINES])


def _quoted_again(
    work: Work, customers: _Customers, people: dict[int, str], window: int
) -> tuple[QuotedAgain, ...]:
    rows = work.rows(
        select(
            Quote.account_id,
            Quote.number,
            Quote.issued_on,
            Quote.amount,
            func.coalesce(Quote.owner_id, Opportunity.owner_id).label("owner"),
            func.coalesce(Opportunity.product, Opportunity.name).label("product"),
        )
        .join(Opportunity, Opportunity.id == Quote.opportunity_id)
        .where(Quote.account_id.is_not(None), Quote.issued_on.is_not(None))
        .order_by(Quote.issued_on)
    )
    lines: dict[tuple[tuple[int, ...], str], list[Any]] = defaultdict(list)
    for row in rows:
        if row.product:
            lines[customers.of(row.account_id), name_key(row.product)].append(row)
    found = []
    for (group, _key), quotes in lines.items():
        days = [quote.issued_on for quote in quotes]
        if any((later - earlier).days <= window for earlier, later in pairwise(days)):
            history = tuple((q.number, q.issued_on, q.amount, people.get(q.owner)) for q in quotes)
            found.append(QuotedAgain(group, customers.name(group), quotes[-1].product, history))
    return tuple(sorted(found, key=lambda one: one.quotes[-1][1] or date.min, reverse=True)[:MOST_LINES])


def _contacted(work: Work, customers: _Customers, people: dict[int, str], since: date) -> tuple[Touched, ...]:
    rows = work.rows(
        select(Activity.account_id, Activity.owner_id, func.max(Activity.occurred_on).label("last"))
        .where(
            Activity.account_id.is_not(None),
            Activity.owner_id.is_not(None),
            Activity.occurred_on >= since,
            Activity.effective,
        )
        .group_by(Activity.account_id, Activity.owner_id)
    )
    by: dict[tuple[int, ...], dict[int, date]] = defaultdict(dict)
    for row in rows:
        group = by[customers.of(row.account_id)]
        group[row.owner_id] = max(group.get(row.owner_id, row.last), row.last)
    owners = {row.id: row.owner_id for row in work.rows(select(Account.id, Account.owner_id))}
    found = [
        Touched(
            "account",
            group,
            customers.name(group),
            people.get(owners.get(group[0]) or 0),
            tuple(people.get(one, "") for one in sorted(persons, key=lambda p: persons[p], reverse=True)),
            max(persons.values()),
        )
        for group, persons in by.items()
        if len(persons) > 1
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.people), one.name))[:MOST_LINES])


def _nobody(work: Work, customers: _Customers, people: dict[int, str], since: date) -> tuple[Touched, ...]:
    recent = (
        select(Activity.id).where(Activity.account_id == Account.id, Activity.occurred_on >= since).exists()
    )
    accounts = work.rows(
        select(Account.id, Account.name, Account.owner_id, Account.last_effective_at)
        .where(or_(Account.owner_id.is_(None), and_(Account.last_effective_at.is_(None), ~recent)))
        .order_by(Account.owner_id.is_not(None), Account.id)
        .limit(MOST_LINES)
    )
    touched = select(Activity.id).where(Activity.lead_id == Lead.id).exists()
    leads = work.rows(
        select(Lead.id, Lead.name, Lead.owner_id)
        .where(
            or_(
                Lead.owner_id.is_(None),
                and_(~touched, Lead.first_contact_at.is_(None), Lead.last_contact_at.is_(None)),
            )
        )
        .order_by(Lead.owner_id.is_not(None), Lead.id)
        .limit(MOST_LINES)
    )
    found = [Touched("account", (row.id,), row.name, people.get(row.owner_id), (), None) for row in accounts]
    found += [Touched("lead", (row.id,), row.name, people.get(row.owner_id), (), None) for row in leads]
    return tuple(found)


def _labels(work: Work, customers: _Customers) -> tuple[Labelled, ...]:
    """Marketing, sales and service speak of one customer: its own status, its leads', its complaints."""
    said: dict[tuple[int, ...], list[tuple[str, int, str]]] = defaultdict(list)
    for row in work.rows(select(Account.id, Account.status).where(Account.status.is_not(None))):
        said[customers.of(row.id)].append(("account", row.id, row.status))
    for lead, account, status in _leads_of_accounts(work):
        said[customers.of(account)].append(("lead", lead, status))
    tickets = select(Ticket.id, Ticket.account_id, Ticket.type, Ticket.status, Ticket.subject).where(
        Ticket.account_id.is_not(None)
    )
    for row in work.rows(tickets):
        label = " · ".join(part for part in (row.type, row.status, row.subject) if part)
        if label:
            said[customers.of(row.account_id)].append(("ticket", row.id, label[:200]))
    found = []
    for group, labels in said.items():
        telling = [label for label in labels if _kind(label[2])]
        if len({_kind(label[2]) for label in telling}) > 1:
            found.append(Labelled(group, customers.name(group), tuple(telling[:20])))
    return tuple(sorted(found, key=lambda one: (-len(one.labels), one.name))[:MOST_LINES])


def _kind(label: str) -> str:
    text = label.casefold()
    for kind, words in (("complaint", _COMPLAINT), ("bad", _BAD), ("good", _GOOD)):
        if any(word in text for word in words):
            return kind
    return ""


def _leads_of_accounts(work: Work) -> Iterable[tuple[int, int, str]]:
    """Yield (lead, account, status) for leads whose company is surely a customer."""
    import polars as pl

    from desktop.analytics.dedup.engine import find

    leads = work.rows(select(Lead.id, Lead.company, Lead.name, Lead.status).where(Lead.status.is_not(None)))
    accounts = work.rows(select(Account.id, Account.name))
    if not leads or not accounts:
        return
    frame = pl.DataFrame(
        {
            "id": [row.id for row in accounts] + [-row.id for row in leads],
            "side": [0] * len(accounts) + [1] * len(leads),
            "name": [row.name for row in accounts] + [row.company or row.name for row in leads],
        },
        schema={"id": pl.Int64, "side": pl.Int8, "name": pl.String},
    )
    status = {row.id: row.status for row in leads}
    for a, b in (
        find(frame, "company", between=True, clusters=False).pairs.filter("sure").select("a", "b").iter_rows()
    ):
        account, lead = max(a, b), -min(a, b)
        yield lead, account, status[lead]
