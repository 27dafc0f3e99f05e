"""Reports: the frozen figures are approved, or the report goes back to whoever submitted it (APR-06)."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.operations.approval_subjects import Subject
from desktop.operations.report_steps import SUBJECT as REPORT
from desktop.operations.report_steps import locked_report, step
from desktop.queries.approval_context import ContextFact, ContextSection, ContextView
from desktop.queries.reports import report_row
from desktop.store.approval_flows import Fact
from desktop.store.workspace import Work
from desktop.terms import ReportState


def _number(request: ApprovalRequest) -> int:
    return request.report_id or request.subject_id or 0


def _context(work: Work, request: ApprovalRequest) -> ContextView:
    row = report_row(work, _number(request))
    facts = (
        ContextFact(N_("Report"), row.title, "term"),
        ContextFact(N_("About"), row.subject),
        ContextFact(N_("Period"), row.period),
        ContextFact(N_("Rows"), row.rows, "integer"),
        ContextFact(N_("Hash"), row.hash[:16]),
    )
    section = ContextSection(N_("Frozen figures"), facts)
    return ContextView((section,), page="reports", record_id=row.id)


def _facts(work: Work, request: ApprovalRequest) -> Mapping[str, Fact]:
    row = report_row(work, _number(request))
    return {"hash": row.hash, "rows": row.rows}


def _approved(work: Work, request: ApprovalRequest) -> None:
    report = locked_report(work, _number(request))
    step(work, report, ReportState.APPROVED)
    report.approved_by_id = work.actor.person_id
    report.approved_at = work.now
    work.audit("approve_report", REPORT, report.id, hash=report_row(work, report.id).hash)


def _rejected(work: Work, request: ApprovalRequest, reason: str) -> None:
    report = locked_report(work, _number(request))
    step(work, report, ReportState.REJECTED)
    report.reject_reason = reason
    work.audit("reject_report", REPORT, report.id, reason=reason)


def _withdrawn(work: Work, request: ApprovalRequest) -> None:
    report = locked_report(work, _number(request))
    step(work, report, ReportState.DRAFT)
    report.submitted_by_id = None
    report.submitted_at = None
    work.audit("withdraw_report", REPORT, report.id)


SUBJECT = Subject(
    kind=REPORT,
    label=N_("Report"),
    context=_context,
    approved=_approved,
    rejected=_rejected,
    withdrawn=_withdrawn,
    facts=_facts,
)
