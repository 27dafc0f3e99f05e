"""Province and city of an address, by official names; streets and buildings are no places (IMP-10)."""

import polars as pl
import pytest

from desktop.importers.addresses import places, provinces_of
from desktop.importers.mapping import suggest_as
from desktop.importers.values import convert
from tests.unit.importers.files import table


@pytest.mark.parametrize(
    ("address", "province", "city"),
    [
        ("江苏省苏州市工业园区星湖街1号", "江苏省", "苏州市"), ("江苏苏州工业园区", "江苏省", "苏州市"), ("518000 中国广东深圳南山区", "广东省", "深圳市"),
        ("地址：浙江省 杭州市", "浙江省", "杭州市"), ("北京朝阳区建国路88号", "北京市", "北京市"), ("重庆渝北区", "重庆市", "重庆市"), ("香港九龙", "香港特别行政区", "香港"),
        ("吉林市船营区", "吉林省", "吉林市"), ("吉林省吉林市", "吉林省", "吉林市"), ("青海省海南藏族自治州共和县", "青海省", "海南藏族自治州"), ("海南省海口市", "海南省", "海口市"),
        ("延边州延吉市", "吉林省", "延边朝鲜族自治州"), ("湖北省恩施州利川市", "湖北省", "恩施土家族苗族自治州"), ("新疆维吾尔自治区伊犁哈萨克自治州伊宁市", "新疆维吾尔自治区", "伊犁哈萨克自治州"),
        ("江苏省昆山市玉山镇", "江苏省", None), ("江苏省上海路5号", "江苏省", None),
        ("南京西路100号", None, None), ("四川北路1号", None, None), ("中山东一路5号", None, None), ("朝阳区建国路", None, None), ("黄山路1号", None, None),
        ("广州大道中12号", None, None), ("深圳大学城", None, None), ("123 Main St", None, None), (None, None, None),
    ],
)  # fmt: skip
def test_places_of_addresses(address: str | None, province: str | None, city: str | None) -> None:
    assert places(pl.Series([address], dtype=pl.String)).row(0) == (province, city)


def test_a_city_tells_its_province() -> None:
    assert provinces_of(pl.Series(["苏州", "昌吉回族自治州", "某市", None])).to_list() == [
        "江苏省", "新疆维吾尔自治区", None, None,
    ]  # fmt: skip


def test_an_account_s_place_is_filled_only_where_no_column_holds_it() -> None:
    rows = [["甲公司", "江苏省苏州市星湖街1号"], ["乙公司", "某路1号"]]
    made = convert(suggest_as(table(["客户名称", "详细地址"], rows), "account"))
    frame = made.entities[0].frame
    assert frame["province"].to_list() == ["江苏省", None]
    assert frame["city"].to_list() == ["苏州市", None]
    assert made.derived == {"account.province", "account.city"}
    told = convert(
        suggest_as(table(["客户名称", "详细地址", "城市"], [["甲公司", "江苏省苏州市", "昆山"]]), "account")
    )
    assert told.entities[0].frame["city"].to_list() == ["昆山"]
    assert "province" not in told.entities[0].frame.columns


def test_a_currency_told_by_the_amounts_is_kept_with_the_deal() -> None:
    rows = [["甲项目", "甲公司", "$1,200"], ["乙项目", "乙公司", "￥300"], ["丙项目", "丙公司", None]]
    made = convert(suggest_as(table(["商机名称", "客户名称", "商机金额"], rows), "opportunity"))
    frame = next(one.frame for one in made.entities if one.entity == "opportunity")
    assert frame["currency"].to_list() == ["USD", None, None]
    assert frame["amount"].to_list() == [120_000, 30_000, None]
    assert made.derived == {"opportunity.currency"}
