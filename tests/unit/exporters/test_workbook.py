"""Workbooks as finance needs them: typed cells, hostile text that stays text, the same bytes every time."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from desktop.errors import UserError
from desktop.exporters.cells import (
    CUT_MARK,
    clean_text,
    exact_money,
    sheet_name,
    table_name,
    unique_titles,
)
from desktop.exporters.layouts import Chart, Column, Form, Kind, Layout, Line, Section, Series, Sheet
from desktop.exporters.workbook import workbook_bytes, write_sheets
from desktop.i18n import Language, Locale

ENGLISH, CHINESE = Locale("en"), Locale("zh_CN")
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+8613800138000",
    "-1.5",
    "@SUM(A1)",
    "\t=1+1",
    "＝1+1",
    "{=1+1}",
    "https://example.invalid/?q=1",
    "mailto:a@example.invalid",
    "007",
    "1e5",
    "_x0041_",
    "line one\nline two",
]


def one_sheet(rows: list[list[object]], *columns: Column, **more: object) -> Layout:
    return Layout("Test", (Sheet("Data", columns, rows, **more),))  # type: ignore[arg-type]


def read(content: bytes, sheet: str = "Data") -> tuple[list[list[object]], list[list[object]]]:
    """Return the sheet's rows as two independent readers see them."""
    theirs = openpyxl.load_workbook(BytesIO(content), data_only=False)[sheet]
    return (
        [list(row) for row in theirs.iter_rows(values_only=True)],
        CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(sheet).to_python(),
    )


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_cells_are_typed_for_two_readers(language: Language) -> None:
    layout = one_sheet(
        [
            ["+8613800138000", 7, 123_456_789, date(2026, 3, 5), datetime(2026, 3, 5, 2, 20, tzinfo=UTC)],
            ["007", -3, -5, None, None],
        ],
        Column("Phone"),
        Column("Count", Kind.INTEGER),
        Column("Amount", Kind.MONEY, unit="CNY"),
        Column("Day", Kind.DATE),
        Column("At", Kind.INSTANT),
        totals=["Total", 4, 123_456_784, None, None],
    )
    first, second = read(workbook_bytes(layout, Locale(language)))
    assert first[1] == ["+8613800138000", 7, 1234567.89, datetime(2026, 3, 5), datetime(2026, 3, 5, 10, 20)]
    assert first[2][:3] == ["007", -3, -0.05]
    assert first[3][:3] == ["Total", 4, 1234567.84]
    assert second[1] == ["+8613800138000", 7.0, 1234567.89, date(2026, 3, 5), datetime(2026, 3, 5, 10, 20)]
    assert second[2][:3] == ["007", -3.0, -0.05]


def test_hostile_text_stays_text_and_makes_no_formula() -> None:
    content = workbook_bytes(one_sheet([[text] for text in HOSTILE], Column("Text")), ENGLISH)
    sheet = openpyxl.load_workbook(BytesIO(content))["Data"]
    assert [cell.data_type for cell in sheet["A"]] == ["s"] * (len(HOSTILE) + 1)
    with zipfile.ZipFile(BytesIO(content)) as parts:
        everything = b"".join(parts.read(name) for name in parts.namelist() if "sheet" in name)
    assert b"<f>" not in everything
    assert b"hyperlink" not in everything
    seen = [row[0] for row in read(content)[1]][1:]
    assert seen == HOSTILE


def test_control_characters_become_visible_and_line_ends_plain() -> None:
    assert clean_text("a\x00b\x07c\rd\r\ne\x7f") == ("a␀b␇c\nd\ne␡", 0)
    content = workbook_bytes(one_sheet([["bell\x07\ud800\ufffe"]], Column("Text")), ENGLISH)
    first, second = read(content)
    assert first[1] == ["bell␇��"] == second[1]


