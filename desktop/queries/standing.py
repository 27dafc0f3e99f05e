"""Where deals stood on any day, as SQL that SQLite and PostgreSQL both understand (FUN-13).

Everything about a deal's history is looked up deal by deal through the index on (deal, day). `stage_id`
is compared as an expression (`+ 0`), because SQLite would otherwise walk all entries into a stage for
every deal: a hundred times the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    case,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)

from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.terms import DealStatus, StageKind

Column = SQLColumnExpression[Any]
Condition = ColumnElement[bool]
LONG_AGO = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Standings:
    """Which conditions hold for a standing deal, and the columns of its stay."""

    conditions: list[Condition]
    stage_id: Column
    since: Column
    inferred: Column


def standings(pipeline_id: int, as_of: date, *, current: bool) -> Standings:
    """Return where the deals of a pipeline stood on a day; `current` is from today on, when the deal's
    own stage and status decide and its history only says since when."""
    of_pipeline = Opportunity.pipeline_id == pipeline_id
    if current:
        is_open = Opportunity.status == DealStatus.OPEN.value
        stage_id: Column = Opportunity.stage_id
        return Standings([of_pipeline, is_open], stage_id, _since(stage_id, as_of), _inferred(stage_id))
    entered: Any = StageEvent.__table__.alias("entered")
    place: Any = Stage.__table__.alias("place")
    last = (
        select(entered.c.stage_id)
        .join(place, place.c.id == entered.c.stage_id)
        .where(
            entered.c.opportunity_id == Opportunity.id,
            entered.c.entered_on <= as_of,
            place.c.pipeline_id == pipeline_id,
        )
        .order_by(entered.c.entered_on.desc(), entered.c.id.desc())
        .limit(1)
        .correlate_except(entered, place)
        .scalar_subquery()
    )
    history: Any = StageEvent.__table__.alias("history")
    has_history = (
        select(history.c.id)
        .where(history.c.opportunity_id == Opportunity.id)
        .correlate_except(history)
        .exists()
    )
    first_known = func.coalesce(Opportunity.closed_on, Opportunity.opened_on)
    own = case((and_(not_(has_history), first_known <= as_of), Opportunity.stage_id), else_=null())
    stood = func.coalesce(last, own)
    closed = and_(Opportunity.status != DealStatus.OPEN.value, Opportunity.closed_on <= as_of)
    conditions = [
        of_pipeline,
        Stage.kind == StageKind.OPEN.value,
        or_(Opportunity.closed_on.is_(None), not_(closed)),
    ]
    since = func.coalesce(_since(stood, as_of), first_known)
    return Standings(conditions, stood, since, _inferred(stood))


def _since(stage_id: Column, as_of: date) -> Column:
    """Return when the present stay began: the first entry after the last one into another stage."""
    here: Any = StageEvent.__table__.alias("here")
    other: Any = StageEvent.__table__.alias("other")
    left = (
        select(func.max(other.c.entered_on))
        .where(
            other.c.opportunity_id == Opportunity.id,
            other.c.stage_id + 0 != stage_id,
            other.c.entered_on <= as_of,
        )
        .correlate_except(other)
        .scalar_subquery()
    )
    return (
        select(func.min(here.c.entered_on))
        .where(
            here.c.opportunity_id == Opportunity.id,
            here.c.stage_id + 0 == stage_id,
            here.c.entered_on <= as_of,
            here.c.entered_on >= func.coalesce(left, literal(LONG_AGO)),
        )
        .correlate_except(here)
        .scalar_subquery()
    )


def _inferred(stage_id: Column) -> Column:
    """Return whether no entry into the stage was observed."""
    observed: Any = StageEvent.__table__.alias("observed")
    return not_(
        select(observed.c.id)
        .where(
            observed.c.opportunity_id == Opportunity.id,
            observed.c.stage_id + 0 == stage_id,
            observed.c.inferred.is_(False),
        )
        .correlate_except(observed)
        .exists()
    )
