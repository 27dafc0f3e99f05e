"""Quotes and contracts in words and as JSON, for commands and pages alike."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import or_, select

from desktop.analytics.irregularity import Irregular
from desktop.analytics.names import name_key
from desktop.analytics.validity import Standing
from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_, Locale
from desktop.models.accounts import Account
from desktop.models.contracts import Contract, Quote
from desktop.models.orders import Product
from desktop.money import UNIT_PRICE_SCALE, from_minor, money_text, to_minor
from desktop.queries.contracts import ContractRow
from desktop.queries.quote_detail import LineDraft, QuoteDetail, products
from desktop.queries.quote_history import Radar
from desktop.queries.quotes import QuoteRow
from desktop.store.workspace import Work

__all__ = ["IRREGULAR", "STANDINGS", "Irregular", "Standing", "account_named", "contract_json", "contract_named",
    "detail_json", "lines_named", "number_typed", "percent_text", "price_text", "product_named", "quantity_text", "quote_json", "quote_named",
    "radar_json", "share_of"]  # fmt: skip

STANDINGS = {
    Standing.VALID: N_("Valid"),
    Standing.ENDING: N_("Ends soon"),
    Standing.EXPIRED: N_("Expired"),
    Standing.UNDATED: N_("No date"),
}
IRREGULAR = {
    Irregular.CONCESSION: N_("Concession"),
    Irregular.DELIVERY: N_("Short delivery"),
    Irregular.CLAUSE: N_("Hand-written clause"),
}


def account_named(work: Work, named: str) -> int:
    """Return the customer that a name or a number means; raise NotFound or InvalidInput."""
    return _named(
        work, Account, or_(Account.name_key == name_key(named)), named, N_("There is no customer “{name}”.")
    )


def product_named(work: Work, named: str) -> int:
    """Return the product that a code, a name or a number means; raise NotFound or InvalidInput."""
    wanted = or_(Product.code == named, Product.name_key == name_key(named))
    return _named(work, Product, wanted, named, N_("There is no product “{name}”."))


def quote_named(work: Work, named: str) -> int:
    """Return the quote of that number, or of that id; raise NotFound or InvalidInput."""
    return _named(work, Quote, Quote.number == named, named, N_("There is no quote “{name}”."))


def contract_named(work: Work, named: str) -> int:
    """Return the contract of that number, or of that id; raise NotFound or InvalidInput."""
    return _named(work, Contract, Contract.number == named, named, N_("There is no contract “{name}”."))


def _named(work: Work, record: Any, wanted: Any, named: str, missing: str) -> int:
    kind = record.__tablename__
    rows = work.rows(select(record.id).where(wanted).order_by(record.id).limit(3))
    if not rows and named.lstrip("#").isdigit():
        rows = work.rows(select(record.id).where(record.id == int(named.lstrip("#"))))
    if not rows:
        raise NotFound(f"{kind}_not_found", missing, name=named)
    if len(rows) > 1:
        raise InvalidInput(
            f"{kind}_ambiguous",
            N_("Several are called “{name}”."),
            remedy=N_("Give the number instead: {ids}."),
            name=named,
            ids=", ".join(f"#{row.id}" for row in rows),
        )
    return int(rows[0].id)


def price_text(price: int | None) -> str | None:
    """Return a unit price as documents write it, without zeros that say nothing."""
    if price is None:
        return None
    text = f"{from_minor(price, UNIT_PRICE_SCALE):f}".rstrip("0").rstrip(".")
    return text or "0"


def price_shown(price: int | None) -> str | None:
    """Return a unit price for a person: with thousands separators, two decimals or as many as it has."""
    if price is None:
        return None
    exact = price_text(price) or "0"
    places = max(2, len(exact.partition(".")[2]))
    return f"{Decimal(exact):,.{places}f}"


def quantity_text(quantity: int | None) -> str | None:
    """Return a quantity as documents write it."""
    if quantity is None:
        return None
    return f"{Decimal(quantity).scaleb(-3):f}".rstrip("0").rstrip(".") or "0"


def share_of(value: int | None) -> float | None:
    """Return ten-thousandths as the fraction that documents have."""
    return None if value is None else value / 10_000


def quote_json(row: QuoteRow) -> dict[str, Any]:
    """Return one quote of a list."""
    return {
        "id": row.id,
        "number": row.number,
        "customer": row.customer,
        "opportunity": row.deal,
        "owner": row.owner,
        "issued_on": row.issued_on,
        "renewed_on": row.renewed_on,
        "last_day": row.last_day,
        "standing": row.standing.value,
        "amount": None if row.amount is None else money_text(row.amount),
        "discount": share_of(row.discount),
        "margin": share_of(row.margin),
        "approved": row.approved,
        "contract": row.contract,
    }


def detail_json(detail: QuoteDetail, radar: Radar | None) -> dict[str, Any]:
    """Return a quote in full."""
    document = quote_json(detail.row)
    document["at_list"] = None if detail.at_list is None else money_text(detail.at_list)
    document["lines"] = [
        {
            "name": line.name,
            "quantity": quantity_text(line.quantity),
            "unit_price": price_text(line.unit_price),
            "list_price": price_text(line.list_price),
            "discount": share_of(line.discount),
            "amount": money_text(line.amount),
            "margin": share_of(line.margin),
        }
        for line in detail.lines
    ]
    document["versions"] = [
        {"number": one.number, "hash": one.hash, "at": one.frozen_at, "by": one.by, "whole": one.whole}
        for one in detail.versions
    ]
    return document | (radar_json(radar) if radar else {})


def radar_json(radar: Radar) -> dict[str, Any]:
    """Return what is to be known before a price leaves."""
    return {
        "customers": list(radar.customers),
        "sure": radar.sure,
        "rivals": [
            {
                "owner": one.owner,
                "customer": one.customer,
                "quotes": one.quotes,
                "deals": one.deals,
                "amount": money_text(one.amount),
                "last_on": one.last_on,
            }
            for one in radar.rivals
        ],
        "prices": [
            {
                "kind": one.kind,
                "number": one.number,
                "on": one.on,
                "product": one.product,
                "quantity": quantity_text(one.quantity),
                "unit_price": price_text(one.unit_price),
                "owner": one.owner,
                "again": one in radar.again,
            }
            for one in radar.prices
        ],
    }


def contract_json(row: ContractRow) -> dict[str, Any]:
    """Return one contract of a list."""
    return {
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "customer": row.customer,
        "quote": row.quote,
        "owner": row.owner,
        "amount": None if row.amount is None else money_text(row.amount),
        "offered": None if row.offered is None else money_text(row.offered),
        "signed_on": row.signed_on,
        "delivery_on": row.delivery_on,
        "concession": share_of(row.irregular.concession),
        "delivery_days": row.irregular.delivery_days,
        "irregular": [flag.value for flag in row.irregular.flags],
        "open_notes": row.open_notes,
        "approved": row.approved,
    }


def percent_text(locale: Locale, value: int | None) -> str:
    """Return ten-thousandths as a percentage."""
    return locale.percent(None if value is None else Decimal(value) / 10_000)


def lines_named(work: Work, typed: Iterable[str]) -> tuple[LineDraft, ...]:
    """Return lines typed as "PRODUCT=QUANTITY@PRICE"; raise InvalidInput for what is none."""
    known = {one.id: one for one in products(work)}
    found = []
    for text in typed:
        name, _equals, rest = text.rpartition("=")
        amount, _at, price = rest.partition("@")
        quantity = number_typed(amount, text)
        number = product_named(work, name.strip())
        listed = known[number].list_price if number in known else None
        if not price and listed is None:
            raise InvalidInput(
                "price_missing",
                N_("“{text}” has no price, and the product is in no price list."),
                remedy=N_("Write it as PRODUCT=QUANTITY@PRICE."),
                text=text,
            )
        unit_price = to_minor(number_typed(price, text), UNIT_PRICE_SCALE) if price else listed or 0
        shown = known[number].name if number in known else name
        found.append(LineDraft(shown, to_minor(quantity, 3), unit_price, number))
    return tuple(found)


def number_typed(typed: str, whole: str) -> Decimal:
    """Return a number that somebody typed; raise InvalidInput, which names the whole line, for what is none."""
    try:
        number = Decimal(typed.strip().replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number < 10**12:
        raise InvalidInput(
            "line_unreadable",
            N_("“{text}” cannot be read as a line."),
            remedy=N_("Write it as PRODUCT=QUANTITY@PRICE."),
            text=whole,
        )
    return number