def test_too_long_text_is_cut_visibly_and_listed() -> None:
    long = "长" * 40_000
    content = workbook_bytes(one_sheet([[long], ["short"]], Column("Text")), CHINESE)
    first, second = read(content)
    assert first == second
    assert str(first[1][0]).endswith(CUT_MARK)
    assert len(str(first[1][0])) == 32_767
    book = openpyxl.load_workbook(BytesIO(content))
    assert len(book.sheetnames) == 2
    listed = [list(row) for row in book[book.sheetnames[1]].iter_rows(values_only=True)]
    assert ["Data", "A2", 40_000] in listed


def test_emoji_at_the_cut_is_not_halved() -> None:
    text, length = clean_text("a" + "😀" * 20_000)
    assert length == 40_001
    assert len(text.encode("utf-16-le")) // 2 <= 32_767
    assert "�" not in text


def test_same_layout_gives_same_bytes() -> None:
    layout = Layout(
        "Test",
        (
            Form("Cover", "Funnel", (Section("Who", (Line("By", "A"), Line("Sign", signature=True))),)),
            Sheet(
                "Data",
                (Column("Stage"), Column("Amount", Kind.MONEY)),
                [["A", 10], ["B", 20]],
                chart=Chart("Amounts", 0, (Series(1),), horizontal=True),
            ),
        ),
        properties={"Plumbline report": "R000001"},
        created=datetime(2026, 3, 5, tzinfo=UTC),
    )
    assert workbook_bytes(layout, CHINESE) == workbook_bytes(layout, CHINESE)
    assert workbook_bytes(layout, CHINESE) != workbook_bytes(layout, ENGLISH)


@given(st.integers(-(10**17), 10**17))
def test_money_is_exact_to_the_cent_or_text(minor: int) -> None:
    number = exact_money(minor)
    if number is None:
        assert abs(minor) >= 10**15
    else:
        assert Decimal(repr(number)) * 100 == minor
        assert Decimal(f"{number:.15g}") * 100 == minor  # the digits that Excel shows


def test_a_number_that_needs_17_digits_is_the_very_double_for_both_readers() -> None:
    minors = [71_781_937_49, 999_999_999_999_999, 1, -99, 712_345_678_901_23]
    content = workbook_bytes(one_sheet([[minor] for minor in minors], Column("A", Kind.MONEY)), ENGLISH)
    first, second = read(content)
    assert [row[0] for row in first[1:]] == [minor / 100 for minor in minors]
    assert [row[0] for row in second[1:]] == [minor / 100 for minor in minors]


def test_money_beyond_a_double_is_written_as_exact_text() -> None:
    first, _ = read(workbook_bytes(one_sheet([[9_007_199_254_740_993_11]], Column("A", Kind.MONEY)), ENGLISH))
    assert first[1] == ["9007199254740993.11"]


def test_money_refuses_a_float() -> None:
    with pytest.raises(TypeError, match="whole minor units"):
        workbook_bytes(one_sheet([[1.5]], Column("A", Kind.MONEY)), ENGLISH)


def test_empty_table_still_has_header_and_opens() -> None:
    first, _ = read(workbook_bytes(one_sheet([], Column("A"), Column("B")), ENGLISH))
    assert first[0] == ["A", "B"]


def test_native_table_has_stable_name_frozen_header_and_print_setup() -> None:
    content = workbook_bytes(
        one_sheet([["x"]], Column("A"), table="FunnelStages", title="Stages & more"), ENGLISH
    )
    sheet = openpyxl.load_workbook(BytesIO(content))["Data"]
    assert list(sheet.tables) == ["FunnelStages"]
    assert sheet.tables["FunnelStages"].ref == "A3:A4"
    assert sheet.freeze_panes == "A4"
    assert sheet.page_setup.paperSize == 9
    assert sheet.print_title_rows == "$3:$3"


def test_names_are_lawful_and_unique() -> None:
    assert sheet_name("a/b:c?[x]*", []) == "a_b_c__x__"
    assert sheet_name("Data", ["data"]) == "Data (2)"
    assert len(sheet_name("很" * 50, [])) == 31
    assert sheet_name("History", []) == "History (2)"
    assert sheet_name("'", []) == "_"
    assert unique_titles(["A", "a", "", "b\nc"]) == ["A", "a (2)", "_", "b c"]
    taken: set[str] = set()
    assert [table_name(wish, 1, taken) for wish in ("A1", "x y", "x y", "")] == [
        "T_A1",
        "x_y",
        "x_y_2",
        "Table1",
    ]


