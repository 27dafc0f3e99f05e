"""Lists of firms that are nothing but a name, or a name and where the firm is."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.importers.mapping import suggest_all
from desktop.importers.reader import read_sources

FIRMS = {
    "公司名称\n北京甲乙科技有限公司\n上海丙丁贸易有限公司\n": ["account.name"],
    "客户编号,客户名称\nC1,北京甲乙科技有限公司\nC2,上海丙丁贸易有限公司\n": [
        "account.external_id",
        "account.name",
    ],
    "name\nAcme Ltd\nBeta GmbH\n": ["account.name"],
    "id,name,address,city,phone\n1,Acme Ltd,1 Main St,NYC,212/555-1234\n2,Beta Inc.,5 Elm,NYC,212/555-9876\n": [
        "account.external_id",
        "account.name",
        "account.address",
        "account.city",
        "account.phone",
    ],
}
OTHERS = (
    "name,phone\nLi Lei,13800138000\nHan Mei,13900139000\n",
    "姓名,公司,城市\n李雷,甲乙科技有限公司,北京\n",
    "客户名称,金额,备注二\n甲乙科技有限公司,12,x\n",
    "name,value\nAcme Ltd,3\nBeta Ltd,4\n",
)


def _suggest(tmp_path: Path, text: str):  # type: ignore[no-untyped-def]
    path = tmp_path / "f.csv"
    path.write_text(text, encoding="utf-8")
    return suggest_all(read_sources([path]).tables)[0]


@pytest.mark.parametrize("text", FIRMS)
def test_a_bare_list_of_firms_is_recognised(tmp_path: Path, text: str) -> None:
    found = _suggest(tmp_path, text)
    assert found.entity == "account"
    assert [column.field for column in found.columns] == FIRMS[text]


@pytest.mark.parametrize("text", OTHERS)
def test_a_list_that_may_be_of_something_else_is_not_called_one_of_firms(tmp_path: Path, text: str) -> None:
    assert _suggest(tmp_path, text).entity != "account"
