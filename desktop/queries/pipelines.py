"""Pipelines and their stages as pages and commands name them (FUN-02 to 06)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_, Locale
from desktop.models.opportunities import Opportunity, Pipeline, Stage
from desktop.store.workspace import Work
from desktop.terms import StageKind


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """One pipeline with its number of deals, in both languages."""

    id: int
    name: str
    name_zh: str | None
    deals: int

    def label(self, locale: Locale) -> str:
        """Return the name in the reader's language."""
        return (self.name_zh if locale.is_chinese else None) or self.name


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of a pipeline; `limit_days` is how long a deal may stand there (FUN-08, FUN-09)."""

    id: int
    name: str
    name_zh: str | None
    position: int
    kind: StageKind
    probability: int | None
    limit_days: int | None

    def label(self, locale: Locale) -> str:
        """Return the name in the reader's language."""
        return (self.name_zh if locale.is_chinese else None) or self.name


def pipeline_list(work: Work) -> tuple[PipelineRow, ...]:
    """Return the active pipelines, the one with most deals first."""
    number = func.count(Opportunity.id)
    rows = work.rows(
        select(Pipeline.id, Pipeline.name, Pipeline.name_zh, number.label("deals"))
        .outerjoin(Opportunity, Opportunity.pipeline_id == Pipeline.id)
        .where(Pipeline.active.is_(True))
        .group_by(Pipeline.id, Pipeline.name, Pipeline.name_zh)
        .order_by(number.desc(), Pipeline.id)
    )
    return tuple(PipelineRow(row.id, row.name, row.name_zh, row.deals) for row in rows)


def chosen_pipeline(work: Work, pipeline_id: int | None) -> PipelineRow:
    """Return the pipeline of that id, or the one with most deals for None; raise NotFound."""
    found = pipeline_list(work)
    for row in found:
        if pipeline_id in (None, row.id):
            return row
    raise NotFound(
        "pipeline_unknown",
        N_("There is no pipeline “{name}”."),
        remedy=N_("These exist: {names}."),
        name=pipeline_id,
        names=", ".join(row.name for row in found),
    )


def pipeline_named(work: Work, text: str) -> int:
    """Return the pipeline that a name in either language, a preset or an id means; raise NotFound."""
    same = or_(Pipeline.name == text, Pipeline.name_zh == text, Pipeline.preset == text)
    rows = work.rows(select(Pipeline.id).where(same))
    if not rows and text.isdigit():
        rows = work.rows(select(Pipeline.id).where(Pipeline.id == int(text)))
    if len(rows) > 1:
        raise InvalidInput(
            "pipeline_ambiguous",
            N_("{count} pipelines are called “{name}”."),
            remedy=N_("Give the pipeline's number instead: {ids}."),
            count=len(rows),
            name=text,
            ids=", ".join(str(row.id) for row in rows),
        )
    if not rows:
        raise NotFound(
            "pipeline_unknown",
            N_("There is no pipeline “{name}”."),
            remedy=N_("These exist: {names}."),
            name=text,
            names=", ".join(row.name for row in pipeline_list(work)),
        )
    return int(rows[0].id)


def stages_beside(work: Work, deal_id: int) -> tuple[StageRow, ...]:
    """Return the stages of a deal's pipeline in which it does not stand."""
    statement = select(Opportunity.pipeline_id, Opportunity.stage_id).where(Opportunity.id == deal_id)
    deal = work.session.execute(statement).one_or_none()
    stages = stage_list(work, deal.pipeline_id) if deal is not None and deal.pipeline_id else ()
    return tuple(stage for stage in stages if deal is not None and stage.id != deal.stage_id)


def stage_list(work: Work, pipeline_id: int) -> tuple[StageRow, ...]:
    """Return the stages of a pipeline in order."""
    rows = work.rows(select(Stage).where(Stage.pipeline_id == pipeline_id).order_by(Stage.position, Stage.id))
    return tuple(
        StageRow(
            stage.id,
            stage.name,
            stage.name_zh,
            stage.position,
            StageKind(stage.kind),
            stage.probability,
            stage.limit_days,
        )
        for (stage,) in rows
    )
