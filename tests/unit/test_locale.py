"""How each reader sees numbers, dates and texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from desktop.errors import NotAllowed, UserError
from desktop.i18n import N_, Locale, parse_language
from desktop.terms import Role

ZH, EN = Locale("zh_CN"), Locale("en")


@pytest.mark.parametrize(
    ("minor", "chinese", "english"),
    [
        (0, "0 元", "0"),
        (999_900, "9,999 元", "9,999"),
        (386_0000_00, "386.0 万", "3.9 M"),
        (-86_4000_00, "−86.4 万", "−864.0 K"),
        (1_1900_0000_00, "1.19 亿", "119.0 M"),
    ],
)
def test_short_money(minor: int, chinese: str, english: str) -> None:
    assert (ZH.money_short(minor), EN.money_short(minor)) == (chinese, english)


def test_exact_money_and_unknown_money() -> None:
    assert (EN.money(-123456789), EN.money(None), ZH.money_short(None)) == ("−1,234,567.89", "—", "—")


def test_percentages_have_one_decimal_and_no_negative_zero() -> None:
    assert [EN.percent(x) for x in (0.1234, -0.0001, Decimal("0.6"), None)] == ["12.3%", "0.0%", "60.0%", "—"]
    assert EN.percent(0.05, signed=True) == "+5.0%"


def test_instants_are_shown_in_the_business_zone() -> None:
    assert ZH.instant(datetime(2026, 11, 18, 0, 42, tzinfo=UTC)) == "2026-11-18 08:42"


def test_long_dates() -> None:
    day = date(2026, 11, 18)
    assert (ZH.long_date(day), ZH.month(day)) == ("11 月 18 日 星期三", "2026 年 11 月")
    assert (EN.long_date(day), EN.month(day)) == ("Wednesday 18 November", "November 2026")


@pytest.mark.parametrize(
    ("name", "language"),
    [("zh_CN.UTF-8", "zh_CN"), ("zh-Hans", "zh_CN"), ("en_GB", "en"), ("fr_FR", None), (None, None)],
)
def test_language_names(name: str | None, language: str | None) -> None:
    assert parse_language(name) == language


def test_an_error_says_what_and_what_to_do_in_both_languages() -> None:
    error = UserError(
        "database_missing",
        N_("There is no database at {path}."),
        remedy=N_("Check the path, or create it with: plumbline init"),
        path="/x.db",
    )
    assert error.text(EN) == "There is no database at /x.db."
    assert error.text(ZH) == "/x.db 处没有数据库。"
    assert "plumbline init" in error.remedy_text(ZH)


def test_roles_of_a_refusal_are_said_in_the_readers_words() -> None:
    error = NotAllowed(
        "role_missing", "{name} needs one of {roles}.", name="钱会计", roles=(Role.ADMIN, Role.SALES_OPS)
    )
    assert error.text(Locale("zh_CN")) == "钱会计 needs one of 管理员, 销售运营."
    assert str(error) == "钱会计 needs one of Administrator, Sales operations."
