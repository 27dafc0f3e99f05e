"""Templates as finance would make them: charts, formats, pictures, macros, names; and figures to fill them with."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from desktop.exporters.layouts import Kind
from desktop.exporters.template_values import FillColumn, FillData, FillTable, FillValue

COLUMNS = (
    FillColumn("number", ("合同号", "Contract no."), Kind.TEXT),
    FillColumn("signed_on", ("签订日期", "Signed on"), Kind.DATE),
    FillColumn("amount", ("金额", "Amount", "金额元"), Kind.MONEY),
    FillColumn("rate", ("毛利率", "Margin"), Kind.PERCENT),
)


def figures(count: int = 25, **values: Any) -> FillData:
    """Return a report of so many contracts."""
    rows = tuple(
        (f"{number:04d}", date(2026, 3, 1 + number % 28), 10_000 * number + 5, None)
        for number in range(1, count + 1)
    )
    general = (
        FillValue("report_number", ("报告编号", "Report number"), "R000007-ABCDEF12", Kind.TEXT),
        FillValue("period", ("期间", "Period"), "2026-03", Kind.TEXT),
        FillValue("as_of", ("截至", "As of"), date(2026, 3, 31), Kind.DATE),
        FillValue(
            "approved_at", ("审批时间", "Approved at"), datetime(2026, 4, 1, 1, 30, tzinfo=UTC), Kind.INSTANT
        ),
        FillValue("total", ("合同总额", "Contract total"), 123_456_789, Kind.MONEY),
    )
    return FillData(
        general, (FillTable("contracts", ("合同清单", "Contracts"), COLUMNS, rows),), "R000007-ABCDEF12"
    )


def picture() -> bytes:
    """Return a small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">2I5B", 4, 4, 8, 2, 0, 0, 0)
    lines = b"".join(b"\x00" + b"\x20\x60\xa0" * 4 for _ in range(4))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


def rich_template(*, macros: bool = False, dates_1904: bool = False) -> bytes:
    """Return a template with a native table, sums below it, charts, formats, a picture, names and a second sheet."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "date_1904": dates_1904})
    sheet, summary = book.add_worksheet("明细"), book.add_worksheet("汇总 O'B")
    day, bold = (
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"bold": True, "bg_color": "#DDEEFF"}),
    )
    money = book.add_format({"num_format": "#,##0.00"})
    sheet.merge_range("A1:D1", "财务结算", bold)
    sheet.write_row("A2", ["编号", ""])
    sheet.write("D2", "", day)
    sheet.add_table(
        "A4:E6",
        {
            "name": "合同清单",
            "columns": [
                {"header": "合同号"},
                {"header": "签订日期", "format": day},
                {"header": "金额（元）", "format": money},
                {"header": "税额", "formula": "=合同清单[[#This Row],[金额（元）]]*0.06", "format": money},
                {"header": "财务备注"},
            ],
        },
    )
    sheet.write("B5", None, day)
    sheet.write("B6", None, day)
    sheet.write_row("A8", ["合计", None])
    sheet.write_formula("C8", "=SUM(C5:C6)", money, 0)
    sheet.write_formula("D8", "=C8*0.06", money, 0)
    sheet.merge_range("A9:C9", "经办人签字", bold)
    sheet.conditional_format("C5:C6", {"type": "data_bar"})
    sheet.conditional_format("A8:D8", {"type": "formula", "criteria": "=$C$8>100", "format": bold})
    sheet.data_validation("E5:E6", {"validate": "list", "source": ["已核", "待核"]})
    sheet.insert_image("G1", "logo.png", {"image_data": BytesIO(picture())})
    sheet.insert_image("A11", "stamp.png", {"image_data": BytesIO(picture())})
    sheet.write_comment("A1", "制表说明")
    sheet.print_area("A1:E9")
    sheet.repeat_rows(3)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=明细!$A$5:$A$6", "values": "=明细!$C$5:$C$6", "name": "金额"})
    summary.insert_chart("B5", chart)
    summary.write_formula("A1", "=明细!C8", money, 0)
    summary.write_formula("A2", "=SUM(明细!C5:C6)", money, 0)
    summary.write_formula("A3", "=A1-A2", money, 0)
    untouched = book.add_worksheet("说明")
    untouched.write("A1", "此页不动")
    untouched.write_formula("A2", "=1+1", None, 2)
    book.define_name("报告编号", "=明细!$B$2")
    book.define_name("plumbline_as_of", "=明细!$D$2")
    book.define_name("税率", "=0.06")
    if macros:
        book.add_vba_project(BytesIO(b"not really a project"), is_stream=True)
    book.close()
    return stream.getvalue()


def plain_template(build: Callable[[Any, Any], None], **options: Any) -> bytes:
    """Return a workbook of one sheet `Sheet1` that `build(book, sheet)` fills."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, **options})
    build(book, book.add_worksheet("Sheet1"))
    book.close()
    return stream.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """Return every part of a package in its order."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """Return a package with one more part, or another one in its place."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for known, old in parts(content).items():
            if known != name:
                package.writestr(known, old)
        package.writestr(name, data)
    return stream.getvalue()
