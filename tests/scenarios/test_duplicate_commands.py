"""duplicates, merge and unmerge at the command line, on databases that an import filled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import Place
from tests.drivers.command_line import CommandLine

CUSTOMERS = """客户名称,电话,客户等级,负责人
杭州恒泰科技有限公司,0571-88001234,B,安然
恒泰科技（杭州）有限责任公司,,A,柏青
北京云山食品有限公司,,C,安然
上海云山食品有限公司,,C,柏青
"""


@pytest.fixture
def line(place: Place, tmp_path: Path) -> CommandLine:
    path = tmp_path / "customers.csv"
    path.write_text(CUSTOMERS, encoding="utf-8")
    line = CommandLine(place.where)
    line.json("migrate", str(path))
    return line


def test_found_merged_and_split_again(line: CommandLine) -> None:
    before = line.json("digest")
    found = line.json("duplicates", "--entity", "account")
    assert [one["verdict"] for one in found] == ["sure"]
    assert set(found[0]) == {"cluster", "entity", "verdict", "score", "members", "why"}
    members = {one["name"]: one for one in found[0]["members"]}
    assert members["杭州恒泰科技有限公司"]["owner"] == "安然"
    assert found[0]["why"] == ["same name without legal form"]
    one, two = (members[name]["id"] for name in ("杭州恒泰科技有限公司", "恒泰科技（杭州）有限责任公司"))

    merged = line.json("merge", str(one), str(two), "--field", f"grade={two}")
    assert (merged["survivor"], merged["merged"], merged["entity"]) == (one, [two], "account")
    assert line.json("duplicates") == []
    assert [m["state"] for m in line.json("duplicates", "--merges")] == ["merged"]
    split = line.json("unmerge", str(merged["merge"]))
    assert split["restored"] == [two]
    assert split["kept"] == split["blocked"] == []
    assert line.json("digest") == before

    said = line.run("duplicates", "--lang", "zh_CN")
    assert "去掉公司形式后名称相同" in said.out


def test_all_sure_clusters_at_once(line: CommandLine) -> None:
    done = line.json("merge", "--sure")
    assert len(done) == 1
    assert line.json("duplicates") == []


def test_wrong_usage_and_refusals(line: CommandLine) -> None:
    assert line.run("merge").code == 2
    assert line.run("merge", "1", "2", "--field", "grade").code == 2
    assert line.json("merge", "1", "99999", code=3)["error"]["code"] == "record_missing"
    assert line.json("unmerge", "77", code=3)["error"]["code"] == "merge_unknown"
    assert line.run("duplicates", "--entity", "planet").code == 3
