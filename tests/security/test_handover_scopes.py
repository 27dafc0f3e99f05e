"""Records change owner through the database's own function, or not at all (HND-03, security 39, 52, 55)."""

from __future__ import annotations

import threading
import uuid

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, InvalidParameterValue
from sqlalchemy import func, select

from desktop.errors import NotAllowed
from desktop.models.accounts import Account
from desktop.models.orders import SalesOrder
from desktop.operations.handover import assign_records, hand_over, undo_handover
from desktop.operations.people import add_person
from desktop.store.workspace import Work, Workspace
from desktop.terms import OwnedKind, Role
from tests.databases import Place
from tests.maker import Maker

pytestmark = pytest.mark.postgres

GIVE = "SELECT plumbline.assign(%s, %s, %s, %s, current_date, 'attack', NULL)"


class Firm:
    """A city with a manager, two reps and their customers, and a rep of another city."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.admin = place.open()
        make = self.make = Maker(self.admin)
        south = make.unit("South", "region", make.unit("HQ", "hq"))
        here, there = make.unit("Guangzhou", "city", south), make.unit("Shenzhen", "city", south)
        self.chen = make.person("Chen", login="hand_chen", unit=here)
        self.li = make.person("Li", login="hand_li", unit=here)
        self.far = make.person("Far", login="hand_far", unit=there)
        self.boss = make.person("Boss", Role.CITY_MANAGER, login="hand_boss", unit=here)
        self.customers = [make.account(f"C{n}", owner=self.chen) for n in range(3)]
        self.far_customer = make.account("F", owner=self.far)

    def open(self, who: str) -> Workspace:
        return self.place.open(f"hand_{who}")

    def psql(self, who: str) -> psycopg.Connection[tuple[object, ...]]:
        url = self.place.url.set(drivername="postgresql", username=f"hand_{who}")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def owned(self, who: str) -> list[int]:
        query = select(Account.id).order_by(Account.id)
        return self.open(who).read(lambda work: list(work.session.scalars(query)))


@pytest.fixture
def firm(team: Place) -> Firm:
    return Firm(team)


def test_a_manager_hands_over_within_the_team_and_takes_it_back(firm: Firm) -> None:
    boss = firm.open("boss")
    done = boss.write(lambda work: hand_over(work, firm.chen, firm.li))
    assert done.moved == {"account": 3}
    assert (firm.owned("li"), firm.owned("chen")) == (firm.customers, [])
    undone = boss.write(lambda work: undo_handover(work, done.handover))
    assert (undone.reversed, undone.kept) == (3, ())
    assert (firm.owned("li"), firm.owned("chen")) == ([], firm.customers)


@pytest.mark.parametrize("way", ["from the other city", "into the other city"])
def test_a_manager_moves_nothing_across_the_border_of_the_team(firm: Firm, way: str) -> None:
    giver, receiver = (firm.far, firm.li) if way.startswith("from") else (firm.chen, firm.far)
    with pytest.raises(NotAllowed):
        firm.open("boss").write(lambda work: hand_over(work, giver, receiver))
    assert firm.owned("far") == [firm.far_customer]


def test_a_rep_gives_nothing_away_and_takes_nothing(firm: Firm) -> None:
    with firm.psql("li") as li:
        with pytest.raises(InsufficientPrivilege):
            li.execute(GIVE, ["account", firm.customers, firm.chen, firm.li])
        with pytest.raises(InsufficientPrivilege):
            li.execute("UPDATE account SET owner_id = %s", [firm.li])
        with pytest.raises(InsufficientPrivilege):
            li.execute("SELECT plumbline.hold_person(%s)", [firm.chen])
    assert firm.owned("chen") == firm.customers


def test_a_manager_cannot_take_what_is_not_the_givers_by_calling_the_function(firm: Firm) -> None:
    with firm.psql("boss") as boss:
        moved = boss.execute(GIVE, ["account", [firm.far_customer], firm.chen, firm.li]).fetchone()
        assert moved == (0,)
        for kind in ("person", "account SET name = ''; --", "sales_order"):
            with pytest.raises(InvalidParameterValue):
                boss.execute(GIVE, [kind, [1], firm.chen, firm.li])
        with pytest.raises(InsufficientPrivilege):
            boss.execute(GIVE, ["account", [firm.far_customer], None, firm.li])
    assert firm.owned("far") == [firm.far_customer]


def test_55_the_successor_sees_the_customers_when_the_login_closes(firm: Firm) -> None:
    login = f"l{uuid.uuid4().hex[:10]}"
    gone = firm.admin.write(lambda work: add_person(work, login, name="Gone", role=Role.REP))
    firm.admin.write(lambda work: assign_records(work, OwnedKind.ACCOUNT, firm.customers, gone, "moves"))
    url = firm.place.url.set(drivername="postgresql", username=login).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as session:
        assert session.execute("SELECT count(*) FROM account").fetchone() == (3,)
        firm.admin.write(lambda work: hand_over(work, gone, firm.li, close_login=True))
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT count(*) FROM account")
    assert firm.owned("li") == firm.customers
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_39_a_handover_racing_new_records_leaves_nothing_behind(firm: Firm) -> None:
    """Somebody adds customers and orders for the leaver all the while; each ends with the successor or is refused."""
    chen, stop, added = firm.open("chen"), threading.Event(), []

    def sell() -> None:
        number = 0
        while not stop.is_set() and number < 400:
            number += 1
            name = f"N{number}"

            def add(work: Work, name: str = name) -> int:
                account = Account(
                    name=name,
                    name_key=name.lower(),
                    owner_id=firm.chen,
                    source_system="",
                    recorded_at=work.now,
                    changed_at=work.now,
                )
                work.session.add(account)
                work.session.flush()
                order = SalesOrder(
                    number=name,
                    account_id=account.id,
                    owner_id=firm.chen,
                    source_system="",
                    recorded_at=work.now,
                    changed_at=work.now,
                )
                work.session.add(order)
                return account.id

            added.append(chen.write(add))

    seller = threading.Thread(target=sell)
    seller.start()
    boss, handed = firm.open("boss"), []
    try:
        for _ in range(5):
            before = len(added)
            while len(added) < before + 3 and seller.is_alive():
                threading.Event().wait(0.01)
            handed.append(boss.write(lambda work: hand_over(work, firm.chen, firm.li)))
    finally:
        stop.set()
        seller.join()
    last = boss.write(lambda work: hand_over(work, firm.chen, firm.li)) if firm.owned("chen") else None
    moved = sum(done.moved["account"] for done in (*handed, *([last] if last else [])))
    assert moved == len(added) + len(firm.customers)
    owners = firm.admin.read(
        lambda work: work.rows(
            select(Account.owner_id, func.count())
            .where(Account.id != firm.far_customer)
            .group_by(Account.owner_id)
        )
    )
    assert [tuple(row) for row in owners] == [(firm.li, moved)]
