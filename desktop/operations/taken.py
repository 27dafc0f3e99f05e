"""Asking whether a customer is already somebody's, without seeing whose (security 49, PER-01)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select, text
from sqlalchemy.exc import DBAPIError

from desktop.analytics.names import name_key
from desktop.errors import InvalidInput, NotAllowed
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.people import OrgUnit, Person
from desktop.store.problems import sqlstate
from desktop.store.refusals import refused_keys
from desktop.store.workspace import Work, Workspace

TOO_MANY = "PL010"


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer: whether a customer of that name or credit code has an owner, its masked name, the owner's unit.

    `until` is the day before which nobody is given it, if it refused (DUP-06).
    """

    taken: bool
    own: bool
    name: str
    unit: str
    until: date | None = None


def is_taken(workspace: Workspace, name: str, credit_code: str = "") -> Taken:
    """Ask whether a customer is taken; the question is counted and audited before it is answered.

    Names are compared exactly but for case, width and brackets. Raises InvalidInput without a name or credit
    code, NotAllowed after too many questions within an hour or for a role that does not sell.
    """
    key, code = name_key(name), credit_code.strip()
    if not key and not code:
        raise InvalidInput(
            "taken_nothing",
            N_("There is nothing to ask for."),
            remedy=N_("Give the customer's full name or its credit code."),
        )
    if workspace.is_sqlite:
        return workspace.write(lambda work: _asked_here(work, key, code))
    question = workspace.write(lambda work: ask_taken(work, key, code))
    return workspace.write(lambda work: _answer(work, question))


def _asked_here(work: Work, key: str, code: str) -> Taken:
    matches = [Account.name_key == key] if key else []
    matches += [Account.credit_code == code] if code else []
    row = work.session.execute(
        select(Account.name, Account.owner_id, OrgUnit.name.label("unit"))
        .join(Person, Person.id == Account.owner_id)
        .outerjoin(OrgUnit, OrgUnit.id == Person.unit_id)
        .where(or_(*matches))
        .order_by(Account.id)
        .limit(1)
    ).first()
    work.audit("ask_taken", "question", None, name=key)
    refused = refused_keys(work)
    days = [refused[one] for one in (f"name {key}", f"code {code.upper()}") if one in refused]
    until = max(days, default=None)
    if row is None:
        return Taken(taken=False, own=False, name="", unit="", until=until)
    own = row.owner_id == work.actor.person_id
    return Taken(taken=True, own=own, name=f"{row.name[:1]}**", unit=row.unit or "", until=until)


def ask_taken(work: Work, key: str, code: str) -> int:
    """Write the question down and return its number; raise NotAllowed after too many (team database)."""
    try:
        asked = work.session.execute(
            text("SELECT plumbline.ask_taken(:key, :code)"), {"key": key, "code": code}
        )
    except DBAPIError as error:
        if sqlstate(error) == TOO_MANY:
            raise NotAllowed(
                "taken_too_often",
                N_("You have asked too often within an hour."),
                remedy=N_("Ask again later, or ask sales operations."),
            ) from None
        raise
    return int(asked.scalar_one())


def _answer(work: Work, question: int) -> Taken:
    found = work.session.execute(
        text("SELECT plumbline.answer_taken(:question)"), {"question": question}
    ).scalar_one()
    said = found if isinstance(found, dict) else json.loads(found)
    until = date.fromisoformat(said["until"]) if said["until"] else None
    return Taken(said["taken"], said["own"], said["name"] or "", said["unit"] or "", until)
