"""Reading effective-dated configuration inside a transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.rules import Metric, Threshold
from desktop.store.workspace import Work


def threshold(work: Work, key: str, on: date | None = None) -> Any:
    """Return the value of a threshold (Appendix A) as it stood on a business day, today by default."""
    day = on or work.today
    if (key, day) in work.thresholds:
        return work.thresholds[key, day]
    statement = (
        select(Threshold.value)
        .where(Threshold.key == key, Threshold.effective_from <= day)
        .order_by(Threshold.effective_from.desc(), Threshold.id.desc())
        .limit(1)
    )
    found = work.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound("threshold_unknown", N_("There is no threshold “{key}”."), key=key)
    work.thresholds[key, day] = found["value"]
    return found["value"]


def metric_versions(work: Work, *keys: str) -> dict[str, int]:
    """Return the current version number of each metric definition (RPT-01)."""
    rows = work.rows(
        select(Metric.key, Metric.number)
        .where(Metric.key.in_(keys), Metric.effective_from <= work.today)
        .order_by(Metric.number)
    )
    return {row.key: row.number for row in rows}
