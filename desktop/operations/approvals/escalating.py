"""What is overdue goes on: whoever the level names may sign as well (APR-01)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from desktop.models.approvals import ApprovalLevel, ApprovalRequest, ApprovalTask
from desktop.operations.approvals.asking import SUBJECT
from desktop.store.approving import escalate, stand_in
from desktop.store.workspace import Work
from desktop.terms import ApprovalState, SignState


def overdue(work: Work, until: datetime) -> list[tuple[int, int, str, datetime]]:
    """Return the signatures that are due by a moment and then go on: number, request, its title, due time."""
    statement = (
        select(ApprovalTask.id, ApprovalTask.request_id, ApprovalRequest.title, ApprovalTask.due_at)
        .join(ApprovalRequest, ApprovalRequest.id == ApprovalTask.request_id)
        .join(
            ApprovalLevel,
            (ApprovalLevel.flow_id == ApprovalRequest.flow_id)
            & (ApprovalLevel.number == ApprovalTask.number),
        )
        .where(
            ApprovalRequest.state == ApprovalState.WAITING,
            ApprovalTask.state == SignState.WAITING,
            ApprovalTask.escalated_at.is_(None),
            ApprovalTask.due_at < until,
            ApprovalLevel.escalate_to.is_not(None),
        )
        .order_by(ApprovalTask.due_at, ApprovalTask.id)
    )
    return [(row.id, row.request_id, row.title, row.due_at) for row in work.rows(statement)]


def escalate_task(work: Work, task_id: int) -> str | None:
    """Let an overdue signature go on, and return to whom; None where it was given or went on already."""
    found = work.session.execute(
        select(ApprovalTask, ApprovalLevel, ApprovalRequest.requested_by_id)
        .join(ApprovalRequest, ApprovalRequest.id == ApprovalTask.request_id)
        .join(
            ApprovalLevel,
            (ApprovalLevel.flow_id == ApprovalRequest.flow_id)
            & (ApprovalLevel.number == ApprovalTask.number),
        )
        .where(ApprovalTask.id == task_id)
    ).one_or_none()
    if found is None:
        return None
    task, level, requester_id = found
    to = stand_in(work, level, requester_id)
    if to is None or not escalate(work, task, to):
        return None
    work.audit("escalate_approval", SUBJECT, task.request_id, task=task_id, to=to)
    return to
