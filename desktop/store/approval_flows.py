"""Which flow is in force, its levels, and when a level applies (APR-01, APR-02)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from desktop.models.approvals import ApprovalFlow, ApprovalLevel
from desktop.models.rules import Threshold
from desktop.store.workspace import Work

Fact = int | str | bool
SCALES = {"CNY": 100, "fraction": 10_000}
"""What thresholds of a unit are multiplied by: facts hold money in minor units and shares in ten-thousandths."""
_WHOLE = re.compile("-?[0-9]{1,18}")


def moment(work: Work) -> datetime:
    """Return what time it is for approvals: by the team database's clock, however wrong this machine's is."""
    if work.is_sqlite:
        return work.now
    now: datetime = work.session.execute(text("SELECT plumbline.moment()")).scalar_one()
    return now


def flow_in_force(work: Work, kind: str) -> ApprovalFlow | None:
    """Return the flow that new requests of a kind go through."""
    return work.session.scalars(
        select(ApprovalFlow)
        .where(ApprovalFlow.kind == kind, ApprovalFlow.activated_at.is_not(None))
        .order_by(ApprovalFlow.id.desc())
        .limit(1)
    ).first()


def levels_of_flow(work: Work, flow_id: int) -> list[ApprovalLevel]:
    """Return all levels of a flow in their order."""
    return list(
        work.session.scalars(
            select(ApprovalLevel).where(ApprovalLevel.flow_id == flow_id).order_by(ApprovalLevel.number)
        )
    )


def is_met(work: Work, level: ApprovalLevel, facts: Mapping[str, Fact]) -> bool:
    """Whether a level applies to these facts: whether each of its conditions is met."""
    return all(_is_met(work, condition, facts) for condition in level.conditions)


def _is_met(work: Work, condition: Mapping[str, Any], facts: Mapping[str, Fact]) -> bool:
    """Whether one condition is met; a fact that is missing or no number counts as met."""
    fact, threshold = condition["fact"], condition.get("threshold")
    bound = condition.get("value") if threshold is None else _bound(work, threshold)
    said = _number(facts[fact]) if fact in facts else None
    if bound is None or said is None:
        return True
    return {
        ">": said > bound,
        ">=": said >= bound,
        "<": said < bound,
        "<=": said <= bound,
        "=": said == bound,
    }.get(condition["comparison"], True)


def _number(said: Fact) -> int | None:
    """Return a fact as the database reads it, too: a whole number, yes as 1 and no as 0, else nothing."""
    word = str(said).lower() if isinstance(said, bool) else str(said)
    word = {"true": "1", "false": "0"}.get(word, word)
    return int(word) if _WHOLE.fullmatch(word) else None


def _bound(work: Work, key: str) -> int | None:
    found = work.session.execute(
        select(Threshold.value, Threshold.unit)
        .where(Threshold.key == key, Threshold.effective_from <= work.today)
        .order_by(Threshold.effective_from.desc(), Threshold.id.desc())
        .limit(1)
    ).first()
    return None if found is None else round(found.value["value"] * SCALES.get(found.unit, 1))
