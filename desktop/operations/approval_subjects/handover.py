"""Everything that a person is responsible for, given to another once a second manager agrees (HND-03, HND-04)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.approvals import ApprovalRequest
from desktop.models.handovers import Handover
from desktop.models.people import Person
from desktop.operations.approval_subjects import Subject
from desktop.operations.approvals.asking import PlannedLevel, ask_approval, plan_of
from desktop.operations.handover import give_all, held_counts
from desktop.queries.approval_context import ContextFact, ContextSection, ContextTable, ContextView
from desktop.store.approval_flows import Fact
from desktop.store.workspace import Work
from desktop.terms import OwnedKind

KIND = "handover"
MOST_ACCOUNTS = 8


def ask_handover(work: Work, leaver_id: int, receiver_id: int, reason: str) -> int:
    """Ask that everything a person holds be given to another, and return the number of the request.

    Raises NotFound, or InvalidInput for one and the same person, or where nothing is held.
    """
    names = _names(work, leaver_id, receiver_id)
    if len(names) < 2:
        raise NotFound("person_unknown", N_("One of the two people does not exist."))
    counts = held_counts(work, leaver_id)
    if not any(counts.values()):
        raise InvalidInput(
            "nothing_held", N_("{name} holds nothing that could be handed over."), name=names[leaver_id]
        )
    return ask_approval(
        work,
        kind=KIND,
        subject_id=leaver_id,
        title=f"{names[leaver_id]} → {names[receiver_id]}",
        facts=counts,
        payload={"receiver": receiver_id, "reason": reason.strip()},
    )


def plan_handover(work: Work, leaver_id: int) -> tuple[PlannedLevel, ...]:
    """Return who would sign that everything a person holds be given away, and by when."""
    return plan_of(work, KIND, held_counts(work, leaver_id))


def _names(work: Work, *ids: int) -> dict[int, str]:
    return {row.id: row.name for row in work.rows(select(Person.id, Person.name).where(Person.id.in_(ids)))}


def _facts(work: Work, request: ApprovalRequest) -> Mapping[str, Fact]:
    return dict(held_counts(work, request.subject_id or 0))


def _context(work: Work, request: ApprovalRequest) -> ContextView:
    leaver, payload = request.subject_id or 0, request.payload or {}
    names = _names(work, leaver, payload["receiver"])
    change = ContextSection(
        N_("What changes"),
        (
            ContextFact(N_("Given by"), names.get(leaver)),
            ContextFact(N_("Given to"), names.get(payload["receiver"])),
            ContextFact(N_("Why"), payload["reason"] or None),
        ),
    )
    counts = ContextSection(
        N_("What changes hands"),
        tuple(
            ContextFact(OwnedKind(kind).label, count, "integer")
            for kind, count in (request.facts or {}).items()
            if count
        ),
    )
    accounts = work.rows(
        select(Account.name, Account.grade)
        .where(Account.owner_id == leaver)
        .order_by(Account.grade.asc().nulls_last(), Account.name)
        .limit(MOST_ACCOUNTS)
    )
    table = ContextTable(
        ((N_("Customer"), "text"), (N_("Grade"), "text")), tuple((row.name, row.grade) for row in accounts)
    )
    return ContextView(
        (change, counts, ContextSection(N_("Customers"), table=table)), page="handover", record_id=leaver
    )


def _approved(work: Work, request: ApprovalRequest) -> None:
    leaver, receiver = request.subject_id or 0, (request.payload or {})["receiver"]
    seen = {str(kind): int(count) for kind, count in (request.facts or {}).items()}
    if work.is_sqlite:
        give_all(work, leaver, receiver, seen)
        return
    # The signature has carried it out (`store.access.carrying`); its number need not be seen by who signed.
    made = select(Handover.id).where(Handover.operation_id == work.operation_id)
    number = work.session.scalars(made).one_or_none()
    moved = {kind: count for kind, count in seen.items() if count}
    work.audit("hand_over", "handover", number, leaver=leaver, receiver=receiver, moved=moved)


SUBJECT = Subject(kind=KIND, label=N_("Handover"), context=_context, approved=_approved, facts=_facts)
