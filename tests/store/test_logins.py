"""Logins of the team database: opened, moved and closed by its own functions (PER-01, security 55, 57)."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from sqlalchemy import text, update

from desktop.errors import InvalidInput, NotAllowed
from desktop.models.people import Person
from desktop.operations.people import add_person, close_person, end_sessions, move_person, set_password
from desktop.store import logins
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker

pytestmark = pytest.mark.postgres

PASSWORD = "seven-green-kites-8"


@pytest.fixture
def place(team: Place) -> Place:
    """The team database is the only kind here."""
    return team


@pytest.fixture
def login() -> str:
    """A login that no other test uses: logins belong to the server."""
    return f"l{uuid.uuid4().hex[:10]}"


def connected(place: Place, login: str) -> psycopg.Connection[Any]:
    """Connect as psql would, beside the program."""
    url = place.url.set(drivername="postgresql", username=login)
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def role_row(workspace: Workspace, login: str) -> Any:
    statement = text(
        "SELECT rolcanlogin, rolcreaterole, rolcreatedb, rolsuper, rolbypassrls, rolconnlimit, rolconfig,"
        " ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
        "       WHERE m.member = r.oid) AS groups FROM pg_roles r WHERE rolname = :login"
    )
    return workspace.read(lambda work: work.session.execute(statement, {"login": login}).one())


def added(workspace: Workspace, login: str, role: Role = Role.REP, **more: Any) -> int:
    return workspace.write(lambda work: add_person(work, login, name=f"P {login}", role=role, **more))


def test_a_login_can_do_nothing_at_the_server_but_sign_in(workspace: Workspace, login: str) -> None:
    for role in (Role.REP, Role.ADMIN):
        name = f"{login}{role.value}"
        added(workspace, name, role)
        row = role_row(workspace, name)
        assert row.rolcanlogin
        assert not any((row.rolcreaterole, row.rolcreatedb, row.rolsuper, row.rolbypassrls))
        assert row.groups == [f"plumbline_{role.value}"]
        assert row.rolconnlimit == 16
        assert {setting.partition("=")[0] for setting in row.rolconfig} == {
            "idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout",
        }  # fmt: skip


def test_connections_beyond_the_limit_are_refused(place: Place, workspace: Workspace, login: str) -> None:
    """Security 58: one login cannot take all connections of the server."""
    added(workspace, login)
    held = [connected(place, login) for _ in range(16)]
    try:
        with pytest.raises(psycopg.OperationalError, match="too many connections"):
            connected(place, login)
    finally:
        for connection in held:
            connection.close()


def test_only_the_verifier_of_a_password_leaves_this_machine(workspace: Workspace, login: str) -> None:
    def verifier(work: Work) -> str | None:
        return logins.verifier_of(work.connection, login, PASSWORD)

    made = workspace.read(verifier)
    assert made is not None
    assert made.startswith("SCRAM-SHA-256$")
    assert PASSWORD not in made
    added(workspace, login)
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: logins.set_verifier(work.connection, login, PASSWORD))
    assert refused.value.code == "password_not_encrypted"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_administrator_may_call_the_functions(
    place: Place, workspace: Workspace, role: Role
) -> None:
    name = f"f{uuid.uuid4().hex[:8]}"
    added(workspace, name, role)
    calls = (
        f"open_login('{name}', 'admin', NULL)", f"move_login('{name}', 'admin')", "close_login('admin')",
        "end_sessions('admin')", "set_verifier('admin', NULL)", "set_login_group('admin', NULL)",
        "check_login('admin')", "check_admin_left()", "tell_login('close', 'admin', NULL)",
    )  # fmt: skip
    with connected(place, name) as theirs:
        for call in calls:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                theirs.execute(f"SELECT plumbline.{call}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            theirs.execute(f"GRANT plumbline_admin TO {name}")


@pytest.mark.parametrize("name", ["postgres", "plumbline_owner", "plumbline_rep", "pg_monitor", "Bad Name"])
def test_roles_of_the_server_are_not_to_be_had(place: Place, workspace: Workspace, name: str) -> None:
    """An administrator with psql: no role that Plumbline did not make is opened, changed or ended."""
    with connected(place, "admin") as theirs:
        for call in ("open_login(%s, 'rep', NULL)", "set_verifier(%s, NULL)", "end_sessions(%s)"):
            with pytest.raises(psycopg.Error) as refused:
                theirs.execute(f"SELECT plumbline.{call}", [name])
            assert str(refused.value.sqlstate) in {"PL001", "PL002"}
    with pytest.raises(InvalidInput):
        added(workspace, name)


def test_a_group_goes_with_the_record_of_the_person(place: Place, workspace: Workspace, login: str) -> None:
    added(workspace, login)
    with connected(place, "admin") as theirs:
        for call in (f"open_login('{login}', 'director', NULL)", f"move_login('{login}', 'admin')"):
            with pytest.raises(psycopg.Error) as refused:
                theirs.execute(f"SELECT plumbline.{call}")
            assert refused.value.sqlstate == "PL004"
    assert role_row(workspace, login).groups == ["plumbline_rep"]


def test_whoever_is_closed_is_out_at_once(place: Place, workspace: Workspace, login: str) -> None:
    """Security 55: no login, no group, no session."""
    added(workspace, login)
    theirs = connected(place, login)
    assert workspace.read(lambda work: logins.open_sessions(work.connection))[login] == 1
    workspace.write(lambda work: close_person(work, login))
    with pytest.raises(psycopg.OperationalError):
        theirs.execute("SELECT 1")
    assert login not in workspace.read(lambda work: logins.open_sessions(work.connection))
    row = role_row(workspace, login)
    assert (row.rolcanlogin, row.groups) == (False, [])
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        connected(place, login)
    assert workspace.write(lambda work: end_sessions(work, login)) == 0


def test_the_right_to_end_sessions_is_the_owners_alone(
    place: Place, workspace: Workspace, login: str
) -> None:
    """It is kept, so that nobody holds a lock of it; nobody signs in as the owner, who cannot become the login either."""
    added(workspace, login)
    theirs = connected(place, login)
    assert workspace.write(lambda work: end_sessions(work, login)) == 1
    theirs.close()
    members = text(
        "SELECT DISTINCT m.member::regrole::text, pg_has_role(m.member, g.oid, 'SET') FROM pg_auth_members m"
        " JOIN pg_roles g ON g.oid = m.roleid WHERE g.rolname = :login"
        " AND m.member <> (SELECT oid FROM pg_roles WHERE rolname = 'postgres')"
    )
    found = workspace.read(lambda work: work.session.execute(members, {"login": login}).all())
    assert [tuple(row) for row in found] == [("plumbline_owner", False)]


def test_a_move_changes_place_and_group_in_one_transaction(
    place: Place, workspace: Workspace, make: Maker, login: str
) -> None:
    north, south = make.unit("North", "region"), make.unit("South", "region")
    person = added(workspace, login, Role.DIRECTOR, unit="North")
    theirs = connected(place, login)
    workspace.write(lambda work: move_person(work, login, role=Role.REP, unit="South", manager="admin"))
    with pytest.raises(psycopg.OperationalError):  # a plan made with the old rights does not survive
        theirs.execute("SELECT 1")
    assert role_row(workspace, login).groups == ["plumbline_rep"]
    now = place.open(login)
    assert (now.actor.role, now.actor.unit_id) == (Role.REP, south)
    now.close()
    theirs = connected(place, login)
    workspace.write(lambda work: move_person(work, login, unit="North"))
    assert theirs.execute("SELECT unit_id FROM person WHERE id = %s", [person]).fetchone() == (north,)
    theirs.close()


def test_the_last_administrator_stays(workspace: Workspace, place: Place, login: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: move_person(work, "admin", role=Role.REP))
    assert refused.value.code == "last_admin"
    added(workspace, login, Role.ADMIN)
    second = place.open(login)

    def past_the_check(work: Work) -> None:
        """What two administrators who demote each other at the same moment would do."""
        work.session.execute(update(Person).where(Person.role == "admin").values(role="rep"))
        logins.move_login(work.connection, "admin", Role.REP)

    with pytest.raises((InvalidInput, NotAllowed)):
        second.write(past_the_check)
    assert role_row(workspace, "admin").groups == ["plumbline_admin"]


def test_a_manager_does_not_report_to_their_own_people(workspace: Workspace, login: str) -> None:
    added(workspace, login)
    workspace.write(lambda work: move_person(work, login, manager="admin"))
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: move_person(work, "admin", manager=login))
    assert refused.value.code == "manager_circle"


def test_passwords_are_changed_by_oneself_and_by_administrators(
    place: Place, workspace: Workspace, login: str
) -> None:
    added(workspace, login, password=PASSWORD)
    theirs = place.open(login)
    theirs.write(lambda work: set_password(work, login, "eight-blue-herons-9"))
    with pytest.raises(NotAllowed):
        theirs.write(lambda work: set_password(work, "admin", "eight-blue-herons-9"))
    workspace.write(lambda work: set_password(work, login, PASSWORD))
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: set_password(work, login, "short"))
    assert refused.value.code == "password_short"


def test_a_new_place_counts_in_sessions_that_are_open(
    place: Place, workspace: Workspace, make: Maker, login: str
) -> None:
    """Even for a statement that the session prepared before it was moved."""
    make.unit("North", "city")
    make.unit("South", "city")
    there = {name: added(workspace, f"{login}{name}", unit=name.title()) for name in ("north", "south")}
    for name, person in there.items():
        make.account(f"Customer in the {name}", person)
    added(workspace, login, Role.CITY_MANAGER, unit="North")
    theirs = connected(place, login)

    def seen() -> list[str]:
        rows = theirs.execute("SELECT name FROM account ORDER BY name", prepare=True).fetchall()
        return [str(row[0]) for row in rows]

    for _ in range(7):  # by then the plan is kept, whatever it costs
        assert seen() == ["Customer in the north"]
    workspace.write(lambda work: move_person(work, login, unit="South"))
    assert seen() == ["Customer in the south"]
    workspace.write(lambda work: move_person(work, login, role=Role.REP))
    with pytest.raises(psycopg.OperationalError):
        seen()
    theirs = connected(place, login)
    assert seen() == []
    theirs.close()


def test_what_is_done_with_psql_stands_in_the_audit_trail(
    place: Place, workspace: Workspace, login: str
) -> None:
    added(workspace, login)
    with connected(place, "admin") as theirs:
        theirs.execute("UPDATE person SET role = 'auditor' WHERE login = %s", [login])
        theirs.execute("SELECT plumbline.move_login(%s, 'auditor')", [login])
        theirs.execute("UPDATE person SET can_sign_in = false WHERE login = %s", [login])
        theirs.execute("SELECT plumbline.close_login(%s)", [login])

    def trail(work: Work) -> list[str]:
        asked = text("SELECT action FROM audit_entry WHERE details->>'login' = :login ORDER BY position")
        return list(work.session.scalars(asked, {"login": login}))

    told = workspace.read(trail)
    assert [action for action in told if action.startswith("login_")] == [
        "login_password_set", "login_opened", "login_moved", "login_closed",
    ]  # fmt: skip
