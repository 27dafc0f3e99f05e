"""The deals behind the funnel: sorted and filtered by the database, on any day, and one in detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, literal, not_, or_, select

from desktop.analytics.funnel import age_days
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.opportunities import Opportunity, Stage
from desktop.models.people import Person
from desktop.queries.pipelines import StageRow, stage_list
from desktop.queries.scope import owned_within
from desktop.queries.standing import Column, Condition, inferred_column, since_column, where_they_stood
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import Term


class DealState(Term):
    """How long a deal has stood in its stage, judged by the stage's limit (FUN-08 to 10)."""

    STUCK = "stuck", N_("Stuck")
    WATCH = "watch", N_("Watch")
    NORMAL = "normal", N_("Normal")
    UNKNOWN = "unknown", N_("Entry unknown")


@dataclass(frozen=True, slots=True)
class DealFilter:
    """Which standing deals are wanted; None and empty texts do not narrow."""

    stage_id: int | None = None
    name: str = ""
    owner: str = ""
    next_step: str = ""
    least_amount: int | None = None
    least_days: int | None = None
    states: tuple[DealState, ...] = ()


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
class DealList:
    """What `deals_within` prepared: the statement's parts, kept together for counting and paging."""

    as_of: date
    stages: tuple[StageRow, ...]
    stalled_days: int
    base: Select[Any] = field(repr=False)
    columns: dict[str, Column] = field(repr=False)
    conditions: list[Condition] = field(repr=False)


def deal_count(
    work: Work,
    *,
    pipeline_id: int,
    as_of: date | None = None,
    unit_id: int | None = None,
    wanted: DealFilter = DealFilter(),
) -> tuple[int, int]:
    """Return how many deals stand as wanted, and their amount in minor units."""
    found = _standing(work, pipeline_id, as_of or work.today, unit_id, wanted)
    inner = found.base.where(*found.conditions).subquery()
    row = work.rows(select(func.count(), func.sum(inner.c.amount)).select_from(inner))[0]
    return int(row[0]), int(row[1] or 0)


def deal_rows(
    work: Work,
    *,
    pipeline_id: int,
    as_of: date | None = None,
    unit_id: int | None = None,
    wanted: DealFilter = DealFilter(),
    sort: str = "days",
    descending: bool = True,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[DealRow, ...]:
    """Return deals standing on the as-of day, sorted and cut out by the database.

    `sort` is a column of the table: name, account, stage, amount, days, state, next_step, owner,
    probability, expected_close_on. Unknown values come last either way.
    """
    found = _standing(work, pipeline_id, as_of or work.today, unit_id, wanted)
    statement = found.base.where(*found.conditions)
    # The longest stay is the earliest entry.
    by_stay = sort in {"days", "state"}
    key, downwards = found.columns["since" if by_stay else sort], descending != by_stay
    statement = statement.order_by(
        key.is_(None), key.desc() if downwards else key.asc(), Opportunity.id
    ).offset(offset)
    if limit is not None:
        statement = statement.limit(limit)
    return tuple(_row(row, found) for row in work.rows(statement))


def _standing(work: Work, pipeline_id: int, as_of: date, unit_id: int | None, wanted: DealFilter) -> DealList:
    stages = stage_list(work, pipeline_id)
    stalled = int(threshold(work, "stage.stagnation_days", as_of))
    current = as_of >= work.today
    stage_id, standing, sources = where_they_stood(pipeline_id, as_of, current=current)
    since = since_column(stage_id, as_of)
    columns: dict[str, Column] = {
        "id": Opportunity.id,
        "name": Opportunity.name,
        "account": Account.name,
        "account_id": Opportunity.account_id,
        "stage_id": stage_id,
        "stage": Stage.position,
        "amount": Opportunity.amount,
        "currency": Opportunity.currency,
        "since": since,
        "next_step": Opportunity.next_step,
        "owner": Person.name,
        "owner_id": Opportunity.owner_id,
        "probability": Opportunity.probability,
        "expected_close_on": Opportunity.expected_close_on,
        "inferred": inferred_column(stage_id),
    }
    shown: list[Any] = [column.label(name) for name, column in columns.items()]
    base = (
        select(*shown)
        .select_from(sources)
        .join(Stage, Stage.id == stage_id)
        .outerjoin(Account, Account.id == Opportunity.account_id)
        .outerjoin(Person, Person.id == Opportunity.owner_id)
        .where(*standing, *owned_within(Opportunity.owner_id, unit_id))
    )
    conditions = _conditions(wanted, columns, stages, as_of, stalled)
    return DealList(as_of, stages, stalled, base, columns, conditions)


def _conditions(
    wanted: DealFilter,
    columns: dict[str, Column],
    stages: Sequence[StageRow],
    as_of: date,
    stalled: int,
) -> list[Condition]:
    found: list[Condition] = []
    if wanted.stage_id is not None:
        found.append(columns["stage_id"] == wanted.stage_id)
    for text, column in (
        (wanted.owner, Person.name),
        (wanted.next_step, Opportunity.next_step),
    ):
        if text:
            found.append(column.icontains(text, autoescape=True))
    if wanted.name:
        either = (Opportunity.name, Account.name)
        found.append(or_(*(column.icontains(wanted.name, autoescape=True) for column in either)))
    if wanted.least_amount is not None:
        found.append(Opportunity.amount >= wanted.least_amount)
    if wanted.least_days is not None:
        found.append(columns["since"] <= as_of - timedelta(days=wanted.least_days))
    if wanted.states:
        each = [_in_state(state, columns, stages, as_of, stalled) for state in wanted.states]
        found.append(or_(*each))
    return found


def _in_state(
    state: DealState,
    columns: dict[str, Column],
    stages: Sequence[StageRow],
    as_of: date,
    stalled: int,
) -> Condition:
    since = columns["since"]
    if state is DealState.UNKNOWN:
        return since.is_(None)
    parts = []
    for stage in stages:
        watch, stuck = limits(stage.limit_days, stalled)
        before_watch, before_stuck = (
            since < as_of - timedelta(days=days) if days is not None else literal(False)
            for days in (watch, stuck)
        )
        of_state = {
            DealState.STUCK: before_stuck,
            DealState.WATCH: and_(before_watch, not_(before_stuck)),
            DealState.NORMAL: not_(before_watch),
        }[state]
        parts.append(and_(columns["stage_id"] == stage.id, of_state))
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


def _row(row: Any, found: DealList) -> DealRow:
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
