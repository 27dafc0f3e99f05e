"""The funnel of a pipeline: stages as of any day, over a period, within a scope (FUN-01, FUN-10 to 13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from desktop.analytics.funnel import FunnelFigures, StageFigures, funnel
from desktop.analytics.stage_paths import DealFact, EntryFact, StageFact
from desktop.i18n import Locale
from desktop.models.opportunities import Opportunity, StageEvent
from desktop.periods import Period
from desktop.queries.metrics.engine import Figures, Question, compute
from desktop.queries.pipelines import PipelineRow, StageRow, chosen_pipeline, stage_list
from desktop.queries.scope import owned_within
from desktop.store.rules import metric_versions, threshold
from desktop.store.workspace import Work
from desktop.terms import DealStatus, StageKind

METRICS = (
    "funnel_open_amount",
    "funnel_open_count",
    "stage_conversion",
    "stage_converted",
    "stage_entered",
    "stage_median_days",
    "win_rate",
)
DEFAULT_CURRENCY = "CNY"
EARLIEST = date(1900, 1, 1)
"""Before any business that a firm can import."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One open stage with its figures."""

    stage: StageRow
    figures: StageFigures


@dataclass(frozen=True, slots=True)
class FunnelView:
    """The funnel as a page or a command shows it.

    Amounts are in `currency`, the one most deals have; `left_out` counts deals in others, whose amounts
    are not added. `weighted` is None where nobody knows any probability. `has_history` is false where every deal only has the one entry inferred for it.
    """

    pipeline: PipelineRow
    as_of: date
    today: date
    period: Period | None
    starts: date | None
    steps: tuple[FunnelStep, ...]
    figures: FunnelFigures
    currency: str
    left_out: int
    weighted: int | None
    stalled_days: int
    has_history: bool
    metric_versions: dict[str, int]

    @property
    def metric_version(self) -> str:
        """The versions of the definitions used, as one text."""
        return ", ".join(f"{key} {number}" for key, number in sorted(self.metric_versions.items()))


def funnel_steps(
    work: Work,
    *,
    pipeline_id: int | None = None,
    unit_id: int | None = None,
    as_of: date | None = None,
    period: Period | None = None,
    starts: date | None = None,
) -> FunnelView:
    """Return the funnel as of a day (today by default), its movements counted over `period`, or since
    `starts`, or over all time. Raises NotFound for an unknown pipeline."""
    pipeline = chosen_pipeline(work, pipeline_id)
    day = as_of or work.today
    since = period.starts if period else starts
    stages = stage_list(work, pipeline.id)
    within = [Opportunity.pipeline_id == pipeline.id, *owned_within(Opportunity.owner_id, unit_id)]
    currencies = _currencies(work, within)
    currency = max(currencies, key=lambda key: (currencies[key], key), default=DEFAULT_CURRENCY)
    ended = [stage.id for stage in stages if stage.kind is not StageKind.OPEN]
    counting = [*within, _counts(since, ended)] if since else within
    rows = _deals(work, counting)
    entries = _entries(work, counting)
    stalled_days = int(threshold(work, "stage.stagnation_days", day))
    figures = funnel(
        [StageFact(stage.id, stage.name, stage.position, stage.kind) for stage in stages],
        [_fact(row, currency) for row in rows],
        entries,
        as_of=day,
        today=work.today,
        starts=since,
        ends=period.ends if period else None,
        stalled_days=stalled_days,
    )
    by_id = {stage.id: stage for stage in stages}
    return FunnelView(
        pipeline=pipeline,
        as_of=day,
        today=work.today,
        period=period,
        starts=since,
        steps=tuple(FunnelStep(by_id[item.stage.id], item) for item in figures.stages),
        figures=figures,
        currency=currency,
        left_out=sum(number for key, number in currencies.items() if key != currency),
        weighted=_weighted(figures, rows, by_id, currency),
        stalled_days=stalled_days,
        has_history=_has_history(work, within),
        metric_versions=metric_versions(work, *METRICS),
    )


@dataclass(frozen=True, slots=True)
class _Deal:
    id: int
    stage_id: int
    status: str
    amount: int | None
    won_amount: int | None
    currency: str
    opened_on: date | None
    closed_on: date | None
    probability: int | None


