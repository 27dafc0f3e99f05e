"""Values are decided per column, exactly, and every fault of every row is told at once (IMP-10)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.importers.choices import booleans, choices, lists
from desktop.importers.dates import dates, instants
from desktop.importers.fields import field
from desktop.importers.mapping import suggest
from desktop.importers.numbers import integer, money, number, percent, unit_in
from desktop.importers.outcome import FAULTS, Outcome
from desktop.importers.people import emails, phones
from desktop.importers.tables import ConvertedTable, Severity
from desktop.importers.values import convert
from tests.unit.importers.files import converted, table

ZONE = "Asia/Shanghai"


def cells(*texts: str | None) -> pl.Series:
    return pl.Series("c", texts, dtype=pl.String)


def told(outcome: Outcome) -> list[object]:
    """Return per row the value, or the fault's code where there is none."""
    assert len(outcome.values) == len(outcome.codes)
    return [
        code if value is None and code else value
        for value, code in zip(outcome.values.to_list(), outcome.codes.to_list(), strict=True)
    ]


def codes(table_: ConvertedTable) -> list[tuple[int | None, str | None, str, str]]:
    return [(issue.row, issue.column, issue.code, str(issue.severity)) for issue in table_.issues]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1234.5", 123450), ("-0.005", -1), ("0.005", 1), ("1.005", 101), ("¥1,234.00", 123400), ("￥1，234", 123400), ("1,234,567.891", 123456789),
        ("(1,234.00)", -123400), ("12万", 12000000), ("1.5亿元", 15000000000), ("3千", 300000), ("2.5K", 250000), ("1M", 100000000), ("RMB 88", 8800),
        ("88元整", 8800), ("１２３", 12300), ("1.2E+3", 120000), ("100-", -10000), (".5", 50), ("5.", 500), ("$3.20", 320), ("1'000.50", 100050),
        ("详见附件", "amount_invalid"), ("1,23,4", "amount_invalid"), ("12a", "amount_invalid"), ("1.2.3", "amount_invalid"), ("99999999999999999999", "amount_too_large"),
        ("-", None), ("无", None), (None, None),
    ],
)  # fmt: skip
def test_amounts_are_exact_in_every_writing(text: str | None, minor: object) -> None:
    assert told(money(cells(text), 2)) == [minor]


def test_the_decimal_sign_is_the_column_s() -> None:
    assert told(money(cells("1.234,50", "1.000", "7"), 2)) == [123450, 100000, 700]
    assert told(money(cells("1,234.50", "1,000", "1.5"), 2)) == [123450, 100000, 150]
    assert told(money(cells("1,234.50", "1.234,50", "1,234"), 2)) == [123450, 123450, "amount_ambiguous"]


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4),
        min_size=1,
    )
)
def test_plain_amounts_round_half_up_like_decimals(values: list[Decimal]) -> None:
    expected = [int((value * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)) for value in values]
    assert told(money(cells(*(f"{value:f}" for value in values)), 2)) == expected
    grouped = [int((value.quantize(Decimal("0.01"), ROUND_HALF_UP)) * 100) for value in values]
    written = [f"¥{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,}" for value in values]
    assert told(money(cells(*written), 2)) == grouped


def test_units_of_the_header_count_unless_the_cell_tells_its_own() -> None:
    assert unit_in("合同金额（万元）") == 10_000
    assert unit_in("单位：亿元") == 100_000_000
    assert unit_in("合同金额") is None
    assert told(money(cells("1.5", "2万"), 2, 10_000)) == [1_500_000, 2_000_000]


def test_percentages_by_the_whole_column() -> None:
    assert told(percent(cells("30%", "30", "100"), bounded=True)) == [3000, 3000, 10000]
    assert told(percent(cells("0.3", "1", "0.05"), bounded=True)) == [3000, 10000, 500]
    assert told(percent(cells("120%", "半数", "９０％"), bounded=True)) == [
        "percent_range",
        "percent_invalid",
        9000,
    ]
    assert told(percent(cells("9折", "95折"), bounded=False)) == [1000, 500]


