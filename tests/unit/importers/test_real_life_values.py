"""Values as people and machines really write them: each becomes exactly one thing, or is told as a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.importers.addresses import places
from desktop.importers.choices import booleans, lists
from desktop.importers.currencies import currencies, told_by_amounts
from desktop.importers.dates import dates, instants, order_of
from desktop.importers.fields import field
from desktop.importers.han_numbers import han_amount_in
from desktop.importers.mapping import suggest_as
from desktop.importers.numbers import integer, money, number, number_in, percent
from desktop.importers.outcome import Outcome
from desktop.importers.people import emails, phones
from desktop.importers.plain_amounts import written_minor
from desktop.importers.plain_texts import check_sign, texts, urls
from desktop.importers.tables import ConvertedTable, TableMapping
from desktop.importers.values import convert
from tests.unit.importers.files import table

ZONE = "Asia/Shanghai"


def cells(*values: str | None) -> pl.Series:
    return pl.Series("c", values, dtype=pl.String)


def told(outcome: Outcome) -> list[object]:
    """Return per row the value, or the fault's code where there is none."""
    pairs = zip(outcome.values.to_list(), outcome.codes.to_list(), strict=True)
    return [code if value is None and code else value for value, code in pairs]


def one(decide: Callable[[pl.Series], Outcome], text: str) -> tuple[object, str | None]:
    outcome = decide(cells(text))
    return outcome.values[0], outcome.codes[0]


DAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("26.3.5", DAY), ("二〇二六年三月五日", DAY), ("2026年 3月 5日", DAY), ("5-Mar-26", DAY), ("2026-Mar-05", DAY), ("March 5th, 2026", DAY),
        ("Thu Mar 05 2026 10:20:30 GMT+0800 (中国标准时间)", DAY), ("Thu Mar 05 10:20:30 CST 2026", DAY), ("2026/3/4 24:00", DAY), ("46086.5", DAY),
        ("2026-03-05 下午3点", DAY), ("2026 03 05", DAY), ("20260305102030", DAY), ("1772640000", DAY), ("1772640000000", DAY), ("1772640000.0", DAY),
        ("2026-03-04T16:30:00.123Z", DAY), ("2026-03-04 20:30:00 +00:00", DAY), ("2026-03-05 00:10:00 +08:00", DAY), ("99年3月5日", date(1999, 3, 5)),
        ("2026—03—05", DAY), ("2026、3、5", DAY), ("2026，3，5", DAY), ("2026\\3\\5", DAY), ("2026.03.05.", DAY), ("5th of March 2026", DAY), ("２６．３．５", DAY),
        ("2026 年 3 月 5 日 14 时 30 分", DAY), ("2026/3/5 （周四）", DAY), ("2026-3-5/2026-4-5", "date_invalid"), ("2026-03-05 25:00", "date_invalid"),
        ("1899-12-30", "date_zero"), ("1900/1/0", "date_zero"), ("0001/1/1 0:00:00", "date_zero"), ("0", "date_zero"), ("12/30/1899", "date_zero"),
        ("2026/2/30", "date_invalid"), ("31/04/2026", "date_invalid"), ("2026-13-01", "date_invalid"), ("昨天", "date_invalid"), ("123456", "date_invalid"),
        ("31.12.25", "date_ambiguous"), ("26.03.05", "date_ambiguous"), ("2026.3", "date_incomplete"), ("3月", "date_incomplete"), ("3月底", "date_incomplete"),
        ("0000-00-00 00:00:00", None), ("    -  -  ", None), ("//", None),
    ],
)  # fmt: skip
def test_days_as_they_are_written(text: str, day: object) -> None:
    assert told(dates(cells(text), ZONE)) == [day]


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2026-03-05 12:10 AM", 0, 10), ("2026-03-05 12:10 PM", 12, 10), ("2026/3/5 上午9:05", 9, 5), ("2026年3月5日 晚上8点半", 20, 30), ("2026-03-05 中午1:20", 13, 20),
        ("2026-03-05 凌晨12:10", 0, 10), ("05/Mar/2026 08:00:00 +0800", 8, 0), ("2026-03-05T08:00:00.000+08:00", 8, 0), ("2026-03-05 00:00:00Z", 8, 0), ("2026-03-05T08:00+08:00[Asia/Shanghai]", 8, 0),
        ("Mar 5, 2026, 8:00:00 AM", 8, 0), ("2026-03-05 08:00:00 GMT+8", 8, 0), ("46086.3333333333", 8, 0),
    ],
)  # fmt: skip
def test_instants_as_they_are_written(text: str, hour: int, minute: int) -> None:
    local = datetime(2026, 3, 5, hour, minute).replace(tzinfo=UTC).timestamp() - 8 * 3600
    value, code = one(lambda c: instants(c, ZONE), text)
    assert code is None
    assert value == datetime.fromtimestamp(local, UTC)


