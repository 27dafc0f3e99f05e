"""Quotes: the table over all of them with what is computed of each (APR-03, APR-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select

from desktop.analytics.pricing import Margin, Priced, totals
from desktop.analytics.validity import SOON_DAYS, Standing, last_day, standing
from desktop.models.accounts import Account
from desktop.models.contracts import Contract, Quote
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.models.quotes import PaperVersion, QuoteLine
from desktop.queries.rows import Condition, RowRequest, conditions, ordering
from desktop.queries.scope import Scope, owned_within
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import DealStatus

VALID_DAYS = "quote.valid_days"


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One quote; `amount` in minor units, `discount` and `margin` in ten-thousandths.

    `margin` is None where no line's cost is known; `contract` names the contract that was made of it.
    """

    id: int
    number: str
    account_id: int | None
    customer: str | None
    opportunity_id: int | None
    deal: str | None
    owner_id: int | None
    owner: str | None
    issued_on: date | None
    renewed_on: date | None
    valid_until: date | None
    amount: int | None
    discount: int | None
    status: str | None
    version: int
    last_day: date | None
    days_left: int | None
    standing: Standing
    lines: int
    margin: int | None
    approved: bool
    contract: str | None


@dataclass(frozen=True, slots=True)
class QuoteFigures:
    """How many quotes hold, end soon and have expired, and what those that hold come to.

    Quotes that became a contract, or whose deal is decided, are not counted.
    """

    open_quotes: int
    open_amount: int
    ending: int
    expired: int
    valid_days: int


def valid_days(work: Work, on: date | None = None) -> int:
    """Return for how many days a quote holds."""
    return int(threshold(work, VALID_DAYS, on))


def quote_count(
    work: Work, *, scope: Scope, filters: Mapping[str, Condition], part: Standing | None = None
) -> int:
    """Return how many quotes pass the filters; `part` keeps those that stand so."""
    columns, sources = _parts()
    wanted = _where(work, scope, columns, filters, part)
    return int(work.session.execute(select(func.count()).select_from(sources).where(*wanted)).scalar_one())


def quote_rows(
    work: Work, *, scope: Scope, request: RowRequest, part: Standing | None = None
) -> list[QuoteRow]:
    """Return a slice of quotes, the newest first."""
    columns, sources = _parts()
    newest = [columns["issued_on"].desc()]
    statement = (
        select(*(column.label(key) for key, column in columns.items()))
        .select_from(sources)
        .where(*_where(work, scope, columns, request.filters, part))
        .order_by(*ordering(columns, request.sort, newest, columns["id"]))
        .offset(request.offset)
        .limit(request.limit)
    )
    return _told(work, work.rows(statement))


def quote_row(work: Work, quote_id: int) -> QuoteRow | None:
    """Return one quote, None where it is not there (or not seen)."""
    columns, sources = _parts()
    statement = select(*(column.label(key) for key, column in columns.items())).select_from(sources)
    found = _told(work, work.rows(statement.where(columns["id"] == quote_id)))
    return found[0] if found else None


def newest_quote_of(work: Work, deal_id: int) -> int | None:
    """Return the newest quote of a deal, None where it has none."""
    statement = select(Quote.id).where(Quote.opportunity_id == deal_id)
    return work.session.scalars(statement.order_by(Quote.issued_on.desc(), Quote.id.desc())).first()


def quote_figures(work: Work, scope: Scope) -> QuoteFigures:
    """Return what stands above the table."""
    columns, sources = _parts()

    days = valid_days(work)
    ending = _stands(work, Standing.ENDING, days)
    holding = or_(_stands(work, Standing.VALID, days), ending)
    undecided = or_(Opportunity.id.is_(None), Opportunity.status == DealStatus.OPEN.value)
    count, amount, soon, expired = work.session.execute(
        select(
            func.count().filter(holding),
            func.sum(Quote.amount).filter(holding),
            func.count().filter(ending),
            func.count().filter(_stands(work, Standing.EXPIRED, days)),
        )
        .select_from(sources)
        .where(*_where(work, scope, columns, {}, None), ~_has_contract(), undecided)
    ).one()
    return QuoteFigures(int(count), int(amount or 0), int(soon), int(expired), days)


