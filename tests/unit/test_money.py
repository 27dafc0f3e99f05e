"""Exact money, and splitting it without losing a cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.money import from_minor, largest_remainder, money_text, to_minor


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ("0", 0),
        ("12.34", 1234),
        ("-0.01", -1),
        ("0.005", 1),
        ("-0.005", -1),
        ("99999999999.99", 9999999999999),
    ],
)
def test_amounts_become_whole_cents(amount: str, minor: int) -> None:
    assert to_minor(Decimal(amount)) == minor


def test_text_for_machines_has_two_decimals() -> None:
    assert [money_text(value) for value in (0, 5, -123456, 10**15)] == [
        "0.00", "0.05", "-1234.56", "10000000000000.00",
    ]  # fmt: skip


@given(st.integers(-(10**15), 10**15))
def test_to_and_from_minor_are_inverse(minor: int) -> None:
    assert to_minor(from_minor(minor)) == minor


@given(st.integers(-(10**14), 10**14), st.lists(st.fractions(0, 1000), min_size=1, max_size=12))
def test_parts_add_up_and_none_is_a_cent_from_its_share(total: int, weights: list[Fraction]) -> None:
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if any(weights) else [Fraction(1)] * len(weights), strict=True):
        assert abs(part - Fraction(total) * weight / whole) < 1


def test_ties_go_to_the_earlier_part() -> None:
    assert largest_remainder(2, [1, 1, 1, 1]) == [1, 1, 0, 0]


def test_negative_weights_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        largest_remainder(1, [1, -1])