def test_short_years_are_placed_by_the_whole_column() -> None:
    assert told(dates(cells("26.03.05", "26.3.8"), ZONE)) == [DAY, date(2026, 3, 8)]
    assert told(dates(cells("05.03.26", "05.03.99"), ZONE)) == ["date_ambiguous", "date_ambiguous"]
    assert told(dates(cells("05.03.26", "25.03.99"), ZONE)) == [DAY, date(1999, 3, 25)]
    assert told(dates(cells("03/05/26", "03/25/99"), ZONE)) == [DAY, date(1999, 3, 25)]
    assert told(dates(cells("05.03.26", "25.03.2026"), ZONE))[1] == date(2026, 3, 25)


def mapped(values: list[str | None], title: str = "") -> TableMapping:
    rows = [[f"公司{i}", value] for i, value in enumerate(values)]
    return suggest_as(table(["客户名称", "成立日期"], rows, title=title), "account")


def days(converted: ConvertedTable) -> list[object]:
    return converted.entities[0].frame["founded_on"].to_list()


def test_a_column_that_does_not_tell_asks_one_question_and_takes_the_answer() -> None:
    mapping = mapped(["03/04/2026", "05/06/2026", "2026-07-08"])
    asked = convert(mapping)
    assert days(asked) == [None, None, date(2026, 7, 8)]
    (question,) = [issue for issue in asked.issues if issue.code == "date_order"]
    assert (question.row, question.column, question.params) == (
        None,
        "成立日期",
        {"count": 2, "field": "account.founded_on"},
    )
    assert [issue.row for issue in asked.issues if issue.code == "date_ambiguous"] == [2, 3]
    for reading, expected in (
        ("dmy", [date(2026, 4, 3), date(2026, 6, 5)]),
        ("mdy", [date(2026, 3, 4), date(2026, 5, 6)]),
    ):
        answered = convert(replace(mapping, readings={"account.founded_on": reading}))
        assert days(answered) == [*expected, date(2026, 7, 8)]
        assert answered.issues == ()


def test_a_person_s_word_makes_other_days_impossible() -> None:
    mapping = mapped(["03/04/2026", "13/04/2026"])
    answered = convert(replace(mapping, readings={"account.founded_on": "mdy"}))
    assert days(answered) == [date(2026, 3, 4), None]
    assert [(issue.row, issue.code) for issue in answered.issues] == [(3, "date_invalid")]


def test_the_title_s_year_completes_days_and_says_so() -> None:
    made = convert(mapped(["3月5日", "12月31号"], title="2026年新客户登记表"))
    assert days(made) == [DAY, date(2026, 12, 31)]
    assert [(issue.code, str(issue.severity)) for issue in made.issues] == [("date_year_added", "note")] * 2


def test_birthdays_are_in_the_past() -> None:
    made = convert(suggest_as(table(["姓名", "生日"], [["张", "65-03-25"], ["李", "88-12-01"]]), "contact"))
    assert made.entities[0].frame["birthday"].to_list() == [date(1965, 3, 25), date(1988, 12, 1)]


