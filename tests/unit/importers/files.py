"""Small source files made for the importer's tests."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from desktop.importers.mapping import suggest
from desktop.importers.tables import ConvertedTable, Kinds, SourceTable, TableMapping
from desktop.importers.values import convert

Rows = Sequence[Sequence[Any]]


def write_xlsx(path: Path, sheets: dict[str, Rows], merged: dict[str, Sequence[str]] | None = None) -> Path:
    """Write a workbook; `merged` names per sheet the ranges to be merged (their first cell keeps its value)."""
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    clock = book.add_format({"num_format": "hh:mm:ss"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for area in (merged or {}).get(name, ()):
            sheet.merge_range(area, "")
        for index, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, time):
                    sheet.write_datetime(index, column, value, clock)
                elif isinstance(value, datetime):
                    sheet.write_datetime(index, column, value, moment)
                elif isinstance(value, date):
                    sheet.write_datetime(index, column, datetime(value.year, value.month, value.day), day)
                else:
                    sheet.write(index, column, value)
    book.close()
    return path


def change_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Rewrite one part of a container in place."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def table(
    headers: Sequence[str],
    rows: Rows,
    *,
    file: str = "table.csv",
    sheet: str | None = None,
    title: str = "",
    header_rows: tuple[int, ...] = (1,),
) -> SourceTable:
    """Return a source table of texts (None is blank), as if read from a file."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(headers)
    start = header_rows[-1] + 1
    frame = pl.DataFrame(
        {
            "row": pl.Series(range(start, start + len(rows)), dtype=pl.Int64),
            **{f"c{i}": pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)},
        }
    )
    kinds = tuple(Kinds(text=sum(value is not None for value in column)) for column in columns)
    return SourceTable(file, sheet, header_rows, tuple(headers), None, frame, kinds, "0" * 64, title)


def fields(mapping: TableMapping) -> dict[str, str]:
    """Return header → field of the columns that a mapping accepts."""
    return {column.header: column.field for column in mapping.columns if column.field}


def converted(headers: Sequence[str], rows: Rows, **about: Any) -> ConvertedTable:
    """Map and convert a table with nothing by hand."""
    return convert(suggest(table(headers, rows, **about)))
