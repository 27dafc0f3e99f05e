"""Setting up approvals: flows, duties, deputies (APR-01). A flow that was in force is never changed: a new one follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import delete, select

from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.i18n import N_
from desktop.models.approvals import ApprovalDuty, ApprovalFlow, ApprovalLevel, Deputy
from desktop.models.people import Person
from desktop.models.rules import Threshold
from desktop.operations.approval_subjects import subject_of
from desktop.queries.approval_flows import Condition, Level
from desktop.store.security import require_role
from desktop.store.stale import locked, require_same
from desktop.store.workspace import Work
from desktop.terms import Duty, PersonStatus, Role

COMPARISONS = (">", ">=", "<", "<=", "=")
KEEPERS = (Role.SALES_OPS, Role.ADMIN)


def set_flow(work: Work, kind: str, name: str, levels: Sequence[Level]) -> int:
    """Put a new flow in force for a kind and return its number; what waits already keeps its own.

    Raises NotAllowed for everybody but sales operations and administrators, NotFound for an unknown kind,
    InvalidInput without a level that always applies or with one that nobody could sign.
    """
    require_role(work, *KEEPERS)
    subject_of(kind)
    if all(level.conditions for level in levels):
        raise InvalidInput(
            "flow_empty",
            N_("A flow needs a level that always applies."),
            remedy=N_("Leave at least one level without a condition."),
        )
    for number, level in enumerate(levels, start=1):
        _check(work, number, level)
    flow = ApprovalFlow(
        kind=kind,
        name=name.strip()[:400] or kind,
        made_by_id=work.actor.person_id,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(flow)
    work.session.flush()
    for number, level in enumerate(levels, start=1):
        stored = asdict(level) | {"approvers": list(dict.fromkeys(level.approvers)), "mode": level.mode.value}
        stored["conditions"] = list(stored["conditions"])
        work.session.add(ApprovalLevel(flow_id=flow.id, number=number, **stored))
    work.session.flush()
    flow.activated_at = flow.changed_at = work.now
    work.session.flush()
    work.audit("set_approval_flow", "approval_flow", flow.id, kind=kind, levels=len(levels))
    return flow.id


def _check(work: Work, number: int, level: Level) -> None:
    if not level.approvers or not all(_is_slot(work, slot) for slot in level.approvers):
        raise _bad(number, N_("Level {number} names nobody who could sign."))
    if level.escalate_to is not None and not _is_slot(work, level.escalate_to):
        raise _bad(number, N_("Level {number} goes on to nobody when it is overdue."))
    if not all(_is_readable(work, condition) for condition in level.conditions):
        raise _bad(number, N_("A condition of level {number} cannot be read."))
    if (level.hours is not None and level.hours <= 0) or (
        level.hours_key is not None and not _knows(work, level.hours_key)
    ):
        raise _bad(number, N_("The time of level {number} cannot be read."))


def _is_readable(work: Work, condition: Condition) -> bool:
    bounded = (condition.value is None) != (condition.threshold is None)
    known = condition.threshold is None or _knows(work, condition.threshold)
    return bool(condition.fact) and condition.comparison in COMPARISONS and bounded and known


def _bad(number: int, sentence: str) -> InvalidInput:
    remedy = N_(
        "Roles, duties or people sign; a condition reads “amount > 500000”; hours are a number above zero."
    )
    return InvalidInput("flow_level", sentence, remedy=remedy, number=number)


def _knows(work: Work, key: str) -> bool:
    return work.session.scalars(select(Threshold.id).where(Threshold.key == key)).first() is not None


def _is_slot(work: Work, slot: str) -> bool:
    sort, _, which = slot.partition(":")
    if sort == "role":
        return which in set(Role) and which != Role.AUDITOR
    if sort == "duty":
        return which in set(Duty)
    return sort == "person" and which.isdigit() and _can_sign(work, int(which))


def _can_sign(work: Work, person_id: int) -> bool:
    person = work.session.get(Person, person_id)
    return (
        person is not None
        and person.can_sign_in
        and person.status != PersonStatus.LEFT
        and person.role != Role.AUDITOR
    )


def set_duty(work: Work, duty: Duty, person_ids: Sequence[int]) -> None:
    """Say who holds a duty; raises NotAllowed, or InvalidInput for who cannot sign in."""
    require_role(work, *KEEPERS)
    for person_id in person_ids:
        _require_signer(work, person_id)
    work.session.execute(delete(ApprovalDuty).where(ApprovalDuty.duty == duty.value))
    work.session.add_all(ApprovalDuty(duty=duty.value, person_id=one) for one in dict.fromkeys(person_ids))
    work.session.flush()
    work.audit("set_duty", "approval_duty", None, duty=duty.value, people=list(person_ids))


def name_deputy(
    work: Work,
    deputy_id: int,
    starts_on: date,
    ends_on: date,
    *,
    person_id: int | None = None,
    reason: str = "",
) -> int:
    """Name who signs for somebody from one day to another (both included), oneself unless said otherwise.

    Raises NotAllowed for naming somebody else's deputy, InvalidInput for oneself as deputy, for days the wrong way
    round, or for who cannot sign in.
    """
    absent = work.actor.person_id if person_id is None else person_id
    if absent != work.actor.person_id:
        require_role(work, *KEEPERS)
    if absent == deputy_id or ends_on < starts_on:
        raise InvalidInput(
            "deputy",
            N_("A deputy is somebody else, from a day to the same or a later one."),
            remedy=N_("Choose another person, and check the days."),
        )
    _require_signer(work, deputy_id)
    deputy = Deputy(
        person_id=absent,
        deputy_id=deputy_id,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip()[:400] or None,
        made_by_id=work.actor.person_id,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(deputy)
    work.session.flush()
    days = {"starts": starts_on.isoformat(), "ends": ends_on.isoformat()}
    work.audit("name_deputy", "deputy", deputy.id, person=absent, deputy=deputy_id, **days)
    return deputy.id


def end_deputy(work: Work, number: int, ends_on: date, *, version: int | None = None) -> None:
    """End somebody's standing in on a day, the past included; raises NotFound, NotAllowed, StaleRecord."""
    deputy = locked(work, Deputy, number)
    if deputy is None:
        raise NotFound("deputy_unknown", N_("There is no such deputy any more."))
    if deputy.person_id != work.actor.person_id and work.actor.role not in KEEPERS:
        raise NotAllowed(
            "not_your_deputy",
            N_("Deputies are named by who is absent, or by sales operations."),
            remedy=N_("Ask them to do it."),
        )
    require_same(work, deputy, version, subject="deputy", fields=("ends_on",))
    deputy.ends_on, deputy.changed_at = ends_on, work.now
    work.session.flush()
    work.audit("end_deputy", "deputy", number, ends=ends_on.isoformat())


def _require_signer(work: Work, person_id: int) -> None:
    if not _can_sign(work, person_id):
        raise InvalidInput(
            "signer_unfit",
            N_("Only who can sign in to Plumbline and may change things can sign."),
            remedy=N_("Choose somebody else, or let an administrator open a login first."),
        )
