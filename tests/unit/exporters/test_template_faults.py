"""What is wrong with a template is said before anything is written: sheet, cell and remedy (issue 5, point 8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desktop.errors import InvalidInput
from desktop.exporters.template_faults import TemplateRefused
from desktop.exporters.template_fill import fill_template
from desktop.i18n import Locale
from tests.unit.exporters.templates import figures, parts, plain_template, rich_template, with_part

ZH = Locale("zh_CN")


def refused(content: bytes, count: int = 5) -> list[tuple[str, str, str]]:
    """Return (code, sheet, cell) of everything that stands in the way."""
    with pytest.raises(TemplateRefused) as found:
        fill_template(content, "模板.xlsx", figures(count), ZH)
    assert all(fault.text(ZH) for fault in found.value.faults)
    return [(fault.code, fault.sheet, fault.cell) for fault in found.value.faults]


def list_at(book: Any, sheet: Any, area: str = "$A$2:$A$2", header: str = "A1") -> None:
    sheet.write(header, "合同号")
    book.define_name("contracts", f"=Sheet1!{area}")


def _nothing(_book: Any, sheet: Any) -> None:
    sheet.write("A1", "x")


def _unknown(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    book.define_name("准绳_回款表", "=Sheet1!$D$1")


def _broken(book: Any, _sheet: Any) -> None:
    book.define_name("contracts", "=OFFSET(Sheet1!$A$1,0,0,5,4)")


def _many_cells(book: Any, _sheet: Any) -> None:
    book.define_name("期间", "=Sheet1!$A$1:$B$1")


def _shape(book: Any, _sheet: Any) -> None:
    book.define_name("合同清单", "=Sheet1!$A$5:$B$5")


def _formula(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    sheet.write_formula("A2", "=1+1")


def _no_date(book: Any, sheet: Any) -> None:
    sheet.write_row("A1", ["合同号", "签订日期"])
    book.define_name("contracts", "=Sheet1!$A$2:$B$2")


def _merged(book: Any, sheet: Any) -> None:
    list_at(book, sheet, "$A$2:$A$3")
    sheet.merge_range("A2:A3", "x")


def _merged_beside(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    sheet.merge_range("D2:D4", "x")


def _locked(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    sheet.protect("secret", {"insert_rows": True})


def _no_rows(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    sheet.write("A2", "", book.add_format({"locked": False}))
    sheet.protect()


def _table_beside(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    sheet.add_table("D1:E9", {"name": "own"})


def _comment_below(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    sheet.write_comment("B7", "see")


def _array(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    sheet.write_array_formula("D1:D4", "{=ROW(D1:D4)}")


def _no_room(book: Any, sheet: Any) -> None:
    list_at(book, sheet, "$A$1048574:$A$1048575", "A1048573")


def _two_beside(book: Any, sheet: Any) -> None:
    list_at(book, sheet)
    sheet.write("D1", "合同号")
    book.define_name("合同清单", "=Sheet1!$D$2:$D$2")


@pytest.mark.parametrize(
    ("build", "faults"),
    [
        (_nothing, [("template_names_missing", "", "")]),
        (_unknown, [("template_name_unknown", "", "")]),
        (_broken, [("template_name_broken", "", "")]),
        (_many_cells, [("template_shape", "Sheet1", "A1:B1")]),
        (_shape, [("template_shape", "Sheet1", "A5:B5")]),
        (_formula, [("template_formula", "Sheet1", "A2")]),
        (_no_date, [("template_not_a_date", "Sheet1", "B2")]),
        (_merged, [("template_merged", "Sheet1", "A2:A3")]),
        (_merged_beside, [("template_merged", "Sheet1", "D2:D4")]),
        (_locked, [("template_protected", "Sheet1", "A2")]),
        (_no_rows, [("template_protected", "Sheet1", "A2")]),
        (_table_beside, [("template_beside", "Sheet1", "D1:E9")]),
        (_comment_below, [("template_below", "Sheet1", "B7")]),
        (_array, [("template_array", "Sheet1", "D1")]),
        (_no_room, [("template_no_room", "Sheet1", "A1048574:A1048575")]),
        (_two_beside, [("template_beside", "Sheet1", "D2")]),
    ],
    ids=lambda value: getattr(value, "__name__", "").strip("_"),
)
def test_each_fault_names_its_place(
    build: Callable[[Any, Any], None], faults: list[tuple[str, str, str]]
) -> None:
    assert refused(plain_template(build)) == faults


def test_all_faults_are_told_at_once_in_the_readers_language() -> None:
    def build(book: Any, sheet: Any) -> None:
        _many_cells(book, sheet)
        _formula(book, sheet)

    with pytest.raises(TemplateRefused) as found:
        fill_template(plain_template(build), "模板.xlsx", figures(), ZH)
    said = found.value.text(ZH)
    assert "Sheet1!A1:B1" in said
    assert "Sheet1!A2" in said
    assert "公式" in said


def test_a_template_of_which_nothing_fits_is_told_what_it_has_and_what_may_be_typed() -> None:
    def build(book: Any, sheet: Any) -> None:
        sheet.add_table("A1:B3", {"name": "Table1"})
        book.define_name("合计行", "=Sheet1!$D$1")

    with pytest.raises(TemplateRefused) as found:
        fill_template(plain_template(build), "模板.xlsx", figures(), ZH)
    chinese, english = found.value.text(ZH), found.value.text(Locale("en"))
    assert "（Table1、合计行）与本报表都不对应" in chinese
    assert "报告编号" in chinese
    assert "(Table1、合计行) mean nothing" in english
    # A name of Excel's has no spaces, and an English reader is told English ones.
    assert "Report_number" in english
    assert "报告编号" not in english


def test_files_that_are_no_templates_are_refused() -> None:
    template = rich_template()
    types = parts(template)["[Content_Types].xml"].replace(b"sheet.main+xml", b"template.main+xml")
    assert refused(with_part(template, "[Content_Types].xml", types)) == [("template_type", "", "")]
    outside = with_part(template, "xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    assert refused(outside) == [("template_external_links", "", "")]
    assert refused(with_part(template, "_xmlsignatures/sig1.xml", b"<s/>")) == [("template_signed", "", "")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "template_encrypted"),
        (b"no workbook", "template_unreadable"),
        (b"", "template_unreadable"),
        (rich_template()[:-400], "template_unreadable"),
        (with_part(rich_template(), "xl/workbook.xml", b"<workbook"), "template_unreadable"),
        (
            with_part(rich_template(), "xl/worksheets/sheet1.xml", b"<!DOCTYPE x><worksheet/>"),
            "template_unreadable",
        ),
        (with_part(rich_template(), "xl/worksheets/sheet1.xml", b"<worksheet/>"), "template_unreadable"),
    ],
    ids=["encrypted", "text", "empty", "cut", "workbook", "doctype", "no-data"],
)
def test_damaged_and_encrypted_files_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as found:
        fill_template(content, "模板.xlsx", figures(), ZH)
    assert found.value.code == code
    assert "模板.xlsx" in found.value.text(ZH)
