"""Filling a template of finance's with 10,000 rows: a table with charts, formats and formulas below it.

`python -m benchmarks template_fill` fills it several times in this process, after the modules are loaded, and prints one
JSON document with the middle run, beside loading and saving the same template with openpyxl, which writes the same
rows and loses the charts' looks, the pictures' places and whatever it does not know.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from benchmarks.measure import median, say
from desktop.exporters.layouts import Kind
from desktop.exporters.template_fill import fill_template
from desktop.exporters.template_values import FillColumn, FillData, FillTable
from desktop.i18n import Locale

ROWS, SMOKE_ROWS = 10_000, 500
HEADERS = ("合同号", "客户", "签订日期", "金额", "毛利率", "数量", "负责人", "状态")
KINDS = (
    Kind.TEXT,
    Kind.TEXT,
    Kind.DATE,
    Kind.MONEY,
    Kind.PERCENT,
    Kind.INTEGER,
    Kind.TEXT,
    Kind.TEXT,
)


def main(arguments: list[str]) -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(prog="benchmarks template_fill", description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    count, repeats = (SMOKE_ROWS, 1) if options.smoke else (ROWS, options.repeats)
    content, data = template(), figures(count)
    locale = Locale("zh_CN")
    sides: dict[str, Callable[[], object]] = {
        "patched": lambda: fill_template(content, "template.xlsx", data, locale),
        "openpyxl": lambda: rewritten(content, data.tables[0].rows),
    }
    say(
        "template_fill",
        {"rows": count, "columns": len(HEADERS)}
        | {name: measured(act, repeats) for name, act in sides.items()},
    )


def measured(act: Callable[[], object], repeats: int) -> dict[str, float]:
    """Return the middle of the seconds and processor seconds that something takes."""
    seconds, cpu = [], []
    for _ in range(repeats):
        started, worked = time.perf_counter(), time.process_time()
        act()
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - worked)
    return {"seconds": round(median(seconds), 3), "cpu": round(median(cpu), 3)}


def figures(count: int) -> FillData:
    """Return so many contracts."""
    columns = tuple(
        FillColumn(f"c{index}", (title,), kind)
        for index, (title, kind) in enumerate(zip(HEADERS, KINDS, strict=True))
    )
    rows = tuple(
        (
            f"HT-{number:06d}",
            f"客户{number % 700}有限公司",
            date(2025, 1, 1) + timedelta(days=number % 700),
            number * 137 + 5,
            0.25,
            number % 90,
            f"销售{number % 40}",
            None,
        )
        for number in range(count)
    )
    return FillData((), (FillTable("contracts", ("合同清单",), columns, rows),), "R000001-00000000")


def template() -> bytes:
    """Return a template with a native table, sums below it, formats and a chart."""
    import xlsxwriter

    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet, summary = book.add_worksheet("明细"), book.add_worksheet("汇总")
    day, money = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "#,##0.00"})
    columns = [{"header": title} for title in HEADERS]
    columns.append({"header": "税额", "formula": "=合同清单[[#This Row],[金额]]*0.06", "format": money})
    sheet.add_table("A4:I6", {"name": "合同清单", "columns": columns})
    for row in (4, 5):
        sheet.write(row, 2, None, day)
        sheet.write(row, 3, None, money)
    sheet.write_formula("D9", "=SUM(D5:D6)", money)
    sheet.conditional_format("D5:D6", {"type": "data_bar"})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=明细!$A$5:$A$6", "values": "=明细!$D$5:$D$6"})
    summary.insert_chart("B5", chart)
    summary.write_formula("A1", "=明细!D9")
    book.close()
    return stream.getvalue()


def rewritten(content: bytes, rows: tuple[tuple[Any, ...], ...]) -> bytes:
    """Return what a script with openpyxl makes of it: the rows in place, nothing below moved."""
    import openpyxl

    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book["明细"]
    for number, row in enumerate(rows, start=5):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column, value / 100 if column == 4 else value)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
