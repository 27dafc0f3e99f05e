"""Deciding requests: approve, reject, return for correction, ask for one more signature, withdraw (APR-01, APR-06).

Nobody decides what they asked for, not as a deputy, not by a second role, not on a task that was passed to them;
the team database holds the same rule in `store/access/approving`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord
from desktop.i18n import N_
from desktop.models.approvals import ApprovalLevel, ApprovalRequest, ApprovalTask
from desktop.models.people import Person
from desktop.operations.approval_subjects import Subject, subject_of
from desktop.operations.approvals.asking import SUBJECT, ask_approval, due_at, open_next
from desktop.store.access.carrying import CARRIED
from desktop.store.approval_flows import levels_of_flow
from desktop.store.approving import (
    Holder,
    Rights,
    add_signer,
    current_level,
    facts_now,
    has_turn,
    hold_request,
    sign,
    tasks_of,
    withdraw,
)
from desktop.store.stale import require_same
from desktop.store.workspace import Work
from desktop.terms import ApprovalState, PersonStatus, Role, SignState

_ACTIONS = {
    SignState.APPROVED: "approve",
    SignState.REJECTED: "reject",
    SignState.RETURNED: "return",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A request that this transaction keeps from others, with its levels and signatures."""

    request: ApprovalRequest
    levels: Sequence[ApprovalLevel]
    tasks: Sequence[ApprovalTask]

    @property
    def level(self) -> ApprovalLevel | None:
        """The level whose signatures it waits for."""
        return current_level(self.levels, self.tasks)


def approve(work: Work, request_id: int, *, version: int | None = None, reason: str = "") -> ApprovalState:
    """Sign a request with yes, for oneself or for somebody absent, and return where it stands then.

    Its last signature carries it out, in the same transaction. Raises NotFound, NotAllowed for the requester and
    for who is not asked, InvalidInput if it does not wait, StaleRecord if it is no longer of that version, or
    if the record it is about was edited since.
    """
    return _decide(work, request_id, SignState.APPROVED, reason, version)


def reject(work: Work, request_id: int, reason: str, *, version: int | None = None) -> ApprovalState:
    """Refuse a request and say why; raises as `approve` does, and without a reason."""
    return _decide(work, request_id, SignState.REJECTED, reason, version)


def return_request(work: Work, request_id: int, reason: str, *, version: int | None = None) -> ApprovalState:
    """Send a request back to be corrected and asked for again; raises as `reject` does."""
    return _decide(work, request_id, SignState.RETURNED, reason, version)


def ask_again(work: Work, request_id: int) -> int:
    """Ask once more for what was returned, rejected or withdrawn, with the facts as they stand now.

    Returns the number of the new request, which follows the old one. Raises NotAllowed for who is not its
    requester, InvalidInput while it waits or after it was approved.
    """
    old = _found(work, request_id)
    _require_requester(work, old)
    if old.state in (ApprovalState.WAITING, ApprovalState.APPROVED):
        raise _wrong_state(old)
    subject = subject_of(old.kind)
    return ask_approval(
        work,
        kind=old.kind,
        subject_id=old.subject_id,
        title=old.title,
        facts=subject.facts(work, old) if subject.facts else old.facts or {},
        payload=old.payload or {},
        follows_id=old.id,
    )


def withdraw_request(
    work: Work, request_id: int, *, reason: str = "", version: int | None = None
) -> ApprovalState:
    """Take an own request back; raises NotAllowed for anybody else, InvalidInput if it does not wait."""
    held = held_request(work, request_id, version)
    _require_requester(work, held.request)
    _require_waiting(held.request)
    withdraw(work, held.request, reason.strip() or None)
    subject_of(held.request.kind).withdrawn(work, held.request)
    work.audit("withdraw_approval", SUBJECT, request_id, kind=held.request.kind)
    return ApprovalState.WITHDRAWN


def add_signature(
    work: Work, request_id: int, person_id: int, *, reason: str = "", version: int | None = None
) -> None:
    """Ask somebody for a signature beyond the flow; the level is not done before they have signed.

    Raises NotAllowed for who could not sign themselves, InvalidInput for the requester, oneself, somebody who is
    asked already or cannot sign in.
    """
    held = held_request(work, request_id, version)
    task, holder = _turn(work, held)
    asked = work.session.get(Person, person_id)
    if (
        asked is None
        or not asked.can_sign_in
        or asked.status == PersonStatus.LEFT
        or asked.role == Role.AUDITOR
        or person_id in (held.request.requested_by_id, work.actor.person_id)
        or any(each.slot == f"person:{person_id}" and each.number == task.number for each in held.tasks)
    ):
        raise InvalidInput(
            "signer_unfit",
            N_("This person cannot be asked to sign as well."),
            remedy=N_(
                "Choose somebody who can sign in, is not asked yet, and is neither you nor the requester."
            ),
        )
    level = held.level
    assert level is not None
    add_signer(work, task, holder, person_id, due_at(work, level, work.now), reason.strip() or None)
    work.audit("add_signature", SUBJECT, request_id, person=person_id)