def test_numbers_and_whole_numbers() -> None:
    assert told(number(cells("1.5", "1,000", "x"))) == [1.5, 1000.0, "number_invalid"]
    assert told(integer(cells("12", "1,200人", "50-100人", "1.5", "第2期"))) == [
        12,
        1200,
        "number_invalid",
        "number_invalid",
        2,
    ]
    assert told(integer(cells("30", "1小时20分", "00:12:30"), span="minutes")) == [30, 80, 13]
    assert told(integer(cells("90"), span="minutes", factor=Decimal(1) / 60)) == [2]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-05", date(2026, 3, 5)), ("2026/3/5", date(2026, 3, 5)), ("2026.03.05", date(2026, 3, 5)), ("2026年3月5日", date(2026, 3, 5)),
        ("20260305", date(2026, 3, 5)), ("46086", date(2026, 3, 5)), ("5 Mar 2026", date(2026, 3, 5)), ("Mar 5, 2026", date(2026, 3, 5)),
        ("2026-03-05T23:30:00Z", date(2026, 3, 6)), ("2026-03-05T10:00:00", date(2026, 3, 5)), ("２０２６－０３－０５", date(2026, 3, 5)),
        ("2026年3月5日 星期四", date(2026, 3, 5)), ("25/12/2026", date(2026, 12, 25)),
        ("2026-02-30", "date_invalid"), ("待定", "date_invalid"), ("2026年3月", "date_incomplete"), ("3月5日", "date_incomplete"), ("2026", "date_incomplete"),
        ("03/04/2026", "date_ambiguous"), ("04/04/2026", date(2026, 4, 4)), ("1899-12-30", "date_zero"), ("0000-00-00", None), ("-", None),
    ],
)  # fmt: skip
def test_days_in_every_writing(text: str, day: object) -> None:
    assert told(dates(cells(text), ZONE)) == [day]


def test_day_and_month_are_decided_by_the_column_and_never_by_the_row() -> None:
    assert told(dates(cells("03/04/2026", "25/04/2026"), ZONE)) == [date(2026, 4, 3), date(2026, 4, 25)]
    assert told(dates(cells("03/04/2026", "04/25/2026"), ZONE)) == [date(2026, 3, 4), date(2026, 4, 25)]
    both = told(dates(cells("03/04/2026", "25/04/2026", "04/25/2026"), ZONE))
    assert both == ["date_ambiguous", date(2026, 4, 25), date(2026, 4, 25)]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2017-10-10T08:38:20.000+0000", datetime(2017, 10, 10, 8, 38, 20, tzinfo=UTC)),
        ("2026-03-05 10:20:00", datetime(2026, 3, 5, 2, 20, tzinfo=UTC)),
        ("2026-03-05", datetime(2026, 3, 4, 16, 0, tzinfo=UTC)),
        ("2026/3/5 下午3:04", datetime(2026, 3, 5, 7, 4, tzinfo=UTC)),
        ("2026年3月5日 15时04分", datetime(2026, 3, 5, 7, 4, tzinfo=UTC)),
        ("2026-03-05 10:20 PM", datetime(2026, 3, 5, 14, 20, tzinfo=UTC)),
        ("46086.5", datetime(2026, 3, 5, 4, 0, tzinfo=UTC)),
        ("2026-03-05T10:20:00-08:00", datetime(2026, 3, 5, 18, 20, tzinfo=UTC)),
        ("1772678400000", datetime(2026, 3, 5, 2, 40, tzinfo=UTC)),
        ("2026-03-05 25:00", "date_invalid"),
    ],
)
def test_instants_in_every_writing(text: str, instant: object) -> None:
    assert told(instants(cells(text), ZONE)) == [instant]


@given(
    st.lists(st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31)), min_size=1),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%d %b %Y"]),
)
def test_a_written_day_is_read_back(days: list[date], style: str) -> None:
    assert told(dates(cells(*(day.strftime(style) for day in days)), ZONE)) == days


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13800138000", "+8613800138000"), ("138 0013 8000", "+8613800138000"), ("+86 138-0013-8000", "+8613800138000"), ("１３８００１３８０００", "+8613800138000"),
        ("13800138000.0", "+8613800138000"), ("021-58888888", "+862158888888"), ("(0512)65123456", "+8651265123456"), ("400-820-8820", "+864008208820"),
        ("+1 415 555 2671", "+14155552671"), ("1.38E+10", "phone_damaged"), ("1380013", "phone_invalid"), ("abc", "phone_invalid"), ("无", None),
    ],
)  # fmt: skip
def test_phone_numbers(text: str, expected: object) -> None:
    assert told(phones(cells(text), None)) == [expected]


