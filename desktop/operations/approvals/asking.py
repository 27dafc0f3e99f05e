"""Asking for an approval: the flow in force, the levels that apply, and the first signatures (APR-01, 02, 04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models.approvals import ApprovalLevel, ApprovalRequest
from desktop.operations.approval_subjects import subject_of
from desktop.queries.approval_flows import Condition, conditions_of, person_names
from desktop.queries.approvals import Slot, slot_of
from desktop.queries.work_calendar import work_calendar
from desktop.store.approval_flows import Fact, flow_in_force, is_met, levels_of_flow, moment
from desktop.store.approving import escalate, has_others, open_level, passed_on, stand_in, tasks_of
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import ApprovalState

SUBJECT = "approval"


def ask_approval(
    work: Work,
    *,
    kind: str,
    subject_id: int | None,
    title: str,
    facts: Mapping[str, Fact],
    payload: Mapping[str, Any],
    follows_id: int | None = None,
) -> int:
    """Ask for an approval as the acting person, and return the number of the request.

    `facts` is what conditions of levels look at (money in minor units, shares in ten-thousandths), `payload`
    whatever the subject needs to carry it out; both are frozen. Raises NotFound for an unknown kind, InvalidInput
    if the same record waits for an approval of this kind already, no flow is in force, or one of its levels
    waits for a signature that nobody but the acting person could give.
    """
    subject_of(kind)
    _require_free(work, kind, subject_id)
    levels = _levels(work, kind, facts)
    request = ApprovalRequest(
        kind=kind,
        title=title[:400],
        subject_id=subject_id,
        report_id=subject_id if kind == "report" else None,
        flow_id=levels[0].flow_id,
        levels=[level.number for level in levels],
        facts=dict(facts),
        payload=dict(payload),
        follows_id=follows_id,
        state=ApprovalState.WAITING.value,
        requested_by_id=work.actor.person_id,
        requested_at=work.now,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(request)
    work.session.flush()
    if not work.is_sqlite:
        work.session.refresh(request)  # the server stamps when
    open_next(work, request, levels[0])
    work.audit("ask_approval", SUBJECT, request.id, kind=kind, record=subject_id, title=request.title)
    return request.id


@dataclass(frozen=True, slots=True)
class PlannedLevel:
    """A level that a request would go through: why, who signs, and when they are due if all before take their time."""

    name: str
    conditions: tuple[Condition, ...]
    asked: tuple[Slot, ...]
    due_at: datetime | None


def plan_of(work: Work, kind: str, facts: Mapping[str, Fact]) -> tuple[PlannedLevel, ...]:
    """Return the levels that a request of the acting person would go through; raises as `ask_approval` does."""
    names, me, since = person_names(work), work.actor.person_id, moment(work)
    planned = []
    for level in _levels(work, kind, facts):
        lacking = passed_on(work, level, me)
        slots = [stand_in(work, level, me) or slot if slot in lacking else slot for slot in level.approvers]
        due = due_at(work, level, since)
        since = due or since
        asked = tuple(slot_of(slot, names) for slot in dict.fromkeys(slots))
        planned.append(PlannedLevel(level.name, conditions_of(level), asked, due))
    return tuple(planned)


def open_next(work: Work, request: ApprovalRequest, level: ApprovalLevel) -> None:
    """Ask for the signatures of a level; what the requester alone could give goes on to somebody else at once."""
    open_level(work, request, level, due_at(work, level, work.now))
    lacking = passed_on(work, level, request.requested_by_id)
    to = stand_in(work, level, request.requested_by_id) if lacking else None
    for task in tasks_of(work, request.id) if to else ():
        if task.number == level.number and task.slot in lacking and to and escalate(work, task, to):
            work.audit("escalate_approval", SUBJECT, request.id, task=task.id, to=to)


def due_at(work: Work, level: ApprovalLevel, since: datetime) -> datetime | None:
    """Return when the signatures of a level are due, in working time or around the clock; None without a limit."""
    hours = threshold(work, level.hours_key) if level.hours_key else level.hours
    if hours is None:
        return None
    if level.around_the_clock:
        return since + timedelta(hours=hours)
    return work_calendar(work).add_hours(since, hours)


def _levels(work: Work, kind: str, facts: Mapping[str, Fact]) -> list[ApprovalLevel]:
    """Return the levels that apply, each with somebody else than the acting person who can sign."""
    flow, me = flow_in_force(work, kind), work.actor.person_id
    levels = [level for level in levels_of_flow(work, flow.id) if is_met(work, level, facts)] if flow else []
    if not levels:
        raise InvalidInput(
            "approval_flow_missing",
            N_("No approval flow is in force for this kind of request."),
            remedy=N_("Sales operations set one up: Settings, Approval flows."),
        )
    # A firm of one may ask and wait for its second person; where there are others, nobody waits for themselves.
    for level in levels if has_others(work, me) else ():
        if passed_on(work, level, me) and stand_in(work, level, me) is None:
            raise InvalidInput(
                "nobody_else_signs",
                N_(
                    "Nobody but you could sign level {number} of this approval, and nobody approves their own."
                ),
                remedy=N_(
                    "Sales operations name somebody else: Settings, Approval flows or duties; or a colleague asks."
                ),
                number=level.number,
            )
    return levels


def _require_free(work: Work, kind: str, subject_id: int | None) -> None:
    if subject_id is None:
        return
    waiting = work.session.scalars(
        select(ApprovalRequest.id).where(
            ApprovalRequest.kind == kind,
            ApprovalRequest.subject_id == subject_id,
            ApprovalRequest.state == ApprovalState.WAITING,
        )
    ).first()
    if waiting is not None:
        raise InvalidInput(
            "approval_waits",
            N_("This waits for its approval already, as request {id}."),
            remedy=N_("Withdraw that request first, or wait for its decision."),
            id=waiting,
        )
