"""What a customer was offered and paid for a product, and who else is quoting there (DUP-02, DUP-03, beyond 19)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from desktop.models.accounts import Account
from desktop.models.contracts import Quote
from desktop.models.opportunities import Opportunity
from desktop.models.orders import OrderLine, Product, SalesOrder
from desktop.models.people import Person
from desktop.models.quotes import QuoteLine
from desktop.queries.collisions import WINDOW_DAYS
from desktop.queries.customer_group import customer_group
from desktop.store.workspace import Work
from desktop.terms import DealStatus

MOST_PRICES = 60
QUOTED, SOLD = "quote", "order"


@dataclass(frozen=True, slots=True)
class PastPrice:
    """One price of a product to a customer: offered (`quote`) or sold (`order`); quantity in thousandths, price in millionths."""

    kind: str
    number: str
    on: date | None
    product_id: int | None
    product: str
    quantity: int | None
    unit_price: int
    owner: str | None
    own: bool


@dataclass(frozen=True, slots=True)
class Rival:
    """Another owner at the same customer: live quotes and open deals, their amounts (minor units), the newest quote."""

    owner: str
    customer: str
    quotes: int
    deals: int
    amount: int
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Radar:
    """What is to be known before a price leaves.

    `customers` are all spellings of the customer (`sure`: without doubt the same); `again` are offers of the
    same products within `window` days, `prices` the whole history of these products there.
    """

    customers: tuple[str, ...]
    sure: bool
    rivals: tuple[Rival, ...]
    again: tuple[PastPrice, ...]
    prices: tuple[PastPrice, ...]
    window: int


def quote_radar(
    work: Work,
    *,
    account_id: int,
    product_ids: Collection[int] = (),
    owner_id: int | None = None,
    quote_id: int | None = None,
    window: int = WINDOW_DAYS,
) -> Radar:
    """Look around at a customer, in all its spellings, for a quote of `owner_id` (None: one's own).

    `quote_id` is the quote that is being written, which does not count against itself.
    """
    group, sure = customer_group(work, account_id)
    owner = owner_id or work.actor.person_id
    prices = price_history(work, group, product_ids, owner, quote_id) if product_ids else ()
    since = work.today - timedelta(days=window)
    again = tuple(one for one in prices if one.kind == QUOTED and one.on is not None and one.on >= since)
    names = work.rows(select(Account.name).where(Account.id.in_(group)).order_by(Account.id))
    rivals = _rivals(work, group, owner, since, quote_id)
    return Radar(tuple(row.name for row in names), sure, rivals, again, prices, window)


def price_history(
    work: Work,
    accounts: Collection[int],
    product_ids: Collection[int],
    owner_id: int,
    but_quote: int | None = None,
) -> tuple[PastPrice, ...]:
    """Return what these customers were offered and sold these products for, the newest first."""
    found = [*_quoted(work, accounts, product_ids, owner_id, but_quote)]
    found += _sold(work, accounts, product_ids, owner_id)
    found.sort(key=lambda one: one.on or date.min, reverse=True)
    return tuple(found[:MOST_PRICES])


def _quoted(
    work: Work, accounts: Collection[int], products: Collection[int], owner: int, but: int | None
) -> list[PastPrice]:
    statement = (
        select(
            Quote.number,
            Quote.issued_on.label("on"),
            QuoteLine.product_id,
            QuoteLine.name.label("product"),
            QuoteLine.quantity,
            QuoteLine.unit_price,
            Quote.owner_id,
            Person.name.label("owner"),
        )
        .join(Quote, Quote.id == QuoteLine.quote_id)
        .outerjoin(Person, Person.id == Quote.owner_id)
        .where(Quote.account_id.in_(sorted(accounts)), QuoteLine.product_id.in_(sorted(products)))
        .order_by(Quote.issued_on.desc(), Quote.id.desc())
        .limit(MOST_PRICES)
    )
    if but is not None:
        statement = statement.where(Quote.id != but)
    return [_price(QUOTED, row, owner) for row in work.rows(statement)]


def _sold(work: Work, accounts: Collection[int], products: Collection[int], owner: int) -> list[PastPrice]:
    statement = (
        select(
            SalesOrder.number,
            SalesOrder.ordered_on.label("on"),
            OrderLine.product_id,
            Product.name.label("product"),
            OrderLine.quantity,
            OrderLine.unit_price,
            SalesOrder.owner_id,
            Person.name.label("owner"),
        )
        .join(SalesOrder, SalesOrder.id == OrderLine.order_id)
        .join(Product, Product.id == OrderLine.product_id)
        .outerjoin(Person, Person.id == SalesOrder.owner_id)
        .where(
            SalesOrder.account_id.in_(sorted(accounts)),
            OrderLine.product_id.in_(sorted(products)),
            OrderLine.unit_price.is_not(None),
        )
        .order_by(SalesOrder.ordered_on.desc(), SalesOrder.id.desc())
        .limit(MOST_PRICES)
    )
    return [_price(SOLD, row, owner) for row in work.rows(statement)]


def _price(kind: str, row: Any, owner: int) -> PastPrice:
    return PastPrice(
        kind,
        row.number,
        row.on,
        row.product_id,
        row.product,
        row.quantity,
        row.unit_price,
        row.owner,
        row.owner_id == owner,
    )


def _rivals(
    work: Work, group: Collection[int], owner: int, since: date, but: int | None
) -> tuple[Rival, ...]:
    """Return the other owners with quotes since a day, or with open deals, at these customers."""
    people = {row.id: row.name for row in work.rows(select(Person.id, Person.name))}
    names = {
        row.id: row.name
        for row in work.rows(select(Account.id, Account.name).where(Account.id.in_(sorted(group))))
    }
    shares: dict[tuple[int, int], list[Any]] = {}
    quoter = func.coalesce(Quote.owner_id, Opportunity.owner_id)
    quotes = (
        select(quoter.label("owner"), Quote.account_id, Quote.amount, Quote.issued_on, Quote.id)
        .outerjoin(Opportunity, Opportunity.id == Quote.opportunity_id)
        .where(
            Quote.account_id.in_(sorted(group)),
            Quote.issued_on >= since,
            or_(Opportunity.id.is_(None), Opportunity.status == DealStatus.OPEN.value),
        )
    )
    for row in work.rows(quotes):
        if row.owner and row.owner != owner and row.id != but:
            share = shares.setdefault((row.owner, row.account_id), [0, 0, 0, None])
            share[0] += 1
            share[2] += row.amount or 0
            share[3] = max(day for day in (share[3], row.issued_on) if day)
    deals = select(Opportunity.owner_id, Opportunity.account_id, Opportunity.amount).where(
        Opportunity.account_id.in_(sorted(group)), Opportunity.status == DealStatus.OPEN.value
    )
    for row in work.rows(deals):
        if row.owner_id and row.owner_id != owner:
            share = shares.setdefault((row.owner_id, row.account_id), [0, 0, 0, None])
            share[1] += 1
            share[2] += 0 if share[0] else row.amount or 0
    found = [
        Rival(people.get(person, ""), names.get(account, ""), quotes_, deals_, amount, last)
        for (person, account), (quotes_, deals_, amount, last) in shares.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.quotes, -one.amount, one.owner)))
