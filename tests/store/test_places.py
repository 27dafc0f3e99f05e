"""The two databases that every store test runs on are what they claim to be."""

from __future__ import annotations

from sqlalchemy import text

from desktop.operations.people import add_person
from desktop.queries.people import people
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker


def test_a_fresh_database_holds_the_administrator_alone(place: Place) -> None:
    rows = place.open().read(people)
    assert [(row.login, row.name, row.role, row.active) for row in rows] == [
        ("admin", "admin", Role.ADMIN, True)
    ]


def test_nobody_is_a_superuser(place: Place, make: Maker) -> None:
    make.person("Rep", login="rep_of_places")
    if place.is_sqlite:
        assert place.open("rep_of_places").actor.role is Role.REP
        return
    with place.open("rep_of_places").engine.connect() as connection:
        who, is_super = connection.execute(
            text("SELECT session_user, usesuper FROM pg_user WHERE usename = session_user")
        ).one()
    assert (who, is_super) == ("rep_of_places", False)


def test_what_one_person_writes_another_reads(place: Place, make: Maker) -> None:
    make.person("Rep", login="rep_of_places")
    make.workspace.write(lambda work: add_person(work, f"p{id(work)}", name="New", role=Role.FINANCE))
    names = {row.name for row in place.open("rep_of_places").read(people)}
    assert names == {"admin", "Rep", "New"}
