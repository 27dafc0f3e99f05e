"""Who works here: logins, roles, places in the organisation."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from desktop.models.people import OrgUnit, Person
from desktop.store.logins import open_sessions
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
    manager: str | None = None
    sessions: int = 0
    """How many sessions the login has open at the server."""


def people(work: Work, *, with_login: bool = False) -> list[PersonRow]:
    """Return the people in the order of their logins, then names; those without login last."""
    above = aliased(Person)
    statement = (
        select(
            Person.id,
            Person.login,
            Person.name,
            Person.role,
            OrgUnit.name.label("unit"),
            Person.can_sign_in,
            above.name.label("manager"),
        )
        .outerjoin(OrgUnit, OrgUnit.id == Person.unit_id)
        .outerjoin(above, above.id == Person.manager_id)
        .order_by(Person.login.is_(None), Person.login, Person.name, Person.id)
    )
    if with_login:
        statement = statement.where(Person.login.is_not(None))
    sessions = open_sessions(work.connection)
    return [
        PersonRow(
            row.id,
            row.login,
            row.name,
            Role(row.role),
            row.unit,
            row.can_sign_in,
            row.manager,
            sessions.get(row.login or "", 0),
        )
        for row in work.rows(statement)
    ]


def unit_names(work: Work) -> list[str]:
    """Return the names of the organisation's units, each once, in order."""
    return [row.name for row in work.rows(select(OrgUnit.name).distinct().order_by(OrgUnit.name))]