def held_request(work: Work, request_id: int, version: int | None = None) -> Held:
    """Return a request for deciding, kept from others; raises NotFound, or StaleRecord if it moved on."""
    hold_request(work, request_id)
    request = _found(work, request_id)
    require_same(
        work,
        request,
        version,
        subject=SUBJECT,
        fields=("state", "decided_at", "reason"),
        code="approval_changed",
    )
    applying = set(request.levels or ())
    levels = [level for level in levels_of_flow(work, request.flow_id or 0) if level.number in applying]
    return Held(request, levels, tasks_of(work, request_id))


def _found(work: Work, request_id: int) -> ApprovalRequest:
    statement = select(ApprovalRequest).where(ApprovalRequest.id == request_id)
    found = work.session.execute(statement, execution_options={"populate_existing": True})
    request = found.scalar_one_or_none()
    if request is None:
        raise NotFound("approval_unknown", N_("There is no request {id}."), id=request_id)
    return request


def _decide(
    work: Work, request_id: int, decision: SignState, reason: str, version: int | None
) -> ApprovalState:
    said = reason.strip()
    if decision is not SignState.APPROVED and not said:
        raise InvalidInput(
            "reason_missing",
            N_("A rejection needs a reason."),
            remedy=N_("Say in a sentence what has to be put right."),
        )
    held = held_request(work, request_id, version)
    task, holder = _turn(work, held)
    subject = subject_of(held.request.kind)
    if decision is SignState.APPROVED:
        require_unedited(work, held.request, subject)
    sign(work, held.request, held.levels, task, decision, holder, said or None)
    work.audit(
        f"{_ACTIONS[decision]}_approval",
        SUBJECT,
        request_id,
        kind=held.request.kind,
        level=task.number,
        slot=task.slot,
        on_behalf_of=None if holder.person_id == work.actor.person_id else holder.person_id,
        reason=said or None,
    )
    _follow(work, held, subject, said)
    work.session.flush()
    return ApprovalState(held.request.state)


def _follow(work: Work, held: Held, subject: Subject, reason: str) -> None:
    """Carry out what the signature led to: the next level, or the end."""
    request = held.request
    if request.state == ApprovalState.APPROVED:
        subject.approved(work, request)
    elif request.state == ApprovalState.REJECTED:
        subject.rejected(work, request, reason)
    elif request.state == ApprovalState.RETURNED:
        (subject.returned or subject.rejected)(work, request, reason)
    else:
        tasks = tasks_of(work, request.id)
        level = current_level(held.levels, tasks)
        if level and not any(task.number == level.number for task in tasks):
            open_next(work, request, level)


def _turn(work: Work, held: Held) -> tuple[ApprovalTask, Holder]:
    """Return the signature that the acting person may give now, and in whose name."""
    request, level = held.request, held.level
    _require_waiting(request)
    if request.requested_by_id == work.actor.person_id:
        raise NotAllowed(
            "own_request",
            N_("You asked for this yourself; a second person has to decide."),
            remedy=N_("Ask somebody else who may approve."),
        )
    ready = [task for task in held.tasks if level and has_turn(level, task, held.tasks)]
    found = Rights(work).first(ready, request.requested_by_id)
    if found:
        return found
    raise NotAllowed(
        "not_asked",
        N_("Your signature is not asked for on this request now."),
        remedy=N_("Its page shows who is asked. Somebody absent can name a deputy: Settings, Deputies."),
    )


def _require_waiting(request: ApprovalRequest) -> None:
    if request.state != ApprovalState.WAITING:
        raise _wrong_state(request)


def _wrong_state(request: ApprovalRequest) -> InvalidInput:
    sentence = {
        ApprovalState.WAITING: N_("Request {id} still waits for its decision."),
        ApprovalState.APPROVED: N_("Request {id} is approved already."),
        ApprovalState.REJECTED: N_("Request {id} is rejected already."),
        ApprovalState.RETURNED: N_("Request {id} was returned for correction."),
        ApprovalState.WITHDRAWN: N_("Request {id} was withdrawn."),
    }[ApprovalState(request.state)]
    return InvalidInput(
        "approval_state", sentence, remedy=N_("Reload and look at the decision."), id=request.id
    )


def _require_requester(work: Work, request: ApprovalRequest) -> None:
    if request.requested_by_id != work.actor.person_id:
        raise NotAllowed(
            "not_the_requester",
            N_("Only who asked can take request {id} back or ask again."),
            remedy=N_("Reject it with a reason instead."),
            id=request.id,
        )


def require_unedited(work: Work, request: ApprovalRequest, subject: Subject) -> None:
    """Raise StaleRecord if the record was edited since the request: nobody approves what nobody looked at."""
    if subject.facts is None:
        return
    asked = request.facts or {}
    kept = facts_now(work, request.id) if request.kind in CARRIED else None
    now = subject.facts(work, request) if kept is None else kept
    changed = {name: (asked[name], now.get(name)) for name in asked if asked[name] != now.get(name)}
    if changed:
        raise StaleRecord(
            "approval_record_edited",
            N_("What is asked for was edited after the request was made; it was not approved."),
            remedy=N_("Return the request, so that it is asked for again with what stands there now."),
            differences=changed,
        )
