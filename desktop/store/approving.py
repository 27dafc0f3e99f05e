"""Who may sign what, and the steps of approvals: by functions of the team database, by the same rules here on SQLite.

On the team database nobody has a right to change a request or a signature; `plumbline.sign` and its kin do,
and decide once more. The embedded database has no such boundary: there these rules are all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Text, bindparam, select, text

from desktop.clock import business_date
from desktop.errors import NotAllowed
from desktop.i18n import N_
from desktop.models.approvals import (
    ApprovalDuty,
    ApprovalLevel,
    ApprovalRequest,
    ApprovalTask,
    Deputy,
)
from desktop.models.people import OrgClosure, Person
from desktop.store.access.approving import LAST_RESORT
from desktop.store.approval_flows import moment
from desktop.store.workspace import Work
from desktop.terms import ApprovalMode, ApprovalState, PersonStatus, Role, SignState

_LED_ONLY = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER)
"""Roles that sign for the people they lead alone."""


# Who may sign


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in whose name the acting person may sign: oneself, or who named them as deputy."""

    person_id: int
    name: str
    role: Role
    duties: frozenset[str]
    led: frozenset[int]


class Rights:
    """In whose names the acting person signs today, and what that lets them sign."""

    def __init__(self, work: Work) -> None:
        self.person_id = work.actor.person_id
        duties: dict[int, set[str]] = {}
        held = select(ApprovalDuty.duty, ApprovalDuty.person_id).join(
            Person, Person.id == ApprovalDuty.person_id
        )
        for row in work.rows(held.where(Person.can_sign_in, Person.status != PersonStatus.LEFT)):
            duties.setdefault(row.person_id, set()).add(row.duty)
        self.taken = frozenset(duty for those in duties.values() for duty in those)
        """The duties that somebody holds; of the others the director takes care."""
        today = business_date(moment(work), work.zone)
        absent = select(Deputy.person_id).where(
            Deputy.deputy_id == self.person_id, Deputy.starts_on <= today, Deputy.ends_on >= today
        )
        people = work.rows(
            select(Person.id, Person.name, Person.role).where(
                (Person.id == self.person_id) | Person.id.in_(absent),
                Person.role != Role.AUDITOR,
                Person.status != PersonStatus.LEFT,
            )
        )
        self.holders = sorted(
            (
                Holder(
                    row.id,
                    row.name,
                    Role(row.role),
                    frozenset(duties.get(row.id, ())),
                    led_by(work, row.id) if row.role in _LED_ONLY else frozenset(),
                )
                for row in people
            ),
            key=lambda holder: holder.person_id != self.person_id,
        )

    def holder(self, slots: Iterable[str | None], requester_id: int) -> Holder | None:
        """Return in whose name the acting person may give one of these signatures, oneself first."""
        if requester_id == self.person_id:
            return None
        wanted = [slot for slot in slots if slot]
        return next(
            (
                holder
                for holder in self.holders
                if holder.person_id != requester_id
                and any(self._holds(holder, slot, requester_id) for slot in wanted)
            ),
            None,
        )

    def first(self, tasks: Iterable[ApprovalTask], requester_id: int) -> tuple[ApprovalTask, Holder] | None:
        """Return the signature that the acting person may give, one in their own name before one for another."""
        found = [
            (task, holder)
            for task in tasks
            if (holder := self.holder((task.slot, task.escalated_to), requester_id))
        ]
        return min(found, key=lambda pair: pair[1].person_id != self.person_id, default=None)

    def _holds(self, holder: Holder, slot: str, requester_id: int) -> bool:
        sort, _, which = slot.partition(":")
        if sort == "person":
            return which == str(holder.person_id)
        if sort == "duty":
            return which in holder.duties or (which not in self.taken and holder.role is Role.DIRECTOR)
        return (
            sort == "role"
            and which == holder.role
            and (holder.role not in _LED_ONLY or requester_id in holder.led)
        )


def led_by(work: Work, person_id: int) -> frozenset[int]:
    """Return whom somebody leads: the people of the units under their own, and who reports to them, however far."""
    units = (
        select(OrgClosure.descendant_id)
        .join(Person, Person.unit_id == OrgClosure.ancestor_id)
        .where(Person.id == person_id)
    )
    led = {row.id for row in work.rows(select(Person.id).where(Person.unit_id.in_(units)))}
    reports = work.rows(select(Person.id, Person.manager_id).where(Person.manager_id.is_not(None)))
    ahead = {person_id}
    while ahead:
        ahead = {row.id for row in reports if row.manager_id in ahead} - led
        led |= ahead
    return frozenset(led)


def _signers(work: Work) -> dict[int, Role]:
    statement = select(Person.id, Person.role).where(
        Person.can_sign_in, Person.status != PersonStatus.LEFT, Person.role != Role.AUDITOR
    )
    return {row.id: Role(row.role) for row in work.rows(statement)}