def test_unwritable_target_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="could not be written"):
        write_sheets(tmp_path / "missing" / "a.xlsx", one_sheet([["x"]], Column("A")), ENGLISH)
    write_sheets(tmp_path / "a.xlsx", one_sheet([["x"]], Column("A")), ENGLISH)
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_rows_are_high_enough_for_wrapped_texts() -> None:
    columns = (Column("code", width=8), Column("note", width=10, wrap=True))
    stream = BytesIO()
    write_sheets(
        stream,
        Layout("T", (Sheet("S", columns, [("a", "短"), ("b", "很长的备注要分成几行")]),)),
        Locale("zh_CN"),
    )
    heights = openpyxl.load_workbook(stream)["S"].row_dimensions
    assert heights[2].height is None
    assert heights[3].height == 30


def page_of(widths: list[float], rows: int = 3, **more: object) -> openpyxl.worksheet.worksheet.Worksheet:
    """Return a written sheet with columns of these widths, of which the first holds texts."""
    kinds = [Kind.TEXT, *[Kind.MONEY] * (len(widths) - 1)]
    columns = [
        Column(f"c{at}", kind, width=width)
        for at, (kind, width) in enumerate(zip(kinds, widths, strict=True))
    ]
    cells: list[list[object]] = [["name", *[100] * (len(widths) - 1)] for _ in range(rows)]
    content = workbook_bytes(one_sheet(cells, *columns, **more), ENGLISH)
    return openpyxl.load_workbook(BytesIO(content))["Data"]


@pytest.mark.parametrize(
    ("widths", "orientation", "pages", "repeated"),
    [
        ([20, 12, 12], "portrait", 1, None),
        ([30, *[14] * 6], "landscape", 1, None),
        ([40, *[16] * 16], "landscape", 2, "$A:$A"),
        ([40, *[16] * 32], "landscape", 3, "$A:$A"),
    ],
)
def test_a_sheet_goes_over_pages_side_by_side_before_it_gets_too_small_to_read(
    widths: list[float], orientation: str, pages: int, repeated: str | None
) -> None:
    sheet = page_of(widths)
    assert (sheet.page_setup.orientation or "portrait", sheet.print_title_cols) == (orientation, repeated)
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (pages, 0)
    assert sheet.page_setup.pageOrder == ("overThenDown" if pages > 1 else None)


def test_numbers_keep_away_from_the_text_beside_them_and_headers_from_their_button() -> None:
    sheet = page_of([20, 12])
    assert [(sheet.cell(row, 2).alignment.horizontal, sheet.cell(row, 2).alignment.indent) for row in (1, 2)] == [
        ("right", 2), ("right", 1)
    ]  # fmt: skip


def test_a_chart_is_never_cut_by_the_end_of_a_page() -> None:
    """Beside a narrow table; below a wide one on a page of its own where it does not fit on the last one."""
    chart = Chart("Chart", 0, (Series(1),))
    beside = page_of([20, 12], chart=chart)
    assert (beside._charts[0].anchor._from.col, beside._charts[0].anchor._from.row) == (3, 0)
    assert beside.page_setup.orientation == "landscape"
    short, long = (page_of([20, *[14] * 6], rows, chart=chart) for rows in (3, 22))
    assert [one.id for one in short.row_breaks.brk] == []
    assert [one.id for one in long.row_breaks.brk] == [long._charts[0].anchor._from.row]
    assert long.page_setup.scale is not None
    assert long.page_setup.scale < 100


def test_texts_that_no_column_holds_are_broken_into_lines() -> None:
    content = workbook_bytes(one_sheet([["很长的说明" * 12]], Column("note")), CHINESE)
    sheet = openpyxl.load_workbook(BytesIO(content))["Data"]
    assert sheet.cell(2, 1).alignment.wrap_text
    assert sheet.row_dimensions[2].height == 44.25
