"""Contracts: reviewed as they stand, or changed as it was asked for, then frozen (APR-04, APR-09, PER-06)."""

from __future__ import annotations

from dataclasses import replace

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.operations.approval_subjects import Subject
from desktop.operations.papers import carry_out, still, terms_after
from desktop.queries.approval_context import ContextView
from desktop.queries.contracts import contract_detail, irregular
from desktop.queries.paper_context import contract_context
from desktop.store.workspace import Work


def _context(work: Work, request: ApprovalRequest) -> ContextView:
    number, payload = request.subject_id or 0, request.payload or {}
    try:
        row = contract_detail(work, number).row
    except NotFound:  # Asked of somebody who does not see the contract: the request says what it is about.
        return contract_context(work, number, payload, None)
    terms = terms_after(row, payload.get("changes") or {})
    return contract_context(work, number, payload, replace(row, irregular=irregular(work, terms)))


SUBJECT = Subject(
    kind="contract_change", label=N_("Contract"), context=_context, approved=carry_out, facts=still
)
