"""Asking for an approval: the flow in force, the levels that apply, and the first signatures (APR-01, 02, 04)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models.approvals import ApprovalLevel, ApprovalRequest
from desktop.operations.approval_subjects import subject_of
from desktop.queries.work_calendar import work_calendar
from desktop.store.approval_flows import Fact, flow_in_force, is_met, levels_of_flow
from desktop.store.approving import open_level
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import ApprovalState

SUBJECT = "approval"


def ask_approval(
    work: Work,
    *,
    kind: str,
    subject_id: int | None,
    title: str,
    facts: Mapping[str, Fact],
    payload: Mapping[str, Any],
    follows_id: int | None = None,
) -> int:
    """Ask for an approval as the acting person, and return the number of the request.

    `facts` is what conditions of levels look at (money in minor units, shares in ten-thousandths), `payload`
    whatever the subject needs to carry it out; both are frozen. Raises NotFound for an unknown kind, InvalidInput
    if the same record waits for an approval of this kind already, or no flow is in force.
    """
    subject_of(kind)
    _require_free(work, kind, subject_id)
    flow = flow_in_force(work, kind)
    levels = [level for level in levels_of_flow(work, flow.id) if is_met(work, level, facts)] if flow else []
    if flow is None or not levels:
        raise InvalidInput(
            "approval_flow_missing",
            N_("No approval flow is in force for this kind of request."),
            remedy=N_("Sales operations set one up: Settings, Approval flows."),
        )
    request = ApprovalRequest(
        kind=kind,
        title=title[:400],
        subject_id=subject_id,
        report_id=subject_id if kind == "report" else None,
        flow_id=flow.id,
        levels=[level.number for level in levels],
        facts=dict(facts),
        payload=dict(payload),
        follows_id=follows_id,
        state=ApprovalState.WAITING.value,
        requested_by_id=work.actor.person_id,
        requested_at=work.now,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(request)
    work.session.flush()
    open_level(work, request, levels[0], due_at(work, levels[0]))
    work.audit("ask_approval", SUBJECT, request.id, kind=kind, record=subject_id, title=request.title)
    return request.id


def due_at(work: Work, level: ApprovalLevel) -> datetime | None:
    """Return when the signatures of a level are due, in working time or around the clock; None without a limit."""
    hours = threshold(work, level.hours_key) if level.hours_key else level.hours
    if hours is None:
        return None
    if level.around_the_clock:
        return work.now + timedelta(hours=hours)
    return work_calendar(work).add_hours(work.now, hours)


def _require_free(work: Work, kind: str, subject_id: int | None) -> None:
    if subject_id is None:
        return
    waiting = work.session.scalars(
        select(ApprovalRequest.id).where(
            ApprovalRequest.kind == kind,
            ApprovalRequest.subject_id == subject_id,
            ApprovalRequest.state == ApprovalState.WAITING,
        )
    ).first()
    if waiting is not None:
        raise InvalidInput(
            "approval_waits",
            N_("This waits for its approval already, as request {id}."),
            remedy=N_("Withdraw that request first, or wait for its decision."),
            id=waiting,
        )
