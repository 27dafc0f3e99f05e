"""Large tables are written column by column, and nobody who reads them can tell."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from desktop.errors import UserError
from desktop.exporters import big_sheet, zipped
from desktop.exporters.layouts import Column, FrameRows, Kind, Layout, Sheet
from desktop.exporters.stored import read_book
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import Locale
from tests.unit.exporters.test_workbook import HOSTILE as EVERY_HOSTILE

HOSTILE = [text for text in EVERY_HOSTILE if text != "_x0041_"]

CHINESE = Locale("zh_CN")
COLUMNS = (
    Column("电话"),
    Column("备注", open=True, wrap=True),
    Column("数量", Kind.INTEGER),
    Column("金额", Kind.MONEY, "CNY"),
    Column("单价", Kind.PRICE),
    Column("占比", Kind.PERCENT),
    Column("天数", Kind.DECIMAL),
    Column("日期", Kind.DATE),
    Column("时间", Kind.INSTANT),
)


def frame(count: int) -> pl.DataFrame:
    numbers = range(count)
    return pl.DataFrame(
        {
            "phone": [f"+86138{n:08d}" for n in numbers],
            "note": [HOSTILE[n % len(HOSTILE)] if n % 3 else None for n in numbers],
            "count": [n * 7 - 500 for n in numbers],
            "amount": [n * 7_919 - 3_000_005 if n % 5 else None for n in numbers],
            "price": [n * 1_234_567 for n in numbers],
            "share": [round(n / 7_777, 6) for n in numbers],
            "days": [round(n / 3, 4) for n in numbers],
            "day": [date(2024, 1, 1) + timedelta(days=n % 900) for n in numbers],
            "at": [datetime(2024, 1, 1, 16, 0, 7, tzinfo=UTC) + timedelta(seconds=n * 97) for n in numbers],
        },
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    )


def layout(rows: Any, **more: Any) -> Layout:
    totals = ["合计", None, 5, 123_456_789, None, None, None, None, None]
    sheet = Sheet("数据", COLUMNS, rows, title="题", notes=("注",), totals=totals, table="Ledger", **more)
    return Layout("T", (sheet, Sheet("B", (Column("x"),), [["y"]])))


def slowly(monkeypatch: pytest.MonkeyPatch, wanted: Layout) -> bytes:
    with monkeypatch.context() as patch:
        patch.setattr(big_sheet, "BIG", 10**9)
        return workbook_bytes(wanted, CHINESE)


def test_a_large_table_holds_what_cell_by_cell_writing_would_have_put_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(big_sheet, "BIG", 300)
    monkeypatch.setattr(big_sheet, "_CELLS", 1_500)
    data = frame(big_sheet.BIG + 123)
    rows = data.rows()
    quick, slow = workbook_bytes(layout(rows), CHINESE), slowly(monkeypatch, layout(rows))
    assert read_book(quick, "q") == read_book(slow, "s")
    assert quick == workbook_bytes(layout(FrameRows(data)), CHINESE)
    with zipfile.ZipFile(BytesIO(quick)) as parts:
        assert parts.testzip() is None
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    ours, theirs = (openpyxl.load_workbook(BytesIO(content))["数据"] for content in (quick, slow))
    for one, other in zip(ours.iter_rows(), theirs.iter_rows(), strict=True):
        for a, b in zip(one, other, strict=True):
            assert (a.value, a.number_format, a.protection.locked, a.alignment.horizontal) == (
                *(b.value, b.number_format, b.protection.locked, b.alignment.horizontal),
            )
    assert ours.tables["Ledger"].ref == theirs.tables["Ledger"].ref
    assert ours.dimensions == theirs.dimensions
    first, second = (
        CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name("数据").to_python()
        for content in (quick, slow)
    )
    assert first == second
    assert len(first) == len(rows) + 5


ODD = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from([*HOSTILE, " a ", "a\r\nb", "\x07", "\ud800", "<&>", "]]>", "￾", "長" * 40_000]),
    st.integers(-(10**19), 10**19),
    st.booleans(),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
    st.dates(),
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),
)


@given(
    st.lists(ODD, min_size=3, max_size=12),
    st.sampled_from([Kind.TEXT, Kind.DECIMAL, Kind.DATE, Kind.INSTANT]),
)
@settings(max_examples=40)
def test_whatever_stands_in_a_large_table_is_written_as_in_a_small_one(values: list[Any], kind: Kind) -> None:
    wanted = Layout("T", (Sheet("D", (Column("v", kind), Column("n")), [[v, "x"] for v in values]),))
    slow = workbook_bytes(wanted, CHINESE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(big_sheet, "BIG", 3)
        quick = workbook_bytes(wanted, CHINESE)
    ours, theirs = read_book(quick, "q"), read_book(slow, "s")
    for name, sheet in ours.sheets.items():
        assert sheet.cells == theirs.sheets[name].cells


@pytest.mark.parametrize("kind", [Kind.MONEY, Kind.PRICE, Kind.INTEGER])
def test_numbers_beyond_a_cells_digits_stay_exact_as_text(kind: Kind) -> None:
    values = [10**15 - 1, -(10**15) + 1, 10**15, 10**17 + 1, -(10**16) - 5, 0, 5, -5, None]
    wanted = Layout("T", (Sheet("D", (Column("v", kind),), [[value] for value in values]),))
    slow = workbook_bytes(wanted, CHINESE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(big_sheet, "BIG", 3)
        quick = workbook_bytes(wanted, CHINESE)
    assert read_book(quick, "q").sheets["D"].cells == read_book(slow, "s").sheets["D"].cells
    assert {cell[0] for cell in read_book(quick, "q").sheets["D"].cells.values()} == {"s", "n"}


def test_decimals_of_a_frame_are_percentages_too() -> None:
    data = pl.DataFrame({"v": [Decimal("0.25"), None, Decimal("-1.5")]})
    wanted = Layout("T", (Sheet("D", (Column("v", Kind.PERCENT),), FrameRows(data)),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(big_sheet, "BIG", 3)
        cells = read_book(workbook_bytes(wanted, CHINESE), "q").sheets["D"].cells
    assert [cells.get((row, 1)) for row in (2, 3, 4)] == [("n", 0.25), None, ("n", -1.5)]


def test_texts_that_look_like_an_escape_are_left_to_the_shared_strings() -> None:
    rows = [["_x0041_"], *([["a"]] * big_sheet.BIG)]
    for source in (rows, FrameRows(pl.DataFrame(rows, schema=["v"], orient="row"))):
        content = workbook_bytes(Layout("T", (Sheet("D", (Column("v"),), source),)), CHINESE)
        sheet = openpyxl.load_workbook(BytesIO(content), read_only=True)["D"]
        assert next(sheet.iter_rows(min_row=2, values_only=True)) == ("_x0041_",)


def test_a_row_of_the_wrong_length_is_refused() -> None:
    rows = [["a", "b"]] * big_sheet.BIG
    with pytest.raises(ValueError):
        workbook_bytes(Layout("T", (Sheet("D", (Column("v"),), rows),)), CHINESE)


def test_a_part_beyond_the_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "_LARGEST", 1_000)
    with pytest.raises(UserError) as caught:
        zipped.PackageWriter(BytesIO()).add_pieces("a", [b"x" * 600, b"y" * 600])
    assert caught.value.code == "workbook_beyond_format"
