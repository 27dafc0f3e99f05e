"""Finance's own workbooks are filled: values where names say so, everything else as it was (issue 5, point 8)."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from desktop.exporters.package import Package
from desktop.exporters.stored import read_book
from desktop.exporters.template_fill import check_template, fill_template
from desktop.i18n import Locale
from tests.unit.exporters.templates import figures, parts, plain_template, rich_template, with_part

ZH = Locale("zh_CN")


def filled(content: bytes, count: int = 25) -> bytes:
    return fill_template(content, "模板.xlsx", figures(count), ZH).content


def opened(content: bytes, **how: Any) -> Any:
    return openpyxl.load_workbook(BytesIO(content), **how)


def test_values_go_where_names_say_and_rows_are_put_in() -> None:
    book = opened(filled(rich_template()))
    sheet = book["明细"]
    assert (sheet["B2"].value, sheet["D2"].value) == ("R000007-ABCDEF12", datetime(2026, 3, 31))
    rows = [[cell.value for cell in row] for row in sheet["A5:C29"]]
    assert rows[0] == ["0001", datetime(2026, 3, 2), 100.05]
    assert rows[24] == ["0025", datetime(2026, 3, 26), 2500.05]
    assert [cell.value for cell in sheet[31]][:4] == ["合计", None, "=SUM(C5:C29)", "=C31*0.06"]
    assert sheet["B29"].number_format == "yyyy-mm-dd"
    assert sheet["D29"].value == sheet["D5"].value == "=合同清单[[#This Row],[金额（元）]]*0.06"
    assert sheet["E29"].value is None


def test_everything_around_follows() -> None:
    book = opened(filled(rich_template()))
    sheet, summary = book["明细"], book["汇总 O'B"]
    assert sheet.tables["合同清单"].ref == "A4:E29"
    assert sheet.tables["合同清单"].autoFilter.ref == "A4:E29"
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:D1", "A32:C32"}
    assert {str(one.sqref) for one in sheet.conditional_formatting} == {"C5:C29", "A31:D31"}
    assert [str(one.sqref) for one in sheet.data_validations.dataValidation] == ["E5:E29"]
    formulas = {rule.formula[0] for one in sheet.conditional_formatting for rule in one.rules if rule.formula}
    assert formulas == {"$C$31>100"}
    assert [summary[place].value for place in ("A1", "A2", "A3")] == [
        "=明细!C31",
        "=SUM(明细!C5:C29)",
        "=A1-A2",
    ]
    assert sheet.print_area == "'明细'!$A$1:$E$32"
    assert sheet.print_title_rows == "$4:$4"
    inside = parts(filled(rich_template()))
    chart = inside["xl/charts/chart1.xml"].decode()
    assert re.findall(r"<c:f>(.*?)</c:f>", chart) == ["明细!$A$5:$A$29", "明细!$C$5:$C$29"]
    assert "Cache>" not in chart
    drawing = inside["xl/drawings/drawing1.xml"].decode()
    assert re.findall(r"<xdr:from>.*?<xdr:row>(\d+)", drawing) == ["0", "33"]


def test_all_other_parts_keep_their_bytes_order_and_stamps() -> None:
    template = rich_template(macros=True)
    result = fill_template(template, "模板.xlsm", figures(), ZH)
    before, after = parts(template), parts(result.content)
    assert [name for name in before if name in after] == list(after)
    assert set(before) - set(after) == {"xl/calcChain.xml"} & set(before)
    changed = {name for name, data in after.items() if data != before[name]}
    assert changed == {
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml",
        "xl/tables/table1.xml",
        "xl/charts/chart1.xml",
        "xl/drawings/drawing1.xml",
    }
    assert set(result.changed) == changed
    assert result.macros
    with zipfile.ZipFile(BytesIO(template)) as one, zipfile.ZipFile(BytesIO(result.content)) as other:
        stamps = [
            (entry.filename, entry.date_time, entry.external_attr, entry.create_system)
            for entry in one.infolist()
        ]
        assert stamps == [
            (entry.filename, entry.date_time, entry.external_attr, entry.create_system)
            for entry in other.infolist()
        ]


def test_formulas_are_recalculated_and_old_results_are_gone() -> None:
    inside = parts(filled(rich_template()))
    assert 'fullCalcOnLoad="1"' in inside["xl/workbook.xml"].decode()
    values = opened(filled(rich_template()), data_only=True)
    assert (values["明细"]["C31"].value, values["汇总 O'B"]["A3"].value) == (None, None)
    assert values["说明"]["A2"].value == 2


def test_the_same_report_gives_the_same_bytes() -> None:
    template = rich_template()
    assert filled(template) == filled(template)
    assert filled(template) != filled(template, 24)


def test_a_smaller_report_leaves_the_remaining_rows_empty() -> None:
    sheet = opened(filled(rich_template(), 1))["明细"]
    assert [cell.value for cell in sheet[6]][:3] == [None, None, None]
    assert (sheet["A5"].value, sheet["C8"].value) == ("0001", "=SUM(C5:C6)")
    assert opened(filled(rich_template(), 0))["明细"]["A5"].value is None


def test_a_book_that_counts_days_from_1904_gets_such_days() -> None:
    book = opened(filled(rich_template(dates_1904=True)))
    assert book["明细"]["B5"].value == datetime(2026, 3, 2)


def test_named_ranges_take_their_columns_by_header_or_by_place() -> None:
    def build(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row("B2", ["Amount", "Remark", "合同号"])
        sheet.write_row("B3", [0, "样例", "X"])
        sheet.write("B4", "below")
        sheet.write("H3", None, day)
        sheet.write_comment("A1", "above")
        book.define_name("contracts", "=Sheet1!$B$3:$D$3")
        book.define_name("Period", "=Sheet1!$A$1")

    sheet = opened(filled(plain_template(build), 3))["Sheet1"]
    assert [[cell.value for cell in row] for row in sheet["B3:D6"]] == [
        [100.05, "样例", "0001"],
        [200.05, None, "0002"],
        [300.05, None, "0003"],
        ["below", None, None],
    ]
    assert sheet["A1"].value == "2026-03"

    def by_place(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "yyyy/m/d"})
        sheet.write("B5", None, day)
        book.define_name("合同清单", "=Sheet1!$A$5:$D$5")

    sheet = opened(filled(plain_template(by_place), 2))["Sheet1"]
    assert [cell.value for cell in sheet[6]] == ["0002", datetime(2026, 3, 3), 200.05, None]
    assert (
        opened(filled(plain_template(by_place), 2)).defined_names["合同清单"].attr_text == "Sheet1!$A$5:$D$6"
    )


def test_hostile_texts_stay_texts() -> None:
    def build(book: Any, sheet: Any) -> None:
        sheet.write("A1", "合同号")
        book.define_name("contracts", "=Sheet1!$A$2:$A$2")

    texts = ["=1+1", "@SUM(A1)", "+1", "-1", "<&>\"'", "_x0041_", " 两端 ", "a\nb", "\x07", "00123", "1E5"]
    data = figures(0)
    table = data.tables[0]
    rows = tuple((text, None, None, None) for text in texts)
    data = type(data)(data.values, (type(table)(table.key, table.titles, table.columns, rows),), data.mark)
    content = fill_template(plain_template(build), "t.xlsx", data, ZH).content
    cells = read_book(content, "t.xlsx").sheets["Sheet1"].cells
    found = [cells[(row, 1)] for row in range(2, 2 + len(texts))]
    assert found == [("s", text) for text in (*texts[:8], "␇", *texts[9:])]
    sheet = opened(content)["Sheet1"]
    assert {sheet.cell(row, 1).data_type for row in range(2, 2 + len(texts))} == {"s"}


def test_shared_formulas_below_are_written_out_and_move() -> None:
    def build(_book: Any, sheet: Any) -> None:
        sheet.write("A1", "合同号")
        for row in range(4, 8):
            sheet.write_formula(f"B{row}", f"=A{row}&A$2", None, "x")
        sheet.write_formula("C2", "=LEN(A2)", None, 0)

    template = plain_template(build)
    text = parts(template)["xl/worksheets/sheet1.xml"].decode()
    text = text.replace("<f>A4&amp;A$2</f>", '<f t="shared" ref="B4:B7" si="0">A4&amp;A$2</f>')
    for row in (5, 6, 7):
        text = text.replace(f"<f>A{row}&amp;A$2</f>", '<f t="shared" si="0"/>')
    names = (
        parts(template)["xl/workbook.xml"]
        .decode()
        .replace(
            "<calcPr",
            '<definedNames><definedName name="contracts">Sheet1!$A$2:$A$2</definedName></definedNames><calcPr',
        )
    )
    patched = Package(template, "t").patched(
        {"xl/worksheets/sheet1.xml": text.encode(), "xl/workbook.xml": names.encode()}
    )
    sheet = opened(filled(patched, 3))["Sheet1"]
    assert [sheet[f"B{row}"].value for row in (6, 7, 9)] == ["=A6&A$2", "=A7&A$2", "=A9&A$2"]
    assert sheet["C2"].value == "=LEN(A2)"


def test_what_would_be_filled_can_be_asked_before() -> None:
    placed = check_template(rich_template(), "t.xlsx", figures())
    assert [(one.name, one.sheet, one.area, one.rows) for one in placed] == [
        ("合同清单", "明细", "A5:E29", 25),
        ("plumbline_as_of", "明细", "D2", 1),
        ("报告编号", "明细", "B2", 1),
    ]


def test_a_package_that_is_not_changed_is_the_same_package() -> None:
    template = rich_template()
    package = Package(template, "t.xlsx")
    assert parts(package.patched({})) == parts(template)


def test_dates_before_the_book_begins_are_texts() -> None:
    def build(book: Any, sheet: Any) -> None:
        sheet.write("A1", "签订日期")
        sheet.write("A2", None, book.add_format({"num_format": "yyyy-mm-dd"}))
        book.define_name("contracts", "=Sheet1!$A$2:$A$2")

    data = figures(0)
    table = data.tables[0]
    rows = ((None, date(1900, 2, 27), None, None), (None, date(1903, 12, 31), None, None))
    data = type(data)(data.values, (type(table)(table.key, table.titles, table.columns, rows),), data.mark)
    sheet = opened(fill_template(plain_template(build), "t.xlsx", data, ZH).content)["Sheet1"]
    assert [sheet["A2"].value, sheet["A3"].value] == ["1900-02-27", datetime(1903, 12, 31)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 40])
def test_rows_below_keep_their_distance(count: int) -> None:
    sheet = opened(filled(rich_template(), count))["明细"]
    assert sheet.cell(6 + max(2, count), 1).value == "合计"


def test_pivots_over_what_was_filled_grow_and_are_read_again() -> None:
    path = "xl/pivotCache/pivotCacheDefinition1.xml"
    by_area = b'<pivotCacheDefinition xmlns="x" recordCount="2"><cacheSource type="worksheet"><worksheetSource ref="A4:E6" sheet="\xe6\x98\x8e\xe7\xbb\x86"/></cacheSource></pivotCacheDefinition>'
    found = parts(filled(with_part(rich_template(), path, by_area)))[path].decode()
    assert 'ref="A4:E29"' in found
    assert 'refreshOnLoad="1"' in found
    by_name = by_area.replace(b'ref="A4:E6" sheet="\xe6\x98\x8e\xe7\xbb\x86"', 'name="合同清单"'.encode())
    found = parts(filled(with_part(rich_template(), path, by_name)))[path].decode()
    assert 'refreshOnLoad="1"' in found
    elsewhere = by_area.replace(b"\xe6\x98\x8e\xe7\xbb\x86", "说明".encode())
    assert parts(filled(with_part(rich_template(), path, elsewhere)))[path] == elsewhere
