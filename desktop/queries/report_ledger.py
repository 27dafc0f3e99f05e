"""A report held to the ledger: what it adds up, beside what the records themselves add up to (RPT-17).

The ledger's side asks the records in one plain statement and shares no code with the figures, so that an error of one
is not repeated by the other. What the two do not have in common is listed record by record, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from desktop.exporters.document import Check, LeftOut
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.contracts import Contract
from desktop.models.opportunities import Opportunity
from desktop.models.orders import OrderLine, SalesOrder
from desktop.queries.calibration import CalibrationView
from desktop.queries.funnel import FunnelView
from desktop.queries.handover import HandoverView
from desktop.queries.sales_history import History
from desktop.queries.scope import owned_within, person_ids
from desktop.store.workspace import Work
from desktop.terms import DealStatus

OTHER_CURRENCY = N_("In another currency: counted, its amount is not added")
ONLY_LEDGER = N_("In the ledger, not in the report")
ONLY_REPORT = N_("In the report, not in the ledger")
FOREIGN = N_("In another currency: neither counted nor added")
NO_TARGET = N_("Sold by somebody without a target in this month")
_DEAL = (Opportunity.id, Opportunity.name, Opportunity.amount, Opportunity.currency)


@dataclass(frozen=True, slots=True)
class _Deal:
    id: int
    name: str
    amount: int
    currency: str


def funnel_checks(work: Work, view: FunnelView, unit_id: int | None) -> tuple[Check, ...]:
    """Return the open deals of a funnel beside those of the ledger on the same day."""
    within = [Opportunity.pipeline_id == view.pipeline.id, *owned_within(Opportunity.owner_id, unit_id)]
    ledger = {deal.id: deal for deal in _open_on(work, view.as_of, within)}
    shown = {item.deal_id for item in view.figures.standings}
    return (_open_deals(work, shown, view.figures.amount, view.currency, ledger),)


def handover_checks(work: Work, view: HandoverView) -> tuple[Check, ...]:
    """Return the open deals of a checklist beside those that the ledger says are the leaver's."""
    account = Account.__table__.c
    owners = {row.id: row.owner_id for row in work.rows(select(account.id, account.owner_id))}
    found = work.rows(
        select(*_DEAL, Opportunity.owner_id, Opportunity.account_id).where(
            Opportunity.status == DealStatus.OPEN.value
        )
    )
    ledger = {
        row.id: _Deal(row.id, row.name, row.amount or 0, row.currency)
        for row in found
        if (row.owner_id or owners.get(row.account_id)) == view.leaver.id
    }
    shown = {item.id for item in view.of("opportunity")}
    amount = view.amounts.get(view.currency, 0)
    return (_open_deals(work, shown, amount, view.currency, ledger),)


def target_checks(work: Work, run: CalibrationView, unit_id: int | None) -> tuple[Check, ...]:
    """Return what people with a target sold in the month beside everything that the ledger says was sold."""
    ends = min(run.period.ends, work.today)
    sold = [sale for sale in _SOLD[run.history](work) if sale.day and run.period.starts <= sale.day <= ends]
    currencies = Counter(sale.currency for sale in sold)
    main = max(currencies, key=lambda key: (currencies[key], key), default="")
    people = person_ids(work, unit_id)
    targeted = {person.person_id for person in run.people}
    ledger = [sale for sale in sold if people is None or sale.owner_id in people]
    left = tuple(
        LeftOut(str(sale.id), sale.name, reason, 1, sale.amount, sale.currency)
        for sale in ledger
        if (
            reason := NO_TARGET if sale.owner_id not in targeted else FOREIGN if sale.currency != main else ""
        )
    )
    count = sum(len(person.amounts) for person in run.people)
    actual = sum(sum(person.actual) for person in run.people)
    amount = sum(sale.amount for sale in ledger)
    return (Check("sold", run.history.label, count, len(ledger), actual, amount, left),)


