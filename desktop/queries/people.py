"""Who works here: logins, roles, places in the organisation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from desktop.models.people import OrgUnit, Person
from desktop.store.workspace import Work
from desktop.terms import Role


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as a list shows them; `login` is None for one who only owns records."""

    id: int
    login: str | None
    name: str
    role: Role
    unit: str | None
    active: bool


def people(work: Work, *, with_login: bool = False) -> list[PersonRow]:
    """Return the people in the order of their logins, then names; those without login last."""
    statement = (
        select(
            Person.id,
            Person.login,
            Person.name,
            Person.role,
            OrgUnit.name.label("unit"),
            Person.can_sign_in,
        )
        .outerjoin(OrgUnit, OrgUnit.id == Person.unit_id)
        .order_by(Person.login.is_(None), Person.login, Person.name, Person.id)
    )
    if with_login:
        statement = statement.where(Person.login.is_not(None))
    return [
        PersonRow(row.id, row.login, row.name, Role(row.role), row.unit, row.can_sign_in)
        for row in work.rows(statement)
    ]
