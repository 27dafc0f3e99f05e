"""Which step may follow which in the life of a report, and a report locked for taking one (APR-06)."""

from __future__ import annotations

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models.reports import Report
from desktop.queries.reports import ReportRow, report_unknown
from desktop.store.stale import current
from desktop.store.workspace import Work
from desktop.terms import ReportState

STEPS: dict[ReportState, tuple[ReportState, ...]] = {
    ReportState.DRAFT: (ReportState.SUBMITTED,),
    ReportState.SUBMITTED: (ReportState.APPROVED, ReportState.REJECTED, ReportState.DRAFT),
    ReportState.REJECTED: (ReportState.DRAFT,),
    ReportState.APPROVED: (ReportState.EXPORTED,),
    ReportState.EXPORTED: (ReportState.EXPORTED,),
}
"""Which state may follow which."""

_STANDS = {
    ReportState.DRAFT: (
        N_("Report {id} is still a draft."),
        N_("Submit it first."),
    ),
    ReportState.SUBMITTED: (
        N_("Report {id} is waiting for its approval."),
        N_("Somebody other than its submitter has to approve or reject it."),
    ),
    ReportState.REJECTED: (
        N_("Report {id} was rejected."),
        N_("Fill it again and submit it, or make a new one."),
    ),
    ReportState.APPROVED: (
        N_("Report {id} is approved; its figures no longer change."),
        N_("Export it, or make a new one."),
    ),
    ReportState.EXPORTED: (
        N_("Report {id} is approved and exported; its figures no longer change."),
        N_("Export it again, or make a new one."),
    ),
}
SUBJECT = "report"


def locked_report(work: Work, report_id: int, version: int | None = None) -> Report:
    """Return a report for changing; raise NotFound, NotAllowed, or StaleRecord if it is not of that version.

    The row is locked, so that a second writer waits and then sees what the first one did.
    """
    return current(
        work,
        Report,
        report_id,
        version,
        None,
        subject=SUBJECT,
        fields=("state", "submitted_at", "approved_at", "reject_reason"),
        gone=report_unknown(report_id),
        code="report_changed",
    )


def step(work: Work, report: Report, to: ReportState, *, unless: ReportState | None = None) -> None:
    """Move a report to another state; raise InvalidInput if that step is not allowed from where it is."""
    state = ReportState(report.state)
    if to not in STEPS[state] or state == unless:
        raise wrong_state(report)
    report.state = to.value
    report.changed_at = work.now


def wrong_state(report: Report | ReportRow) -> InvalidInput:
    """Return the error that says where a report stands, and what can be done from there."""
    sentence, remedy = _STANDS[ReportState(report.state)]
    return InvalidInput("report_state", sentence, remedy=remedy, id=report.id)
