"""One quote in full: its lines with discounts and margins, its frozen versions, and quotes as drafts of others (APR-08, APR-10)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desktop.analytics.pricing import Margin, Priced, line_amount, totals
from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.orders import Product
from desktop.models.people import Person
from desktop.models.quotes import PaperVersion, QuoteLine
from desktop.queries.quotes import QuoteRow, quote_row
from desktop.store.workspace import Work

MOST_CUSTOMERS = 20_000
"""As many as a list can be searched in by typing; who looks after more chooses the customer on its own page."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line: quantity in thousandths, prices in millionths, amount in minor units, shares in ten-thousandths."""

    id: int
    product_id: int | None
    name: str
    quantity: int
    list_price: int | None
    unit_price: int
    cost: int | None
    amount: int

    @property
    def discount(self) -> int | None:
        """How far the price lies below the list."""
        return self._priced().discount

    @property
    def margin(self) -> int | None:
        """What is left of the line's own amount."""
        return totals([self._priced()])[2].share

    def _priced(self) -> Priced:
        return Priced(self.quantity, self.unit_price, self.list_price, self.cost)


@dataclass(frozen=True, slots=True)
class VersionView:
    """What was approved, when and by whom; `whole` says that its text still has its hash."""

    number: int
    hash: str
    frozen_at: datetime
    by: str
    content: dict[str, Any]
    whole: bool


@dataclass(frozen=True, slots=True)
class QuoteDetail:
    """Everything about one quote; `at_list` is what its lines cost by the list, None where some is in no list."""

    row: QuoteRow
    lines: tuple[LineView, ...]
    at_list: int | None
    margin: Margin
    versions: tuple[VersionView, ...]


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line as it is typed: a product, or words of one's own; quantity in thousandths, price in millionths."""

    name: str
    quantity: int
    unit_price: int
    product_id: int | None = None

    @property
    def amount(self) -> int:
        """What it comes to, in minor units."""
        return line_amount(self.quantity, self.unit_price)


@dataclass(frozen=True, slots=True)
class ProductChoice:
    """A product that can be quoted; prices in millionths."""

    id: int
    name: str
    code: str | None
    unit: str | None
    list_price: int | None
    cost: int | None


def quote_detail(work: Work, quote_id: int) -> QuoteDetail:
    """Return a quote in full; raise NotFound."""
    row = quote_row(work, quote_id)
    if row is None:
        raise NotFound("quote_unknown", N_("There is no quote {id}."), id=quote_id)
    lines = lines_of(work, quote_id)
    priced = [Priced(one.quantity, one.unit_price, one.list_price, one.cost) for one in lines]
    _amount, at_list, margin = totals(priced, row.discount or 0)
    return QuoteDetail(row, lines, at_list, margin, versions_of(work, quote_id=quote_id))


def lines_of(work: Work, quote_id: int) -> tuple[LineView, ...]:
    """Return the lines of a quote in their order."""
    line = QuoteLine
    wanted = (line.id, line.product_id, line.name, line.quantity, line.list_price, line.unit_price)
    rows = work.rows(
        select(*wanted, line.cost, line.amount)
        .where(line.quote_id == quote_id)
        .order_by(line.position, line.id)
    )
    return tuple(LineView(**row._mapping) for row in rows)


def versions_of(
    work: Work, *, quote_id: int | None = None, contract_id: int | None = None
) -> tuple[VersionView, ...]:
    """Return the frozen versions of a quote or a contract, the newest first."""
    from desktop.store.papers import is_whole

    kept = (
        PaperVersion.quote_id == quote_id if quote_id is not None else PaperVersion.contract_id == contract_id
    )
    rows = work.rows(
        select(
            PaperVersion.number, PaperVersion.hash, PaperVersion.frozen_at, PaperVersion.content, Person.name
        )
        .outerjoin(Person, Person.id == PaperVersion.frozen_by_id)
        .where(kept)
        .order_by(PaperVersion.number.desc())
    )
    return tuple(
        VersionView(
            row.number,
            row.hash,
            row.frozen_at,
            row.name or "",
            json.loads(row.content),
            is_whole(row.content, row.hash),
        )
        for row in rows
    )


def products(work: Work) -> list[ProductChoice]:
    """Return what can be quoted, by name."""
    rows = work.rows(
        select(Product.id, Product.name, Product.code, Product.unit, Product.list_price, Product.cost)
        .where(Product.active.is_not(False))
        .order_by(Product.name, Product.id)
    )
    return [ProductChoice(**row._mapping) for row in rows]


def draft_like(work: Work, quote_id: int) -> tuple[LineDraft, ...]:
    """Return the lines of a quote as a draft of another: the quick quote (APR-08)."""
    return tuple(
        LineDraft(one.name, one.quantity, one.unit_price, one.product_id) for one in lines_of(work, quote_id)
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What lines that are being typed come to (minor units), and what is left of it (ten-thousandths)."""

    amount: int
    margin: int | None


def preview(lines: Sequence[LineDraft], known: Sequence[ProductChoice], discount: int) -> Preview:
    """Return what a draft comes to, with the costs of today."""
    costs = {one.id: one.cost for one in known}
    priced = [Priced(line.quantity, line.unit_price, None, costs.get(line.product_id or 0)) for line in lines]
    amount, _at_list, margin = totals(priced, discount)
    return Preview(amount, margin.share)


def customers(work: Work) -> list[tuple[int, str]]:
    """Return whom a quote may be written to, by name."""
    some = select(Account.id, Account.name).order_by(Account.name, Account.id).limit(MOST_CUSTOMERS)
    rows = work.rows(some)
    return [(row.id, row.name) for row in rows]
