"""Decisions by a second person: approve, reject with a reason, withdraw (APR-06).

The approver is never the submitter; the database holds the same rule as a check (security 52).
"""

from __future__ import annotations

from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.models.reports import Report
from desktop.operations.reports import SUBJECT, locked_report, step
from desktop.queries.reports import ReportRow, newest_snapshot, report_row
from desktop.store.workspace import Work
from desktop.terms import APPROVER_ROLES, ApprovalState, ReportState


def approve_report(work: Work, report_id: int, version: int | None = None) -> ReportRow:
    """Approve a submitted report as the second person.

    Raises NotAllowed for the submitter or a role that may not approve, InvalidInput if it does not
    wait, StaleRecord if it is no longer of that version.
    """
    report = _to_decide(work, report_id, version, ReportState.APPROVED)
    report.approved_by_id = work.actor.person_id
    report.approved_at = work.now
    _close(work, report_id, ApprovalState.APPROVED, None)
    work.audit("approve_report", SUBJECT, report_id, hash=newest_snapshot(work, report_id).hash)
    work.session.flush()
    return report_row(work, report_id)


def reject_report(work: Work, report_id: int, reason: str, version: int | None = None) -> ReportRow:
    """Reject a submitted report and say why; raises as `approve_report` does, and without a reason."""
    if not reason.strip():
        raise InvalidInput(
            "reason_missing",
            N_("A rejection needs a reason."),
            remedy=N_("Say in a sentence what has to be put right."),
        )
    report = _to_decide(work, report_id, version, ReportState.REJECTED)
    report.reject_reason = reason.strip()
    _close(work, report_id, ApprovalState.REJECTED, reason.strip())
    work.audit("reject_report", SUBJECT, report_id, reason=reason.strip())
    work.session.flush()
    return report_row(work, report_id)


def withdraw_report(work: Work, report_id: int, version: int | None = None) -> ReportRow:
    """Take an own submission back: it is a draft again."""
    report = locked_report(work, report_id, version)
    if report.submitted_by_id != work.actor.person_id and report.state == ReportState.SUBMITTED:
        raise NotAllowed(
            "not_the_submitter",
            N_("Only the submitter can take report {id} back."),
            remedy=N_("Reject it with a reason instead."),
            id=report_id,
        )
    step(work, report, ReportState.DRAFT, unless=ReportState.REJECTED)
    report.submitted_by_id = None
    report.submitted_at = None
    _close(work, report_id, ApprovalState.WITHDRAWN, None, decided=False)
    work.audit("withdraw_report", SUBJECT, report_id)
    work.session.flush()
    return report_row(work, report_id)


def _to_decide(work: Work, report_id: int, version: int | None, to: ReportState) -> Report:
    report = locked_report(work, report_id, version)
    if report.state == ReportState.SUBMITTED:
        if report.submitted_by_id == work.actor.person_id:
            raise NotAllowed(
                "own_submission",
                N_("You submitted report {id} yourself; a second person has to decide."),
                remedy=N_("Ask somebody else who may approve."),
                id=report_id,
            )
        if work.actor.role not in APPROVER_ROLES:
            raise NotAllowed(
                "not_an_approver",
                N_("Your role may not approve or reject reports."),
                remedy=N_("Ask a manager, finance or an administrator."),
            )
    step(work, report, to)
    return report


def _close(
    work: Work, report_id: int, state: ApprovalState, reason: str | None, *, decided: bool = True
) -> None:
    waiting = select(ApprovalRequest).where(
        ApprovalRequest.report_id == report_id, ApprovalRequest.state == ApprovalState.WAITING
    )
    for request in work.session.execute(waiting).scalars():
        request.state = state.value
        request.reason = reason
        request.changed_at = work.now
        request.decided_at = work.now
        if decided:
            request.decided_by_id = work.actor.person_id