def has_others(work: Work, person_id: int) -> bool:
    """Whether anybody else could sign anything at all."""
    return bool(set(_signers(work)) - {person_id})


def others_sign(work: Work, slot: str | None, requester_id: int) -> bool:
    """Whether anybody but the requester could give a signature."""
    sort, _, which = (slot or "").partition(":")
    people = _signers(work)
    others = {person: role for person, role in people.items() if person != requester_id}
    if sort == "person":
        return which.isdigit() and int(which) in others
    if sort == "duty":
        held = {
            row.person_id
            for row in work.rows(select(ApprovalDuty.person_id).where(ApprovalDuty.duty == which))
        }
        held &= set(people)
        return bool(held & set(others)) or (not held and Role.DIRECTOR in others.values())
    able = [person for person, role in others.items() if role == which]
    return any(which not in _LED_ONLY or requester_id in led_by(work, person) for person in able)


def stand_in(work: Work, level: ApprovalLevel, requester_id: int) -> str | None:
    """Return who signs in the place of whom a level asks or waits for too long; None where nobody but the requester could."""
    wanted = (level.escalate_to, LAST_RESORT)
    return next((slot for slot in wanted if others_sign(work, slot, requester_id)), None)


def passed_on(work: Work, level: ApprovalLevel, requester_id: int) -> list[str]:
    """Return the signatures of a level that nobody but the requester could give, where it cannot do without them."""
    lacking = [slot for slot in level.approvers if not others_sign(work, slot, requester_id)]
    enough = level.mode == ApprovalMode.ANY and len(lacking) < len(level.approvers)
    return [] if enough else lacking


# Where a request stands


def tasks_of(work: Work, request_id: int) -> list[ApprovalTask]:
    """Return the signatures of a request as they are stored now, in the order of the levels."""
    statement = (
        select(ApprovalTask)
        .where(ApprovalTask.request_id == request_id)
        .order_by(ApprovalTask.number, ApprovalTask.id)
    )
    return list(work.session.scalars(statement, execution_options={"populate_existing": True}))


def is_done(level: ApprovalLevel, tasks: Sequence[ApprovalTask]) -> bool:
    """Whether the signatures of a level are enough: as its mode says, and all that were added."""
    own = [task for task in tasks if task.number == level.number]
    signed = {task.slot for task in own if task.state == SignState.APPROVED and task.added_by_id is None}
    if any(task.added_by_id is not None and task.state != SignState.APPROVED for task in own):
        return False
    return bool(signed) and (level.mode == ApprovalMode.ANY or set(level.approvers) <= signed)


def current_level(levels: Sequence[ApprovalLevel], tasks: Sequence[ApprovalTask]) -> ApprovalLevel | None:
    """Return the first level that is not done yet; None where all are."""
    return next((level for level in levels if not is_done(level, tasks)), None)


def has_turn(level: ApprovalLevel, task: ApprovalTask, tasks: Sequence[ApprovalTask]) -> bool:
    """Whether a signature may be given now: of a sequence, those before it come first."""
    if task.number != level.number or task.state != SignState.WAITING:
        return False
    if level.mode != ApprovalMode.SEQUENCE or task.added_by_id is not None:
        return True
    signed = {each.slot for each in tasks if each.number == level.number and each.state == SignState.APPROVED}
    before = level.approvers[: level.approvers.index(task.slot)]
    return set(before) <= signed


# The steps


def hold_request(work: Work, request_id: int) -> None:
    """Keep a request from others until this transaction ends; on SQLite the write lock does."""
    if not work.is_sqlite:
        work.session.flush()
        work.session.execute(text("SELECT plumbline.hold_request(:id)").bindparams(_big("id", request_id)))


def open_level(work: Work, request: ApprovalRequest, level: ApprovalLevel, due: datetime | None) -> None:
    """Ask for the signatures of a request's next level; the team database says by its own clock when they are `due`."""
    work.session.flush()
    if not work.is_sqlite:
        statement = text("SELECT plumbline.open_level(:request)").bindparams(_big("request", request.id))
        work.session.execute(statement)
        return
    work.session.add_all(
        ApprovalTask(
            request_id=request.id,
            number=level.number,
            slot=slot,
            state=SignState.WAITING.value,
            opened_at=work.now,
            due_at=due,
            recorded_at=work.now,
            changed_at=work.now,
        )
        for slot in dict.fromkeys(level.approvers)
    )
    work.session.flush()


