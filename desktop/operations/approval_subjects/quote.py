"""Quote review: approved as it was asked for, then frozen (APR-02, APR-03, PER-06)."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.operations.approval_subjects import Subject
from desktop.operations.papers import carry_out, still
from desktop.queries.approval_context import ContextView
from desktop.queries.paper_context import quote_context
from desktop.store.workspace import Work


def context(work: Work, request: ApprovalRequest) -> ContextView:
    """Return what approvers of a quote see."""
    return quote_context(work, request.subject_id or 0, request.payload or {})


SUBJECT = Subject(kind="quote", label=N_("Quote review"), context=context, approved=carry_out, facts=still)
