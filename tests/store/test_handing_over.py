"""Handing over: responsibility moves, nothing else does, and it can be taken back (HND-03, HND-04; beyond 8)."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Activity, Todo
from desktop.models.opportunities import Opportunity
from desktop.models.people import Ownership, Person
from desktop.operations.handover import HANDED_OVER, HandoverDone, assign_records, hand_over, undo_handover
from desktop.operations.people import add_person
from desktop.store.digest import digest
from desktop.terms import OwnedKind, PersonStatus, Role, TaskState
from tests.databases import acting
from tests.maker import Maker


class Firm:
    """A leaver with two customers and what hangs on them, and two colleagues."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        self.workspace = make.workspace
        self.leaver = make.person("陈离", status=PersonStatus.DEPARTING)
        self.li, self.wu = make.person("李接"), make.person("吴旁")
        self.first, self.second = make.account("甲公司", self.leaver), make.account("乙公司", self.leaver)
        self.other = make.account("丙公司", self.wu)
        self.contact = make.contact("王", self.first, owner_id=self.leaver)
        self.open_deal = make.deal("锅炉", self.first, owner=self.leaver, amount="120000")
        self.won_deal = make.deal(
            "签了", self.first, owner=self.leaver, amount="5", path=[("Signed", make.days_ago(5))]
        )
        self.visit = make.activity(self.first, owner=self.leaver, on=make.days_ago(3))
        self.todo = make._make(
            Todo(title="回访", owner_id=self.leaver, state=TaskState.OPEN, due_on=make.days_ago(-1))
        )

    def hand_over(self, receiver: int | None = None, **more: object) -> HandoverDone:
        return self.workspace.write(
            lambda work: hand_over(work, self.leaver, receiver or self.li, **more)  # type: ignore[arg-type]
        )

    def owner(self, record: type, number: int) -> int | None:
        statement = select(record.owner_id).where(record.id == number)  # type: ignore[attr-defined]
        found: int | None = self.workspace.read(lambda work: work.session.execute(statement).scalar_one())
        return found


@pytest.fixture
def firm(make: Maker) -> Firm:
    return Firm(make)


def test_duty_moves_and_credit_history_and_stage_stay(firm: Firm) -> None:
    done = firm.hand_over(seen={"account": 2})
    assert done.moved == {"account": 2, "contact": 1, "opportunity": 1, "task": 1}
    moved = [(Account, firm.first), (Account, firm.second), (Contact, firm.contact)]
    moved += [(Opportunity, firm.open_deal), (Todo, firm.todo)]
    assert {firm.owner(*one) for one in moved} == {firm.li}
    assert firm.owner(Opportunity, firm.won_deal) == firm.leaver
    assert firm.owner(Activity, firm.visit) == firm.leaver
    assert firm.owner(Account, firm.other) == firm.wu


def test_every_change_of_owner_is_told_with_its_reason(firm: Firm) -> None:
    firm.hand_over()
    lines = firm.workspace.read(
        lambda work: work.rows(
            select(Ownership.kind, Ownership.from_person_id, Ownership.to_person_id).where(
                Ownership.reason == HANDED_OVER, Ownership.record_id == firm.first
            )
        )
    )
    assert ("account", firm.leaver, firm.li) in [tuple(line) for line in lines]


def test_taking_it_back_restores_everything(firm: Firm) -> None:
    before = firm.workspace.read(digest).tables
    done = firm.hand_over()
    undone = firm.workspace.write(lambda work: undo_handover(work, done.handover))
    assert (undone.reversed, undone.kept) == (done.total, ())
    after = firm.workspace.read(digest).tables
    assert {name for name in before if before[name] != after[name]} == {"ownership"}
    with pytest.raises(InvalidInput, match="taken back already"):
        firm.workspace.write(lambda work: undo_handover(work, done.handover))


def test_what_moved_on_since_is_kept_with_who_has_it(firm: Firm) -> None:
    done = firm.hand_over()
    firm.workspace.write(
        lambda work: assign_records(work, OwnedKind.ACCOUNT, [firm.second], firm.wu, "按行业调整")
    )
    undone = firm.workspace.write(lambda work: undo_handover(work, done.handover))
    (kept,) = undone.kept
    assert (kept.kind, kept.id, kept.params["owner"]) == ("account", firm.second, "吴旁")
    assert undone.reversed == done.total - 1
    assert firm.owner(Account, firm.second) == firm.wu
    assert firm.owner(Account, firm.first) == firm.leaver


def test_a_checklist_that_has_changed_is_refused_and_nothing_moves(firm: Firm) -> None:
    with pytest.raises(StaleRecord, match="3 then, 2 now"):
        firm.hand_over(seen={"account": 3})
    assert firm.owner(Account, firm.first) == firm.leaver


@pytest.mark.parametrize("receiver", ["self", "leaving"])
def test_who_cannot_take_over_is_refused(firm: Firm, receiver: str) -> None:
    leaving = firm.make.person("也走", status=PersonStatus.DEPARTING)
    with pytest.raises(InvalidInput):
        firm.hand_over(firm.leaver if receiver == "self" else leaving)


def test_a_rep_gives_nothing_away(firm: Firm) -> None:
    firm.make.person("小赵", Role.REP, login="zhao")
    zhao = acting(firm.workspace, "zhao")
    with pytest.raises(NotAllowed):
        zhao.write(lambda work: hand_over(work, firm.leaver, firm.li))
    with pytest.raises(NotFound):
        firm.workspace.write(lambda work: undo_handover(work, 999))


def test_the_login_of_the_leaver_is_closed_in_the_same_transaction(firm: Firm) -> None:
    login = f"l{uuid.uuid4().hex[:10]}"  # logins belong to the server: one that no other test uses
    gone = firm.workspace.write(lambda work: add_person(work, login, name="钱走", role=Role.REP))
    firm.make.account("丁公司", gone)
    firm.workspace.write(lambda work: hand_over(work, gone, firm.li, close_login=True))
    statement = select(Person.can_sign_in).where(Person.id == gone)
    assert firm.workspace.read(lambda work: work.session.execute(statement).scalar_one()) is False
