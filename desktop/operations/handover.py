"""Carrying a handover out, and taking it back: who is responsible changes, nothing else does (HND-03, HND-04).

Open deals keep their stage and history, interactions their author, decided deals the person whose
success they were: duty moves, credit stays (beyond 8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from desktop.clock import business_date
from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord
from desktop.i18n import ENGLISH, N_, Locale
from desktop.models import Base
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Todo
from desktop.models.audit import AuditEntry
from desktop.models.contracts import Contract, Quote
from desktop.models.handovers import Handover, HandoverItem
from desktop.models.leads import Lead
from desktop.models.opportunities import Opportunity
from desktop.models.people import Ownership, Person
from desktop.operations.people import close_person
from desktop.operations.refusals import require_unrefused
from desktop.store.access.moving import HELD_WHILE
from desktop.store.ownership import hold_person, move_owner
from desktop.store.parts import in_parts
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import GIVER_ROLES, HandoverState, OwnedKind, PersonStatus, Role

HANDED_OVER = "handover"
TAKEN_BACK = "handover taken back"
"""The reasons that ownership lines of a handover give."""

_HELD: dict[OwnedKind, Any] = {
    OwnedKind.ACCOUNT: Account,
    OwnedKind.CONTACT: Contact,
    OwnedKind.LEAD: Lead,
    OwnedKind.OPPORTUNITY: Opportunity,
    OwnedKind.QUOTE: Quote,
    OwnedKind.CONTRACT: Contract,
    OwnedKind.TASK: Todo,
}


@dataclass(frozen=True, slots=True)
class HandoverDone:
    """What changed hands: how many records of each kind."""

    handover: int
    giver: int
    receiver: int
    moved: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many records altogether."""
        return sum(self.moved.values())


@dataclass(frozen=True, slots=True)
class NotReturned:
    """A record that stays where it is, and why."""

    kind: str
    id: int
    why: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, locale: Locale = ENGLISH) -> str:
        """Return the reason for a person."""
        return locale._(self.why).format(**self.params)


@dataclass(frozen=True, slots=True)
class HandoverUndone:
    """What went back, and what was kept with the reason."""

    handover: int
    reversed: int
    kept: tuple[NotReturned, ...]

    def to_json(self, locale: Locale = ENGLISH) -> dict[str, Any]:
        """Return the document of `handover --undo`."""
        kept = [{"entity": one.kind, "id": one.id, "why": one.text(locale)} for one in self.kept]
        return {"handover": self.handover, "reversed": self.reversed, "kept": kept, "blocked": []}


def hand_over(
    work: Work,
    leaver_id: int,
    receiver_id: int,
    *,
    seen: Mapping[str, int] | None = None,
    close_login: bool = False,
) -> HandoverDone:
    """Give everything that a person is responsible for to another, in this transaction.

    `seen` is how many records of some kinds the checklist showed: StaleRecord if it is different now.
    `close_login` also closes the leaver's login (administrators). Raises InvalidInput, NotAllowed, NotFound.
    """
    require_role(work, *GIVER_ROLES)
    done = give_all(work, leaver_id, receiver_id, seen or {})
    if close_login:
        _close(work, leaver_id)
    return done


def give_all(work: Work, leaver_id: int, receiver_id: int, seen: Mapping[str, int]) -> HandoverDone:
    """Carry out a handover that somebody may order, or that was approved; see `hand_over`."""
    leaver, receiver = _person(work, leaver_id), _person(work, receiver_id)
    if leaver.id == receiver.id:
        raise InvalidInput(
            "handover_to_self",
            N_("{name} cannot take over from themselves."),
            remedy=N_("Choose somebody else who takes over."),
            name=leaver.name,
        )
    if receiver.status != PersonStatus.ACTIVE:
        raise InvalidInput(
            "receiver_leaves",
            N_("{name} is leaving, too, and cannot take over."),
            remedy=N_("Choose somebody else who takes over."),
            name=receiver.name,
        )
    hold_person(work, leaver.id)
    held = {kind: _held(work, kind, leaver.id) for kind in _HELD}
    _require_as_seen(held, seen)
    if not any(held.values()):
        raise InvalidInput(
            "nothing_held", N_("{name} holds nothing that could be handed over."), name=leaver.name
        )
    done = Handover(
        from_person_id=leaver.id,
        to_person_id=receiver.id,
        state=HandoverState.APPLIED.value,
        at=work.now,
        by_id=work.actor.person_id,
        operation_id=work.operation_id,
    )
    work.session.add(done)
    work.session.flush()
    number = done.id
    for kind, ids in held.items():
        move_owner(work, kind, ids, leaver_id, receiver_id, HANDED_OVER)
        _note(work, number, kind, ids)
    moved = {kind.value: len(ids) for kind, ids in held.items() if ids}
    work.audit("hand_over", "handover", number, leaver=leaver_id, receiver=receiver_id, moved=moved)
    return HandoverDone(number, leaver_id, receiver_id, moved)


