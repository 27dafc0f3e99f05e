"""todo, coach and ranking-name at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import Place
from tests.drivers.command_line import CommandLine


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_next_action_is_planned_moved_and_done(place: Place, tmp_path: Path) -> None:
    (tmp_path / "客户.csv").write_text("客户名称,负责人\n甲公司,安然\n", encoding="utf-8")
    line = CommandLine(place.where)
    line.json("migrate", str(tmp_path / "客户.csv"))
    add = ("todo", "add", "拜访厂长", "--customer", "甲公司")
    assert line.run(*add).code == 3
    assert line.run(*add, "--by", "soon").code == 3
    number = str(line.json(*add, "--by", "2999-03-05")["todo"])
    assert line.json("todo", "list", "--person", "安然")["todos"] == [
        {
            "id": int(number),
            "what": "拜访厂长",
            "by": "2999-03-05",
            "owner": "安然",
            "customer": "甲公司",
            "deal": None,
            "late": False,
        }
    ]
    line.json("todo", "move", number, "--by", "2999-03-09", "--what", "寄样")
    assert line.json("todo", "list")["todos"][0]["what"] == "寄样"
    assert line.run("todo", "done", number, "").code == 3
    line.json("todo", "done", number, "样品认可")
    dropped = str(line.json(*add, "--by", "2999-03-05")["todo"])
    line.json("todo", "drop", dropped, "客户停产")
    assert line.json("todo", "list")["todos"] == []


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_somebody_is_coached_and_hides_their_name(place: Place, tmp_path: Path) -> None:
    (tmp_path / "客户.csv").write_text("客户名称,负责人\n甲公司,安然\n", encoding="utf-8")
    line = CommandLine(place.where)
    line.json("migrate", str(tmp_path / "客户.csv"))
    assert line.run("coach", "安然", "", "--customer", "甲公司").code == 3
    number = line.json("coach", "安然", "先确认决策人", "--customer", "甲公司")["note"]
    (note,) = line.json("coaching", "安然")["notes"]
    assert (note["id"], note["note"], note["customer"], note["deal"]) == (
        number,
        "先确认决策人",
        "甲公司",
        None,
    )
    assert line.json("ranking-name")["named"] is True
    assert line.json("ranking-name", "hide")["named"] is False
    assert line.json("ranking-name", "show")["named"] is True
