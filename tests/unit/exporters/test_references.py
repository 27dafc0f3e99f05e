"""References in formulas follow rows that are put in, and nothing else of a formula changes."""

from __future__ import annotations

import pytest

from desktop.exporters.references import (
    Insertion,
    RowMap,
    parse_area,
    rewritten,
    shifted,
    translated,
)

MAPS = {"data": RowMap([Insertion(5, 8, 100)])}
"""A hundred rows are put in after row 8 of the sheet Data, whose rows 5 to 8 are filled."""


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("SUM(B5:B8)", "SUM(B5:B108)"),
        ("SUM(B$5:B$8)*2", "SUM(B$5:B$108)*2"),
        ("B9+B4", "B109+B4"),
        ("$B$9", "$B$109"),
        ("B8", "B8"),
        ("SUM(A1:C20)", "SUM(A1:C120)"),
        ("SUM(B1:B7)", "SUM(B1:B7)"),
        ("SUM(B9:B12)", "SUM(B109:B112)"),
        ("SUM(B:B)+SUM(9:12)+SUM($1:$4)", "SUM(B:B)+SUM(109:112)+SUM($1:$4)"),
        ("SUM(B5:B1048576)", "SUM(B5:B1048576)"),
        ("Other!B9+Data!B9+'Data'!B9", "Other!B9+Data!B109+'Data'!B109"),
        ('"B9"&B9&"Data!B9"', '"B9"&B109&"Data!B9"'),
        ("LOG10(B9)+TAX_9+DATA9X", "LOG10(B109)+TAX_9+DATA9X"),
        ("Sales[[#This Row],[B9]]+Sales[B'[9]+B9", "Sales[[#This Row],[B9]]+Sales[B'[9]+B109"),
        ("IF(B9>1.5E3,B9%,-B9)", "IF(B109>1.5E3,B109%,-B109)"),
        ("合计_9+金额9+B9", "合计_9+金额9+B109"),
        ("INDEX(B5:B8,ROWS(B$5:B5))", "INDEX(B5:B108,ROWS(B$5:B5))"),
    ],
)
def test_formulas_follow_rows_that_are_put_in(formula: str, moved: str) -> None:
    assert shifted(formula, "Data", MAPS) == moved


def test_formulas_of_another_sheet_follow_where_they_name_the_sheet() -> None:
    assert shifted("B9+Data!B9+SUM(data!B5:B8)", "Summary", MAPS) == "B9+Data!B109+SUM(data!B5:B108)"


def test_sheet_names_may_hold_quotes_and_chinese() -> None:
    maps = {"王's 表": RowMap([Insertion(2, 2, 3)])}
    assert (
        shifted("'王''s 表'!A2:A2+'王''s 表'!A3+王!A3", "x", maps) == "'王''s 表'!A2:A5+'王''s 表'!A6+王!A3"
    )


def test_a_running_total_in_a_filled_row_stays_one() -> None:
    assert shifted("SUM(B$5:B8)", "Data", MAPS, keep_relative=True) == "SUM(B$5:B8)"
    assert shifted("B8/SUM(B$5:B$8)", "Data", MAPS, keep_relative=True) == "B8/SUM(B$5:B$108)"


@pytest.mark.parametrize(
    ("formula", "copied"),
    [
        ("B5*C5", "B8*C8"),
        ("B$5*$C5", "B$5*$C8"),
        ("SUM(B$5:B5)", "SUM(B$5:B8)"),
        ("SUM(5:5)+SUM(A:A)", "SUM(8:8)+SUM(A:A)"),
        ('"B5"&Other!B5&T[金额]', '"B5"&Other!B8&T[金额]'),
    ],
)
def test_formulas_are_copied_down(formula: str, copied: str) -> None:
    assert translated(formula, 3) == copied


def test_two_tables_on_one_sheet_move_each_other() -> None:
    rows = RowMap([Insertion(10, 12, 5), Insertion(2, 3, 7)])
    assert [rows.row(row) for row in (1, 3, 4, 10, 12, 13)] == [1, 3, 11, 17, 19, 25]
    assert rows.area(2, 3) == (2, 10)
    assert rows.area(10, 12) == (17, 24)
    assert rows.area(1, 20) == (1, 32)


def test_what_is_no_area_is_none() -> None:
    assert parse_area("$A$1:$B$2") is not None
    assert parse_area("B2:A1") is None
    assert parse_area("XFE1") is None
    assert parse_area("A1:B2:C3") is None
    assert parse_area("OFFSET(A1,0,0)") is None


def test_a_formula_that_is_only_visited_keeps_its_text() -> None:
    formula = "IFERROR(VLOOKUP($A5,'2月'!$A:$F,6,FALSE),\"\")&CHAR(10)&T_1[[#All],[a]:[b]]"
    assert rewritten(formula, lambda _sheet, _kind, text: text) == formula
