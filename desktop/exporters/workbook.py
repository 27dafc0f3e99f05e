"""Writes a layout as .xlsx: the only user of XlsxWriter.

No formula is ever written, whatever a text begins with (security 59), and the same layout gives the
same bytes (security 61).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from desktop.exporters.cells import (
    clean_text,
    exact_money,
    exact_number,
    exact_price,
    sheet_name,
    shown_width,
    table_name,
    unique_titles,
)
from desktop.exporters.layouts import NUMERIC, Chart, Column, Form, Kind, Layout, Line, Sheet, Value
from desktop.exporters.saving import save_bytes
from desktop.i18n import Locale
from desktop.money import UNIT_PRICE_SCALE, from_minor, money_text

_INK, _QUIET, _TINT, _RULE, _ACCENT = "#182126", "#5D6B73", "#E1F0F3", "#C9D2D6", "#0A677B"
_FAULT = "#FBE3E1"
_MARKS = (_ACCENT, "#7A8890", "#A9D0D8")
_FORMATS = {
    Kind.TEXT: "@",
    Kind.INTEGER: "#,##0",
    Kind.DECIMAL: "#,##0.0##",
    Kind.MONEY: "#,##0.00",
    Kind.PRICE: "#,##0.00####",
    Kind.PERCENT: "0.0%",
    Kind.DATE: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm",
}
_LONG_DATE = {"zh_CN": 'yyyy"年"m"月"d"日"', "en": "d mmmm yyyy"}
_WIDTH_SAMPLE = 300


def write_sheets(target: str | Path | IO[bytes], layout: Layout, locale: Locale) -> None:
    """Write the layout to a path (whole or not at all) or into a binary stream.

    Raises UserError if the path cannot be written (no such folder, open in Excel, disk full).
    """
    content = workbook_bytes(layout, locale)
    if isinstance(target, str | Path):
        save_bytes(Path(target), content)
    else:
        target.write(content)


def workbook_bytes(layout: Layout, locale: Locale) -> bytes:
    """Return the layout as the bytes of an .xlsx file; equal layouts give equal bytes."""
    import xlsxwriter

    stream = BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties(
        {
            "title": clean_text(layout.title)[0][:255],
            "author": clean_text(layout.author)[0][:255],
            "created": layout.created.replace(tzinfo=None, microsecond=0),
        }
    )
    for name, text in layout.properties.items():
        book.set_custom_property(name, clean_text(text)[0][:255], "text")
    writer = _Writer(book, locale)
    for part in layout.sheets:
        writer.form(part) if isinstance(part, Form) else writer.table(part)
    writer.notes()
    book.close()
    return stream.getvalue()


@cache
def _exact_sheet() -> Any:
    """Return XlsxWriter's worksheet, taught to write the very double where 16 digits name a neighbour."""
    from xlsxwriter.worksheet import Worksheet

    class ExactSheet(Worksheet):  # type: ignore[misc]
        def _xml_number_element(self, number: float, attributes: Any = ()) -> None:
            if float(f"{number:.16G}") == number:
                super()._xml_number_element(number, attributes)
            else:
                marks = "".join(f' {key}="{value}"' for key, value in attributes)
                self.fh.write(f"<c{marks}><v>{number!r}</v></c>")

    return ExactSheet


