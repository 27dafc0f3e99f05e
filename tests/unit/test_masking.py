"""Phones, mails and names are shown so that they can be told apart but not used (security 65)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.masking import masked


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("mobile", "+8613812341234", "138****1234"),
        ("mobile", "13812341234", "138****1234"),
        ("phone", "+862151096888", "21****88"),
        ("phone", "+14155550123", "+14****0123"),
        ("phone", "5109688", "51****88"),
        ("phone", "110", "****"),
        ("email", "zhang.wei@firm.cn", "z***@firm.cn"),
        ("email", "zhang", "z***"),
        ("wechat", "zhangwei88", "z***"),
        ("mobile", "", None),
        ("mobile", None, None),
    ],
)
def test_what_is_shown(field: str, value: str | None, shown: str | None) -> None:
    assert masked(field, value) == shown


@given(st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True))
def test_at_least_four_digits_of_a_number_stay_hidden(number: str) -> None:
    shown = masked("phone", number) or ""
    assert number not in shown
    digits = sum(sign.isdigit() for sign in number.removeprefix("+86"))
    assert digits - sum(sign.isdigit() for sign in shown) >= min(3, digits)
