"""Who sees and changes what, told as small stories on PostgreSQL alone (PER-01, PER-02, PER-04, security 45 to 52).

The full matrix of jobs, tables and verbs stands beside this file; here each rule is said once.
"""

from __future__ import annotations

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import select

from desktop.errors import NotAllowed
from desktop.models.accounts import Account
from desktop.models.activities import Activity
from desktop.models.people import Person
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker

pytestmark = pytest.mark.postgres


class Firm:
    """A region with two cities, a rep in each, and a customer for everybody."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.admin = place.open()
        make = self.make = Maker(self.admin)
        hq = make.unit("HQ", "hq")
        south = make.unit("South", "region", hq)
        north = make.unit("North", "region", hq)
        guangzhou = self.guangzhou = make.unit("Guangzhou", "city", south)
        shenzhen = make.unit("Shenzhen", "city", south)
        harbin = make.unit("Harbin", "city", north)
        self.people = {
            "rep": make.person("Rep", login="scope_rep", unit=guangzhou),
            "peer": make.person("Peer", login="scope_peer", unit=shenzhen),
            "far": make.person("Far", login="scope_far", unit=harbin),
            "city": make.person("City", Role.CITY_MANAGER, login="scope_city", unit=guangzhou),
            "region": make.person("Region", Role.REGIONAL_MANAGER, login="scope_region", unit=south),
            "director": make.person("Director", Role.DIRECTOR, login="scope_director", unit=hq),
            "finance": make.person("Finance", Role.FINANCE, login="scope_finance", unit=hq),
            "auditor": make.person("Auditor", Role.AUDITOR, login="scope_auditor", unit=hq),
            "ops": make.person("Ops", Role.SALES_OPS, login="scope_ops", unit=hq),
        }
        self.accounts = {who: make.account(f"Customer of {who}", owner=id) for who, id in self.people.items()}
        self.nobodys = make.account("Nobody's")

    def open(self, who: str) -> Workspace:
        """Open the database as one of the people."""
        return self.place.open(f"scope_{who}")

    def psql(self, who: str) -> psycopg.Connection[object]:
        """Connect without the program, as one of the people."""
        url = self.place.url.set(drivername="postgresql", username=f"scope_{who}")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


@pytest.fixture
def firm(team: Place) -> Firm:
    """The firm on a fresh team database."""
    return Firm(team)


def names(work: Work) -> set[str]:
    return {name.removeprefix("Customer of ") for name in work.session.scalars(select(Account.name))}


def test_each_job_sees_its_part(firm: Firm) -> None:
    everything = {*firm.people, "Nobody's"}
    assert firm.open("rep").read(names) == {"rep"}
    assert firm.open("city").read(names) == {"city", "rep"}
    assert firm.open("region").read(names) == {"region", "city", "rep", "peer"}
    for who in ("director", "finance", "auditor", "ops"):
        assert firm.open(who).read(names) == everything


def test_view_as_is_what_that_person_sees(firm: Firm) -> None:
    for who, person in firm.people.items():
        viewed = firm.admin.viewing_as(person)
        assert viewed.read(names) == firm.open(who).read(names)
        with pytest.raises(NotAllowed, match="looking at the database as"):
            viewed.write(names)
        viewed.close()
    with pytest.raises(NotAllowed, match="Only an administrator"):
        firm.open("director").viewing_as(firm.people["rep"])


def test_view_as_is_heeded_for_administrators_that_only_read(firm: Firm) -> None:
    with firm.psql("rep") as rep:
        rep.execute(f"SET plumbline.view_as = '{firm.people['director']}'")
        assert rep.execute("SELECT plumbline.me()").fetchone() == (firm.people["rep"],)
        rep.execute("BEGIN READ ONLY")
        assert rep.execute("SELECT plumbline.me()").fetchone() == (firm.people["rep"],)
        assert rep.execute("SELECT count(*) FROM account").fetchone() == (1,)
        rep.execute("ROLLBACK")
        with pytest.raises(InsufficientPrivilege):
            rep.execute("SET ROLE plumbline_director")
    url = firm.place.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(f"SET plumbline.view_as = '{firm.people['rep']}'")
        own = admin.execute("SELECT id FROM person WHERE login = 'admin'").fetchone()
        assert admin.execute("SELECT plumbline.me()").fetchone() == own


def test_records_come_with_their_customer(firm: Firm) -> None:
    mine, others = firm.accounts["rep"], firm.accounts["far"]
    firm.make.activity(mine, owner=firm.people["far"])
    firm.make.activity(others, owner=firm.people["rep"])
    firm.make.activity(others, owner=firm.people["far"])

    def seen(work: Work) -> int:
        return len(work.rows(select(Activity.id)))

    assert firm.open("rep").read(seen) == 2
    assert firm.open("far").read(seen) == 3
    assert firm.open("city").read(seen) == 2
    assert firm.open("peer").read(seen) == 0


def test_editing_needs_an_own_or_led_record(firm: Firm) -> None:
    def move(work: Work, who: str) -> None:
        account = work.session.get(Account, firm.accounts[who])
        assert account is not None
        account.city = f"By {work.actor.name}"

    firm.open("rep").write(lambda work: move(work, "rep"))
    firm.open("city").write(lambda work: move(work, "rep"))
    firm.open("director").write(lambda work: move(work, "far"))
    for who in ("auditor", "finance"):
        with pytest.raises(NotAllowed):
            firm.open(who).write(lambda work: move(work, "rep"))
    with firm.psql("rep") as rep:
        assert rep.execute("UPDATE account SET city = 'X'").rowcount == 1
        with pytest.raises(InsufficientPrivilege):
            rep.execute("UPDATE account SET owner_id = NULL")
        with pytest.raises(InsufficientPrivilege):
            rep.execute("DELETE FROM account")


def test_a_region_is_looked_at_beyond_what_is_edited(firm: Firm) -> None:
    """A regional manager of a city sees the whole region, and edits that city."""
    firm.admin.write(lambda work: _place(work, firm.people["region"], firm.guangzhou))
    with firm.psql("region") as region:
        seen = region.execute("SELECT replace(name, 'Customer of ', '') FROM account").fetchall()
        assert {row[0] for row in seen} == {"region", "city", "rep", "peer"}
        assert region.execute("UPDATE account SET city = 'X' WHERE name LIKE '%rep'").rowcount == 1
        assert region.execute("UPDATE account SET city = 'X' WHERE name LIKE '%peer'").rowcount == 0


def _place(work: Work, person_id: int, unit_id: int) -> None:
    person = work.session.get(Person, person_id)
    assert person is not None
    person.unit_id = unit_id


def test_what_a_rep_adds_is_theirs(firm: Firm) -> None:
    with firm.psql("rep") as rep:
        add = (
            "INSERT INTO account (name, name_key, owner_id, recorded_at, changed_at, source_system, external_id)"
            " VALUES ('New', 'new', %s, now(), now(), %s, %s)"
        )
        rep.execute(add, [firm.people["rep"], "", None])
        for owner, system, key in (
            (firm.people["peer"], "", None),
            (None, "", None),
            (firm.people["rep"], "sap", "7"),
        ):
            with pytest.raises(InsufficientPrivilege, match="row-level security"):
                rep.execute(add, [owner, system, key])


def test_the_directory_is_everybodys_and_details_are_not(firm: Firm) -> None:
    def person(work: Work) -> str | None:
        found = work.session.get(Person, firm.people["peer"])
        assert found is not None
        return found.name

    assert firm.open("rep").read(person) == "Peer"
    for who in ("rep", "director", "finance", "auditor"):
        with firm.psql(who) as other, pytest.raises(InsufficientPrivilege):
            other.execute("SELECT mobile FROM person")
    with firm.psql("ops") as ops:
        assert ops.execute("SELECT count(mobile) FROM person").fetchone() == (0,)
        with pytest.raises(InsufficientPrivilege, match="only an administrator"):
            ops.execute("UPDATE person SET role = 'admin' WHERE login = 'scope_ops'")
        with pytest.raises(InsufficientPrivilege, match="only an administrator"):
            ops.execute("UPDATE person SET can_sign_in = false WHERE login = 'scope_rep'")


def test_finance_and_audit_do_without_ways_to_reach_a_customer(firm: Firm) -> None:
    for who in ("finance", "auditor"):
        with firm.psql(who) as other:
            assert other.execute("SELECT count(name) FROM account").fetchone() == (10,)
            for table, column in (
                ("account", "phone"),
                ("contact", "mobile"),
                ("contact", "wechat"),
                ("lead", "email"),
            ):
                with pytest.raises(InsufficientPrivilege):
                    other.execute(f"SELECT {column} FROM {table}")


def test_somebody_shut_out_sees_nothing_at_once(firm: Firm) -> None:
    with firm.psql("rep") as rep:
        assert rep.execute("SELECT count(*) FROM account").fetchone() == (1,)

        def shut(work: Work) -> None:
            person = work.session.get(Person, firm.people["rep"])
            assert person is not None
            person.can_sign_in = False

        firm.admin.write(shut)
        assert rep.execute("SELECT count(*) FROM account").fetchone() == (0,)
