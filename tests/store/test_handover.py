"""The handover checklist: what a leaver holds, and what would keep a successor in the dark (HND-04, 05, 07)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from desktop.models.activities import Todo
from desktop.models.contracts import Invoice, Payment, PaymentPlan
from desktop.queries.handover import HandoverView, handover
from desktop.queries.handover_people import people_with_customers
from desktop.store.workspace import Workspace
from desktop.terms import PersonStatus, TaskState
from tests.maker import Maker


@pytest.fixture
def leaver(make: Maker) -> int:
    """A leaver with one well-kept customer, one dark one, and a colleague with his own."""
    who = make.person("陈离", status=PersonStatus.DEPARTING)
    other = make.person("李接", login="li")
    good = make.account("甲公司", who, grade="A")
    for name in ("张", "王"):
        make.contact(name, good)
    make.activity(good, owner=who, on=make.days_ago(3), subject="谈价", content="价格已谈妥")
    make.activity(good, owner=other, on=make.days_ago(40))
    make.deal("锅炉", good, owner=who, amount="120000", next_step="报价", expected=make.today + timedelta(20))
    make.quote("Q-1", good, "1000", owner_id=who, issued_on=make.days_ago(2))
    make.quote("Q-2", good, "2000", owner_id=who, issued_on=make.days_ago(30))
    contract = make.contract("C-1", good, "90000", owner_id=who)
    make.payment_plan(contract, "50000", make.days_ago(10))
    make.payment_plan(contract, "40000", make.today + timedelta(30))
    make._make(Payment(contract_id=contract, amount=20_000_00, received_on=make.days_ago(12)))
    dark = make.account("乙公司", who)
    make.contact("独", dark)
    make.deal("阀门", dark, owner=who, amount="30000")
    make._make(
        Todo(title="回访", owner_id=who, account_id=dark, due_on=make.days_ago(1), state=TaskState.OPEN)
    )
    make._make(Todo(title="做完", owner_id=who, account_id=dark, state=TaskState.DONE))
    mine = make.account("丙公司", other)
    make.deal("泵", mine, owner=other, amount="1")
    make.deal("签了", good, owner=who, amount="5", path=[("Signed", make.days_ago(5))])
    return who


def look(workspace: Workspace, who: int, to: int | None = None) -> HandoverView:
    return workspace.read(lambda work: handover(work, who, to))


def test_everything_the_leaver_holds_is_there_and_nothing_else(workspace: Workspace, leaver: int) -> None:
    view = look(workspace, leaver)
    titles = {kind: [item.title for item in view.of(kind)] for kind in {item.kind for item in view.items}}
    assert titles == {
        "account": ["乙公司", "甲公司"] if view.items[0].title == "乙公司" else ["甲公司", "乙公司"],
        "opportunity": ["锅炉", "阀门"],
        "quote": ["Q-1", "Q-2"],
        "contract": ["C-1"],
        "receivable": ["C-1"],
        "task": ["回访"],
        "activity": ["谈价 — 价格已谈妥"],
    }
    assert (view.open_count, view.open_amount) == (2, 150_000_00)


def test_receivable_is_plans_less_payments_and_overdue_what_is_late(
    workspace: Workspace, leaver: int
) -> None:
    view = look(workspace, leaver)
    (owed,) = view.of("receivable")
    assert (owed.amount, owed.overdue, owed.dark) == (70_000_00, 30_000_00, ("overdue",))
    assert (view.receivable, view.overdue) == (70_000_00, 30_000_00)
    good = next(line for line in view.accounts if line.name == "甲公司")
    assert (good.receivable, good.overdue, good.open_amount) == (70_000_00, 30_000_00, 120_000_00)


def test_dark_flags_say_what_a_successor_would_miss(workspace: Workspace, leaver: int) -> None:
    view = look(workspace, leaver)
    dark = {(item.kind, item.title): item.dark for item in view.items if item.dark}
    assert dark == {
        ("account", "乙公司"): ("no_activity_90_days", "single_contact"),
        ("opportunity", "阀门"): ("no_next_step", "no_activity_90_days"),
        ("quote", "Q-2"): ("expired_quote",),
        ("receivable", "C-1"): ("overdue",),
        ("task", "回访"): ("overdue",),
    }


def test_completeness_is_items_without_a_flag_over_all_items(workspace: Workspace, leaver: int) -> None:
    view = look(workspace, leaver)
    complete = sum(not item.dark for item in view.items)
    assert view.completeness == (Decimal(complete) / len(view.items)).quantize(Decimal("0.0001"))
    assert {part.kind: (part.total, part.complete) for part in view.parts}["quote"] == (2, 1)
    assert view.versions == {"handover_completeness": 1, "open_receivable": 1}


def test_who_else_knows_the_customer_is_counted(workspace: Workspace, leaver: int) -> None:
    known = {
        line.name: (line.known_by, line.records, line.contacts) for line in look(workspace, leaver).accounts
    }
    assert known == {"甲公司": (1, 2, 2), "乙公司": (0, 0, 1)}


def test_without_plans_the_contract_less_payments_is_owed_and_an_unpaid_invoice_is_told(
    workspace: Workspace, make: Maker
) -> None:
    who = make.person("赵")
    account = make.account("丁公司", who)
    contract = make.contract("C-9", account, "1000", owner_id=who)
    make._make(Payment(contract_id=contract, amount=300_00, received_on=make.days_ago(1)))
    make._make(Invoice(number="F-1", contract_id=contract, amount=500_00, issued_on=make.days_ago(9)))
    paid = make.contract("C-8", account, "10", owner_id=who)
    make._make(Payment(contract_id=paid, amount=20_00, received_on=make.days_ago(1)))
    make._make(PaymentPlan(account_id=account, amount=77_00, due_on=make.days_ago(2)))
    view = look(workspace, who)
    owed = {item.title: (item.amount, item.overdue, item.dark) for item in view.of("receivable")}
    assert owed == {"C-9": (700_00, 0, ("unpaid_invoice",)), "丁公司": (77_00, 77_00, ("overdue",))}


def test_records_without_an_owner_follow_their_account(workspace: Workspace, make: Maker) -> None:
    who, other = make.person("钱"), make.person("孙")
    account = make.account("戊公司", who)
    make.deal("无主", account)
    make.deal("他的", account, owner=other)
    assert [item.title for item in look(workspace, who).of("opportunity")] == ["无主"]


def test_somebody_without_anything_is_complete(workspace: Workspace, make: Maker) -> None:
    view = look(workspace, make.person("空"))
    assert (view.completeness, view.items, view.accounts) == (Decimal(1), (), ())


def test_leavers_come_first_in_the_list_of_people(workspace: Workspace, leaver: int) -> None:
    people = workspace.read(people_with_customers)
    assert (people[0].id, people[0].accounts) == (leaver, 2)
    assert {person.name for person in people} == {"陈离", "李接", "admin"}
