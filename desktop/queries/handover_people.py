"""Who may leave and who may take over: people with what they own (HND-04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from desktop.models.accounts import Account
from desktop.models.people import OrgUnit, Person
from desktop.store.workspace import Work
from desktop.terms import PersonStatus


@dataclass(frozen=True, slots=True)
class PersonBrief:
    """A person as a heading names them."""

    id: int
    name: str
    login: str | None
    status: PersonStatus
    left_on: date | None
    unit: str | None
    accounts: int = 0


def people_with_customers(work: Work) -> list[PersonBrief]:
    """Return everybody who owns accounts or has not left, leavers first."""
    owned = select(Account.owner_id, func.count().label("n")).group_by(Account.owner_id).subquery()
    rows = work.rows(
        select(Person, OrgUnit.name.label("unit"), func.coalesce(owned.c.n, 0).label("n"))
        .outerjoin(OrgUnit, OrgUnit.id == Person.unit_id)
        .outerjoin(owned, owned.c.owner_id == Person.id)
    )
    people = [_brief(row.Person, row.unit, row.n) for row in rows]
    wanted = [person for person in people if person.accounts or person.status == PersonStatus.ACTIVE]
    rank = {PersonStatus.DEPARTING: 0, PersonStatus.LEFT: 1, PersonStatus.ACTIVE: 2}
    return sorted(
        wanted, key=lambda who: (rank[who.status] if who.accounts else 3, -who.accounts, who.name, who.id)
    )


def person_brief(work: Work, person_id: int) -> PersonBrief:
    """Return one person."""
    row = work.rows(
        select(Person, OrgUnit.name.label("unit"))
        .outerjoin(OrgUnit, OrgUnit.id == Person.unit_id)
        .where(Person.id == person_id)
    )[0]
    return _brief(row.Person, row.unit, 0)


def _brief(person: Person, unit: str | None, accounts: int) -> PersonBrief:
    return PersonBrief(
        person.id, person.name, person.login, PersonStatus(person.status), person.left_on, unit, accounts
    )