def _parts() -> tuple[dict[str, ColumnElement[Any]], FromClause]:
    quote: Any = Quote.__table__
    account: Any = Account.__table__
    deal: Any = Opportunity.__table__
    person: Any = Person.__table__
    names: tuple[str, ...] = (
        "id",
        "number",
        "account_id",
        "opportunity_id",
        "owner_id",
        "issued_on",
        "renewed_on",
    )
    names += ("valid_until", "amount", "discount", "status", "version")
    columns: dict[str, ColumnElement[Any]] = {name: quote.c[name] for name in names}
    columns |= {"customer": account.c.name, "deal": deal.c.name, "owner": person.c.name}
    sources = (
        quote.outerjoin(account, account.c.id == quote.c.account_id)
        .outerjoin(deal, deal.c.id == quote.c.opportunity_id)
        .outerjoin(person, person.c.id == quote.c.owner_id)
    )
    return columns, sources


def _has_contract() -> ColumnElement[bool]:
    return select(Contract.id).where(Contract.quote_id == Quote.id).exists()


def _where(
    work: Work,
    scope: Scope,
    columns: Mapping[str, ColumnElement[Any]],
    filters: Mapping[str, Condition],
    part: Standing | None,
) -> list[ColumnElement[bool]]:
    wanted = [*owned_within(Quote.owner_id, scope.unit_id), *conditions(columns, filters)]
    if part is not None:
        wanted.append(_stands(work, part, valid_days(work)))
    return wanted


def _stands(work: Work, part: Standing, days: int) -> ColumnElement[bool]:
    """Return the condition that a quote stands so today: as `validity.last_day` computes it."""
    begun = func.coalesce(Quote.renewed_on, Quote.issued_on)
    if part is Standing.UNDATED:
        return begun.is_(None)

    def holds_on(day: date) -> ColumnElement[bool]:
        own_end = or_(Quote.valid_until.is_(None), Quote.valid_until < begun, Quote.valid_until >= day)
        return and_(begun >= day - timedelta(days=days), own_end)

    today, later = work.today, work.today + timedelta(days=SOON_DAYS + 1)
    if part is Standing.EXPIRED:
        return and_(begun.is_not(None), ~holds_on(today))
    if part is Standing.ENDING:
        return and_(holds_on(today), ~holds_on(later))
    return holds_on(later)


def _told(work: Work, rows: list[Any]) -> list[QuoteRow]:
    """Add what is computed of quotes: where they stand, their margin, whether they are frozen and signed."""
    ids = [row.id for row in rows]
    margins = margins_of(work, {row.id: row.discount or 0 for row in rows})
    frozen = {
        row.quote_id for row in work.rows(select(PaperVersion.quote_id).where(PaperVersion.quote_id.in_(ids)))
    }
    contracts = {
        row.quote_id: row.number or row.name or f"#{row.id}"
        for row in work.rows(
            select(Contract.quote_id, Contract.id, Contract.number, Contract.name)
            .where(Contract.quote_id.in_(ids))
            .order_by(Contract.id.desc())
        )
    }
    days = valid_days(work)
    found = []
    for row in rows:
        last = last_day(row.issued_on, row.renewed_on, row.valid_until, days)
        margin = margins.get(row.id)
        found.append(
            QuoteRow(
                **row._mapping,
                last_day=last,
                days_left=None if last is None else (last - work.today).days,
                standing=standing(last, work.today),
                lines=margin.lines if margin else 0,
                margin=margin.share if margin else None,
                approved=row.id in frozen,
                contract=contracts.get(row.id),
            )
        )
    return found


def margins_of(work: Work, discounts: Mapping[int, int]) -> dict[int, Margin]:
    """Return the margins of quotes with lines; `discounts` has their discounts on the whole."""
    lines: dict[int, list[Priced]] = {}
    wanted = (QuoteLine.quote_id, QuoteLine.quantity, QuoteLine.unit_price, QuoteLine.list_price)
    for row in work.rows(select(*wanted, QuoteLine.cost).where(QuoteLine.quote_id.in_(sorted(discounts)))):
        priced = Priced(row.quantity, row.unit_price, row.list_price, row.cost)
        lines.setdefault(row.quote_id, []).append(priced)
    return {quote: totals(priced, discounts[quote])[2] for quote, priced in lines.items()}