@dataclass(slots=True)
class _Writer:
    """One workbook in the making: its formats, its names, and the texts that had to be cut."""

    book: Any
    locale: Locale
    names: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    cuts: list[tuple[str, str, int]] = field(default_factory=list)
    formats: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def format(self, **properties: Any) -> Any:
        """Return the one cell format with these properties."""
        properties.setdefault("font_name", "Microsoft YaHei" if self.locale.is_chinese else "Segoe UI")
        properties.setdefault("font_size", 10)
        properties.setdefault("font_color", _INK)
        properties.setdefault("valign", "vcenter")
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]

    def sheet(self, wish: str, title: str, *, landscape: bool) -> Any:
        """Add a worksheet set up for A4 with its title above and page numbers below."""
        name = sheet_name(wish, self.names)
        self.names.append(name)
        sheet = self.book.add_worksheet(name, worksheet_class=_exact_sheet())
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        heading = clean_text(title or wish)[0].replace("\n", " ").replace("&", "&&")[:200]
        sheet.set_header(f"&L{heading}&R&A")
        sheet.set_footer("&LPlumbline 准绳&R&P / &N")
        return sheet

    # -- cells -----------------------------------------------------------------------------------

    def cell(self, sheet: Any, row: int, col: int, value: Value, kind: Kind, **look: Any) -> None:
        """Write one typed value; whatever cannot be exact as a number is written as exact text."""
        number_format = look.pop("num_format", _FORMATS[kind])
        align = look.pop("align", "right" if kind in NUMERIC else "left")
        style = self.format(num_format=number_format, align=align, **look)
        if value is None or value == "":
            sheet.write_blank(row, col, None, style)
            return
        ready = self.ready(value, kind)
        if isinstance(ready, str):
            text, length = clean_text(ready)
            if length:
                from xlsxwriter.utility import xl_rowcol_to_cell

                self.cuts.append((sheet.get_name(), xl_rowcol_to_cell(row, col), length))
            side = "left" if isinstance(value, str) else align
            sheet.write_string(row, col, text, self.format(num_format="@", align=side, **look))
        elif isinstance(ready, date):
            sheet.write_datetime(row, col, ready, style)
        else:
            sheet.write_number(row, col, ready, style)

    def ready(self, value: Value, kind: Kind) -> str | float | int | date:
        """Return what is stored in the cell: text, an exact number, or a naive local date."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return self.locale._("Yes") if value else self.locale._("No")
        if isinstance(value, datetime):
            local = value.astimezone(ZoneInfo(self.locale.zone)) if value.tzinfo else value
            naive = local.replace(tzinfo=None, microsecond=0)
            return naive if naive.year >= 1901 else naive.isoformat(" ")
        if isinstance(value, date):
            return value if value.year >= 1901 else value.isoformat()
        if kind is Kind.TEXT or value is None:
            return str(value)
        return _number(value, kind)

    # -- sheets ----------------------------------------------------------------------------------

    def table(self, part: Sheet) -> None:
        """Write one table sheet."""
        sheet = self.sheet(part.name, part.title, landscape=True)
        top = self.heading(sheet, part.title, part.notes)
        titles = unique_titles(self.header(column) for column in part.columns)
        last = top + max(len(part.rows), 1)
        sheet.add_table(
            top,
            0,
            last,
            max(len(part.columns) - 1, 0),
            {
                "name": table_name(part.table, len(self.names), self.tables),
                "style": "Table Style Light 1",
                "banded_rows": False,
                "columns": [
                    {"header": title, "header_format": self.header_format(column)}
                    for title, column in zip(titles, part.columns, strict=True)
                ]
                or [{"header": "_"}],
            },
        )
        sheet.set_row(top, 24)
        for index, row in enumerate(part.rows, start=top + 1):
            for col, (column, value) in enumerate(zip(part.columns, row, strict=True)):
                fault = {"bg_color": _FAULT} if (index - top - 1, col) in part.marks else {}
                self.cell(sheet, index, col, value, column.kind, text_wrap=column.wrap, **fault)
        if part.totals is not None:
            for col, (column, value) in enumerate(zip(part.columns, part.totals, strict=True)):
                self.cell(sheet, last + 1, col, value, column.kind, bold=True, top=1, top_color=_INK)
        for col, (title, column) in enumerate(zip(titles, part.columns, strict=True)):
            sheet.set_column(col, col, column.width or self.measure(part, col, title))
        sheet.freeze_panes(top + 1, 1 if len(part.columns) > 3 else 0)
        sheet.repeat_rows(top)
        if part.chart and part.rows:
            self.chart(sheet, part, part.chart, top, titles)
        if part.protect:
            sheet.protect("", {"autofilter": True, "format_columns": True})

    def heading(self, sheet: Any, title: str, notes: Sequence[str]) -> int:
        """Write title and notes; return the row where the table begins."""
        row = 0
        if title:
            sheet.set_row(0, 26)
            self.cell(sheet, 0, 0, title, Kind.TEXT, bold=True, font_size=14)
            row = 1
        for note in notes:
            self.cell(sheet, row, 0, note, Kind.TEXT, font_color=_QUIET, font_size=9)
            row += 1
        return row + 1 if row else 0

    def header(self, column: Column) -> str:
        """Return a header's text: the title with its unit."""
        if not column.unit:
            return column.title
        form = "{title}（{unit}）" if self.locale.is_chinese else "{title} ({unit})"
        return form.format(title=column.title, unit=column.unit)

    def header_format(self, column: Column) -> Any:
        """Return the look of a header cell, aligned as its column is."""
        return self.format(
            bold=True,
            bg_color=_TINT,
            bottom=1,
            bottom_color=_RULE,
            align="right" if column.kind in NUMERIC else "left",
        )

    def measure(self, part: Sheet, col: int, title: str) -> float:
        """Return a column width that fits the header and the first rows."""
        widest = shown_width(title) + 3
        kind = part.columns[col].kind
        for row in [*part.rows[:_WIDTH_SAMPLE], *([part.totals] if part.totals else [])]:
            widest = max(widest, shown_width(_sample(row[col], kind)) + 2)
        return min(max(widest, 8.0), 48.0)

    def chart(self, sheet: Any, part: Sheet, chart: Chart, top: int, titles: Sequence[str]) -> None:
        """Add a native chart under the table."""
        first, last = top + 1, top + len(part.rows)
        made = self.book.add_chart({"type": "bar" if chart.horizontal else "column"})
        lines = None
        for position, series in enumerate(chart.series):
            colour = _MARKS[position % len(_MARKS)]
            options = {
                "name": titles[series.column],
                "categories": [sheet.get_name(), first, chart.category, last, chart.category],
                "values": [sheet.get_name(), first, series.column, last, series.column],
                "gap": 45,
            }
            if series.line:
                lines = lines or self.book.add_chart({"type": "line"})
                lines.add_series({**options, "line": {"color": _INK, "width": 1.75}})
            else:
                labels = {"value": True} if len(chart.series) == 1 else None
                made.add_series({**options, "fill": {"color": colour}, "data_labels": labels})
        if lines:
            made.combine(lines)
        made.set_title({"name": chart.title, "name_font": {"size": 12, "bold": True}, "overlay": False})
        made.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
        axis = {"line": {"color": _RULE}, "major_gridlines": {"visible": False}}
        # Values stand on the marks where there is one series, so their axis would say them twice.
        made.set_x_axis({**axis, "visible": not chart.horizontal})
        made.set_y_axis({**axis, "reverse": chart.horizontal, "major_tick_mark": "none"})
        made.set_size({"width": 760, "height": 60 + 34 * max(len(part.rows), 6) if chart.horizontal else 320})
        sheet.insert_chart(last + (3 if part.totals is not None else 2), 0, made)

    def form(self, part: Form) -> None:
        """Write a cover: headings, labels and typed values."""
        sheet = self.sheet(part.name, part.title, landscape=False)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 62)
        sheet.set_row(0, 34)
        self.cell(sheet, 0, 0, part.title, Kind.TEXT, bold=True, font_size=18, font_color=_ACCENT)
        if part.subtitle:
            self.cell(sheet, 1, 0, part.subtitle, Kind.TEXT, font_color=_QUIET)
        row = 3
        for section in part.sections:
            for col, text in enumerate((section.heading, None)):
                self.cell(sheet, row, col, text, Kind.TEXT, bold=True, bottom=1, bottom_color=_RULE)
            sheet.set_row(row, 22)
            for line in section.lines:
                row += 1
                self.line(sheet, row, line)
            row += 2
        if part.protect:
            sheet.protect("", {"format_columns": True, "format_rows": True})

    def line(self, sheet: Any, row: int, line: Line) -> None:
        """Write one line of a cover."""
        self.cell(sheet, row, 0, line.label, Kind.TEXT, font_color=_QUIET, text_wrap=True)
        if line.signature:
            sheet.set_row(row, 34)
            self.cell(sheet, row, 1, line.value, Kind.TEXT, bottom=1, bottom_color=_INK, valign="bottom")
            return
        look: dict[str, Any] = {"text_wrap": True}
        if line.kind is Kind.DATE:
            look["num_format"] = _LONG_DATE[self.locale.language]
        # A number stands at the left of its wide cell, beside its label.
        self.cell(sheet, row, 1, line.value, line.kind, align="left", **look)

    def notes(self) -> None:
        """Add a sheet that names the texts that were too long for a cell, if there are any."""
        if not self.cuts:
            return
        _ = self.locale._
        self.table(
            Sheet(
                _("Shortened cells"),
                (
                    Column(_("Sheet"), width=24),
                    Column(_("Cell"), width=10),
                    Column(_("Characters before"), Kind.INTEGER, width=18),
                ),
                list(self.cuts),
                title=_("Texts that were too long for a cell"),
                notes=(
                    _("Excel holds 32,767 characters in a cell; these end with a mark where they were cut."),
                ),
                table="ShortenedCells",
            )
        )