def held_counts(work: Work, person_id: int) -> dict[str, int]:
    """Return how many records of each kind a handover of a person would move."""
    return {kind.value: len(_held(work, kind, person_id)) for kind in _HELD}


def undo_handover(work: Work, handover_id: int) -> HandoverUndone:
    """Give back what the receiver still holds; what has moved on since is kept, with who and when.

    Raises NotFound, InvalidInput for one that was taken back already, NotAllowed.
    """
    require_role(work, *GIVER_ROLES)
    done = work.session.get(Handover, handover_id, with_for_update=True)
    if done is None:
        raise NotFound(
            "handover_unknown",
            N_("There is no handover {id}."),
            remedy=N_("The number is in what the handover printed, and in the audit trail."),
            id=handover_id,
        )
    if done.state != HandoverState.APPLIED:
        raise InvalidInput("handover_undone", N_("Handover {id} was taken back already."), id=handover_id)
    giver, receiver = done.from_person_id, done.to_person_id
    hold_person(work, receiver)
    returned, kept = 0, []
    for kind in _HELD:
        ids, stay = _still_there(work, done, kind)
        returned += move_owner(work, kind, ids, receiver, giver, TAKEN_BACK)
        kept.extend(stay)
    again = work.session.get_one(Handover, handover_id)
    again.state = (HandoverState.PARTLY_UNDONE if kept else HandoverState.UNDONE).value
    again.undone_at, again.undone_by_id = work.now, work.actor.person_id
    work.audit("undo_handover", "handover", handover_id, reversed=returned, kept=len(kept))
    return HandoverUndone(handover_id, returned, tuple(kept))


def assign_records(work: Work, kind: OwnedKind, ids: Sequence[int], receiver_id: int, reason: str) -> int:
    """Give some records of one kind to a person and return how many were not theirs already (HND-03).

    Raises NotFound for a record that is not there, InvalidInput without a reason, StaleRecord, NotAllowed, also for
    a customer that refused (DUP-06); a handover takes such a customer along, for there duty moves.
    """
    require_role(work, *GIVER_ROLES)
    if not reason.strip():
        raise InvalidInput(
            "reason_missing",
            N_("A change of owner needs a reason."),
            remedy=N_("Say in a few words why the owner changes."),
        )
    receiver = _person(work, receiver_id)
    require_unrefused(work, kind.value, ids)
    table = Base.metadata.tables[kind.value]
    owners = {row.id: row.owner_id for row in _rows_of(work, table, ids)}
    if missing := [one for one in ids if one not in owners]:
        raise NotFound("record_unknown", N_("There is no {kind} {id}."), kind=kind.value, id=missing[0])
    by_giver: dict[int | None, list[int]] = {}
    for one, owner in owners.items():
        if owner != receiver.id:
            by_giver.setdefault(owner, []).append(one)
    moved = sum(
        move_owner(work, kind, theirs, giver, receiver_id, reason.strip())
        for giver, theirs in by_giver.items()
    )
    work.audit("assign", kind.value, ids[0] if len(ids) == 1 else None, to=receiver_id, count=moved)
    return moved


def _person(work: Work, person_id: int) -> Person:
    found = work.session.get(Person, person_id)
    if found is None:
        raise NotFound("person_not_found", N_("There is nobody called “{name}”."), name=f"#{person_id}")
    return found