@given(st.lists(st.dates(min_value=date(1901, 1, 1), max_value=date(2099, 12, 31)), min_size=1, max_size=30))
def test_a_column_of_days_is_read_or_asked_about_but_never_guessed(values: list[date]) -> None:
    for form, name in (("%d/%m/%Y", "dmy"), ("%m/%d/%Y", "mdy")):
        column = cells(*(value.strftime(form) for value in values))
        order = order_of(column).name
        assert order in (name, "?")
        for value, answer in zip(values, told(dates(column, ZONE)), strict=True):
            assert answer in (value, "date_ambiguous")


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 12, 31)))
def test_every_iso_instant_is_itself(value: datetime) -> None:
    value = value.replace(microsecond=0)
    for text in (
        value.isoformat() + "Z",
        f"{value:%Y-%m-%d %H:%M:%S}+0000",
        f"{value:%Y/%m/%d %H:%M:%S} +00:00",
    ):
        assert told(instants(cells(text), ZONE)) == [value.replace(tzinfo=UTC)]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("壹万贰仟叁佰肆拾伍元陆角柒分", 1_234_567), ("人民币壹万贰仟元整", 1_200_000), ("三万五千", 3_500_000), ("零元", 0), ("拾万元整", 10_000_000),
        ("壹亿零伍拾万元整", 10_050_000_000), ("1亿2000万", 12_000_000_000), ("3万5千", 3_500_000), ("1万2000", 1_200_000), ("12元5角", 1250), ("1.5元", 150), ("12元零5分", 1205), ("￥77.46元", 7746), ("人民币：100万", 100_000_000),
        ("$1,117.10K", 111_710_000), ("1.2mio", 120_000_000), ("US$1.5 million", 150_000_000), ("1,23,456.78", 12_345_678), ("€ 1.234,50", 123_450), ("1 234,50", 123_450),
        ("¥-5", -500), ("-¥5", -500), ("(¥1,234.00)", -123_400), ("−5", -500), ("0.1亿元", 1_000_000_000), ("１２．５万", 12_500_000),
        ("3万5", "amount_invalid"), ("10万-20万", "amount_invalid"), ("面议", "amount_invalid"), ("5%", "amount_invalid"), ("百", "amount_invalid"), ("1,23,4", "amount_invalid"),
    ],
)  # fmt: skip
def test_amounts_as_they_are_written(text: str, minor: object) -> None:
    assert told(money(cells(text), 2)) == [minor]


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_amounts_in_chinese_figures_are_exact(number: int) -> None:
    assert han_amount_in(in_han(number) + "元整") == Decimal(number)


def in_han(number: int) -> str:
    """Write a whole number as cheques do."""
    figures, units, greats = "零壹贰叁肆伍陆柒捌玖", ["", "拾", "佰", "仟"], ["", "万", "亿"]
    if number == 0:
        return "零"
    written, gap = "", False
    for great in (2, 1, 0):
        section = number // 10_000**great % 10_000
        part, inner = "", gap
        for place in (3, 2, 1, 0):
            figure = section // 10**place % 10
            if figure:
                part += ("零" if inner and (written or part) else "") + figures[figure] + units[place]
            inner = figure == 0
        if section:
            written += part + greats[great]
        gap = section % 10 == 0 if section else bool(written)
    return written


def test_points_that_may_be_thousands_are_asked_about() -> None:
    doubtful = money(cells("12.500", "7.250", "130.000", "900"), 2)
    assert told(doubtful) == ["amount_ambiguous"] * 3 + [90_000]
    assert doubtful.remarks == {"decimal_sign": 3}
    assert told(money(cells("12.500", "7.250", "130.000", "900"), 2, decimal=",")) == [
        1_250_000,
        725_000,
        13_000_000,
        90_000,
    ]
    assert told(money(cells("12.500", "7.250", "130.000", "1500"), 2)) == [1250, 725, 13_000, 150_000]
    assert told(money(cells("12.500", "7.250", "130.000"), 2, typed=True)) == [1250, 725, 13_000]
    assert told(money(cells("12.500", "7.250", "130.000"), 2, 10_000)) == [12_500_000, 7_250_000, 130_000_000]


