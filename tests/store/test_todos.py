"""No state without a meaning: what is in progress has its next action and its day, what is over its result (RPT-14)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from desktop.errors import InvalidInput, NotFound, StaleRecord
from desktop.models.activities import Activity, Todo
from desktop.operations.todos import plan_next_action, settle_todo
from desktop.queries.todos import TodoLine, open_todos
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role, Severity, TaskState
from tests.databases import Place
from tests.maker import Maker
from tests.store.loading.hand_made import load, table


class Firm:
    """A rep's deal with a pump works, a colleague in another city, and who leads the rep."""

    def __init__(self, place: Place) -> None:
        self.place, self.ops = place, place.open()
        make = Maker(self.ops)
        north, south = make.unit("North", "city"), make.unit("South", "city")
        self.rep = make.person("Rep", login="todo_rep", unit=north)
        make.person("Other", login="todo_other", unit=south)
        make.person("Boss", Role.CITY_MANAGER, login="todo_boss", unit=north)
        self.customer = make.account("Pump works", self.rep)
        self.deal = make.deal("Valves", self.customer, owner=self.rep, stage="Quotation", amount=100)
        self.today: date = self.ops.read(lambda work: work.today)

    def plan(self, who: Workspace, what: str = "Visit the plant", days: int | None = 2) -> int:
        by = None if days is None else self.today + timedelta(days=days)
        return who.write(lambda work: plan_next_action(work, what=what, by=by, deal_id=self.deal))

    def open(self) -> tuple[TodoLine, ...]:
        return self.ops.read(lambda work: open_todos(work, deal_id=self.deal))


@pytest.fixture
def firm(place: Place) -> Firm:
    return Firm(place)


def test_in_progress_without_a_next_action_is_refused(firm: Firm) -> None:
    rep = firm.place.open("todo_rep")
    for what, days, code in (
        ("", 2, "next_action_missing"),
        ("  ", 2, "next_action_missing"),
        ("Visit the plant", None, "next_action_missing"),
        ("Visit the plant", -1, "next_action_past"),
    ):
        with pytest.raises(InvalidInput) as refused:
            firm.plan(rep, what, days)
        assert refused.value.code == code
    firm.plan(rep)
    (todo,) = firm.open()
    assert (todo.title, todo.due_on, todo.owner, todo.account, todo.deal, todo.is_late) == (
        "Visit the plant",
        firm.today + timedelta(days=2),
        "Rep",
        "Pump works",
        "Valves",
        False,
    )
    with pytest.raises(InvalidInput) as refused:
        rep.write(lambda work: settle_todo(work, todo.id, TaskState.OPEN, by=None))
    assert refused.value.code == "next_action_missing"


def test_what_is_over_says_what_came_of_it(firm: Firm) -> None:
    rep, boss = firm.place.open("todo_rep"), firm.place.open("todo_boss")
    number = firm.plan(boss)
    for state in (TaskState.DONE, TaskState.CANCELLED):
        with pytest.raises(InvalidInput, match="by itself says nothing"):
            rep.write(lambda work, state=state: settle_todo(work, number, state, note=" "))  # type: ignore[misc]
    (seen,) = firm.open()
    later = firm.today + timedelta(days=9)
    rep.write(lambda work: settle_todo(work, number, TaskState.OPEN, what="Send samples", by=later))
    with pytest.raises(StaleRecord):
        boss.write(
            lambda work: settle_todo(work, number, TaskState.CANCELLED, note="no use", version=seen.version)
        )
    rep.write(lambda work: settle_todo(work, number, TaskState.DONE, note="Samples accepted"))
    assert firm.open() == ()
    done = firm.ops.read(lambda work: work.session.get_one(Todo, number))
    assert (done.title, done.due_on, done.state, done.note, done.done_at is not None) == (
        "Send samples",
        later,
        "done",
        "Samples accepted",
        True,
    )


def test_the_database_itself_wants_a_day(firm: Firm) -> None:
    number = firm.plan(firm.ops)

    def forget(work: Work) -> None:
        work.session.execute(text("UPDATE task SET due_on = NULL WHERE id = :id"), {"id": number})

    with pytest.raises(IntegrityError, match=r"by_when|CHECK"):
        firm.ops.write(forget)
    assert firm.open()[0].due_on is not None


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_colleague_elsewhere_settles_nothing(firm: Firm) -> None:
    number = firm.plan(firm.ops)
    other = firm.place.open("todo_other")
    assert other.read(open_todos) == ()
    with pytest.raises(NotFound, match="exist"):
        other.write(lambda work: settle_todo(work, number, TaskState.DONE, note="mine now"))
    with pytest.raises(NotFound, match="exist"):
        firm.plan(other)
    assert [todo.id for todo in firm.open()] == [number]


def test_imported_activities_in_progress_are_kept_and_told(firm: Firm) -> None:
    rows = [
        {"external_id": "1", "subject": "报价", "status": "进行中"},
        {"external_id": "2", "subject": "样品", "status": "进行中", "next_action": "寄样"},
        {"external_id": "3", "subject": "拜访", "status": "已完成"},
        {"external_id": "4", "subject": "Call", "status": "In Progress"},
    ]
    result = load(firm.ops, table("activity", rows))
    told = [
        (issue.row, issue.code, issue.severity, issue.value)
        for issue in result.issues
        if issue.code == "next_action_missing"
    ]
    assert told == [
        (2, "next_action_missing", Severity.NOTE, "进行中"),
        (5, "next_action_missing", Severity.NOTE, "In Progress"),
    ]
    kept = firm.ops.read(lambda work: work.session.scalars(select(Activity.status)).all())
    assert sorted(map(str, kept)) == sorted(["进行中", "进行中", "已完成", "In Progress"])
