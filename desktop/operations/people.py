"""Letting people in, moving them and letting them out: logins, roles, places in the organisation (PER-01, PER-05)."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import func, select

from desktop.analytics.names import name_key
from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.people import Person
from desktop.operations.password_policy import check_password
from desktop.queries.scope import person_named, unit_named
from desktop.store import logins
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import PersonStatus, Role

LOGIN = re.compile(r"(?!pg_|plumbline)[a-z][a-z0-9._-]{0,62}")
"""What a login may be; names of the server's and of our own groups are not for people."""


def add_person(
    work: Work,
    login: str,
    *,
    name: str,
    role: Role,
    unit: str | None = None,
    manager: str | None = None,
    password: str | None = None,
    valid_until: datetime | None = None,
) -> int:
    """Give a person a login and return their id; one that was imported under this name is linked.

    A closed login of the same name is opened again, in the role that is given and no other, with the
    password that is given and no older one. `unit` and `manager` are names or numbers. Raises
    InvalidInput for a login that is taken or malformed, a poor password or a name that several people
    have, NotFound, NotAllowed.
    """
    require_role(work, Role.ADMIN)
    closed = _closed(work, login, name)
    person = closed or _without_login(work, name) or _new_person(work, name)
    verifier = _verifier(work, login, password)
    person.login = login
    person.role = role.value
    person.can_sign_in = True
    person.status = PersonStatus.ACTIVE.value
    if unit is not None:
        person.unit_id = unit_named(work, unit)
    if manager is not None:
        person.manager_id = _manager(work, person, manager)
    person.changed_at = work.now
    work.session.add(person)
    work.session.flush()
    logins.make_login(work.connection, login, role, verifier, valid_until)
    work.audit("add_person", "person", person.id, login=login, role=role.value)
    return person.id


def close_person(work: Work, login: str) -> int:
    """Take a person's login away and return their id; what they own stays theirs until it is handed over.

    On the team database every right goes with it and open sessions end in the same act. Raises NotFound
    for an unknown login, InvalidInput for one's own or the last administrator's, NotAllowed.
    """
    require_role(work, Role.ADMIN)
    person = _signed_in_as(work, login)
    if person.id == work.actor.person_id:
        raise InvalidInput(
            "own_login",
            N_("You cannot close your own login."),
            remedy=N_("Ask another administrator to do it."),
        )
    _leave_an_admin(work, person)
    person.can_sign_in = False
    person.changed_at = work.now
    work.session.flush()
    ended = logins.close_login(work.connection, login)
    work.audit("close_person", "person", person.id, login=login, sessions=ended)
    return person.id


def move_person(
    work: Work, login: str, *, role: Role | None = None, unit: str | None = None, manager: str | None = None
) -> int:
    """Give a person another role, unit or manager in one transaction, and return their id.

    The database lets them see by the new place from the commit on, in sessions that are open, too; when the
    role changes those end and begin anew. Raises NotFound, NotAllowed, and InvalidInput for a closed
    login, the last administrator, or a manager who reports to this person.
    """
    require_role(work, Role.ADMIN)
    person = _signed_in_as(work, login)
    if not person.can_sign_in:
        raise InvalidInput(
            "login_is_closed",
            N_("The login “{login}” is closed."),
            remedy=N_("Open it again in the new role with: plumbline user add"),
            login=login,
        )
    before = {"role": person.role, "unit": person.unit_id, "manager": person.manager_id}
    if role is not None and role.value != person.role:
        _leave_an_admin(work, person)
        person.role = role.value
    if unit is not None:
        person.unit_id = unit_named(work, unit) if unit else None
    if manager is not None:
        person.manager_id = _manager(work, person, manager) if manager else None
    after = {"role": person.role, "unit": person.unit_id, "manager": person.manager_id}
    changed = {name: [old, after[name]] for name, old in before.items() if old != after[name]}
    if not changed:
        return person.id
    person.changed_at = work.now
    work.session.flush()
    if "role" in changed:
        logins.move_login(work.connection, login, Role(person.role))
    work.audit("move_person", "person", person.id, login=login, **changed)
    return person.id


def set_password(work: Work, login: str, password: str, *, valid_until: datetime | None = None) -> None:
    """Give a login another password; administrators may for everybody, everybody for themselves.

    `valid_until` lets the password expire at that instant (administrators only). Raises InvalidInput for a
    poor password and on the embedded database, which has none; NotFound, NotAllowed.
    """
    own = login == work.actor.login
    if not own:
        require_role(work, Role.ADMIN)
    if work.is_sqlite:
        raise InvalidInput(
            "no_passwords_here",
            N_("The embedded database has no passwords: whoever holds the file holds all its data."),
            remedy=N_("Connect to a team database to give people logins and passwords."),
        )
    person = _signed_in_as(work, login)
    verifier = _verifier(work, login, password)
    assert verifier is not None
    if own and valid_until is None:
        logins.set_own_verifier(work.connection, verifier)
    else:
        logins.set_verifier(work.connection, login, verifier, valid_until)
    work.audit("set_password", "person", person.id, login=login)


def end_sessions(work: Work, login: str) -> int:
    """End what sessions a login has open and return how many (administrators only).

    Run once more after a login was closed or moved, it reaches a console that reconnected in between.
    """
    require_role(work, Role.ADMIN)
    ended = logins.end_sessions(work.connection, login)
    if ended:
        work.audit("end_sessions", "person", _signed_in_as(work, login).id, login=login, sessions=ended)
    return ended


def _verifier(work: Work, login: str, password: str | None) -> str | None:
    if password is None or work.is_sqlite:
        return None
    check_password(password, login)
    return logins.verifier_of(work.connection, login, password)


def _signed_in_as(work: Work, login: str) -> Person:
    person = work.session.scalars(select(Person).where(Person.login == login)).one_or_none()
    if person is None:
        raise NotFound(
            "person_unknown",
            N_("Nobody here has the login “{login}”."),
            remedy=N_("See who there is with: plumbline user list"),
            login=login,
        )
    return person


def _leave_an_admin(work: Work, person: Person) -> None:
    """Refuse to take the role or the login from the last administrator."""
    if person.role != Role.ADMIN.value or not person.can_sign_in:
        return
    others = select(func.count()).where(
        Person.role == Role.ADMIN.value,
        Person.can_sign_in.is_(True),
        Person.login.is_not(None),
        Person.id != person.id,
    )
    if not work.session.execute(others).scalar_one():
        raise logins.last_admin(person.login or person.name)


def _manager(work: Work, person: Person, named: str) -> int:
    """Return the manager that is named; refuse one who reports, directly or not, to the person."""
    found = person_named(work, named)
    above: int | None = found
    passed: set[int] = set()
    while above is not None and above not in passed:
        if above == person.id:
            raise InvalidInput(
                "manager_circle",
                N_("{name} cannot report to “{manager}”, who reports to them."),
                remedy=N_("Choose a manager from outside their own people."),
                name=person.name,
                manager=named,
            )
        passed.add(above)
        above = work.session.execute(select(Person.manager_id).where(Person.id == above)).scalar_one()
    return found


def _closed(work: Work, login: str, name: str) -> Person | None:
    """Return whose closed login this is, if it is theirs; refuse one that is malformed or taken."""
    if not LOGIN.fullmatch(login):
        raise logins.malformed(login)
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
