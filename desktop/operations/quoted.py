"""Asking whether colleagues whose records one does not see are quoting at the same customer (beyond 19, DUP-03).

The question is that of `taken`: counted, limited and on record before it is answered. The answer has no price, no
customer and no person in it: how many quotes of how many colleagues, since when, and in which units to ask.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select, text

from desktop.analytics.names import name_key
from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.contracts import Quote
from desktop.models.opportunities import Opportunity
from desktop.models.people import OrgUnit, Person
from desktop.operations.taken import ask_taken
from desktop.queries.collisions import WINDOW_DAYS
from desktop.store.workspace import Work, Workspace
from desktop.terms import DealStatus


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Live quotes of other owners at a customer of this name or credit code, wherever they are."""

    quotes: int
    sellers: int
    last_on: date | None
    units: tuple[str, ...]


def quoted_elsewhere(workspace: Workspace, account_id: int, window: int = WINDOW_DAYS) -> Elsewhere:
    """Ask whether others have quoted a customer within some days; the question is counted and audited.

    Names are compared but for case, width, brackets and the legal form. Raises NotFound for a customer that one
    does not see, NotAllowed after too many questions within an hour or for a role that does not sell.
    """
    name, code = workspace.read(lambda work: _named(work, account_id))
    if workspace.is_sqlite:
        return workspace.write(lambda work: _counted_here(work, name, code, window))
    question = workspace.write(lambda work: ask_taken(work, name, code))
    return workspace.write(lambda work: _answer(work, question, window))


def _named(work: Work, account_id: int) -> tuple[str, str]:
    row = work.session.execute(
        select(Account.name, Account.credit_code).where(Account.id == account_id)
    ).first()
    if row is None:
        raise NotFound("account_unknown", N_("This customer does not exist any more."))
    return name_key(row.name), row.credit_code or ""


def _counted_here(work: Work, key: str, code: str, window: int) -> Elsewhere:
    owner = func.coalesce(Quote.owner_id, Opportunity.owner_id, Account.owner_id)
    matches = [Account.name_key == key] + ([Account.credit_code == code] if code else [])
    rows = work.rows(
        select(owner.label("owner"), Quote.issued_on, OrgUnit.name.label("unit"))
        .join(Account, Account.id == Quote.account_id)
        .outerjoin(Opportunity, Opportunity.id == Quote.opportunity_id)
        .join(Person, Person.id == owner)
        .outerjoin(OrgUnit, OrgUnit.id == Person.unit_id)
        .where(
            or_(*matches),
            Quote.issued_on >= work.today - timedelta(days=window),
            or_(Opportunity.id.is_(None), Opportunity.status == DealStatus.OPEN.value),
            owner != work.actor.person_id,
        )
    )
    work.audit("ask_quoted", "question", None, name=key)
    units = tuple(sorted({row.unit for row in rows if row.unit}))
    last = max((row.issued_on for row in rows), default=None)
    return Elsewhere(len(rows), len({row.owner for row in rows}), last, units)


def _answer(work: Work, question: int, window: int) -> Elsewhere:
    since = work.today - timedelta(days=window)
    found = work.session.execute(
        text("SELECT plumbline.answer_quoted(:question, :since)"), {"question": question, "since": since}
    ).scalar_one()
    said = found if isinstance(found, dict) else json.loads(found)
    last = date.fromisoformat(said["last_on"]) if said["last_on"] else None
    return Elsewhere(said["quotes"], said["sellers"], last, tuple(said["units"]))
