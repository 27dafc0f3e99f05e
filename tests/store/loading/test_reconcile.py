"""The reconciliation: source rows and sums against what is read back from the database."""

from __future__ import annotations

from desktop.operations.reconciliation import Check
from desktop.store.workspace import Workspace
from tests.store.loading.hand_made import load, table


def test_rows_and_money_agree_but_for_what_was_rejected_or_came_twice(workspace: Workspace) -> None:
    result = load(
        workspace,
        table("account", [{"name": "甲公司"}, {"name": "甲公司"}, {"city": "苏州"}, {"name": "乙公司"}]),
        table("contract", [{"number": "1", "amount": 500}, {"number": "2", "amount": 250}]),
    )
    assert result.checks == (
        Check("account", False, 4, 2, 1, 1),
        Check("contract", False, 2, 2, 0, 0),
        Check("contract", True, 750, 750, 0, 0),
    )
    assert all(check.is_explained for check in result.checks)


def test_a_contract_that_comes_twice_with_other_money_is_pointed_out(workspace: Workspace) -> None:
    result = load(
        workspace, table("contract", [{"number": "1", "amount": 500}, {"number": "1", "amount": 300}])
    )
    money = result.checks[1]
    assert (money.source, money.written, money.difference, money.is_explained) == (800, 300, -500, False)
    assert money.to_json()["difference"] == "-5.00"
