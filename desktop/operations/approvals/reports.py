"""Reports decided by their own number: the request that waits for each is found here (APR-06).

The request is locked before the report, here and where a request is decided by its own number.
"""

from __future__ import annotations

from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.models.reports import Report
from desktop.operations.approvals.deciding import approve, reject, withdraw_request
from desktop.operations.report_steps import SUBJECT, locked_report, step, wrong_state
from desktop.queries.reports import ReportRow, report_row
from desktop.store.approving import hold_request
from desktop.store.workspace import Work
from desktop.terms import APPROVER_ROLES, ApprovalState, ReportState


def approve_report(work: Work, report_id: int, version: int | None = None) -> ReportRow:
    """Sign a submitted report with yes as the second person; its last signature approves it.

    Raises NotAllowed for the submitter or a role that may not approve, InvalidInput if it does not
    wait, StaleRecord if it is no longer of that version.
    """
    approve(work, _to_decide(work, report_id, version))
    return report_row(work, report_id)


def reject_report(work: Work, report_id: int, reason: str, version: int | None = None) -> ReportRow:
    """Reject a submitted report and say why; raises as `approve_report` does, and without a reason."""
    if not reason.strip():
        raise InvalidInput(
            "reason_missing",
            N_("A rejection needs a reason."),
            remedy=N_("Say in a sentence what has to be put right."),
        )
    reject(work, _to_decide(work, report_id, version), reason)
    return report_row(work, report_id)


def withdraw_report(work: Work, report_id: int, version: int | None = None) -> ReportRow:
    """Take an own submission back: it is a draft again."""
    request_id = _waiting(work, report_id)
    report = locked_report(work, report_id, version)
    if report.submitted_by_id != work.actor.person_id and report.state == ReportState.SUBMITTED:
        raise NotAllowed(
            "not_the_submitter",
            N_("Only the submitter can take report {id} back."),
            remedy=N_("Reject it with a reason instead."),
            id=report_id,
        )
    if report.state != ReportState.SUBMITTED:
        raise wrong_state(report)
    if request_id is None:
        step(work, report, ReportState.DRAFT)
        report.submitted_by_id = report.submitted_at = None
    else:
        withdraw_request(work, request_id)
    work.session.flush()
    return report_row(work, report_id)


def _to_decide(work: Work, report_id: int, version: int | None) -> int:
    request_id = _waiting(work, report_id)
    report: Report = locked_report(work, report_id, version)
    if report.state != ReportState.SUBMITTED or request_id is None:
        raise wrong_state(report)
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
    return request_id


def _waiting(work: Work, report_id: int) -> int | None:
    statement = select(ApprovalRequest.id).where(
        ApprovalRequest.kind == SUBJECT,
        ApprovalRequest.report_id == report_id,
        ApprovalRequest.state == ApprovalState.WAITING,
    )
    request_id = work.session.scalars(statement.order_by(ApprovalRequest.id.desc())).first()
    if request_id is not None:
        hold_request(work, request_id)
        # Asked again under the lock: somebody may have decided it while this transaction waited for it.
        request_id = work.session.scalars(statement.order_by(ApprovalRequest.id.desc())).first()
    return request_id