_EXACT: dict[Kind, Callable[[int], float | None]] = {Kind.MONEY: exact_money, Kind.PRICE: exact_price}


def _number(value: int | float | Decimal, kind: Kind) -> str | float:
    """Return a double that names the very number, or the exact text beyond 15 digits."""
    if kind in _EXACT:
        if not isinstance(value, int):
            raise TypeError(f"{kind} takes whole minor units, not {value!r}")
        found = _EXACT[kind](value)
        if found is not None:
            return found
        return money_text(value) if kind is Kind.MONEY else str(from_minor(value, UNIT_PRICE_SCALE))
    if isinstance(value, float):
        # Not a number has no cell of its own.
        return value if math.isfinite(value) else "—"
    if kind is Kind.PERCENT:
        return float(round(Decimal(value), 12))
    exact = exact_number(Decimal(value))
    return str(value) if exact is None else exact


def _sample(value: Value, kind: Kind) -> str:
    """Return roughly what a cell shows, to measure its column."""
    if value is None:
        return ""
    if isinstance(value, int) and kind is Kind.MONEY:
        return f"{value / 100:,.2f}"
    if isinstance(value, datetime):
        return "2026-03-05 10:20"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if kind is Kind.PERCENT and not isinstance(value, str):
        return "100.0%"
    return str(value)