def _weighted(
    figures: FunnelFigures, rows: list[_Deal], stages: dict[int, StageRow], currency: str
) -> int | None:
    """Return Σ amount × probability of what stands: the deal's own, else its stage's; minor units."""
    deals = {row.id: row for row in rows}
    known = [
        (deals[item.deal_id], probability)
        for item in figures.standings
        if (probability := _first(deals[item.deal_id].probability, stages[item.stage_id].probability))
        is not None
    ]
    if not known and figures.standings:
        return None
    return sum((row.amount or 0) * p for row, p in known if row.currency == currency) // 10_000


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _counts(since: date, ended: Sequence[int]) -> ColumnElement[bool]:
    """Return that a deal can matter for movements since a day and for the standing on a later one.

    What was closed before, stands in one of the stages that `ended` it and entered none since stands nowhere and
    moved nowhere; of years of history, that is nearly everything.
    """
    event = aliased(StageEvent)
    moved = (
        select(event.id)
        .where(
            event.opportunity_id == Opportunity.id,
            or_(event.entered_on >= since, event.entered_on.is_(None)),
        )
        .correlate(Opportunity)
        .exists()
    )
    closed = Opportunity.closed_on
    standing = or_(Opportunity.status == DealStatus.OPEN.value, Opportunity.stage_id.not_in(ended))
    return or_(standing, closed >= since, closed.is_(None), moved)


def _currencies(work: Work, within: list[ColumnElement[bool]]) -> dict[str, int]:
    counted = select(Opportunity.currency, func.count()).where(*within).group_by(Opportunity.currency)
    return {row[0]: int(row[1]) for row in work.rows(counted)}


def _has_history(work: Work, within: list[ColumnElement[bool]]) -> bool:
    """Return whether any entry into a stage was recorded rather than inferred."""
    recorded = (
        select(StageEvent.id)
        .join(Opportunity, Opportunity.id == StageEvent.opportunity_id)
        .where(~StageEvent.inferred, *within)
    )
    return bool(work.rows(recorded.limit(1)))


def _deals(work: Work, within: list[ColumnElement[bool]]) -> list[_Deal]:
    deal = Opportunity.__table__.c
    statement = select(
        deal.id,
        deal.stage_id,
        deal.status,
        deal.amount,
        deal.won_amount,
        deal.currency,
        deal.opened_on,
        deal.closed_on,
        deal.probability,
    ).where(*within)
    return [_Deal(*row) for row in work.rows(statement)]


def _fact(row: _Deal, currency: str) -> DealFact:
    counted = row.currency == currency
    return DealFact(
        id=row.id,
        stage_id=row.stage_id,
        status=DealStatus(row.status),
        amount=(row.amount or 0) if counted else 0,
        won_amount=row.won_amount if counted else 0,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        first_known=row.closed_on or row.opened_on,
    )


def _entries(work: Work, within: list[ColumnElement[bool]]) -> list[EntryFact]:
    entry, deal = StageEvent.__table__, Opportunity.__table__
    columns = (entry.c.opportunity_id, entry.c.stage_id, entry.c.entered_on, entry.c.inferred, entry.c.id)
    source = entry.join(deal, deal.c.id == entry.c.opportunity_id)
    statement = select(*columns).select_from(source).where(*within)
    return [EntryFact(*row) for row in work.rows(statement)]


def funnel_notes(view: FunnelView, locale: Locale) -> list[str]:
    """Return what a reader of the funnel must know: undated, unplaced, other currencies, no history."""
    figures = view.figures
    said: list[str] = []
    if figures.undated:
        said.append(
            locale.plural(
                "{n} deal has no date at all and cannot be placed in the past.",
                "{n} deals have no date at all and cannot be placed in the past.",
                len(figures.undated),
            )
        )
    if figures.unplaced:
        said.append(
            locale.plural(
                "{n} deal existed then, in a stage that was not recorded.",
                "{n} deals existed then, in stages that were not recorded.",
                len(figures.unplaced),
            )
        )
    if view.left_out:
        said.append(
            locale.plural(
                "{n} deal in another currency is counted, its amount is not added.",
                "{n} deals in other currencies are counted, their amounts are not added.",
                view.left_out,
            )
        )
    if not view.has_history and figures.count:
        said.append(
            locale._("No stage history was imported: conversion and time in stage are not known yet.")
        )
    return said


TOLD = (
    "funnel_open_count",
    "funnel_open_amount",
    "weighted_amount",
    "stalled_share",
    "win_rate",
    "won_count",
    "lost_count",
    "median_cycle",
)
"""The figures of the metric dictionary above the funnel."""


def funnel_told(work: Work, view: FunnelView, unit_id: int | None = None) -> Figures:
    """Return the figures above a funnel as the dictionary defines them today; its stages are drawn from records."""
    ends = view.period.ends if view.period else view.as_of
    window = Period(view.starts or EARLIEST, ends, view.period.text if view.period else "")
    only = (("pipeline", (str(view.pipeline.id),)),)
    return compute(
        work,
        Question(TOLD, window, (), unit_id, only, as_of=view.as_of, currency=view.currency),
    )