def sign(
    work: Work,
    request: ApprovalRequest,
    levels: Sequence[ApprovalLevel],
    task: ApprovalTask,
    decision: SignState,
    holder: Holder,
    reason: str | None,
) -> None:
    """Give one signature and let the request follow: to its next level, or to its end."""
    behalf = None if holder.person_id == work.actor.person_id else holder.person_id
    work.session.flush()
    if work.is_sqlite:
        _sign_here(work, request, levels, task, decision, behalf, reason)
    else:
        work.session.execute(
            text("SELECT plumbline.sign(:task, :decision, :behalf, :why, :operation)").bindparams(
                _big("task", task.id),
                bindparam("decision", decision.value, Text),
                _big("behalf", behalf),
                bindparam("why", reason, Text),
                bindparam("operation", work.operation_id, Text),
            )
        )
        work.session.expire_all()
    work.session.refresh(request)


def _sign_here(
    work: Work,
    request: ApprovalRequest,
    levels: Sequence[ApprovalLevel],
    task: ApprovalTask,
    decision: SignState,
    behalf: int | None,
    reason: str | None,
) -> None:
    if request.requested_by_id in (work.actor.person_id, behalf):
        raise NotAllowed("own_request", N_("Nobody decides what they asked for."))
    task.state, task.reason = decision.value, reason
    task.decided_by_id, task.on_behalf_of_id, task.decided_at = work.actor.person_id, behalf, work.now
    task.changed_at = work.now
    tasks = tasks_of_flushed(work, request.id)
    ahead = current_level(levels, tasks)
    ends = decision is not SignState.APPROVED or ahead is None
    if ends or (ahead is not None and ahead.number != task.number):
        skip(work, [each for each in tasks if each.number == task.number or ends])
    if ends:
        request.state, request.reason, request.decided_at = decision.value, reason, work.now
        request.decided_by_id, request.changed_at = work.actor.person_id, work.now
    work.session.flush()


def tasks_of_flushed(work: Work, request_id: int) -> list[ApprovalTask]:
    """Return a request's signatures with what this transaction has changed."""
    work.session.flush()
    return tasks_of(work, request_id)


def skip(work: Work, tasks: Iterable[ApprovalTask]) -> None:
    """Note that signatures which still wait are not needed any more (SQLite)."""
    for task in tasks:
        if task.state == SignState.WAITING:
            task.state, task.changed_at = SignState.SKIPPED.value, work.now


def facts_now(work: Work, request_id: int) -> dict[str, Any] | None:
    """Return a request's facts as its record stands now, also for who signs without seeing it; None on SQLite."""
    if work.is_sqlite:
        return None
    statement = text("SELECT plumbline.facts_now(:request)").bindparams(_big("request", request_id))
    found: dict[str, Any] | None = work.session.execute(statement).scalar_one_or_none()
    return found


def add_signer(
    work: Work, task: ApprovalTask, holder: Holder, signer_id: int, due: datetime | None, reason: str | None
) -> None:
    """Ask for a signature beyond the flow, on the level of a signature that the actor could give."""
    behalf = None if holder.person_id == work.actor.person_id else holder.person_id
    work.session.flush()
    if not work.is_sqlite:
        work.session.execute(
            text("SELECT plumbline.add_signer(:task, :behalf, :signer, :why)").bindparams(
                _big("task", task.id),
                _big("behalf", behalf),
                _big("signer", signer_id),
                bindparam("why", reason, Text),
            )
        )
        return
    work.session.add(
        ApprovalTask(
            request_id=task.request_id,
            number=task.number,
            slot=f"person:{signer_id}",
            state=SignState.WAITING.value,
            opened_at=work.now,
            due_at=due,
            added_by_id=work.actor.person_id,
            reason=reason,
            recorded_at=work.now,
            changed_at=work.now,
        )
    )
    work.session.flush()


def withdraw(work: Work, request: ApprovalRequest, reason: str | None) -> None:
    """Take an own request back."""
    work.session.flush()
    if not work.is_sqlite:
        work.session.execute(
            text("SELECT plumbline.withdraw(:request, :why)").bindparams(
                _big("request", request.id), bindparam("why", reason, Text)
            )
        )
    else:
        request.state, request.reason = ApprovalState.WITHDRAWN.value, reason
        request.decided_at = request.changed_at = work.now
        skip(work, tasks_of(work, request.id))
        work.session.flush()
    work.session.refresh(request)


def escalate(work: Work, task: ApprovalTask, to: str) -> bool:
    """Let somebody else sign as well what is overdue, or what the requester alone could; return whether that was new."""
    work.session.flush()
    if not work.is_sqlite:
        statement = text("SELECT plumbline.escalate(:task)").bindparams(_big("task", task.id))
        return bool(work.session.execute(statement).scalar_one())
    if task.state != SignState.WAITING or task.escalated_at is not None:
        return False
    task.escalated_at, task.escalated_to, task.changed_at = work.now, to, work.now
    work.session.flush()
    return True


def _big(name: str, value: int | None) -> BindParameter[Any]:
    return bindparam(name, value, BigInteger)
