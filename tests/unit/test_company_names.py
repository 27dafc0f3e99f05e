"""Company names taken apart and compared: what is one company, and what two legal entities."""

from __future__ import annotations

import polars as pl
import pytest

from desktop.analytics.company_names import parse_names
from desktop.analytics.dedup.name_pairs import APART, NAMES_SURE, NAMES_UNSURE, compare_names


def part(name: str, what: str) -> str:
    return str(parse_names(pl.Series([name]))[what][0])


def compared(one: str, other: str) -> tuple[float, str, str]:
    found = compare_names(parse_names(pl.Series([one])), parse_names(pl.Series([other])))
    return found["score"][0], found["guard"][0], found["level"][0]


@pytest.mark.parametrize(
    ("name", "core", "place", "branch"),
    [
        ("深圳市赛格集团有限公司", "赛格", "/广东/深圳", ""),
        ("深圳赛格（集团）股份有限公司", "赛格", "/广东/深圳", ""),
        ("通泰(香港) 有限公司", "通泰", "/香港", ""),
        ("常州途畅互联网科技有限公司合肥分公司", "途畅互联网科技", "/江苏/常州", "合肥#分公司"),
        ("建行济南市珍珠泉支行", "建设银行", "", "济南珍珠泉#支行"),
        ("新昌县昌欣投资发展有限公司", "昌欣投资发展", "/新昌", ""),
        ("華潤電力控股有限公司", "华润电力", "", ""),
        ("ＡＢＣ科技有限公司", "abc科技", "", ""),
        ("廊坊发展股份有限公司", "廊坊发展", "", ""),
        ("南京港", "南京港", "", ""),
        ("Müller & Söhne GmbH & Co. KG", "muller and sohne", "", ""),
    ],
)
def test_what_a_name_is_made_of(name: str, core: str, place: str, branch: str) -> None:
    assert (part(name, "core"), part(name, "place"), part(name, "branch")) == (core, place, branch)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("国盛证券有限公司", "国盛证券有限责任公司"),
        ("深圳赛格集团有限公司", "深圳市赛格集团有限公司"),
        ("内蒙古蒙能乌兰新能源有限公司", "内蒙古蒙能烏兰新能源有限公司"),
        ("北京恒泰（集团）有限公司", "恒泰集团(北京)有限公司"),
        ("中国农业银行深圳分行", "中国农业银行股份有限公司深圳市分行"),
        ("OGAWA HEALTH CARE INTERNATIONAL(HK)LTD", "Ogawa Health Care International (HK) Limited"),
        ("中原证券", "中原证券股份有限公司"),
        ("雪迪龙", "北京雪迪龙科技股份有限公司"),
    ],
)
def test_names_of_one_company(one: str, other: str) -> None:
    score, guard, _ = compared(one, other)
    assert score >= NAMES_SURE
    assert guard == ""


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("交通银行股份有限公司", "交通银行股份有限公司深圳分行", "branch_parent"),
        ("中国石化销售有限公司第一分公司", "中国石化销售有限公司第二分公司", "other_branch"),
        ("北京恒泰科技有限公司", "上海恒泰科技有限公司", "other_place"),
        ("恒泰科技（北京）有限公司", "恒泰科技（深圳）有限公司", "other_place"),
        ("沈阳第一机械厂有限公司", "沈阳第二机械厂有限公司", "numbers"),
    ],
)
def test_different_legal_entities_are_kept_apart(one: str, other: str, reason: str) -> None:
    score, guard, _ = compared(one, other)
    assert guard == reason
    assert guard in APART
    assert score < NAMES_UNSURE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("西藏利阳科技有限公司", "西藏俪阳科技有限公司"),
        ("厦门东源泰建筑工程集团有限公司", "厦门东源泰建筑工程有限公司"),
        ("海油工程", "海洋石油工程股份有限公司"),
        ("巨田投资有限责任公司", "深圳市巨田投资有限责任公司"),
        ("平安银行股份有限公司成都分公司", "平安银行股份有限公司成都分行"),
    ],
)
def test_doubtful_names_are_asked_about(one: str, other: str) -> None:
    score, guard, _ = compared(one, other)
    assert NAMES_UNSURE <= score < NAMES_SURE
    assert guard == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("武汉熙悦房地产开发有限公司", "武汉润置房地产开发有限公司"),
        ("西藏锦桐创业投资有限公司", "西藏锦桐企业管理有限公司"),
        ("Acme Trading Ltd", "Zenith Logistics Ltd"),
    ],
)
def test_strangers_are_not_proposed(one: str, other: str) -> None:
    assert compared(one, other)[0] < NAMES_UNSURE