def test_several_phone_numbers_give_the_first_and_a_note() -> None:
    outcome = phones(cells("13800138000/13900139000", "1234/13900139000"), None)
    assert outcome.values.to_list() == ["+8613800138000", "+8613900139000"]
    assert outcome.codes.to_list() == ["phone_several", "phone_several"]


def test_the_country_of_the_row_decides_a_phone_number() -> None:
    outcome = phones(cells("(415) 555-2671", "13800138000"), cells("United States", "中国"))
    assert outcome.values.to_list() == ["+14155552671", "+8613800138000"]


def test_mail_addresses() -> None:
    outcome = emails(cells("A@B.cn", "＠", "a @ b.com", "x@y.com; z@y.com", "Zhang San <z@y.com>", "nobody"))
    assert told(outcome) == ["a@b.cn", "email_invalid", "a@b.com", "x@y.com", "z@y.com", "email_invalid"]
    assert outcome.codes[3] == "email_several"


def test_choices_in_both_languages_and_unknown_ones_kept() -> None:
    assert told(booleans(cells("是", "No", "TRUE", "0", "√", "×", "也许"))) == [
        True,
        False,
        True,
        False,
        True,
        False,
        "boolean_invalid",
    ]
    kinds = choices(cells("电话", "上门拜访", "On-site visit", "微信", "飞鸽"), field("activity.type"))
    assert kinds.values.to_list() == ["call", "visit", "visit", "wechat", "飞鸽"]
    assert kinds.codes.to_list() == [None, None, None, None, "choice_unknown"]
    assert told(choices(cells("A（重点客户）", "b级", "Hot"), field("account.grade"))) == ["A", "B", "A"]
    assert told(choices(cells("女", "先生"), field("contact.gender"))) == ["female", "male"]
    assert told(lists(cells("重要、续签", '["a", "b"]', "x"))) == [["重要", "续签"], ["a", "b"], ["x"]]


def test_every_fault_of_every_row_is_told_in_one_pass() -> None:
    result = converted(
        ["合同编号", "合同名称", "客户名称", "合同金额", "签订日期", "合同类型"],
        [
            ["HT1", "甲", "甲公司", "100", "2026-01-02", "直销"],
            ["HT2", "乙", "乙公司", "详见附件", "待定", "直销"],
            [None, None, "丙公司", "1", "2026-13-01", None],
            ["1.23E+17", "丁", "丁公司", "#REF!", "2026-01-02", None],
        ],
    )
    assert codes(result) == [
        (3, "合同金额", "amount_invalid", "row"),
        (3, "签订日期", "date_invalid", "cell"),
        (4, None, "key_missing", "row"),
        (4, "签订日期", "date_invalid", "cell"),
        (5, "合同金额", "formula_error", "row"),
        (5, "合同编号", "number_damaged", "cell"),
    ]
    rows = result.of("contract")
    assert rows is not None
    assert rows.frame["row"].to_list() == [2]
    assert rows.rejected_rows == {3, 4, 5}
    assert result.read == 4
    assert rows.frame["amount"].to_list() == [10000]


def test_a_value_left_out_keeps_its_text() -> None:
    rows = converted(
        ["客户名称", "手机", "成立日期"],
        [["甲公司", "1380013", "不详"], ["乙公司", "13800138000", None]],
        file="客户.xlsx",
    ).of("account")
    assert rows is not None
    assert rows.frame["mobile"].to_list() == [None, "+8613800138000"]
    assert json.loads(rows.frame["_raw"][0]) == {"mobile": "1380013", "founded_on": "不详"}
    assert rows.frame["_raw"][1] is None


