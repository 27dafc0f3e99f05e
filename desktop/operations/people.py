"""Letting people in and out: logins, roles, places in the organisation (PER-01, PER-05)."""

from __future__ import annotations

import re

from sqlalchemy import select

from desktop.analytics.names import name_key
from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.people import Person
from desktop.queries.scope import person_named, unit_named
from desktop.store.logins import close_login, make_login
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import PersonStatus, Role

LOGIN = re.compile(r"[a-z][a-z0-9._-]{0,62}")


def add_person(
    work: Work,
    login: str,
    *,
    name: str,
    role: Role,
    unit: str | None = None,
    manager: str | None = None,
    password: str | None = None,
) -> int:
    """Give a person a login and return their id; one that was imported under this name is linked.

    A closed login of the same name is opened again, in the role that is given. `unit` and `manager` are names or numbers. Raises InvalidInput for a login that is taken or
    malformed or a name that several people have, NotFound, NotAllowed.
    """
    require_role(work, Role.ADMIN)
    closed = _closed(work, login, name)
    person = closed or _without_login(work, name) or _new_person(work, name)
    person.login = login
    person.role = role.value
    person.can_sign_in = True
    person.status = PersonStatus.ACTIVE.value
    if unit is not None:
        person.unit_id = unit_named(work, unit)
    if manager is not None:
        person.manager_id = person_named(work, manager)
    person.changed_at = work.now
    work.session.add(person)
    work.session.flush()
    make_login(work.connection, login, role, password)
    work.audit("add_person", "person", person.id, login=login, role=role.value)
    return person.id


def close_person(work: Work, login: str) -> int:
    """Take a person's login away and return their id; what they own stays theirs until it is handed over.

    Raises NotFound for an unknown login, InvalidInput for one's own, NotAllowed.
    """
    require_role(work, Role.ADMIN)
    person = work.session.scalars(select(Person).where(Person.login == login)).one_or_none()
    if person is None:
        raise NotFound(
            "person_unknown",
            N_("Nobody here has the login “{login}”."),
            remedy=N_("See who there is with: plumbline user list"),
            login=login,
        )
    if person.id == work.actor.person_id:
        raise InvalidInput(
            "own_login",
            N_("You cannot close your own login."),
            remedy=N_("Ask another administrator to do it."),
        )
    person.can_sign_in = False
    person.changed_at = work.now
    close_login(work.connection, login)
    work.audit("close_person", "person", person.id, login=login)
    return person.id


def _closed(work: Work, login: str, name: str) -> Person | None:
    """Return whose closed login this is, if it is theirs; refuse one that is malformed or taken."""
    if not LOGIN.fullmatch(login):
        raise InvalidInput(
            "login_malformed",
            N_("“{login}” cannot be a login."),
            remedy=N_(
                "Use up to 63 lower-case letters, digits, dots, dashes or underscores, beginning with a letter."
            ),
            login=login,
        )
    holder = work.session.scalars(select(Person).where(Person.login == login)).one_or_none()
    if holder is not None and (holder.can_sign_in or holder.name != name):
        raise InvalidInput(
            "login_taken",
            N_("The login “{login}” belongs to {name}."),
            remedy=N_("Choose another login."),
            login=login,
            name=holder.name,
        )
    return holder


def _without_login(work: Work, name: str) -> Person | None:
    found = work.session.scalars(select(Person).where(Person.name == name, Person.login.is_(None))).all()
    if len(found) > 1:
        raise InvalidInput(
            "person_ambiguous",
            N_("{count} people are called “{name}”."),
            remedy=N_("Correct the names in the imported data, so that each person is known once."),
            count=len(found),
            name=name,
        )
    return found[0] if found else None


def _new_person(work: Work, name: str) -> Person:
    cleaned = name.strip()
    if not cleaned:
        raise InvalidInput("name_missing", N_("A person needs a name."))
    return Person(
        name=cleaned,
        name_key=name_key(cleaned),
        source_system="",
        recorded_at=work.now,
        changed_at=work.now,
    )
