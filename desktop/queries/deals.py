"""The deals behind the funnel: sorted and filtered by the database, on any day, and one in detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, false, func, not_, or_, select

from desktop.analytics.funnel import age_days
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.opportunities import Opportunity, Stage
from desktop.models.people import Person
from desktop.queries import rows
from desktop.queries.pipelines import StageRow, stage_list
from desktop.queries.scope import owned_within
from desktop.queries.standing import (
    LONG_AGO,
    Column,
    Condition,
    standings,
)
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import DealStatus, Term

WHOLE = rows.RowRequest(limit=1_000_000)
EVERYTHING: Mapping[str, rows.Condition] = {}
_NAME: Any = Opportunity.__table__.c.name
_ACCOUNT: Any = Account.__table__.c.name
_STAGE: Any = Stage.__table__.c.name
_STAGE_ZH: Any = Stage.__table__.c.name_zh


class DealState(Term):
    """How long a deal has stood in its stage, judged by the stage's limit (FUN-08 to 10)."""

    STUCK = "stuck", N_("Stuck")
    WATCH = "watch", N_("Watch")
    NORMAL = "normal", N_("Normal")
    UNKNOWN = "unknown", N_("Entry unknown")


@dataclass(frozen=True, slots=True)
class DealRow:
    """One open deal as it stood on the as-of day; `amount` in minor units of `currency`."""

    id: int
    name: str
    account: str | None
    account_id: int | None
    stage_id: int
    stage: str
    stage_zh: str | None
    amount: int | None
    currency: str
    since: date | None
    days: int | None
    state: DealState
    next_step: str | None
    owner: str | None
    owner_id: int | None
    probability: int | None
    expected_close_on: date | None
    inferred: bool


@dataclass(frozen=True, slots=True)
class _Standing:
    """The statement of standing deals, and what its filters and rows need to know."""

    as_of: date
    stages: tuple[StageRow, ...]
    stalled_days: int
    base: Select[Any]
    columns: dict[str, Column]


def deal_count(
    work: Work,
    *,
    pipeline_id: int,
    as_of: date | None = None,
    unit_id: int | None = None,
    stage_id: int | None = None,
    filters: Mapping[str, rows.Condition] = EVERYTHING,
) -> tuple[int, int]:
    """Return how many deals stand on the as-of day, and their amount in minor units."""
    found = _standing(work, pipeline_id, as_of or work.today, unit_id, stage_id)
    inner = found.base.where(*_conditions(found, filters)).subquery()
    row = work.rows(select(func.count(), func.sum(inner.c.amount)).select_from(inner))[0]
    return int(row[0]), int(row[1] or 0)


def deal_rows(
    work: Work,
    *,
    pipeline_id: int,
    as_of: date | None = None,
    unit_id: int | None = None,
    stage_id: int | None = None,
    request: rows.RowRequest = WHOLE,
) -> tuple[DealRow, ...]:
    """Return deals standing on the as-of day, sorted, filtered and cut out by the database.

    Columns to sort and filter by: name, account, stage, amount, days, state, next_step, owner,
    probability, expected_close_on. Unknown values come last either way; the longest stay first by default.
    """
    found = _standing(work, pipeline_id, as_of or work.today, unit_id, stage_id)
    sort = request.sort or rows.Sort("days", descending=True)
    if sort.key in {"days", "state"}:
        # The longest stay is the earliest entry.
        sort = rows.Sort("since", not sort.descending)
    elif sort.key not in found.columns:
        raise KeyError(sort.key)
    order = rows.ordering(_as_columns(found), sort, (), Opportunity.__table__.c.id)
    statement = (
        found.base.where(*_conditions(found, request.filters))
        .order_by(*order)
        .offset(request.offset)
        .limit(request.limit)
    )
    return tuple(_row(row, found) for row in work.rows(statement))


def _as_columns(found: _Standing) -> dict[str, Any]:
    return dict(found.columns)


def _standing(
    work: Work, pipeline_id: int, as_of: date, unit_id: int | None, wanted_stage: int | None
) -> _Standing:
    current = as_of >= work.today
    standing = standings(pipeline_id, as_of, current=current)
    stage_id = standing.stage_id
    columns: dict[str, Column] = {
        "id": Opportunity.id,
        "name": Opportunity.name,
        "account": Account.name,
        "account_id": Opportunity.account_id,
        "stage_id": stage_id,
        "stage": Stage.position,
        "amount": Opportunity.amount,
        "currency": Opportunity.currency,
        "since": standing.since,
        "next_step": Opportunity.next_step,
        "owner": Person.name,
        "owner_id": Opportunity.owner_id,
        "probability": Opportunity.probability,
        "expected_close_on": Opportunity.expected_close_on,
        "inferred": standing.inferred,
    }
    shown: list[Any] = [column.label(name) for name, column in columns.items()]
    base = (
        select(*shown)
        .select_from(Opportunity)
        .join(Stage, Stage.id == stage_id)
        .outerjoin(Account, Account.id == Opportunity.account_id)
        .outerjoin(Person, Person.id == Opportunity.owner_id)
        .where(*standing.conditions, *owned_within(Opportunity.owner_id, unit_id))
    )
    if wanted_stage is not None:
        base = base.where(stage_id == wanted_stage)
    stalled = int(threshold(work, "stage.stagnation_days", as_of))
    return _Standing(as_of, stage_list(work, pipeline_id), stalled, base, columns)


