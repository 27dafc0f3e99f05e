"""Reports made of figures held to the records: each plain total beside what the records themselves add up to (RPT-17).

The other side reads the records of the period row by row and decides in Python whose they are; it shares no statement
with the metric layer. What the two do not have in common is listed record by record, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from desktop.analytics.formula import Aggregate, aggregates
from desktop.exporters.document import Check, LeftOut
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.activities import Activity
from desktop.models.contracts import Contract, Invoice, Payment, Quote
from desktop.models.opportunities import Opportunity
from desktop.queries.metrics.engine import FactQuery, Figures, facts_named, together
from desktop.queries.report_ledger import ONLY_LEDGER, ONLY_REPORT, OTHER_CURRENCY
from desktop.queries.scope import person_ids
from desktop.store.workspace import Work
from desktop.terms import DealStatus

NO_OWNER = N_("Has no owner: belongs to no unit")


@dataclass(frozen=True, slots=True)
class _Record:
    id: int
    name: str
    owner_id: int | None
    day: date | None
    amount: int
    currency: str = "CNY"


def figure_checks(work: Work, totals: Figures) -> tuple[Check, ...]:
    """Return each kind of records that a report simply counts or adds up beside the records themselves.

    Rates, medians and questions with filters of their own have no ledger to be held to.
    """
    if totals.question.filters:
        return ()
    plain: dict[str, dict[Aggregate, None]] = {}
    for definition in totals.definitions:
        asked = list(aggregates(definition.tree))
        if len(asked) == 1 and not asked[0].tests and asked[0].field in ("", "amount"):
            plain.setdefault(asked[0].facts, {})[asked[0]] = None
    parts = together(totals.groups.values())
    return tuple(_check(work, totals, name, parts, plain[name]) for name in _READ if name in plain)


def _check(work: Work, totals: Figures, name: str, parts: Mapping[Aggregate, Any], asked: Any) -> Check:
    facts, amount = facts_named(name), Aggregate("sum", name, "amount")
    wanted = (Aggregate("count", name), *((amount,) if facts.money else ()))
    one = FactQuery(work, totals.question, facts, wanted, totals.currency)
    shown = {row.record for row in work.rows(select(one.inner.c.record))}
    found = together(one.groups().values()) | {key: parts[key] for key in asked if key in parts}
    count, added = int(found.get(wanted[0], len(shown))), int(found.get(amount, 0))
    span, people = totals.question.span(work.today), person_ids(work, totals.question.unit_id)
    ledger = {
        record.id: record
        for record in _READ[name](work, span.period.starts, span.last)
        if record.day
        and span.period.starts <= record.day <= span.last
        and (people is None or record.owner_id is None or record.owner_id in people)
    }
    left = tuple(_left(ledger, shown, totals.currency, added))
    return Check(name, facts.label, count, len(ledger), added, sum(r.amount for r in ledger.values()), left)


def _left(ledger: Mapping[int, _Record], shown: set[int], currency: str, reported: int) -> Iterator[LeftOut]:
    for key, record in sorted(ledger.items()):
        if key not in shown:
            reason = NO_OWNER if record.owner_id is None else ONLY_LEDGER
            yield LeftOut(str(key), record.name, reason, 1, record.amount, record.currency)
        elif record.currency != currency:
            yield LeftOut(str(key), record.name, OTHER_CURRENCY, 0, record.amount, record.currency)
    common = sum(r.amount for key, r in ledger.items() if key in shown and r.currency == currency)
    alone = sorted(shown - ledger.keys())
    for at, key in enumerate(alone):
        # What only the report has is known by its sum: the first of them bears it.
        yield LeftOut(str(key), "", ONLY_REPORT, -1, common - reported if at == 0 else 0, currency)


def _deals(status: DealStatus | None, day: str) -> Callable[[Work, date, date], Iterator[_Record]]:
    def read(work: Work, starts: date, ends: date) -> Iterator[_Record]:
        deal = Opportunity.__table__.c
        columns = (
            deal.id,
            deal.name,
            deal.owner_id,
            deal.amount,
            deal.won_amount,
            deal.currency,
            deal.status,
        )
        for row in work.rows(select(*columns, deal[day].label("day")).where(deal[day].between(starts, ends))):
            if status is None or row.status == status.value:
                won = status is DealStatus.WON and row.won_amount is not None
                amount = row.won_amount if won else row.amount
                yield _Record(row.id, row.name, row.owner_id, row.day, amount or 0, row.currency)

    return read


def _quotes(work: Work, starts: date, ends: date) -> Iterator[_Record]:
    quote = Quote.__table__.c
    columns = (quote.id, quote.number, quote.owner_id, quote.issued_on, quote.amount)
    for row in work.rows(select(*columns).where(quote.issued_on.between(starts, ends))):
        yield _Record(row.id, row.number or "", row.owner_id, row.issued_on, row.amount or 0)


def _contracts(work: Work, starts: date, ends: date) -> Iterator[_Record]:
    paper = Contract.__table__.c
    columns = (paper.id, paper.number, paper.owner_id, paper.signed_on, paper.ordered_on, paper.amount)
    either = or_(paper.signed_on.between(starts, ends), paper.ordered_on.between(starts, ends))
    for row in work.rows(select(*columns).where(either)):
        day = row.ordered_on if row.signed_on is None else row.signed_on
        yield _Record(row.id, row.number or "", row.owner_id, day, row.amount or 0)


def _owners(work: Work, record: Any) -> dict[int | None, int | None]:
    table = record.__table__.c
    return {row.id: row.owner_id for row in work.rows(select(table.id, table.owner_id))}


def _invoices(work: Work, starts: date, ends: date) -> Iterator[_Record]:
    bill, contracts, customers = Invoice.__table__.c, _owners(work, Contract), _owners(work, Account)
    columns = (bill.id, bill.number, bill.contract_id, bill.account_id, bill.issued_on, bill.amount)
    for row in work.rows(select(*columns).where(bill.issued_on.between(starts, ends))):
        owner = contracts.get(row.contract_id) or customers.get(row.account_id)
        yield _Record(row.id, row.number or "", owner, row.issued_on, row.amount or 0)


def _payments(work: Work, starts: date, ends: date) -> Iterator[_Record]:
    paid, contracts = Payment.__table__.c, _owners(work, Contract)
    columns = (paid.id, paid.number, paid.owner_id, paid.contract_id, paid.received_on, paid.amount)
    for row in work.rows(select(*columns).where(paid.received_on.between(starts, ends))):
        owner = row.owner_id or contracts.get(row.contract_id)
        yield _Record(row.id, row.number or "", owner, row.received_on, row.amount or 0)


def _activities(work: Work, starts: date, ends: date) -> Iterator[_Record]:
    done = Activity.__table__.c
    columns = (done.id, done.subject, done.owner_id, done.occurred_on)
    for row in work.rows(select(*columns).where(done.occurred_on.between(starts, ends))):
        yield _Record(row.id, row.subject or "", row.owner_id, row.occurred_on, 0)


_READ: dict[str, Callable[[Work, date, date], Iterator[_Record]]] = {
    "opened": _deals(None, "opened_on"),
    "won": _deals(DealStatus.WON, "closed_on"),
    "lost": _deals(DealStatus.LOST, "closed_on"),
    "quote": _quotes,
    "contract": _contracts,
    "invoice": _invoices,
    "payment": _payments,
    "activity": _activities,
}
"""The kinds of facts that have a ledger: how its records of some days are read."""