def test_full_width_figures_are_figures_everywhere() -> None:
    assert told(integer(cells("１２", "３"))) == [12, 3]
    assert told(money(cells("１２．５", "３万"), 2)) == [1250, 3_000_000]
    assert told(number(cells("１２．５"))) == [12.5]
    assert told(percent(cells("３５％", "百分之三十五", "七成五"), bounded=True)) == [3500, 3500, 7500]
    assert told(dates(cells("２０２６－３－５", "２６.３.２８", "０３/２５/２０２６"), ZONE)) == [
        DAY,
        date(2026, 3, 28),
        date(2026, 3, 25),
    ]
    assert told(phones(cells("１３８００１３８０００"), None)) == ["+8613800138000"]


@given(st.lists(st.text(max_size=24), max_size=8))
def test_no_text_whatever_stops_a_column(values: list[str]) -> None:
    column = cells(*values)
    for decide in (
        lambda c: dates(c, ZONE), lambda c: instants(c, ZONE), lambda c: money(c, 2), lambda c: money(c, 6, 10_000), number, integer,
        lambda c: percent(c, bounded=True), lambda c: phones(c, None), emails, urls, currencies, booleans, lists,
        lambda c: texts(c, field("account.credit_code"), typed=True), lambda c: Outcome(places(c)["city"], c),
    ):  # fmt: skip
        outcome = decide(column)
        assert len(outcome.values) == len(outcome.codes) == len(column)


NUMERALS = st.text(
    alphabet="0123456789０１２３４５６７８９.,，．/-－年月日:：%％万亿千¥￥$() \u0660\u0967一二三十元角分eE+",
    max_size=14,
)


@given(st.lists(NUMERALS, min_size=1, max_size=8))
def test_no_figures_whatever_stop_a_column(values: list[str]) -> None:
    test_no_text_whatever_stops_a_column.hypothesis.inner_test(values)  # type: ignore[attr-defined]


def test_percentages_by_a_person_s_word() -> None:
    assert told(percent(cells("1", "0.5"), bounded=True, reading="percent")) == [100, 50]
    assert told(percent(cells("1", "0.5"), bounded=True, reading="fraction")) == [10_000, 5000]


@pytest.mark.parametrize(
    ("text", "number", "code"),
    [
        ("021-64321234-801", "+862164321234", "phone_extension"), ("021-64321234转801", "+862164321234", "phone_extension"), ("64321234", None, "phone_area_missing"),
        ("138****5678", None, "phone_masked"), ("13812345678（张经理）", "+8613812345678", None), ("手机：13812345678", "+8613812345678", None), ("1.38E+10", None, "phone_damaged"),
        ("(021)6432 1234", "+862164321234", None), ("400-820-8888", "+864008208888", None), ("852-23456789", "+85223456789", None), ("00852 2345 6789", "+85223456789", None),
        ("13800138000 / 021-64321234", "+8613800138000", "phone_several"), ("１３８００１３８０００", "+8613800138000", None), ("1380013800", None, "phone_invalid"),
        ("13,800,138,000", "+8613800138000", None), ("张三：13800138000；李四：13900139000", "+8613800138000", "phone_several"), ("0-138-0013-8000", "+8613800138000", None),
    ],
)  # fmt: skip
def test_phones_as_they_are_written(text: str, number: str | None, code: str | None) -> None:
    assert one(lambda c: phones(c, None), text) == (number, code)


def test_addresses_of_people() -> None:
    written = [
        "A@B.com",
        "<张三> a@b.com",
        "a@b.com（备用）",
        "a@b.com.",
        "a＠b.com",
        "a@b.com;c@d.com",
        "a@b",
        "a@b..com",
        "无",
    ]
    assert told(emails(cells(*written))) == [*["a@b.com"] * 6, "email_invalid", "email_invalid", None]


