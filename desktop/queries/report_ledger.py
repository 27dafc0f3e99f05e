"""A report held to the ledger: what it adds up, beside what the records themselves add up to (RPT-17).

The ledger's side asks the records in one plain statement and shares no code with the figures, so that an error of one
is not repeated by the other. What the two do not have in common is listed record by record, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from desktop.exporters.document import Check, LeftOut
from desktop.i18n import N_
from desktop.models.opportunities import Opportunity
from desktop.queries.funnel import FunnelView
from desktop.queries.scope import owned_within
from desktop.store.workspace import Work
from desktop.terms import DealStatus

OTHER_CURRENCY = N_("In another currency: counted, its amount is not added")
ONLY_LEDGER = N_("In the ledger, not in the report")
ONLY_REPORT = N_("In the report, not in the ledger")


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
    missing = shown - ledger.keys()
    named = (
        {deal.id: deal for deal in _deals(work, [*within, Opportunity.id.in_(missing)])} if missing else {}
    )
    left = (
        *_left(ledger[key] for key in sorted(ledger.keys() - shown)),
        *(
            LeftOut(str(deal.id), deal.name, OTHER_CURRENCY, 0, deal.amount, deal.currency)
            for key, deal in sorted(ledger.items())
            if key in shown and deal.currency != view.currency
        ),
        *(
            LeftOut(str(key), named[key].name, ONLY_REPORT, -1, -named[key].amount, named[key].currency)
            for key in sorted(named)
        ),
    )
    amount = sum(deal.amount for deal in ledger.values())
    return (
        Check(
            "open_deals", N_("Open deals"), view.figures.count, len(ledger), view.figures.amount, amount, left
        ),
    )


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
    columns = (Opportunity.id, Opportunity.name, Opportunity.amount, Opportunity.currency)
    rows = work.rows(select(*columns).where(*conditions))
    return [_Deal(row.id, row.name, row.amount or 0, row.currency) for row in rows]