def test_companions_are_joined_to_the_row_they_stand_in() -> None:
    result = converted(
        ["客户名称", "所属行业", "联系人", "手机"],
        [
            ["甲公司", "制造", "张三", "13800138000"],
            ["甲公司", "制造", "李四", None],
            ["乙公司", "贸易", None, None],
        ],
        file="客户台账.xlsx",
    )
    account, contact = result.of("account"), result.of("contact")
    assert account is not None
    assert contact is not None
    assert account.frame["name"].to_list() == ["甲公司", "甲公司", "乙公司"]
    assert contact.frame.select("row", "name", "account_name", "mobile").rows() == [
        (2, "张三", "甲公司", "+8613800138000"),
        (3, "李四", "甲公司", None),
    ]


def test_an_order_export_gives_orders_once_and_their_lines() -> None:
    result = converted(
        ["订单编号", "下单日期", "客户名称", "产品名称", "数量", "单价", "销售额"],
        [
            ["S1", "2026-01-02", "甲公司", "泵", "2", "1.5", "3"],
            ["S1", "2026-01-02", "甲公司", "阀", "1", "0.000001", "0.01"],
        ],
        file="销售明细.xlsx",
    )
    order, line = result.of("order"), result.of("order_line")
    assert result.main_entity == "order_line"
    assert order is not None
    assert line is not None
    assert order.frame.select("number", "account_name").rows() == [("S1", "甲公司")]
    assert line.frame.select("order_number", "quantity", "unit_price").rows() == [
        ("S1", 2000, 1_500_000),
        ("S1", 1000, 1),
    ]


def test_a_sheet_that_repeats_the_head_of_its_quote_or_contract_gives_both() -> None:
    result = converted(
        ["报价单号", "客户名称", "报价日期", "产品名称", "数量", "单价", "小计"],
        [
            ["Q1", "甲公司", "2026-01-02", "泵", "2", "1.5", "3"],
            ["Q1", "甲公司", "2026-01-02", "阀", "1", "1", "1"],
        ],
    )
    quote, line = result.of("quote"), result.of("quote_line")
    assert quote is not None
    assert line is not None
    assert quote.frame.select("number", "account_name").rows() == [("Q1", "甲公司")]
    assert line.frame.select("quote_number", "quantity", "amount").rows() == [
        ("Q1", 2000, 300),
        ("Q1", 1000, 100),
    ]
    result = converted(
        ["合同编号", "合同名称", "合同金额", "节点名称", "计划完成日期", "节点比例"],
        [["C1", "泵", "100", "到货", "2026-03-01", "30%"], ["C1", "泵", "100", "验收", "2026-04-01", "70%"]],
    )
    contract, step = result.of("contract"), result.of("milestone")
    assert contract is not None
    assert step is not None
    assert contract.frame.select("number", "name", "amount").rows() == [("C1", "泵", 10_000)]
    assert step.frame.select("contract_number", "name", "share").rows() == [
        ("C1", "到货", 3_000),
        ("C1", "验收", 7_000),
    ]


def test_first_and_last_names_make_a_full_name() -> None:
    rows = converted(
        ["First Name", "Last Name", "Email", "Account Name"],
        [["Emma", "Brown", "e@b.com", "X"], ["伟", "王", None, "Y"]],
        file="contacts.csv",
    ).of("contact")
    assert rows is not None
    assert rows.frame["name"].to_list() == ["Emma Brown", "王伟"]


def test_a_wide_target_sheet_gives_a_row_per_person_and_month() -> None:
    source = table(
        ["姓名", "1月", "2月", "3月"],
        [["张三", "10", None, "20"], ["李四", "x", "5", "6"]],
        title="2026年销售目标 单位：万元",
    )
    result = convert(suggest(source))
    rows = result.of("target")
    assert rows is not None
    assert rows.frame.select("row", "owner", "period", "value").rows() == [
        (2, "张三", "2026-01", 10_000_000),
        (2, "张三", "2026-03", 20_000_000),
    ]
    assert codes(result) == [(3, "1月", "amount_invalid", "row")]
    assert result.read == 2


def test_every_fault_has_a_message_and_a_known_severity() -> None:
    for code, (severity, message) in FAULTS.items():
        assert severity in (Severity.CELL, Severity.NOTE) or code == "value_rejected"
        assert message
