"""Validity, prices, margins and irregularities from tables of numbers (APR-03, APR-09, APR-10)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.analytics.irregularity import Irregular, Terms, irregularities
from desktop.analytics.pricing import Priced, concession, discounted, line_amount, totals
from desktop.analytics.validity import Standing, last_day, standing

DAY = date(2026, 11, 11)


@pytest.mark.parametrize(
    ("issued", "renewed", "until", "last"),
    [
        (DAY, None, None, date(2026, 11, 18)),
        (DAY, None, date(2026, 11, 30), date(2026, 11, 18)),  # a longer promise does not outlast the lock
        (DAY, None, date(2026, 11, 13), date(2026, 11, 13)),
        (DAY, date(2026, 11, 20), date(2026, 11, 13), date(2026, 11, 27)),  # the end of before the review
        (DAY, date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 22)),
        (None, None, date(2026, 11, 22), None),
    ],
)
def test_the_last_day_of_a_quote(
    issued: date | None, renewed: date | None, until: date | None, last: date | None
) -> None:
    assert last_day(issued, renewed, until, 7) == last


def test_where_a_quote_stands_follows_from_its_last_day() -> None:
    last = date(2026, 11, 18)
    assert standing(last, date(2026, 11, 15)) is Standing.VALID
    assert standing(last, date(2026, 11, 16)) is Standing.ENDING
    assert standing(last, last) is Standing.ENDING
    assert standing(last, date(2026, 11, 19)) is Standing.EXPIRED
    assert standing(None, last) is Standing.UNDATED


def test_amounts_are_rounded_once_and_half_up() -> None:
    assert line_amount(3_000, 1_005_000) == 302  # 3 × 1.005 = 3.015
    assert line_amount(2_500, 99_990_000) == 24_998  # 2.5 × 99.99 = 249.975
    assert discounted(10_001, 500) == 9_501  # 95.0095
    assert concession(100_000, 94_999) == 500
    assert concession(0, 5) is None
    assert concession(None, 5) is None


def test_the_margin_is_that_of_the_lines_whose_cost_is_known() -> None:
    lines = [
        Priced(2_000, 900_000_000, 1_000_000_000, 600_000_000),
        Priced(1_000, 500_000_000, None, None),
    ]
    amount, at_list, margin = totals(lines, 1_000)
    assert (amount, at_list) == (207_000, None)
    assert (margin.revenue, margin.cost, margin.profit) == (162_000, 120_000, 42_000)
    assert margin.share == 2_593
    assert not margin.complete
    assert totals([lines[0]])[1:] == (200_000, totals([lines[0]])[2])
    assert totals([])[2].share is None
    assert lines[0].discount == 1_000


@given(
    st.lists(
        st.tuples(st.integers(1, 10**7), st.integers(0, 10**10), st.integers(0, 10**10)),
        min_size=1,
        max_size=9,
    ),
    st.integers(0, 10_000),
)
def test_profit_and_cost_make_the_amount(lines: list[tuple[int, int, int]], discount: int) -> None:
    priced = [Priced(quantity, price, price, cost) for quantity, price, cost in lines]
    amount, at_list, margin = totals(priced, discount)
    assert margin.revenue == amount
    assert margin.profit + margin.cost == amount
    assert margin.complete
    assert at_list == sum(line.amount for line in priced)


@pytest.mark.parametrize(
    ("amount", "days", "clause", "flags"),
    [
        (95_000, 30, False, ()),  # 5 % is not more than 5 %
        (94_999, 30, None, (Irregular.CONCESSION,)),  # reads 5.00 %, and is more
        (94_990, 30, None, (Irregular.CONCESSION,)),
        (100_000, 7, False, (Irregular.DELIVERY,)),
        (100_000, 8, False, ()),
        (100_000, -1, False, ()),
        (120_000, None, True, (Irregular.CLAUSE,)),
        (50_000, 0, True, (Irregular.CONCESSION, Irregular.DELIVERY, Irregular.CLAUSE)),
    ],
)
def test_what_is_irregular_in_a_contract(
    amount: int, days: int | None, clause: bool | None, flags: tuple[Irregular, ...]
) -> None:
    begins = date(2026, 11, 1)
    delivery = None if days is None else date.fromordinal(begins.toordinal() + days)
    found = irregularities(
        Terms(amount, 100_000, begins, delivery, clause), most_concession=500, least_days=7
    )
    assert found.flags == flags
    assert found.delivery_days == days
