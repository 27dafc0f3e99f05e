"""Quote review: approved as it was asked for, then frozen (APR-02, APR-03, PER-06)."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.operations.approval_subjects import Subject
from desktop.queries.approval_context import ContextView
from desktop.queries.paper_context import quote_context
from desktop.store.approval_flows import Fact
from desktop.store.workspace import Work


def _context(work: Work, request: ApprovalRequest) -> ContextView:
    return quote_context(work, request.subject_id or 0, request.payload or {})


def _approved(work: Work, request: ApprovalRequest) -> None:
    from desktop.operations.papers import carry_out

    carry_out(work, request)


def _facts(work: Work, request: ApprovalRequest) -> dict[str, Fact]:
    from desktop.operations.papers import still

    return still(work, request)


SUBJECT = Subject(kind="quote", label=N_("Quote review"), context=_context, approved=_approved, facts=_facts)
