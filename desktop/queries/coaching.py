"""What a person was told by who leads them: a time line to read, not to change (PER-02)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from desktop.models.accounts import Account
from desktop.models.coaching import CoachingNote
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.store.approving import led_by
from desktop.store.workspace import Work
from desktop.terms import COACHING_ROLES, Role

MOST = 200
_SEE_ALL = (Role.DIRECTOR, Role.SALES_OPS, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class CoachingLine:
    """One note: whom it is for, who wrote it and when, and on what."""

    id: int
    person: str
    by: str
    at: datetime
    note: str
    customer: str | None
    deal: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the line of `coaching`."""
        return {
            "id": self.id,
            "person": self.person,
            "by": self.by,
            "at": self.at,
            "note": self.note,
            "customer": self.customer,
            "deal": self.deal,
        }


@dataclass(frozen=True, slots=True)
class Coaching:
    """The notes beside a record, the newest first; `person_id` is who can be coached here, None: nobody."""

    person_id: int | None
    notes: tuple[CoachingLine, ...]


def may_coach(work: Work, person_id: int) -> bool:
    """Whether the acting person leads somebody: directors and administrators lead everybody but themselves."""
    actor = work.actor
    if actor.role not in COACHING_ROLES or person_id == actor.person_id:
        return False
    return actor.role in _SEE_ALL or person_id in led_by(work, actor.person_id)


def coaching_beside(
    work: Work, owner_id: int | None, *, deal_id: int | None = None, account_id: int | None = None
) -> Coaching:
    """Return the notes on a deal or customer, and whether its owner can be coached by who asks."""
    notes = coaching_notes(work, deal_id=deal_id, account_id=account_id)
    return Coaching(owner_id if owner_id is not None and may_coach(work, owner_id) else None, notes)


def coaching_notes(
    work: Work, *, person_id: int | None = None, deal_id: int | None = None, account_id: int | None = None
) -> tuple[CoachingLine, ...]:
    """Return the notes about a person, on a deal or on a customer that the acting person may read, the newest first."""
    if work.actor.role in (Role.FINANCE, Role.AUDITOR):
        return ()
    writer, person = aliased(Person), aliased(Person)
    statement = (
        select(
            CoachingNote.id,
            person.name,
            writer.name,
            CoachingNote.at,
            CoachingNote.note,
            Account.name,
            Opportunity.name,
        )
        .join(person, person.id == CoachingNote.person_id)
        .join(writer, writer.id == CoachingNote.by_id)
        .outerjoin(Account, Account.id == CoachingNote.account_id)
        .outerjoin(Opportunity, Opportunity.id == CoachingNote.opportunity_id)
        .order_by(CoachingNote.at.desc(), CoachingNote.id.desc())
        .limit(MOST)
    )
    for column, wanted in (
        (CoachingNote.person_id, person_id),
        (CoachingNote.opportunity_id, deal_id),
        (CoachingNote.account_id, account_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if (
        work.is_sqlite and work.actor.role not in _SEE_ALL
    ):  # No boundary there: peers are not shown it, no more.
        led = {work.actor.person_id}
        if work.actor.role is not Role.REP:
            led |= led_by(work, work.actor.person_id)
        statement = statement.where(CoachingNote.person_id.in_(led))
    return tuple(CoachingLine(*row) for row in work.rows(statement))
