"""quote and contract at the command line, from the first price to the signature."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import Place
from tests.drivers.command_line import CommandLine

CUSTOMERS = """客户名称,负责人
杭州恒泰科技有限公司,安然
恒泰科技（杭州）有限责任公司,柏青
"""
PRODUCTS = """产品编码,产品名称,标准价格,成本
P-1,离心泵,1000,600
"""


@pytest.fixture
def line(place: Place, tmp_path: Path) -> CommandLine:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in (("客户.csv", CUSTOMERS), ("产品.csv", PRODUCTS)):
        (folder / name).write_text(text, encoding="utf-8")
    line = CommandLine(place.where)
    line.json("migrate", str(folder))
    return line


def test_from_the_first_price_to_the_signature(line: CommandLine) -> None:
    made = line.json(
        "quote", "make", "--customer", "杭州恒泰科技有限公司", "--line", "P-1=10@950", "--discount", "2"
    )
    assert (made["amount"], made["margin"], made["standing"]) == ("9310.00", 0.3555, "valid")
    assert made["lines"][0]["discount"] == 0.05
    assert len(made["customers"]) == 2
    again = line.json("quote", "like", made["number"])
    assert [price["again"] for price in again["prices"]] == [True]
    assert again["amount"] == made["amount"]
    edited = line.json("quote", "edit", again["number"], "--line", "离心泵=2")
    assert edited["amount"] == "2000.00"
    shown = line.json("quote", "show", again["number"], "--elsewhere")
    assert shown["elsewhere"]["quotes"] == 0
    listed = line.json("quote", "list", "--part", "valid")
    assert listed["total"] == 2

    contract = line.json("contract", "make", "--quote", again["number"], "--name", "年度合同")
    assert contract["irregular"] == []
    noted = line.json(
        "contract",
        "note",
        contract["number"],
        "--clause",
        "第七条",
        "--note",
        "责任无上限",
        "--severity",
        "high",
    )
    line.json("contract", "settle", str(noted["notes"][0]["id"]), "--answer", "已改为合同金额")
    change = ("contract", "change", contract["number"], "--reason", "运费下调")
    assert line.run(*change, "--amount", "1e").code == 3
    asked = line.json(*change, "--amount", "1980.50", "--delivery", "2026-12-20", "--extra-clause")
    shown_by = line.json("approvals", str(asked["request"]))
    assert shown_by["kind"] == "contract_change"
    assert line.run(*change, "--amount", "1900").code == 3  # It waits for its approval already.
    line.json("decide", str(asked["request"]), "--decision", "withdraw")
    signed = line.json("contract", "sign", contract["number"], "--customer", "李雷")
    assert signed["signed_on"] is not None
    assert line.json("contract", "list")["contracts"][0]["open_notes"] == 0


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_cannot_be_read_is_said(line: CommandLine) -> None:
    for typed, said in (
        ("P-9=1", "There is no product"),
        ("P-1=ten", "cannot be read"),
        ("P-1", "cannot be read"),
    ):
        outcome = line.run("quote", "make", "--customer", "杭州恒泰科技有限公司", "--line", typed)
        assert outcome.code == 3, typed
        assert said in outcome.err
