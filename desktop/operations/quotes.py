"""Making and editing quotes (APR-08, APR-10); what was approved is not edited any more (PER-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from desktop.analytics.pricing import WHOLE, Priced, totals
from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.contracts import Quote
from desktop.models.opportunities import Opportunity
from desktop.models.orders import Product
from desktop.models.quotes import QuoteLine
from desktop.queries.quote_detail import LineDraft
from desktop.store.papers import QUOTE, is_frozen
from desktop.store.stale import locked, require_same
from desktop.store.workspace import Work
from desktop.terms import Role

QUOTERS = (
    Role.REP,
    Role.CITY_MANAGER,
    Role.REGIONAL_MANAGER,
    Role.DIRECTOR,
    Role.SALES_OPS,
    Role.ADMIN,
)
"""Who writes quotes and contracts."""
EDITED = ("amount", "discount", "valid_until", "opportunity_id")


@dataclass(frozen=True, slots=True)
class QuoteDraft:
    """What is typed into a quote; `discount` on the whole in ten-thousandths, `valid_until` only if it ends earlier."""

    account_id: int
    lines: tuple[LineDraft, ...]
    opportunity_id: int | None = None
    discount: int = 0
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class QuoteDone:
    """The quote that was written, and what it comes to in minor units."""

    id: int
    number: str
    amount: int


def make_quote(work: Work, draft: QuoteDraft) -> QuoteDone:
    """Write a new quote as oneself, issued today.

    Raises InvalidInput for a draft that cannot be offered, NotFound for a customer or product that is not
    there, NotAllowed for a role that does not sell.
    """
    require_quoter(work)
    _checked(work, draft)
    quote = Quote(
        number="",
        account_id=draft.account_id,
        owner_id=work.actor.person_id,
        issued_on=work.today,
        recorded_at=work.now,
        changed_at=work.now,
    )
    priced = _lines(work, draft.lines)
    _fill(quote, draft, priced)
    work.session.add(quote)
    work.session.flush()
    quote.number = f"BJ{work.today:%Y%m%d}-{quote.id:05d}"
    _write_lines(work, quote, priced)
    work.audit("make_quote", "quote", quote.id, number=quote.number, amount=quote.amount)
    work.session.flush()
    return QuoteDone(quote.id, quote.number, quote.amount or 0)


def edit_quote(
    work: Work,
    quote_id: int,
    draft: QuoteDraft,
    version: int | None = None,
    seen: dict[str, Any] | None = None,
) -> QuoteDone:
    """Write a quote anew; its number, its day and its owner stay.

    Raises as `make_quote` does, NotAllowed for one that was approved, StaleRecord for one that somebody
    else edited meanwhile.
    """
    require_quoter(work)
    quote = locked_quote(work, quote_id)
    require_same(work, quote, version, subject="quote", fields=EDITED, seen=seen)
    if is_frozen(work, QUOTE, quote_id):
        raise frozen_error(quote.number)
    _checked(work, draft)
    before = {name: getattr(quote, name) for name in EDITED}
    priced = _lines(work, draft.lines)
    _fill(quote, draft, priced)
    quote.account_id = draft.account_id
    quote.changed_at = work.now
    work.session.execute(delete(QuoteLine).where(QuoteLine.quote_id == quote_id))
    _write_lines(work, quote, priced)
    changed = {name: getattr(quote, name) for name in EDITED if getattr(quote, name) != before[name]}
    told = {name: str(value) for name, value in changed.items()}
    work.audit("edit_quote", "quote", quote_id, number=quote.number, **told)
    work.session.flush()
    return QuoteDone(quote_id, quote.number, quote.amount or 0)


def locked_quote(work: Work, quote_id: int) -> Quote:
    """Return a quote that nobody else changes until this transaction ends; raise NotFound."""
    quote = locked(work, Quote, quote_id)
    if quote is None:
        raise NotFound("quote_unknown", N_("There is no quote {id}."), id=quote_id)
    return quote


def frozen_error(number: str) -> NotAllowed:
    """Return what is said of an approved paper that somebody wants to edit."""
    return NotAllowed(
        "paper_frozen",
        N_("{number} was approved, and stays as it was approved."),
        remedy=N_("Write a new quote after it, or ask for the change to be approved."),
        number=number,
    )


def require_quoter(work: Work) -> None:
    """Raise NotAllowed for somebody whose role does not write quotes and contracts."""
    if work.actor.role not in QUOTERS:
        raise NotAllowed(
            "not_a_seller",
            N_("Your role does not write quotes or contracts."),
            remedy=N_("Ask the customer's owner to write it."),
        )


def _checked(work: Work, draft: QuoteDraft) -> None:
    if work.session.get(Account, draft.account_id) is None:
        raise NotFound("account_unknown", N_("This customer does not exist any more."))
    if draft.opportunity_id is not None and work.session.get(Opportunity, draft.opportunity_id) is None:
        raise NotFound("deal_unknown", N_("This deal does not exist any more."))
    if not draft.lines:
        raise InvalidInput(
            "quote_empty", N_("A quote needs at least one line."), remedy=N_("Choose a product, or type one.")
        )
    for number, line in enumerate(draft.lines, 1):
        if not line.name.strip() or line.quantity <= 0 or line.unit_price < 0:
            raise InvalidInput(
                "quote_line_incomplete",
                N_("Line {number} needs a name, a quantity above zero and a price."),
                remedy=N_("Complete the line, or remove it."),
                number=number,
            )
    if not 0 <= draft.discount <= WHOLE:
        raise InvalidInput("discount_impossible", N_("A discount lies between 0 and 100 %."))
    if draft.valid_until is not None and draft.valid_until < work.today:
        raise InvalidInput(
            "quote_ends_before",
            N_("The quote would end on {day}, before it is issued."),
            day=draft.valid_until,
        )


def _lines(work: Work, lines: Sequence[LineDraft]) -> list[tuple[LineDraft, Priced]]:
    """Return the lines with list price and cost as they are today (APR-10)."""
    wanted = {line.product_id for line in lines if line.product_id is not None}
    known = {
        row.id: row
        for row in work.rows(
            select(Product.id, Product.list_price, Product.cost).where(Product.id.in_(sorted(wanted)))
        )
    }
    if missing := wanted - set(known):
        raise NotFound("product_unknown", N_("There is no product {id}."), id=min(missing))
    found = []
    for line in lines:
        product = known.get(line.product_id)
        found.append(
            (
                line,
                Priced(
                    line.quantity,
                    line.unit_price,
                    product.list_price if product else None,
                    product.cost if product else None,
                ),
            )
        )
    return found


def _fill(quote: Quote, draft: QuoteDraft, priced: list[tuple[LineDraft, Priced]]) -> None:
    quote.opportunity_id = draft.opportunity_id
    quote.discount = draft.discount or None
    quote.valid_until = draft.valid_until
    quote.amount = totals([one for _line, one in priced], draft.discount)[0]


def _write_lines(work: Work, quote: Quote, priced: list[tuple[LineDraft, Priced]]) -> None:
    for position, (line, one) in enumerate(priced, 1):
        work.session.add(
            QuoteLine(
                quote_id=quote.id,
                position=position,
                product_id=line.product_id,
                name=line.name.strip()[:400],
                quantity=line.quantity,
                list_price=one.list_price,
                unit_price=line.unit_price,
                cost=one.cost,
                amount=one.amount,
                recorded_at=work.now,
                changed_at=work.now,
            )
        )
