"""What can be asked for: one module per kind, found by looking, each with its `SUBJECT`.

A new kind is a new module here and a flow (Settings, or `resources/seeds/approval_flows.json`). It says what an
approver shall see (`context`) and what an approval does (`approved`), in the approver's own transaction.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from desktop.errors import NotFound, one_of
from desktop.i18n import N_
from desktop.models.approvals import ApprovalRequest
from desktop.queries.approval_context import ContextView
from desktop.store.approval_flows import Fact
from desktop.store.workspace import Work


def _nothing(work: Work, request: ApprovalRequest) -> None:
    return None


def _no_reason(work: Work, request: ApprovalRequest, reason: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Subject:
    """One kind of request.

    `context` is what approvers see. `approved`, `rejected` (with the reason; also when it is returned for
    correction, unless `returned` says otherwise) and `withdrawn` follow the decision in its transaction and may
    raise to stop it. `facts` reads the frozen facts as they stand now: whoever signs after the record was edited
    is told so, and nothing is signed.
    """

    kind: str
    label: str
    context: Callable[[Work, ApprovalRequest], ContextView]
    approved: Callable[[Work, ApprovalRequest], None] = _nothing
    rejected: Callable[[Work, ApprovalRequest, str], None] = _no_reason
    withdrawn: Callable[[Work, ApprovalRequest], None] = _nothing
    returned: Callable[[Work, ApprovalRequest, str], None] | None = None
    facts: Callable[[Work, ApprovalRequest], Mapping[str, Fact]] | None = None


@cache
def subjects() -> dict[str, Subject]:
    """Return every kind by its name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        subject = import_module(f"{__name__}.{module.name}").SUBJECT
        found[subject.kind] = subject
    return found


def subject_of(kind: str) -> Subject:
    """Return one kind; raises NotFound for one that nobody knows."""
    return one_of(
        subjects(),
        kind,
        "approval_kind_unknown",
        N_("There is nothing of the kind “{name}” that could be approved."),
        NotFound,
    )
