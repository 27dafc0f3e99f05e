"""Contracts: reviewed as they stand, or changed as it was asked for, then frozen (APR-04, APR-09, PER-06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from desktop.analytics.irregularity import Terms
from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.operations.approval_subjects import Subject
from desktop.queries.approval_context import ContextView
from desktop.queries.contracts import contract_detail, irregular
from desktop.queries.paper_context import contract_context
from desktop.store.approval_flows import Fact
from desktop.store.workspace import Work


def _context(work: Work, request: ApprovalRequest) -> ContextView:
    number, payload = request.subject_id or 0, request.payload or {}
    changes = payload.get("changes") or {}
    try:
        row = contract_detail(work, number).row
    except NotFound:  # Asked of somebody who does not see the contract: the request says what it is about.
        return contract_context(work, number, payload, None)
    begins = row.ordered_on or row.signed_on or row.starts_on
    delivery = row.delivery_on
    if "delivery_on" in changes:
        delivery = date.fromisoformat(changes["delivery_on"]) if changes["delivery_on"] else None
    terms = Terms(
        changes.get("amount", row.amount),
        row.offered,
        begins,
        delivery,
        changes.get("extra_clause", row.extra_clause),
    )
    return contract_context(work, number, payload, replace(row, irregular=irregular(work, terms)))


def _approved(work: Work, request: ApprovalRequest) -> None:
    from desktop.operations.papers import carry_out

    carry_out(work, request)


def _facts(work: Work, request: ApprovalRequest) -> dict[str, Fact]:
    from desktop.operations.papers import still

    return still(work, request)


SUBJECT = Subject(
    kind="contract_change", label=N_("Contract"), context=_context, approved=_approved, facts=_facts
)
