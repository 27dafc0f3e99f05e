"""What a cell holds is what another library finds in it: security.md, case 15."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.importers.fields import field
from desktop.importers.mapping import suggest_as
from desktop.importers.reader import read_sources
from desktop.importers.values import convert

CELLS = st.one_of(
    st.integers(min_value=13_000_000_000, max_value=19_999_999_999),  # phones as numbers
    st.integers(min_value=0, max_value=999_999).map(lambda n: f"{n:08d}"),  # leading zeros
    st.datetimes(min_value=datetime(1930, 1, 1), max_value=datetime(2079, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.dates(min_value=date(1930, 1, 1), max_value=date(2079, 1, 1)).map(
        lambda day: datetime(day.year, day.month, day.day)
    ),
    st.dates(min_value=date(1930, 1, 1), max_value=date(2079, 1, 1)).map(lambda day: f"{day:%d/%m/%Y}"),
    st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(float),
    st.text(alphabet="０１２３４５６７８９－／．", min_size=1, max_size=11).map(lambda text: f"号{text}"),
    st.booleans(),
)


def write(path: Path, cells: list[Any], *, mac: bool) -> None:
    book = xlsxwriter.Workbook(str(path), {"date_1904": mac})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet("客户")
    sheet.write_row(0, 0, ["客户编号", "客户名称", "备注"])
    for row, value in enumerate(cells, 1):
        sheet.write(row, 0, f"N{row}")
        sheet.write(row, 1, f"公司{row}")
        if isinstance(value, datetime):
            sheet.write_datetime(row, 2, value, moment)
        elif isinstance(value, bool):
            sheet.write_boolean(row, 2, value)
        elif isinstance(value, str):
            sheet.write_string(row, 2, value)
        else:
            sheet.write_number(row, 2, value)
    book.close()


def as_text(value: Any) -> str:
    """Write down what openpyxl found in a cell."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, int | float):
        return format(Decimal(repr(value)).normalize(), "f")
    return str(value)


@pytest.mark.parametrize("mac", [False, True])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(CELLS, min_size=30, max_size=60))
def test_both_find_the_same(tmp_path: Path, mac: bool, cells: list[Any]) -> None:
    path = tmp_path / "客户.xlsx"
    write(path, cells, mac=mac)
    (ours,) = read_sources([path]).tables
    theirs = openpyxl.load_workbook(path).active
    assert theirs is not None
    found = [as_text(row[2]) for row in theirs.iter_rows(min_row=2, values_only=True)]
    assert ours.frame["c2"].to_list() == found


def test_a_mac_s_days_are_the_same_days(tmp_path: Path) -> None:
    day = datetime(2026, 3, 5)
    for mac in (False, True):
        write(tmp_path / "客户.xlsx", [day] * 3, mac=mac)
        (one,) = read_sources([tmp_path / "客户.xlsx"]).tables
        mapping = suggest_as(one, "account")
        assert mapping.table.kinds[2].date == 3
        assert one.frame["c2"].to_list() == ["2026-03-05"] * 3


def test_a_phone_that_was_a_number_is_the_same_phone(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "客户.xlsx"))
    sheet = book.add_worksheet("客户")
    sheet.write_row(0, 0, ["客户名称", "手机", "统一社会信用代码"])
    for row, (phone, code) in enumerate(
        [
            (13800138000, 911101080000000000),
            ("13800138000", "91350100M000100Y43"),
            ("１３８００１３８０００", "007"),
        ],
        1,
    ):
        sheet.write(row, 0, f"公司{row}")
        sheet.write(row, 1, phone)
        sheet.write(row, 2, code)
    book.close()
    (one,) = read_sources([tmp_path / "客户.xlsx"]).tables
    made = convert(suggest_as(one, "account"))
    frame = made.entities[0].frame
    assert frame["mobile"].to_list() == ["+8613800138000"] * 3
    assert frame["credit_code"].to_list() == [None, "91350100M000100Y43", "007"]
    assert [(issue.row, issue.code) for issue in made.issues] == [
        (2, "number_damaged"),
        (4, "credit_code_shape"),
    ]
    assert field("account.mobile").type == "phone"
    assert frame.schema["mobile"] == pl.String
