"""What waits for a decision, and whether the acting person may take it (APR-06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.models.people import Person
from desktop.queries.reports import ReportRow, report_list
from desktop.store.workspace import Work
from desktop.terms import APPROVER_ROLES, ApprovalState

OWN = N_("You submitted it yourself; a second person has to decide.")
NOT_APPROVER = N_("Your role may not approve or reject reports.")


@dataclass(frozen=True, slots=True)
class ApprovalItem:
    """One request. `why_not` is empty if the acting person may decide, else a gettext id that says why not."""

    id: int
    report: ReportRow
    state: ApprovalState
    requested_by: str
    requested_at: datetime
    waiting_hours: float
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    why_not: str


def approval_inbox(work: Work) -> list[ApprovalItem]:
    """Return the waiting requests, the longest waiting first."""
    return _items(work, waiting=True)


def approval_history(work: Work, limit: int = 50) -> list[ApprovalItem]:
    """Return the last decisions, the newest first."""
    return _items(work, waiting=False)[:limit]


def waiting_for_me(work: Work) -> int:
    """Return how many requests the acting person may decide: the count in the rail."""
    if work.actor.role not in APPROVER_ROLES:
        return 0
    return int(
        work.session.execute(
            select(func.count())
            .select_from(ApprovalRequest)
            .where(
                ApprovalRequest.state == ApprovalState.WAITING,
                ApprovalRequest.requested_by_id != work.actor.person_id,
            )
        ).scalar_one()
    )


def _items(work: Work, *, waiting: bool) -> list[ApprovalItem]:
    reports = {row.id: row for row in report_list(work)}
    names = {row.id: row.name for row in work.rows(select(Person.id, Person.name))}
    state, asked = ApprovalRequest.state, ApprovalRequest.requested_at
    statement = select(ApprovalRequest).where(
        state == ApprovalState.WAITING if waiting else state != ApprovalState.WAITING
    )
    order = (
        (asked, ApprovalRequest.id)
        if waiting
        else (ApprovalRequest.decided_at.desc(), ApprovalRequest.id.desc())
    )
    found = []
    for (request,) in work.rows(statement.order_by(*order)):
        report = reports.get(request.report_id or 0)
        if report is None:
            continue
        found.append(
            ApprovalItem(
                id=request.id,
                report=report,
                state=ApprovalState(request.state),
                requested_by=names[request.requested_by_id],
                requested_at=request.requested_at,
                waiting_hours=((request.decided_at or work.now) - request.requested_at).total_seconds()
                / 3600,
                decided_by=names.get(request.decided_by_id or 0),
                decided_at=request.decided_at,
                reason=request.reason,
                why_not=_why_not(work, request),
            )
        )
    return found


def _why_not(work: Work, request: ApprovalRequest) -> str:
    if request.requested_by_id == work.actor.person_id:
        return OWN
    return "" if work.actor.role in APPROVER_ROLES else NOT_APPROVER
