"""Lines of quotes and milestones of contracts come by import like any other rows, on both databases alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from desktop.models.contracts import Contract, Milestone, Quote
from desktop.models.quotes import QuoteLine
from desktop.operations.undo import undo_import
from desktop.store.integrity import problems
from desktop.store.workspace import Workspace
from tests.store.loading.hand_made import digest_of, load, table, totals

PUMP: dict[str, Any] = {"quote_number": "Q-1", "product": "Pump", "quantity": 2_000}
VALVE: dict[str, Any] = {"quote_number": "Q-1", "product": "Valve", "quantity": 3_000}


def quotes(amount: int = 130_00) -> Any:
    return table("quote", [{"number": "Q-1", "account_name": "Hengtai", "amount": amount}])


def lines(workspace: Workspace) -> list[tuple[Any, ...]]:
    line = QuoteLine
    statement = select(
        line.position, line.name, line.quantity, line.list_price, line.unit_price, line.amount
    ).order_by(line.quote_id, line.position)
    return workspace.read(lambda work: [tuple(row) for row in work.rows(statement)])


def codes(result: Any) -> list[tuple[str, int | None]]:
    told = (
        "reference_unknown",
        "key_missing",
        "line_incomplete",
        "line_differs",
        "sum_differs",
        "reached_later",
    )
    found = [(issue.code, issue.row) for issue in result.issues if issue.code in told]
    return sorted(found, key=lambda one: (one[1], one[0]))


def test_lines_meet_their_quote_and_what_a_row_leaves_open_is_worked_out(workspace: Workspace) -> None:
    rows = [
        {**PUMP, "unit_price": 50_000_000},
        {**VALVE, "amount": 30_00},
        {"quote_number": "Q-1", "product": "Assembly", "amount": 0},
    ]
    result = load(workspace, quotes(), table("quote_line", rows))
    assert codes(result) == []
    assert lines(workspace) == [
        (1, "Pump", 2_000, None, 50_000_000, 100_00),
        (2, "Valve", 3_000, None, 10_000_000, 30_00),
        (3, "Assembly", 1_000, None, 0, 0),
    ]
    assert workspace.read(problems) == []
    before = digest_of(workspace)
    again = load(workspace, quotes(), table("quote_line", rows))
    assert totals(again)[:2] == (0, 0)
    assert digest_of(workspace) == before


def test_a_discount_is_what_the_amount_says_it_is(workspace: Workspace) -> None:
    """100 each, of 95 %: taken off, left over (as 九五折), or already in the price."""
    price = {"quantity": 1_000, "unit_price": 100_000_000}
    rows = [
        {"quote_number": "Q-1", "product": "left", **price, "discount": 9_500, "amount": 95_00},
        {"quote_number": "Q-1", "product": "off", **price, "discount": 9_500, "amount": 5_00},
        {"quote_number": "Q-1", "product": "in it", **price, "discount": 9_500, "amount": 100_00},
        {"quote_number": "Q-1", "product": "untold", **price, "discount": 500},
    ]
    assert codes(load(workspace, quotes(295_00), table("quote_line", rows))) == []
    assert [row[3:] for row in lines(workspace)] == [
        (100_000_000, 95_000_000, 95_00),
        (100_000_000, 5_000_000, 5_00),
        (None, 100_000_000, 100_00),
        (100_000_000, 95_000_000, 95_00),
    ]


def test_what_does_not_add_up_is_told_and_what_belongs_nowhere_left_out(workspace: Workspace) -> None:
    rows = [
        {**PUMP, "unit_price": 50_000_000, "amount": 99_00},
        {**VALVE, "quote_number": "Q-none", "amount": 1},
        {**VALVE, "quote_number": None, "amount": 1},
        {**VALVE, "quantity": None},
    ]
    result = load(workspace, quotes(), table("quote_line", rows))
    assert codes(result) == [
        ("line_differs", 2),
        ("sum_differs", 2),
        ("reference_unknown", 3),
        ("key_missing", 4),
        ("line_incomplete", 5),
    ]
    assert len(lines(workspace)) == 1


def test_a_line_is_known_again_by_its_place_or_its_product(workspace: Workspace) -> None:
    placed = {**PUMP, "position": 1, "unit_price": 50_000_000}
    load(workspace, quotes(), table("quote_line", [placed, {**VALVE, "amount": 30_00}]))
    moved = {**PUMP, "position": 1, "product": "Larger pump", "unit_price": 60_000_000}
    again = load(workspace, table("quote_line", [moved, {**VALVE, "amount": 33_00}], source="other"))
    assert again.entities["quote_line"]["updated"] == 2
    assert [(row[1], row[5]) for row in lines(workspace)] == [("Larger pump", 120_00), ("Valve", 33_00)]


def test_lines_are_taken_back_with_their_run(workspace: Workspace) -> None:
    load(workspace, quotes())
    run = load(workspace, table("quote_line", [{**PUMP, "unit_price": 65_000_000}]))
    workspace.write(lambda work: undo_import(work, run.run or 0))
    assert lines(workspace) == []
    assert workspace.read(lambda work: work.rows(select(Quote.number))) == [("Q-1",)]


def contract(**more: Any) -> Any:
    return table(
        "contract", [{"number": "HT-1", "name": "Pumps", "account_name": "Hengtai", "amount": 100_00, **more}]
    )


def milestones(workspace: Workspace) -> list[tuple[Any, ...]]:
    one = Milestone
    statement = (
        select(Contract.number, one.name, one.due_on, one.reached_on, one.amount, one.share)
        .join(Contract)
        .order_by(one.id)
    )
    return workspace.read(lambda work: [tuple(row) for row in work.rows(statement)])


def test_milestones_meet_their_contract_by_number_or_name(workspace: Workspace) -> None:
    due, day = date(2026, 3, 1), date(2026, 3, 5)
    rows = [
        {"contract_number": "HT-1", "name": "到货", "due_on": due, "amount": 30_00, "share": 3_000},
        {"contract_name": "Pumps", "name": "验收", "reached_on": day, "amount": 70_00, "share": 7_000},
    ]
    result = load(workspace, contract(), table("milestone", rows))
    assert codes(result) == []
    assert milestones(workspace) == [
        ("HT-1", "到货", due, None, 30_00, 3_000),
        ("HT-1", "验收", None, day, 70_00, 7_000),
    ]
    (check,) = [one for one in result.checks if one.entity == "milestone" and one.is_money]
    assert (check.source, check.written, check.difference) == (100_00, 100_00, 0)
    before = digest_of(workspace)
    late = {**rows[0], "reached_on": day}
    run = load(workspace, table("milestone", [late], source="other"))
    assert totals(run) == (0, 1, 0, 0)
    assert milestones(workspace)[0][3] == day
    workspace.write(lambda work: undo_import(work, run.run or 0))
    assert digest_of(workspace) == before
    assert workspace.read(problems) == []


def test_milestones_that_do_not_add_up_are_told(workspace: Workspace) -> None:
    later = date(2099, 1, 1)
    rows: list[dict[str, Any]] = [
        {"contract_number": "HT-1", "name": "Delivery", "amount": 30_00, "share": 3_000},
        {
            "contract_number": "HT-1",
            "name": "Acceptance",
            "amount": 60_00,
            "share": 6_000,
            "reached_on": later,
        },
        {"contract_number": "HT-2", "name": "Acceptance"},
        {"contract_number": "HT-1", "external_id": "M9", "name": None},
    ]
    result = load(workspace, contract(), table("milestone", rows))
    assert codes(result) == [
        ("sum_differs", 2),
        ("sum_differs", 2),
        ("reached_later", 3),
        ("reference_unknown", 4),
        ("key_missing", 5),
    ]
    assert len(milestones(workspace)) == 2
