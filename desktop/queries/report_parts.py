"""What every report document needs: definitions in force, the last data batch, the names of its scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from desktop.exporters.document import Definition
from desktop.i18n import N_
from desktop.models.imports import ImportRun
from desktop.models.people import OrgUnit
from desktop.models.rules import Metric
from desktop.periods import Period
from desktop.store.workspace import Work
from desktop.terms import RunState

TOTAL = N_("Total")
WHOLE_FIRM = N_("Whole firm")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report was asked for: the stored form of its parameters.

    `pipeline_id` counts for the funnel, `person_id` and `successor_id` for a handover, `question` for an analysis
    of one's own.
    """

    period: Period
    unit_id: int | None = None
    pipeline_id: int | None = None
    person_id: int | None = None
    successor_id: int | None = None
    question: Mapping[str, Any] | None = None

    def stored(self) -> dict[str, Any]:
        """Return the parameters that have no column of their own."""
        return {
            "pipeline_id": self.pipeline_id,
            "person_id": self.person_id,
            "successor_id": self.successor_id,
            **({"question": dict(self.question)} if self.question else {}),
        }


def definitions(work: Work, *keys: str) -> tuple[Definition, ...]:
    """Return the definitions of metrics as they stand today, in the order asked for (RPT-01)."""
    rows = work.rows(
        select(Metric)
        .where(Metric.key.in_(keys), Metric.effective_from <= work.today)
        .order_by(Metric.number)
    )
    newest = {metric.key: metric for (metric,) in rows}
    return tuple(
        Definition(
            metric.key,
            metric.number,
            metric.unit,
            metric.label_en,
            metric.label_zh,
            metric.definition_en,
            metric.definition_zh,
        )
        for metric in (newest[key] for key in keys if key in newest)
    )


def last_batch(work: Work) -> str:
    """Return the last import run that still stands, as reports name it; empty if there is none (RPT-17)."""
    row = work.session.execute(
        select(ImportRun.id, ImportRun.at)
        .where(ImportRun.state != RunState.UNDONE)
        .order_by(ImportRun.id.desc())
        .limit(1)
    ).first()
    return f"#{row.id}" if row else ""


def unit_filter(work: Work, unit_id: int | None) -> tuple[str, Any]:
    """Return the filter line of an organisation unit."""
    if unit_id is None:
        return N_("Organisation"), WHOLE_FIRM
    name = work.session.execute(select(OrgUnit.name).where(OrgUnit.id == unit_id)).scalar_one()
    return N_("Organisation"), (name, name)