def _conditions(found: _Standing, filters: Mapping[str, rows.Condition]) -> list[Condition]:
    """Return the filters as SQL; stage, days and state are not columns of the deal itself."""
    plain = {key: value for key, value in filters.items() if key not in {"stage", "days", "state", "name"}}
    clauses = list(rows.conditions(_as_columns(found), plain))
    if wanted := filters.get("name"):
        either = [rows.conditions({"name": column}, {"name": wanted})[0] for column in (_NAME, _ACCOUNT)]
        clauses.append(or_(*either) if wanted.operator == "contains" else either[0])
    if wanted := filters.get("stage"):
        both = func.coalesce(_STAGE_ZH, "") + " " + _STAGE
        clauses.extend(rows.conditions({"stage": both}, {"stage": wanted}))
    if wanted := filters.get("days"):
        clauses.append(_days_clause(found, wanted))
    if wanted := filters.get("state"):
        states = [_in_state(found, DealState(str(value))) for value in wanted.values]
        clauses.append(or_(false(), *states))
    return clauses


def _days_clause(found: _Standing, wanted: rows.Condition) -> Condition:
    """Return a condition on days of stay as one on the day the stay began."""
    since = found.columns["since"]
    if wanted.operator in {"blank", "filled"}:
        return since.is_(None) if wanted.operator == "blank" else since.is_not(None)
    if wanted.operator == "between":
        return since.between(_day(found, wanted.upper), _day(found, wanted.value))
    day = _day(found, wanted.value)
    clauses: dict[str, Condition] = {
        ">": since < day,
        ">=": since <= day,
        "<": since > day,
        "<=": since >= day,
        "!=": since != day,
    }
    return clauses.get(wanted.operator, since == day)


def _day(found: _Standing, days: rows.Value) -> date:
    number = min(int(str(days).partition(".")[0] or 0), (found.as_of - LONG_AGO).days)
    return found.as_of - timedelta(days=max(0, number))


def _in_state(found: _Standing, state: DealState) -> Condition:
    since = found.columns["since"]
    if state is DealState.UNKNOWN:
        return since.is_(None)
    parts: list[Condition] = []
    for stage in found.stages:
        watch, stuck = limits(stage.limit_days, found.stalled_days)
        before_watch = since < found.as_of - timedelta(days=watch)
        before_stuck = since < found.as_of - timedelta(days=stuck) if stuck is not None else false()
        of_state = {
            DealState.STUCK: before_stuck,
            DealState.WATCH: and_(before_watch, not_(before_stuck)),
            DealState.NORMAL: not_(before_watch),
        }[state]
        parts.append(and_(found.columns["stage_id"] == stage.id, of_state))
    return or_(*parts)


def limits(limit_days: int | None, stalled_days: int) -> tuple[int, int | None]:
    """Return after how many days a deal is to be watched, and after how many it is stuck (None: never).

    A stage with a limit: watched past the limit or the stagnation days, stuck past both (FUN-08, FUN-09).
    A stage without one is only ever stalled (FUN-10).
    """
    if limit_days is None:
        return stalled_days, None
    return min(limit_days, stalled_days), max(limit_days, stalled_days)


def state_of(days: int | None, limit_days: int | None, stalled_days: int) -> DealState:
    """Return how a stay of so many days is judged."""
    if days is None:
        return DealState.UNKNOWN
    watch, stuck = limits(limit_days, stalled_days)
    if stuck is not None and days > stuck:
        return DealState.STUCK
    return DealState.WATCH if days > watch else DealState.NORMAL


def _row(row: Any, found: _Standing) -> DealRow:
    stage = next(stage for stage in found.stages if stage.id == row.stage_id)
    days = age_days(row.since, found.as_of)
    return DealRow(
        id=row.id,
        name=row.name,
        account=row.account,
        account_id=row.account_id,
        stage_id=row.stage_id,
        stage=stage.name,
        stage_zh=stage.name_zh,
        amount=row.amount,
        currency=row.currency,
        since=row.since,
        days=days,
        state=state_of(days, stage.limit_days, found.stalled_days),
        next_step=row.next_step,
        owner=row.owner,
        owner_id=row.owner_id,
        probability=row.probability,
        expected_close_on=row.expected_close_on,
        inferred=bool(row.inferred),
    )


def open_deals_of_most_worth(work: Work, most: int) -> list[tuple[int, int]]:
    """Return (deal, customer) of the open deals with the highest amounts, of one customer each."""
    rows = work.rows(
        select(Opportunity.id, Opportunity.account_id)
        .where(Opportunity.status == DealStatus.OPEN.value, Opportunity.account_id.is_not(None))
        .order_by(Opportunity.amount.desc(), Opportunity.id)
        .limit(most * 5)
    )
    found: dict[int, int] = {}
    for row in rows:
        found.setdefault(row.account_id, row.id)
    return [(deal, account) for account, deal in list(found.items())[:most]]
