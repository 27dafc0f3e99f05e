"""One request with everything that its decision needs, on one screen (APR-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from desktop.errors import NotFound, UserError
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.operations.approval_subjects import subject_of
from desktop.operations.approvals.deciding import require_unedited
from desktop.queries.approval_context import ContextFact, ContextSection, ContextView, Warning
from desktop.queries.approvals import TrailLine, approval_trail
from desktop.store.workspace import Work
from desktop.terms import ApprovalState


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request's context and its trail; `follows_id` is the request that it was asked again after."""

    id: int
    kind: str
    title: str
    facts: Mapping[str, Any]
    context: ContextView
    trail: tuple[TrailLine, ...]
    follows_id: int | None


def request_view(work: Work, request_id: int) -> RequestView:
    """Return one request with its context; raises NotFound. What its reader may not see is left out with a note."""
    request = work.session.scalars(select(ApprovalRequest).where(ApprovalRequest.id == request_id)).first()
    if request is None:
        raise NotFound("approval_unknown", N_("There is no request {id}."), id=request_id)
    return RequestView(
        request.id,
        request.kind,
        request.title,
        request.facts or {},
        context_of(work, request),
        tuple(approval_trail(work, request_id)),
        request.follows_id,
    )


def context_of(work: Work, request: ApprovalRequest) -> ContextView:
    """Return what the subject shows of a request, with a warning if its record was edited since."""
    subject = subject_of(request.kind)
    try:
        context = subject.context(work, request)
        if request.state == ApprovalState.WAITING:
            require_unedited(work, request, subject)
    except NotFound:
        return ContextView(
            (_frozen(request),),
            warnings=(Warning(N_("The record is gone, or you may not see it: ask who requested this.")),),
        )
    except (KeyError, TypeError, ValueError):  # whoever writes SQL can ask without saying for what
        unread = Warning(
            N_("This request was not made by the program, and cannot be carried out: reject it."), {}, "red"
        )
        return ContextView((_frozen(request),), warnings=(unread,))
    except UserError as error:
        edited = Warning(error.template, dict(error.params), "red")
        return ContextView(context.sections, (*context.warnings, edited), context.page, context.record_id)
    return context


def _frozen(request: ApprovalRequest) -> ContextSection:
    """Return what the request itself says, for whoever is asked to sign without seeing the record."""
    facts, payload = request.facts or {}, request.payload or {}
    said = (
        ContextFact(N_("Request"), request.title),
        ContextFact(N_("Target"), payload.get("value"), "money", before=facts.get("target")),
        ContextFact(N_("Stage"), payload.get("stage")),
        ContextFact(N_("Amount"), facts.get("amount"), "money"),
        ContextFact(N_("Why"), payload.get("reason")),
    )
    return ContextSection(N_("What changes"), tuple(fact for fact in said if fact.value is not None))
