"""Formulas of metrics: read, refused, worked out exactly, and the same however facts are split."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.analytics.formula import (
    Aggregate,
    Binary,
    Condition,
    Limit,
    Number,
    added,
    aggregates,
    evaluate,
    parse,
)
from desktop.errors import InvalidInput


def test_a_formula_is_read_as_it_is_written() -> None:
    tree = parse("sum(won.amount where grade in ('A', 'B') and amount > 5000.5) / (count(won) + 2) - 1")
    won = Aggregate(
        "sum",
        "won",
        "amount",
        (Condition("grade", "in", ("A", "B")), Condition("amount", ">", (Decimal("5000.5"),))),
    )
    counted = Binary("+", Aggregate("count", "won"), Number(Fraction(2)))
    assert tree == Binary("-", Binary("/", won, counted), Number(Fraction(1)))


def test_a_mean_is_a_sum_over_what_is_known() -> None:
    whole = (Aggregate("sum", "won", "days"), Aggregate("count", "won", "days"))
    assert tuple(aggregates(parse("mean(won.days)"))) == whole


def test_a_condition_may_name_a_threshold_times_a_factor() -> None:
    (found,) = aggregates(parse("count(lead where seconds <= threshold('lead.watch_h') * 3600)"))
    assert found.tests == (Condition("seconds", "<=", (Limit("lead.watch_h", Decimal(3600)),)),)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 1),
        ("1 + 2", 1),
        ("sum(won)", 8),
        ("count(won", 10),
        ("count(won) count(lost)", 12),
        ("count(won where)", 16),
        ("count(won where a ~ 1)", 18),
        ("avg(won.amount)", 1),
        ("count(won) / ", 14),
        ("count(won where a in 'x')", 23),
        ("count(won where a = threshold(3))", 31),
        ("(" * 60 + "count(won)" + ")" * 60, 51),
        ("count(won); drop table metric", 11),
        ("count(won)" + " + count(won)" * 400, 2001),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, at: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    assert (caught.value.code, caught.value.params["at"]) == ("formula_unreadable", at)


def test_dividing_by_nothing_is_undefined_and_stays_so() -> None:
    tree = parse("count(won) / count(closed) - 1")
    assert evaluate(tree, {}) is None
    assert evaluate(tree, {Aggregate("count", "closed"): 4}) == -1


@pytest.mark.parametrize(("values", "middle"), [((), None), ((3,), 3), ((5, 1), 3), ((1, 2, 9), 2)])
def test_a_median_keeps_its_values(values: tuple[int, ...], middle: int | None) -> None:
    assert evaluate(parse("median(won.days)"), {Aggregate("median", "won", "days"): values}) == middle


groups = st.lists(st.lists(st.integers(-(10**15), 10**15), max_size=6), min_size=1, max_size=5)


@given(groups)
def test_groups_together_give_what_all_facts_give(split: list[list[int]]) -> None:
    """However rows are split, the total worked out from their parts is the one over all of them."""
    tree = parse("sum(a.x) / count(a.x) + median(a.x) - distinct(a.x) * 2")
    total, count, median, distinct = aggregates(tree)

    def parts(values: list[int]) -> dict[Aggregate, object]:
        words = frozenset(map(str, values))
        return {total: sum(values), count: len(values), median: tuple(values), distinct: words}

    whole = parts([value for values in split for value in values])
    summed = parts(split[0])
    for values in split[1:]:
        summed = {key: added(summed[key], part) for key, part in parts(values).items()}  # type: ignore[arg-type]
    assert evaluate(tree, summed) == evaluate(tree, whole)  # type: ignore[arg-type]
