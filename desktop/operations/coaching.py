"""Coaching somebody whom one leads, on a deal, on a customer, or at large (PER-02)."""

from __future__ import annotations

from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.coaching import CoachingNote
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.queries.coaching import may_coach
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import COACHING_ROLES


def coach(
    work: Work, person_id: int, note: str, *, deal_id: int | None = None, account_id: int | None = None
) -> int:
    """Write a note for a person, to be read by them and by who leads them; return its number.

    Notes are only ever added. Raises InvalidInput without words, NotFound, or NotAllowed for somebody one does not lead.
    """
    require_role(work, *COACHING_ROLES)
    if not note.strip():
        raise InvalidInput(
            "note_missing",
            N_("A coaching note needs its words."),
            remedy=N_("Say what went well and what to try next."),
        )
    person = work.session.get(Person, person_id)
    if person is None:
        raise NotFound("person_not_found", N_("There is nobody called “{name}”."), name=person_id)
    if not may_coach(work, person_id):
        raise NotAllowed(
            "not_led",
            N_("{name} is not somebody you lead: coaching notes go down the line."),
            remedy=N_("Talk to whoever leads them."),
            name=person.name,
        )
    deal = work.session.get(Opportunity, deal_id) if deal_id is not None else None
    if deal_id is not None and deal is None:
        raise NotFound("deal_unknown", N_("This deal does not exist any more."))
    customer = deal.account_id if deal is not None else account_id
    if customer is not None and work.session.get(Account, customer) is None:
        raise NotFound("account_unknown", N_("This customer does not exist any more."))
    made = CoachingNote(
        person_id=person_id,
        by_id=work.actor.person_id,
        account_id=customer,
        opportunity_id=deal_id,
        note=note.strip(),
        at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    work.audit("coach", "person", person_id, note=made.id, deal=deal_id, account=customer)
    return made.id