def test_credit_codes_check_themselves() -> None:
    def read(text: str) -> tuple[object, str | None]:
        return one(lambda c: texts(c, field("account.credit_code")), text)

    assert check_sign("91350100M000100Y4") == "3"
    assert read("91350100m000100y43") == ("91350100M000100Y43", None)
    assert read("9135 0100 M000 100Y43") == ("91350100M000100Y43", None)
    assert read("91350100M000100Y44") == ("91350100M000100Y44", "credit_code_invalid")
    assert read("91350100MO00100Y43") == ("91350100MO00100Y43", "credit_code_invalid")
    assert read("350100100012345") == ("350100100012345", None)
    assert read("9.135E+17") == (None, "number_damaged")


def test_numbers_longer_than_a_spreadsheet_s_are_told_as_damaged_only_where_it_typed_them() -> None:
    code = field("account.external_id")
    long = cells("6222021234567889920", "12345678901234567")
    assert told(texts(long, code)) == ["6222021234567889920", "12345678901234567"]
    assert told(texts(long, code, typed=True)) == ["number_damaged", "12345678901234567"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("WWW.ABC.com/", "www.abc.com"), ("http://Abc.com/Path?q=1", "http://abc.com/Path?q=1"), ("https:/abc.cn", "https://abc.cn"), ("www。abc。com", "www.abc.com"),
        ("http://公司.中国", "http://公司.中国"), ("淘宝店", "url_invalid"), ("a@b.com", "url_invalid"), ("无", None),
    ],
)  # fmt: skip
def test_web_addresses(text: str, address: object) -> None:
    assert told(urls(cells(text))) == [address]


def test_names_lose_what_nobody_sees() -> None:
    name = field("account.name")
    hidden = cells("\u200b甲\u00a0公司\ufeff", "乙\n公司", "丙  公司", "\u200b", '="00123"')
    assert told(texts(hidden, name))[:4] == ["甲 公司", "乙 公司", "丙 公司", None]
    made = convert(suggest_as(table(["客户编号", "客户名称"], [['="00123"', "甲公司"]]), "account"))
    assert made.entities[0].frame["external_id"].to_list() == ["00123"]


def test_currencies_by_name_sign_and_code() -> None:
    assert told(currencies(cells("人民币", "$", "usd", "欧元", "US Dollar", "CNY - 人民币", "XYZ", "贝壳"))) == [
        "CNY", "USD", "USD", "EUR", "USD", "CNY", "XYZ", "贝壳",
    ]  # fmt: skip
    named = told_by_amounts(cells("$5", "￥3", "100", "HK$ 2", None), "金额")
    assert named is not None
    assert named.to_list() == ["USD", None, None, "HKD", None]
    assert told_by_amounts(cells("5", "¥3", "1.2万元", "(3)"), "金额（万元）") is None
    usd = told_by_amounts(cells("5", None), "Amount (USD)")
    assert usd is not None
    assert usd.to_list() == ["USD", None]


def test_foreign_amounts_are_said_where_no_field_keeps_their_currency() -> None:
    made = convert(suggest_as(table(["客户名称", "年营收"], [["甲", "$5"], ["乙", "6"]]), "account"))
    assert [(i.code, i.row, i.params["count"]) for i in made.issues] == [("currency_foreign", None, 1)]


@given(
    st.sampled_from(["", "¥", "￥", "RMB", "$"]),
    st.sampled_from(["", "-", "+"]),
    st.decimals(min_value=0, max_value=10**9, places=3),
    st.booleans(),
    st.sampled_from(["", "万", "亿", "k", "M", "千", "元", "万元"]),
    st.sampled_from([1, 10_000]),
)
def test_amounts_decided_together_are_those_decided_one_by_one(
    mark: str, sign: str, value: Decimal, grouped: bool, unit: str, factor: int
) -> None:
    text = f"{mark}{sign}{value:,f}{unit}" if grouped else f"{mark}{sign}{value:f}{unit}"
    number, own_unit, code = number_in(text, ".")
    assert number is not None, code
    exact = number * (1 if own_unit else factor) * 100
    expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert written_minor(cells(text), 2, factor).to_list() in ([expected], [None])
