"""One side of `workbook_export`: writes a ledger of so many rows and twenty columns as .xlsx.

usage: python -m benchmarks.export_side columns|rows|bare|verify COUNT FILE.xlsx
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from desktop.exporters.layouts import Column, FrameRows, Kind, Layout, Sheet
from desktop.exporters.looks import FORMATS
from desktop.i18n import Locale

KINDS = (
    *[Kind.TEXT] * 8,
    *[Kind.INTEGER] * 2,
    *[Kind.MONEY] * 4,
    Kind.PRICE,
    Kind.PERCENT,
    Kind.DECIMAL,
    *[Kind.DATE] * 2,
    Kind.INSTANT,
)


def ledger(count: int) -> pl.DataFrame:
    """Return the same ledger every time: numbers, names, phones, notes with line ends, amounts, days, moments."""
    n, text = pl.col("n"), pl.String
    day, moment = pl.lit(date(2024, 1, 1)), pl.lit(datetime(2024, 1, 1, tzinfo=UTC))
    return pl.DataFrame({"n": pl.int_range(count, eager=True)}).select(
        (pl.lit("HT") + n.cast(text).str.zfill(8)).alias("contract"),
        (pl.lit("虚构客户") + (n * 31 % 90_001).cast(text) + pl.lit("有限公司 & 子公司")).alias("account"),
        (pl.lit("+86138") + n.cast(text).str.zfill(8)).alias("phone"),
        pl.when(n % 50 == 0)
        .then(pl.lit("=1+1"))
        .when(n % 7 != 0)
        .then(pl.lit("先付三成\n验收后付清"))
        .alias("note"),
        *[
            (pl.lit(word) + (n % parts).cast(text)).alias(word)
            for word, parts in (("大区", 5), ("行业", 17), ("阶段", 9), ("销售", 40))
        ],
        (n % 5_000).alias("pieces"),
        (n * 7 % 1_000).alias("days"),
        (n * 7_919 % 100_000_007 - 5_000_000).alias("margin"),
        (n * 104_729 % 1_000_000_007).alias("amount"),
        pl.when(n % 3 != 0).then(n * 31 % 99_999).alias("paid"),
        (n * 17).alias("tax"),
        (n * 1_234_567 % 10**11).alias("price"),
        (n % 1_000 / 1_000).alias("share"),
        (n % 777 / 777).alias("score"),
        (day + pl.duration(days=n % 900)).alias("signed"),
        (day + pl.duration(days=n % 700)).alias("due"),
        (moment + pl.duration(seconds=n * 97)).alias("at"),
    )


def ours(count: int, target: Path, *, as_rows: bool) -> None:
    """Write it with styles, totals and a native table, from a frame or from a list of rows."""
    from desktop.exporters.workbook import write_sheets

    frame = ledger(count)
    rows = frame.rows() if as_rows else FrameRows(frame)
    columns = tuple(Column(name, kind, width=14) for name, kind in zip(frame.columns, KINDS, strict=True))
    totals = ["合计", *[None] * 10, frame["amount"].sum(), *[None] * 8]
    sheet = Sheet("Ledger", columns, rows, title="Ledger", totals=totals, table="Ledger")
    write_sheets(target, Layout("Ledger", (sheet,)), Locale("zh_CN"))


def bare(count: int, target: Path) -> None:
    """Write the same cells with XlsxWriter alone, as thriftily as it can; that way has no native table."""
    import xlsxwriter

    zone = ZoneInfo("Asia/Shanghai")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("Ledger")
        looks = {kind: book.add_format({"num_format": FORMATS[kind], "font_size": 10}) for kind in Kind}
        divisors = {Kind.MONEY: 100, Kind.PRICE: 1_000_000}
        frame = ledger(count)
        for col, name in enumerate(frame.columns):
            sheet.write_string(0, col, name)
        for row, values in enumerate(frame.iter_rows(), start=1):
            for col, (value, kind) in enumerate(zip(values, KINDS, strict=True)):
                if value is None:
                    sheet.write_blank(row, col, None, looks[kind])
                elif kind is Kind.TEXT:
                    sheet.write_string(row, col, value, looks[kind])
                elif kind is Kind.DATE:
                    sheet.write_datetime(row, col, value, looks[kind])
                elif kind is Kind.INSTANT:
                    local = value.astimezone(zone).replace(tzinfo=None)
                    sheet.write_datetime(row, col, local, looks[kind])
                else:
                    sheet.write_number(row, col, value / divisors.get(kind, 1), looks[kind])


def main() -> None:
    """Do what the command line asks for."""
    side, count, target = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if side == "bare":
        bare(count, target)
    else:
        ours(count, target, as_rows=side == "rows")


if __name__ == "__main__":
    main()
