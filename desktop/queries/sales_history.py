"""What was sold, when and by whom: won opportunities, else contracts, else orders (decisions, "Figures")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, func, literal, select

from desktop.analytics.calibration import Sale
from desktop.i18n import N_
from desktop.models.contracts import Contract
from desktop.models.opportunities import Opportunity
from desktop.models.orders import OrderLine, SalesOrder
from desktop.store.workspace import Work
from desktop.terms import DealStatus, Term

Column = SQLColumnExpression[Any]


class History(Term):
    """Which records say what was sold."""

    OPPORTUNITIES = "opportunities", N_("Won opportunities")
    CONTRACTS = "contracts", N_("Contracts")
    ORDERS = "orders", N_("Orders")


@dataclass(frozen=True, slots=True)
class OwnedSale:
    """A sale and the person it counts for (None: nobody known)."""

    owner_id: int | None
    sale: Sale


def chosen_history(work: Work, starts: date, ends: date) -> History:
    """Return the first kind that has anything dated within the days; failing that, anything dated at all."""
    for within in ((starts, ends), (date.min, date.max)):
        for kind in History:
            statement, day = _statement(kind)
            found = work.rows(statement.where(day.between(*within)).limit(1))
            if found:
                return kind
    return History.OPPORTUNITIES


def sales(work: Work, kind: History, starts: date, ends: date) -> tuple[OwnedSale, ...]:
    """Return everything sold from `starts` to `ends`, in the currency that most of it has."""
    statement, day = _statement(kind)
    rows = work.rows(statement.where(day.between(starts, ends)))
    currencies = Counter(row.currency for row in rows)
    main = max(currencies, key=lambda key: (currencies[key], key), default=None)
    return tuple(OwnedSale(row.owner_id, Sale(row.day, row.amount)) for row in rows if row.currency == main)


def by_owner(found: Iterable[OwnedSale]) -> dict[int | None, list[Sale]]:
    """Return the sales of each person."""
    owned: dict[int | None, list[Sale]] = {}
    for item in found:
        owned.setdefault(item.owner_id, []).append(item.sale)
    return owned


def _statement(kind: History) -> tuple[Select[Any], Column]:
    if kind is History.OPPORTUNITIES:
        amount: Column = func.coalesce(Opportunity.won_amount, Opportunity.amount)
        day: Column = Opportunity.__table__.c.closed_on
        return (
            _columns(Opportunity.owner_id, day, amount, Opportunity.currency).where(
                Opportunity.status == DealStatus.WON.value
            ),
            day,
        )
    if kind is History.CONTRACTS:
        day = func.coalesce(Contract.signed_on, Contract.ordered_on)
        return _columns(Contract.owner_id, day, Contract.amount), day
    lines = select(func.sum(OrderLine.amount)).where(OrderLine.order_id == SalesOrder.id).scalar_subquery()
    day = SalesOrder.__table__.c.ordered_on
    return _columns(SalesOrder.owner_id, day, func.coalesce(SalesOrder.amount, lines)), day


def _columns(owner: Any, day: Column, amount: Any, currency: Any = None) -> Select[Any]:
    return select(
        owner.label("owner_id"),
        day.label("day"),
        amount.label("amount"),
        (literal("CNY") if currency is None else currency).label("currency"),
    ).where(amount.is_not(None))
