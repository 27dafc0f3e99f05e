"""Asking and deciding by commands: approvals, ask, decide, deputies."""

from __future__ import annotations

import pytest

from tests.drivers.command_line import CommandLine
from tests.store.approvals.conftest import Office, sqlite_office  # noqa: F401


@pytest.fixture
def firm(sqlite_office: Office) -> Office:  # noqa: F811
    make = sqlite_office.make
    customer = make.account("甲公司", sqlite_office.ids["rep"])
    make.deal("锅炉", customer, owner=sqlite_office.ids["rep"], amount="9")
    return sqlite_office


def test_a_target_is_asked_for_and_decided_by_commands(firm: Office) -> None:
    line = CommandLine(firm.place.where)
    rep, manager = ["--as", "appr_rep"], ["--as", "appr_manager"]
    asked = line.json("ask", "target", "--period", "2026-11", "--value", "120,000", "--reason", "推迟", *rep)
    number = str(asked["request"])
    (waiting,) = line.json("approvals", *manager)
    assert (waiting["kind"], waiting["amount"], waiting["yours"]) == ("target_adjustment", "120000.00", True)
    assert line.run("decide", number, *rep).code == 3
    assert "上级" in line.run("approvals", "--lang", "zh_CN", *manager).out
    assert "城市经理" in line.run("approvals", number, "--lang", "zh_CN", *manager).out
    named = line.json(
        "deputies", "--name", "legal某", "--from", "2026-11-01", "--until", "2026-11-30", *manager
    )
    assert (named[0]["for"], named[0]["active"]) == ("manager某", True)
    done = line.json("decide", number, "--reason", "同意", "--as", "appr_legal")
    assert done == [{"request": asked["request"], "state": "approved"}]
    shown = line.json("approvals", number, *rep)
    assert [one["on_behalf_of"] for one in shown["trail"] if one["state"] == "approved"] == ["manager某"]
    assert firm.value() == 12_000_000


def test_many_are_decided_at_once_and_what_is_left_out_is_named(firm: Office) -> None:
    line = CommandLine(firm.place.where)
    rep, director = ["--as", "appr_rep"], ["--as", "appr_director"]
    given = line.json("ask", "handover", "--person", "rep某", "--to", "other某", "--reason", "转岗", *rep)
    target = firm.ask()
    numbers = [str(given["request"]), str(target), "999"]
    told = line.json("decide", *numbers, *director, code=4)
    assert sorted(told["approved"]) == sorted([target, given["request"]])
    assert [one["request"] for one in told["left_out"]] == [999]
    assert [one["state"] for one in line.json("approvals", "--decided", *rep)] == ["approved", "approved"]
    for wrong in (
        ["decide", "1", "--decision", "maybe"],
        ["ask", "rise"],
        ["ask", "target", "--value", "viel"],
    ):
        assert line.run(*wrong, *director).code == 3
