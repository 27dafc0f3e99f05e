"""The table over all customers, sorted and filtered by the database (CUS-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, select

from desktop.models.accounts import Account, Contact
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.periods import Period
from desktop.queries.metrics.engine import Figures, Question, compute
from desktop.queries.rows import Condition, RowRequest, Sort, conditions, instant_conditions, ordering
from desktop.queries.scope import Scope, owned_within
from desktop.queries.silence import days_since
from desktop.store.workspace import Work
from desktop.terms import DealStatus

DAYS = "silent_days"
SUMS = frozenset({"contacts", "open_deals", "open_amount", "won_amount"})
INSTANTS = frozenset({"last_effective_at", "next_contact_at", "created_at"})
TOLD = (
    "accounts",
    "grade_a_customers",
    "active_customers",
    "active_share",
    "unowned_customers",
    "funnel_open_count",
    "funnel_open_amount",
    "open_receivable",
    "overdue_receivable",
)
"""The figures of the metric dictionary above the table."""
SLICE = 1_000
"""Up to this many rows the sums are asked for afterwards, for the rows shown only."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One customer; amounts in minor units, `silent_days` None where nobody ever interacted."""

    id: int
    name: str
    short_name: str | None
    grade: str | None
    industry: str | None
    province: str | None
    city: str | None
    source: str | None
    status: str | None
    owner_id: int | None
    owner: str | None
    last_effective_at: datetime | None
    next_contact_at: datetime | None
    created_at: datetime | None
    silent_days: int | None
    contacts: int = 0
    open_deals: int = 0
    open_amount: int = 0
    won_amount: int = 0


def account_count(work: Work, *, scope: Scope, filters: Mapping[str, Condition]) -> int:
    """Return how many customers pass the filters."""
    columns, sources = _parts(with_sums=bool(SUMS & set(filters)))
    statement = select(func.count()).select_from(sources).where(*_where(work, scope, columns, filters))
    return int(work.session.execute(statement).scalar_one())


def account_rows(work: Work, *, scope: Scope, request: RowRequest) -> list[AccountRow]:
    """Return a slice of customers; sort and filter keys are the attributes of `AccountRow`."""
    sort = request.sort
    if sort and sort.key == DAYS:
        sort = Sort("last_effective_at", not sort.descending)
    keys = {*request.filters, sort.key if sort else ""}
    joined = request.limit > SLICE or bool(SUMS & keys)
    columns, sources = _parts(with_sums=joined)
    order = ordering(columns, sort, [columns["name"].asc()], columns["id"])
    statement = (
        select(*(column.label(key) for key, column in columns.items()))
        .select_from(sources)
        .where(*_where(work, scope, columns, request.filters))
        .order_by(*order)
        .offset(request.offset)
        .limit(request.limit)
    )
    rows = [_row(work, row) for row in work.rows(statement)]
    return rows if joined else _with_sums(work, rows)


def _row(work: Work, row: Any) -> AccountRow:
    last = row.last_effective_at
    return AccountRow(**row._mapping, silent_days=days_since(work, last) if last else None)


def _where(
    work: Work, scope: Scope, columns: Mapping[str, ColumnElement[Any]], filters: Mapping[str, Condition]
) -> list[ColumnElement[bool]]:
    plain = {key: value for key, value in filters.items() if key not in INSTANTS and key != DAYS}
    wanted = [*owned_within(Account.owner_id, scope.unit_id), *conditions(columns, plain)]
    for key in INSTANTS & set(filters):
        wanted += instant_conditions(columns[key], filters[key], work.zone)
    if days := filters.get(DAYS):
        wanted += _silent(work, columns["last_effective_at"], days)
    return wanted


def _silent(work: Work, column: ColumnElement[Any], days: Condition) -> list[ColumnElement[bool]]:
    """Return the condition on days of silence as one on the last effective day."""
    if days.operator in ("blank", "filled"):
        return conditions({DAYS: column}, {DAYS: days})
    flipped: dict[str, str] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}

    def day(value: Any) -> Any:
        return work.today - timedelta(days=min(int(value), 100_000))

    if days.operator == "between":
        turned = Condition("between", day(days.upper), day(days.value))
    else:
        operator: Any = flipped.get(days.operator, days.operator)
        turned = Condition(operator, day(days.value))
    return instant_conditions(column, turned, work.zone)


def _parts(*, with_sums: bool) -> tuple[dict[str, ColumnElement[Any]], FromClause]:
    account: Any = Account.__table__
    person: Any = Person.__table__
    names = [
        "id",
        "name",
        "short_name",
        "grade",
        "industry",
        "province",
        "city",
        "source",
        "status",
        "owner_id",
        "last_effective_at",
        "next_contact_at",
        "created_at",
    ]
    columns: dict[str, ColumnElement[Any]] = {name: account.c[name] for name in names}
    columns["owner"] = person.c.name
    sources: FromClause = account.outerjoin(person, person.c.id == account.c.owner_id)
    if with_sums:
        deals, people = _deal_sums().subquery("deals"), _contact_counts().subquery("people")
        sources = sources.outerjoin(deals, deals.c.account_id == account.c.id)
        sources = sources.outerjoin(people, people.c.account_id == account.c.id)
        columns["contacts"] = func.coalesce(people.c.contacts, 0)
        for key in ("open_deals", "open_amount", "won_amount"):
            columns[key] = func.coalesce(deals.c[key], 0)
    return columns, sources


def _deal_sums() -> Any:
    is_open = Opportunity.status == DealStatus.OPEN.value
    is_won = Opportunity.status == DealStatus.WON.value
    won = func.coalesce(Opportunity.won_amount, Opportunity.amount)
    return select(
        Opportunity.account_id,
        func.sum(case((is_open, 1), else_=0)).label("open_deals"),
        func.sum(case((is_open, Opportunity.amount), else_=0)).label("open_amount"),
        func.sum(case((is_won, won), else_=0)).label("won_amount"),
    ).group_by(Opportunity.account_id)


def _contact_counts() -> Any:
    return select(Contact.account_id, func.count().label("contacts")).group_by(Contact.account_id)


def _with_sums(work: Work, rows: Sequence[AccountRow]) -> list[AccountRow]:
    ids = [row.id for row in rows]
    deals = {row.account_id: row for row in work.rows(_deal_sums().where(Opportunity.account_id.in_(ids)))}
    people = {
        row.account_id: row.contacts
        for row in work.rows(_contact_counts().where(Contact.account_id.in_(ids)))
    }
    filled = []
    for row in rows:
        sums = deals.get(row.id)
        filled.append(
            replace(
                row,
                contacts=people.get(row.id, 0),
                open_deals=int(sums.open_deals or 0) if sums else 0,
                open_amount=int(sums.open_amount or 0) if sums else 0,
                won_amount=int(sums.won_amount or 0) if sums else 0,
            )
        )
    return filled


def customer_figures(work: Work, *, scope: Scope) -> Figures:
    """Return the figures above the table for a scope, as the dictionary defines them today."""
    today = Period.month_of(work.today)
    return compute(work, Question(TOLD, today, unit_id=scope.unit_id, as_of=work.today))