@dataclass(frozen=True, slots=True)
class _Sold:
    id: int
    name: str
    owner_id: int | None
    day: date | None
    amount: int
    currency: str = "CNY"


def _deals_sold(work: Work) -> Iterator[_Sold]:
    won = select(*_DEAL, Opportunity.won_amount, Opportunity.owner_id, Opportunity.closed_on)
    for row in work.rows(won.where(Opportunity.status == DealStatus.WON.value)):
        amount = row.amount if row.won_amount is None else row.won_amount
        if amount is not None:
            yield _Sold(row.id, row.name, row.owner_id, row.closed_on, amount, row.currency)


def _contracts_sold(work: Work) -> Iterator[_Sold]:
    columns = (Contract.id, Contract.number, Contract.owner_id, Contract.signed_on, Contract.ordered_on)
    for row in work.rows(select(*columns, Contract.amount)):
        if row.amount is not None:
            day = row.ordered_on if row.signed_on is None else row.signed_on
            yield _Sold(row.id, row.number or "", row.owner_id, day, row.amount)


def _orders_sold(work: Work) -> Iterator[_Sold]:
    lines: dict[int, int] = {}
    for line in work.rows(select(OrderLine.order_id, OrderLine.amount)):
        if line.amount is not None:
            lines[line.order_id] = lines.get(line.order_id, 0) + line.amount
    columns = (SalesOrder.id, SalesOrder.number, SalesOrder.owner_id, SalesOrder.ordered_on)
    for row in work.rows(select(*columns, SalesOrder.amount)):
        amount = lines.get(row.id) if row.amount is None else row.amount
        if amount is not None:
            yield _Sold(row.id, row.number or "", row.owner_id, row.ordered_on, amount)


_SOLD: dict[History, Callable[[Work], Iterator[_Sold]]] = {
    History.OPPORTUNITIES: _deals_sold,
    History.CONTRACTS: _contracts_sold,
    History.ORDERS: _orders_sold,
}


def _open_deals(work: Work, shown: set[int], reported: int, currency: str, ledger: dict[int, _Deal]) -> Check:
    """Return the open deals that a report shows beside the ledger's, and what only one of the two has."""
    missing = shown - ledger.keys()
    named = {deal.id: deal for deal in _deals(work, [Opportunity.id.in_(missing)])} if missing else {}
    left = (
        *_left(ledger[key] for key in sorted(ledger.keys() - shown)),
        *(
            LeftOut(str(deal.id), deal.name, OTHER_CURRENCY, 0, deal.amount, deal.currency)
            for key, deal in sorted(ledger.items())
            if key in shown and deal.currency != currency
        ),
        *(
            LeftOut(str(key), named[key].name, ONLY_REPORT, -1, -named[key].amount, named[key].currency)
            for key in sorted(named)
        ),
    )
    amount = sum(deal.amount for deal in ledger.values())
    return Check("open_deals", N_("Open deals"), len(shown), len(ledger), reported, amount, left)


def _left(deals: Iterator[_Deal]) -> Iterator[LeftOut]:
    for deal in deals:
        yield LeftOut(str(deal.id), deal.name, ONLY_LEDGER, 1, deal.amount, deal.currency)


def _open_on(work: Work, day: date, within: list[ColumnElement[bool]]) -> list[_Deal]:
    if day >= work.today:
        return _deals(work, [*within, Opportunity.status == DealStatus.OPEN.value])
    closed = Opportunity.closed_on
    open_then = or_(Opportunity.status == DealStatus.OPEN.value, closed > day)
    return _deals(
        work, [*within, open_then, or_(Opportunity.opened_on.is_(None), Opportunity.opened_on <= day)]
    )


def _deals(work: Work, conditions: list[ColumnElement[bool]]) -> list[_Deal]:
    rows = work.rows(select(*_DEAL).where(*conditions))
    return [_Deal(row.id, row.name, row.amount or 0, row.currency) for row in rows]
