"""Logins: added, linked to an imported person, closed (PER-01, PER-05)."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select, text

from desktop.errors import DatabaseProblem, InvalidInput, NotAllowed, NotFound
from desktop.models.audit import AuditEntry
from desktop.operations.people import add_person, close_person
from desktop.queries.people import people
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker


@pytest.fixture
def login() -> str:
    """A login that no other test uses: on PostgreSQL logins belong to the server."""
    return f"p{uuid.uuid4().hex[:10]}"


def audited(work: Work) -> list[tuple[str, int | None]]:
    return [
        (row.action, row.subject_id) for row in work.rows(select(AuditEntry.action, AuditEntry.subject_id))
    ]


def test_a_new_person_signs_in(place: Place, workspace: Workspace, make: Maker, login: str) -> None:
    city = make.unit("Suzhou", "city")
    made = workspace.write(
        lambda work: add_person(work, login, name="Rep", role=Role.REP, unit="Suzhou", manager="admin")
    )
    theirs = place.open(login)
    assert (theirs.actor.person_id, theirs.actor.role, theirs.actor.unit_id) == (made, Role.REP, city)
    assert ("add_person", made) in workspace.read(audited)


def test_an_imported_person_is_linked_and_not_doubled(workspace: Workspace, make: Maker, login: str) -> None:
    imported = make.person("李雷")
    assert workspace.write(lambda work: add_person(work, login, name="李雷", role=Role.REP)) == imported
    assert sum(row.name == "李雷" for row in workspace.read(people)) == 1


def test_an_ambiguous_name_is_refused(workspace: Workspace, make: Maker, login: str) -> None:
    make.person("李雷")
    make.person("李雷")
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: add_person(work, login, name="李雷", role=Role.REP))
    assert refused.value.code == "person_ambiguous"


def test_a_closed_login_stays_out(place: Place, workspace: Workspace, login: str) -> None:
    workspace.write(lambda work: add_person(work, login, name="Rep", role=Role.REP))
    workspace.write(lambda work: close_person(work, login))
    with pytest.raises((NotAllowed, DatabaseProblem)):
        place.open(login)


@pytest.mark.parametrize("bad", ["", "Upper", "with space", "1st", "x" * 64, 'q"; drop table person'])
def test_a_malformed_login_is_refused(workspace: Workspace, bad: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: add_person(work, bad, name="Rep", role=Role.REP))
    assert refused.value.code == "login_malformed"


def test_a_taken_login_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: add_person(work, "admin", name="Other", role=Role.REP))
    assert refused.value.code == "login_taken"


def test_one_cannot_lock_oneself_out(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: close_person(work, "admin"))
    assert refused.value.code == "own_login"


def test_an_unknown_login_cannot_be_closed(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        workspace.write(lambda work: close_person(work, "nobody"))


def test_only_administrators_let_people_in(
    place: Place, workspace: Workspace, make: Maker, login: str
) -> None:
    make.person("Rep", login="rep_of_people")
    rep = place.open("rep_of_people", workspace.clock)
    with pytest.raises(NotAllowed):
        rep.write(lambda work: add_person(work, login, name="Friend", role=Role.ADMIN))
    assert "Friend" not in {row.name for row in workspace.read(people)}


def test_an_administrator_can_make_another_who_can_do_the_same(
    place: Place, workspace: Workspace, login: str
) -> None:
    workspace.write(lambda work: add_person(work, login, name="Second", role=Role.ADMIN))
    second = place.open(login)
    second.write(lambda work: add_person(work, f"{login}b", name="Rep", role=Role.REP))
    second.write(lambda work: add_person(work, f"{login}c", name="Third", role=Role.ADMIN))
    third = place.open(f"{login}c")
    third.write(lambda work: close_person(work, f"{login}b"))
    assert {row.login for row in workspace.read(people) if row.active} == {"admin", login, f"{login}c"}


def test_a_person_who_returns_signs_in_again_in_the_new_role(
    place: Place, workspace: Workspace, login: str
) -> None:
    first = workspace.write(lambda work: add_person(work, login, name="Rep", role=Role.SALES_OPS))
    workspace.write(lambda work: close_person(work, login))
    with pytest.raises(InvalidInput):
        workspace.write(lambda work: add_person(work, login, name="Somebody else", role=Role.REP))
    again = workspace.write(lambda work: add_person(work, login, name="Rep", role=Role.REP))
    assert again == first
    theirs = place.open(login)
    assert theirs.actor.role is Role.REP
    if not place.is_sqlite:
        groups = theirs.read(
            lambda work: set(
                work.session.scalars(
                    text(
                        "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
                        " WHERE m.member = session_user::regrole"
                    )
                )
            )
        )
        assert groups == {"plumbline_rep"}
