"""The ways of deals through their stages as statements: steps, stays, where each deal stands (FUN-13).

The arithmetic of `analytics.stage_paths` says the same of single deals; a test holds the two to each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Date, and_, case, cast, func, literal, or_, select, type_coerce, union_all

from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.queries.metrics.facts import Span, within
from desktop.terms import DealStatus, StageKind


def moved(span: Span) -> Any:
    """Return the deals that entered a stage or were closed in the period: no other has an entry or a stay to tell of."""
    entered = select(StageEvent.opportunity_id).where(
        StageEvent.entered_on.between(span.period.starts, span.last)
    )
    return entered.union(select(Opportunity.id).where(within(Opportunity.closed_on, span)))


WON, LOST = 1_000_000_000, -1
"""How far winning and losing a deal go: further than any stage, and nowhere."""


def _reach(stage: Any) -> Any:
    """Return how far a stage goes: the position of an open one, else `WON` or `LOST`."""
    return case(
        (stage.c.kind == StageKind.WON.value, WON),
        (stage.c.kind == StageKind.OPEN.value, stage.c.position),
        else_=LOST,
    ).label("reach")


def _steps(span: Span, deals: Any) -> Any:
    """Return every step of some deals up to the as-of day, closed by its closing day where no entry says so.

    `deals` selects their ids: entries are then looked up deal by deal, rather than all of them read. Each step knows
    the stage `before` it, how far the later ones `reached` (NULL: it is the last) and how far the last one `ended`.
    """
    stage = Stage.__table__
    recorded = (
        select(
            StageEvent.opportunity_id.label("deal_id"),
            StageEvent.stage_id.label("stage_id"),
            StageEvent.entered_on.label("entered_on"),
            StageEvent.id.label("step"),
            case((StageEvent.inferred.is_(True), 1), else_=0).label("inferred"),
            _reach(stage),
        )
        .join(Opportunity, Opportunity.id == StageEvent.opportunity_id)
        .join(Stage, and_(Stage.id == StageEvent.stage_id, Stage.pipeline_id == Opportunity.pipeline_id))
        .where(StageEvent.entered_on <= span.as_of, StageEvent.opportunity_id.in_(deals))
    )
    step = union_all(recorded, _closing(span, deals)).subquery("step").c
    # Backwards, and one window for all of it: each other one would be another walk through all steps.
    later: dict[str, Any] = {
        "partition_by": step.deal_id,
        "order_by": (step.entered_on.desc(), step.step.desc()),
        "rows": (None, -1),
    }
    return select(
        step.deal_id,
        step.stage_id,
        step.entered_on,
        step.step,
        step.inferred,
        step.reach,
        func.lead(step.stage_id).over(**later).label("before"),
        func.max(step.reach).over(**later).label("reached"),
        func.first_value(step.reach).over(**later).label("ended"),
    ).subquery("path")


def _closing(span: Span, deals: Any) -> Any:
    """Return the closing day as a step of each closed deal whose entries end in an open stage."""
    now = Stage.__table__.alias("own_stage")
    return (
        select(
            Opportunity.id.label("deal_id"),
            Opportunity.stage_id.label("stage_id"),
            Opportunity.closed_on.label("entered_on"),
            cast(literal(2**62), BigInteger).label("step"),
            literal(0).label("inferred"),
            _reach(now),
        )
        .join(now, and_(now.c.id == Opportunity.stage_id, now.c.kind != StageKind.OPEN.value))
        .where(
            Opportunity.status != DealStatus.OPEN.value,
            Opportunity.closed_on <= span.as_of,
            Opportunity.id.in_(deals),
            func.coalesce(_last_kind(span), StageKind.OPEN.value) == StageKind.OPEN.value,
        )
    )


def _last_kind(span: Span) -> Any:
    """Return the kind of the stage that a deal last entered, looked up deal by deal."""
    entry: Any = StageEvent.__table__.alias("last_entry")
    stage: Any = Stage.__table__.alias("last_stage")
    return (
        select(stage.c.kind)
        .join(entry, entry.c.stage_id == stage.c.id)
        .where(
            entry.c.opportunity_id == Opportunity.id,
            entry.c.entered_on <= span.as_of,
            stage.c.pipeline_id == Opportunity.pipeline_id,
        )
        .order_by(entry.c.entered_on.desc(), entry.c.id.desc())
        .limit(1)
        .correlate_except(entry, stage)
        .scalar_subquery()
    )


def begun(span: Span, deals: Any) -> Any:
    """Return the steps that begin a stay in a stage."""
    path = _steps(span, deals)
    return select(path).where(_begins(path)).subquery("begin")


def _begins(path: Any) -> Any:
    return or_(path.c.before.is_(None), path.c.before != path.c.stage_id)


def standing(span: Span, deals: Any) -> Any:
    """Return the stage that each deal entered last, and when that stay began."""
    path = _steps(span, deals)
    last = path.c.reached.is_(None)
    return (
        select(
            path.c.deal_id,
            func.max(case((_begins(path), path.c.entered_on))).label("since"),
            func.max(case((last, path.c.stage_id))).label("stage_id"),
            func.max(case((last, path.c.reach))).label("reach"),
        )
        .group_by(path.c.deal_id)
        .subquery("standing")
    )


def is_open(step: Any) -> Any:
    return step.c.reach.between(0, WON - 1)


def standing_since(span: Span) -> Any:
    """Return when an open deal's stay in its own stage began: its first entry there after the last one elsewhere.

    It is looked up deal by deal; a join with all stays is walked for every deal by SQLite.
    """
    here: Any = StageEvent.__table__.alias("here")
    other: Any = StageEvent.__table__.alias("elsewhere")
    place: Any = Stage.__table__.alias("place")
    left = (
        select(other.c.id)
        .select_from(other)
        .join(place, and_(place.c.id == other.c.stage_id, place.c.pipeline_id == Opportunity.pipeline_id))
        .where(
            other.c.opportunity_id == here.c.opportunity_id,
            other.c.stage_id + 0 != here.c.stage_id,
            other.c.entered_on <= span.as_of,
            or_(
                other.c.entered_on > here.c.entered_on,
                and_(other.c.entered_on == here.c.entered_on, other.c.id > here.c.id),
            ),
        )
        .correlate_except(other, place)
        .exists()
    )
    return type_coerce(
        select(func.min(here.c.entered_on))
        .where(
            here.c.opportunity_id == Opportunity.id,
            here.c.stage_id + 0 == Opportunity.stage_id,
            here.c.entered_on <= span.as_of,
            ~left,
        )
        .correlate_except(here)
        .scalar_subquery(),
        Date(),
    )
