"""Where deals stood on any day, as SQL that SQLite and PostgreSQL both understand (FUN-13)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
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


def where_they_stood(
    pipeline_id: int, as_of: date, *, current: bool
) -> tuple[Column, list[Condition], FromClause]:
    """Return the stage column, the conditions of standing, and what to select from."""
    opportunity: Any = Opportunity.__table__
    of_pipeline = Opportunity.pipeline_id == pipeline_id
    if current:
        return Opportunity.stage_id, [of_pipeline, Opportunity.status == DealStatus.OPEN.value], opportunity
    place = func.row_number().over(
        partition_by=StageEvent.opportunity_id,
        order_by=(StageEvent.entered_on.desc(), StageEvent.id.desc()),
    )
    ranked = (
        select(StageEvent.opportunity_id, StageEvent.stage_id, place.label("place"))
        .join(Stage, Stage.id == StageEvent.stage_id)
        .where(StageEvent.entered_on <= as_of, Stage.pipeline_id == pipeline_id)
        .subquery("ranked")
    )
    has_history = (
        select(StageEvent.id).where(StageEvent.opportunity_id == Opportunity.id).correlate(Opportunity)
    ).exists()
    first_known = func.coalesce(Opportunity.closed_on, Opportunity.opened_on)
    own = case((and_(not_(has_history), first_known <= as_of), Opportunity.stage_id), else_=null())
    stage_id = func.coalesce(ranked.c.stage_id, own)
    closed = and_(Opportunity.status != DealStatus.OPEN.value, Opportunity.closed_on <= as_of)
    sources = opportunity.outerjoin(
        ranked, and_(ranked.c.opportunity_id == Opportunity.id, ranked.c.place == 1)
    )
    standing = [
        of_pipeline,
        stage_id.is_not(None),
        Stage.kind == StageKind.OPEN.value,
        or_(Opportunity.closed_on.is_(None), not_(closed)),
    ]
    return stage_id, standing, sources


def since_column(stage_id: Column, as_of: date) -> Column:
    """Return when the present stay began: the first entry after the last one into another stage."""
    here, other = StageEvent.__table__.alias("here"), StageEvent.__table__.alias("other")
    left = (
        select(func.max(other.c.entered_on))
        .where(
            other.c.opportunity_id == Opportunity.id,
            other.c.stage_id != stage_id,
            other.c.entered_on <= as_of,
        )
        .correlate_except(other)
        .scalar_subquery()
    )
    return (
        select(func.min(here.c.entered_on))
        .where(
            here.c.opportunity_id == Opportunity.id,
            here.c.stage_id == stage_id,
            here.c.entered_on <= as_of,
            here.c.entered_on >= func.coalesce(left, literal(LONG_AGO)),
        )
        .correlate_except(here)
        .scalar_subquery()
    )


def inferred_column(stage_id: Column) -> Column:
    """Return whether the stay's beginning was only inferred."""
    observed = StageEvent.__table__.alias("observed")
    return not_(
        select(observed.c.id)
        .where(
            observed.c.opportunity_id == Opportunity.id,
            observed.c.stage_id == stage_id,
            observed.c.inferred.is_(False),
        )
        .correlate_except(observed)
        .exists()
    )
