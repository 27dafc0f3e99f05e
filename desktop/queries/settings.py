"""Configuration as the Settings page shows it: thresholds, pipelines, metrics, calendar, this database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from desktop.models.opportunities import Opportunity, Pipeline, Stage
from desktop.models.people import Person
from desktop.models.rules import DatabaseSetting, Threshold
from desktop.models.targets import CalendarEvent
from desktop.store.workspace import Work
from desktop.terms import CalendarKind, DealStatus, StageKind


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """A threshold in force today, and the next change that is already decided."""

    key: str
    value: Any
    unit: str
    requirement: str
    source: str
    since: date
    changed_by: str | None
    next_value: Any
    next_from: date | None
    version: int


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage; `probability` in 1/10000, `weight` in percent, `standing` open deals in it now."""

    id: int
    pipeline_id: int
    position: int
    name: str
    name_zh: str | None
    kind: StageKind
    probability: int | None
    weight: int | None
    department: str | None
    evidence: str | None
    limit_days: int | None
    standing: int


@dataclass(frozen=True, slots=True)
class PipelineBlock:
    """A pipeline with its stages in order."""

    id: int
    name: str
    name_zh: str | None
    preset: str | None
    source_system: str | None
    active: bool
    stages: tuple[StageLine, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """An entry of the firm's own calendar (TGT-13)."""

    id: int
    version: int
    name: str
    kind: CalendarKind
    starts_on: date
    ends_on: date
    region: str | None
    industry: str | None
    factor: float | None


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in."""

    login: str
    name: str
    role: str


def threshold_rows(work: Work) -> list[ThresholdRow]:
    """Return every threshold as it stands today, by key."""
    rows = work.rows(
        select(Threshold, Person.name.label("person"))
        .outerjoin(Person, Person.id == Threshold.changed_by_id)
        .order_by(Threshold.key, Threshold.effective_from, Threshold.id)
    )
    by_key: dict[str, list[tuple[Threshold, str | None]]] = {}
    for record, person in rows:
        by_key.setdefault(record.key, []).append((record, person))
    return [_threshold(work.today, versions) for versions in by_key.values()]


def _threshold(today: date, versions: list[tuple[Threshold, str | None]]) -> ThresholdRow:
    current, person = next(
        (item for item in reversed(versions) if item[0].effective_from <= today), versions[0]
    )
    coming = next((record for record, _person in versions if record.effective_from > today), None)
    return ThresholdRow(
        key=current.key,
        value=current.value["value"],
        unit=current.unit or "",
        requirement=current.requirement or "",
        source=current.source or "",
        since=current.effective_from,
        changed_by=person,
        next_value=coming.value["value"] if coming else None,
        next_from=coming.effective_from if coming else None,
        version=current.version,
    )


def threshold_history(work: Work, key: str) -> list[tuple[date, Any, str | None]]:
    """Return every value of a threshold: effective day, value, who set it; the newest first."""
    rows = work.rows(
        select(Threshold.effective_from, Threshold.value, Person.name)
        .outerjoin(Person, Person.id == Threshold.changed_by_id)
        .where(Threshold.key == key)
        .order_by(Threshold.effective_from.desc())
    )
    return [(row.effective_from, row.value["value"], row.name) for row in rows]


def pipeline_blocks(work: Work) -> list[PipelineBlock]:
    """Return every pipeline with its stages and how many open deals stand in each."""
    standing = {
        row.stage_id: row.deals
        for row in work.rows(
            select(Opportunity.stage_id, func.count(Opportunity.id).label("deals"))
            .where(Opportunity.status == DealStatus.OPEN.value)
            .group_by(Opportunity.stage_id)
        )
    }
    stages: dict[int, list[StageLine]] = {}
    for (stage,) in work.rows(select(Stage).order_by(Stage.pipeline_id, Stage.position)):
        stages.setdefault(stage.pipeline_id, []).append(
            StageLine(
                stage.id,
                stage.pipeline_id,
                stage.position,
                stage.name,
                stage.name_zh,
                StageKind(stage.kind),
                stage.probability,
                stage.weight,
                stage.department,
                stage.evidence,
                stage.limit_days,
                int(standing.get(stage.id, 0)),
            )
        )
    pipelines = work.rows(select(Pipeline).order_by(Pipeline.active.desc(), Pipeline.id))
    return [
        PipelineBlock(
            pipe.id,
            pipe.name,
            pipe.name_zh,
            pipe.preset,
            pipe.source_system,
            pipe.active,
            tuple(stages.get(pipe.id, ())),
        )
        for (pipe,) in pipelines
    ]


def event_rows(work: Work) -> list[EventRow]:
    """Return the firm's own calendar, the latest first."""
    rows = work.rows(select(CalendarEvent).order_by(CalendarEvent.starts_on.desc(), CalendarEvent.id))
    return [
        EventRow(
            event.id,
            event.version,
            event.name,
            CalendarKind(event.kind) if event.kind in set(CalendarKind) else CalendarKind.OTHER,
            event.starts_on,
            event.ends_on,
            event.region,
            event.industry,
            event.factor,
        )
        for (event,) in rows
    ]


def logins(work: Work) -> list[Login]:
    """Return the people who can sign in, for the person switcher of the embedded database."""
    rows = work.rows(
        select(Person.login, Person.name, Person.role)
        .where(Person.can_sign_in.is_(True), Person.login.is_not(None))
        .order_by(Person.id)
    )
    return [Login(row.login, row.name, row.role) for row in rows]


def database_facts(work: Work) -> dict[str, str]:
    """Return what the database says of itself: zone, seeds, pinned date."""
    rows = work.rows(select(DatabaseSetting.key, DatabaseSetting.value))
    return {row.key: row.value for row in rows}
