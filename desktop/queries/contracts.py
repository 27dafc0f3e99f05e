"""Contracts with what is irregular in them, risk notes and frozen versions (APR-09, APR-11, PER-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import aliased

from desktop.analytics.irregularity import Irregularities, Terms, irregularities
from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.contracts import Contract, Quote
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.models.quotes import ClauseNote, PaperVersion
from desktop.queries.quote_detail import VersionView, versions_of
from desktop.queries.rows import Condition, RowRequest, conditions, ordering
from desktop.queries.scope import Scope, owned_within
from desktop.store.rules import threshold
from desktop.store.workspace import Work

CONCESSION, DELIVERY = "contract.concession_pct", "contract.delivery_days"


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One contract; `offered` is what its quote, else its deal, came to (minor units)."""

    id: int
    number: str | None
    name: str | None
    account_id: int | None
    customer: str | None
    opportunity_id: int | None
    quote_id: int | None
    quote: str | None
    owner_id: int | None
    owner: str | None
    amount: int | None
    offered: int | None
    ordered_on: date | None
    signed_on: date | None
    starts_on: date | None
    ends_on: date | None
    delivery_on: date | None
    extra_clause: bool | None
    status: str | None
    version: int
    irregular: Irregularities
    open_notes: int
    approved: bool


@dataclass(frozen=True, slots=True)
class NoteView:
    """A risk note on one clause."""

    id: int
    clause: str
    severity: str
    note: str
    by: str
    by_id: int
    at: datetime
    settled_at: datetime | None
    settled_by: str | None
    answer: str | None
    version: int


@dataclass(frozen=True, slots=True)
class ContractDetail:
    """A contract in full."""

    row: ContractRow
    notes: tuple[NoteView, ...]
    versions: tuple[VersionView, ...]


def contract_count(work: Work, *, scope: Scope, filters: Mapping[str, Condition]) -> int:
    """Return how many contracts pass the filters."""
    columns, sources = _parts()
    statement = select(func.count()).select_from(sources).where(*_where(scope, columns, filters))
    return int(work.session.execute(statement).scalar_one())


def contract_rows(work: Work, *, scope: Scope, request: RowRequest) -> list[ContractRow]:
    """Return a slice of contracts, the newest first."""
    columns, sources = _parts()
    statement = (
        select(*(column.label(key) for key, column in columns.items()))
        .select_from(sources)
        .where(*_where(scope, columns, request.filters))
        .order_by(
            *ordering(
                columns,
                request.sort,
                [func.coalesce(Contract.signed_on, Contract.ordered_on).desc()],
                columns["id"],
            )
        )
        .offset(request.offset)
        .limit(request.limit)
    )
    return _told(work, work.rows(statement))


def contract_detail(work: Work, contract_id: int) -> ContractDetail:
    """Return a contract in full; raise NotFound."""
    columns, sources = _parts()
    statement = select(*(column.label(key) for key, column in columns.items())).select_from(sources)
    rows = _told(work, work.rows(statement.where(columns["id"] == contract_id)))
    if not rows:
        raise NotFound("contract_unknown", N_("There is no contract {id}."), id=contract_id)
    return ContractDetail(rows[0], notes_of(work, contract_id), versions_of(work, contract_id=contract_id))


def notes_of(work: Work, contract_id: int) -> tuple[NoteView, ...]:
    """Return the risk notes on a contract, open ones first."""
    settler = aliased(Person)
    rows = work.rows(
        select(ClauseNote, Person.name.label("by"), settler.name.label("settled_by"))
        .outerjoin(Person, Person.id == ClauseNote.by_id)
        .outerjoin(settler, settler.id == ClauseNote.settled_by_id)
        .where(ClauseNote.contract_id == contract_id)
        .order_by(ClauseNote.settled_at.is_not(None), ClauseNote.id)
    )
    return tuple(
        NoteView(
            note.id,
            note.clause,
            note.severity,
            note.note,
            by or "",
            note.by_id,
            note.at,
            note.settled_at,
            settled_by,
            note.answer,
            note.version,
        )
        for note, by, settled_by in rows
    )


def _parts() -> tuple[dict[str, ColumnElement[Any]], FromClause]:
    contract: Any = Contract.__table__
    account: Any = Account.__table__
    person: Any = Person.__table__
    quote: Any = Quote.__table__
    deal: Any = Opportunity.__table__
    names: tuple[str, ...] = (
        "id",
        "number",
        "name",
        "account_id",
        "opportunity_id",
        "quote_id",
        "owner_id",
        "amount",
    )
    names += ("ordered_on", "signed_on", "starts_on", "ends_on", "delivery_on", "extra_clause", "status")
    columns: dict[str, ColumnElement[Any]] = {name: contract.c[name] for name in (*names, "version")}
    columns |= {
        "customer": account.c.name,
        "owner": person.c.name,
        "quote": quote.c.number,
        "offered": func.coalesce(quote.c.amount, deal.c.amount),
    }
    sources = (
        contract.outerjoin(account, account.c.id == contract.c.account_id)
        .outerjoin(person, person.c.id == contract.c.owner_id)
        .outerjoin(quote, quote.c.id == contract.c.quote_id)
        .outerjoin(deal, deal.c.id == contract.c.opportunity_id)
    )
    return columns, sources


def _where(
    scope: Scope, columns: Mapping[str, ColumnElement[Any]], filters: Mapping[str, Condition]
) -> list[ColumnElement[bool]]:
    return [*owned_within(Contract.owner_id, scope.unit_id), *conditions(columns, filters)]


def irregular(work: Work, terms: Terms) -> Irregularities:
    """Return what is irregular by the thresholds of today."""
    most = round(float(threshold(work, CONCESSION)) * 10_000)
    return irregularities(terms, most_concession=most, least_days=int(threshold(work, DELIVERY)))


def _told(work: Work, rows: list[Any]) -> list[ContractRow]:
    ids = [row.id for row in rows]
    counted = (
        select(ClauseNote.contract_id, func.count().label("n"))
        .where(ClauseNote.contract_id.in_(ids), ClauseNote.settled_at.is_(None))
        .group_by(ClauseNote.contract_id)
    )
    notes = {row.contract_id: row.n for row in work.rows(counted)}
    kept = select(PaperVersion.contract_id).where(PaperVersion.contract_id.in_(ids))
    frozen = {row.contract_id for row in work.rows(kept)}
    most = round(float(threshold(work, CONCESSION)) * 10_000)
    least = int(threshold(work, DELIVERY))
    found = []
    for row in rows:
        begins = row.ordered_on or row.signed_on or row.starts_on or None
        terms = Terms(row.amount, row.offered, begins, row.delivery_on, row.extra_clause)
        found.append(
            ContractRow(
                **row._mapping,
                irregular=irregularities(terms, most_concession=most, least_days=least),
                open_notes=notes.get(row.id, 0),
                approved=row.id in frozen,
            )
        )
    return found