def _held(work: Work, kind: OwnedKind, person_id: int) -> list[int]:
    record = _HELD[kind]
    statement = select(record.id).where(record.owner_id == person_id).order_by(record.id)
    if kind in HELD_WHILE:
        column, value = HELD_WHILE[kind]
        statement = statement.where(getattr(record, column) == value)
    return [row.id for row in work.rows(statement)]


def _require_as_seen(held: Mapping[OwnedKind, Sequence[int]], seen: Mapping[str, int]) -> None:
    for kind, count in seen.items():
        if len(held[OwnedKind(kind)]) != count:
            raise StaleRecord(
                "handover_moved",
                N_("What {kind} the leaver holds has changed since you looked: {seen} then, {now} now."),
                remedy=N_("Look at the checklist again, then hand over."),
                kind=kind,
                seen=count,
                now=len(held[OwnedKind(kind)]),
                differences={},
            )


def _note(work: Work, handover_id: int, kind: OwnedKind, ids: Sequence[int]) -> None:
    if ids:
        lines = [{"handover_id": handover_id, "kind": kind.value, "record_id": one} for one in ids]
        work.session.execute(insert(HandoverItem), lines)


def _close(work: Work, person_id: int) -> None:
    person = _person(work, person_id)
    if person.login and person.can_sign_in:
        close_person(work, person.login)
    elif work.actor.role is not Role.ADMIN:
        raise NotAllowed("role_missing", N_("Only an administrator may close a login."))


_GONE = N_("It does not exist any more.")
_MOVED_ON = N_("{name} gave it to {owner} on {day}; it stays there.")
_GIVEN = N_("It was given to {owner} on {day}; it stays there.")
_ELSEWHERE = N_("It belongs to somebody else by now and stays there.")


def _still_there(work: Work, done: Handover, kind: OwnedKind) -> tuple[list[int], list[NotReturned]]:
    """Return what the receiver still holds of one kind, and what has moved on with the reason."""
    listed = select(HandoverItem.record_id).where(
        HandoverItem.handover_id == done.id, HandoverItem.kind == kind.value
    )
    ids = [row.record_id for row in work.rows(listed.order_by(HandoverItem.record_id))]
    owners = {row.id: row.owner_id for row in _rows_of(work, Base.metadata.tables[kind.value], ids)}
    here = [one for one in ids if owners.get(one) == done.to_person_id]
    elsewhere = [one for one in ids if one in owners and owners[one] != done.to_person_id]
    moves = _latest_moves(work, kind, elsewhere, business_date(done.at, work.zone))
    stay = [NotReturned(kind.value, one, _GONE) for one in ids if one not in owners]
    for one in elsewhere:
        params = moves.get(one, {})
        why = _MOVED_ON if params.get("name") else _GIVEN if params else _ELSEWHERE
        stay.append(NotReturned(kind.value, one, why, params))
    return here, stay


def _latest_moves(work: Work, kind: OwnedKind, ids: Sequence[int], since: date) -> dict[int, dict[str, Any]]:
    owner = Person.__table__.alias("owner")
    found: dict[int, dict[str, Any]] = {}
    for part in in_parts(ids):
        rows = work.rows(
            select(Ownership.record_id, Ownership.since, Person.name, owner.c.name.label("owner"))
            .outerjoin(AuditEntry, AuditEntry.operation_id == Ownership.operation_id)
            .outerjoin(Person, Person.id == AuditEntry.person_id)
            .join(owner, owner.c.id == Ownership.to_person_id)
            .where(
                Ownership.kind == kind.value,
                Ownership.record_id.in_(part),
                Ownership.since >= since,
            )
            .order_by(Ownership.id)
        )
        found |= {row.record_id: {"name": row.name, "owner": row.owner, "day": row.since} for row in rows}
    return found


def _rows_of(work: Work, table: Any, ids: Sequence[int]) -> list[Any]:
    rows: list[Any] = []
    for part in in_parts(ids):
        rows += work.rows(select(table.c.id, table.c.owner_id).where(table.c.id.in_(part)))
    return rows
