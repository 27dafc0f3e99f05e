"""Writes a layout as .xlsx: the only user of XlsxWriter.

No text ever becomes a formula, whatever it begins with (security 59): the only ones are the sums and
differences that a layout states itself, with their values. The same layout gives the same bytes
(security 61).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from desktop.exporters.big_sheet import Filling, filled, is_big, long_texts
from desktop.exporters.cells import (
    clean_text,
    sheet_name,
    table_name,
    unique_titles,
    wrapped_lines,
)
from desktop.exporters.chart_marks import add_chart, shade
from desktop.exporters.layouts import (
    NUMERIC,
    Column,
    Form,
    Formula,
    Kind,
    Layout,
    Line,
    Sheet,
    Value,
)
from desktop.exporters.looks import ACCENT, FAULT, FORMATS, INK, LONG_DATE, OPEN, QUIET, RULE, TINT
from desktop.exporters.paper import fit, set_up
from desktop.exporters.saving import save_bytes
from desktop.exporters.written import WIDEST, cell_value, has_filter, number_of, placed, sized
from desktop.i18n import Locale

LISTS = "_lists"
"""The hidden sheet on which the lists of choices stand."""

_LABEL, _SAID = 26.0, 68.0
"""Widths of a cover's two columns: a SHA-256 stands in one line."""
_LINE, _MOST_LINES = 14, 28
"""Points of a line of text, and how many lines a row has at most (Excel allows 409 points)."""


def _aligned(side: str) -> dict[str, Any]:
    """Return the alignment of a cell; numbers keep away from the text of the next column."""
    return {"align": "right", "indent": 1} if side == "right" else {"align": side}


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
    content = stream.getvalue()
    return filled(content, writer.fillings) if writer.fillings else content


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
    lists: Any = None
    list_places: dict[tuple[str, ...], int] = field(default_factory=dict)
    fillings: list[Filling] = field(default_factory=list)

    def format(self, **properties: Any) -> Any:
        """Return the one cell format with these properties."""
        properties.setdefault("font_name", "Microsoft YaHei" if self.locale.is_chinese else "Segoe UI")
        properties.setdefault("font_size", 10)
        properties.setdefault("font_color", INK)
        properties.setdefault("valign", "vcenter")
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]

    def sheet(self, wish: str, title: str) -> Any:
        """Add a worksheet set up for A4 with its title above and page numbers below."""
        name = sheet_name(wish, self.names)
        self.names.append(name)
        sheet = self.book.add_worksheet(name, worksheet_class=_exact_sheet())
        set_up(sheet)
        heading = clean_text(title or wish)[0].replace("\n", " ").replace("&", "&&")[:200]
        sheet.set_header(f"&L{heading}&R&A", {"scale_with_doc": False})
        sheet.set_footer("&LPlumbline 准绳&R&P / &N", {"scale_with_doc": False})
        return sheet

    # -- cells -----------------------------------------------------------------------------------

    def cell(self, sheet: Any, row: int, col: int, value: Value, kind: Kind, **look: Any) -> None:
        """Write one typed value; whatever cannot be exact as a number is written as exact text."""
        number_format = look.pop("num_format", FORMATS[kind])
        align = look.pop("align", "right" if kind in NUMERIC else "left")
        style = self.format(num_format=number_format, **_aligned(align), **look)
        if value is None or value == "":
            sheet.write_blank(row, col, None, style)
            return
        if isinstance(value, Formula):
            sheet.write_formula(row, col, value.expression, style, number_of(value.value, kind))
            return
        ready = cell_value(value, kind, self.locale)
        if isinstance(ready, str):
            text, length = clean_text(ready)
            if length:
                from xlsxwriter.utility import xl_rowcol_to_cell

                self.cuts.append((sheet.get_name(), xl_rowcol_to_cell(row, col), length))
            side = "left" if isinstance(value, str) else align
            sheet.write_string(row, col, text, self.format(num_format="@", **_aligned(side), **look))
        elif isinstance(ready, date):
            sheet.write_datetime(row, col, ready, style)
        else:
            sheet.write_number(row, col, ready, style)

    # -- sheets ----------------------------------------------------------------------------------

    def table(self, part: Sheet) -> None:
        """Write one table sheet."""
        sheet = self.sheet(part.name, part.title)
        top = self.heading(sheet, part.title, part.notes)
        titles = unique_titles(self.header(column) for column in part.columns)
        last = top + max(len(part.rows), 1)
        big = is_big(part)
        part = sized(part, titles, lines=not big)
        sheet.add_table(
            top,
            0,
            # XlsxWriter notes every cell of a table; a large one is given its size when its data is written.
            top + 1 if big else last,
            max(len(part.columns) - 1, 0),
            {
                "name": table_name(part.table, len(self.names), self.tables),
                "style": "Table Style Light 1",
                "banded_rows": False,
                "autofilter": has_filter(part),
                "columns": [
                    {"header": title, "header_format": self.header_format(column, filtered=has_filter(part))}
                    for title, column in zip(titles, part.columns, strict=True)
                ]
                or [{"header": "_"}],
            },
        )
        sheet.set_row(top, 24)
        data = (top + 1, last)
        self.models(sheet, part, top + 1) if big else self.rows(sheet, part, data)
        if part.totals is not None:
            for col, (column, value) in enumerate(zip(part.columns, part.totals, strict=True)):
                ready = placed(value, last + 1, data)
                self.cell(sheet, last + 1, col, ready, column.kind, bold=True, top=1, top_color=INK)
            sheet.set_row(last + 1, 18)
        for col, column in enumerate(part.columns):
            sheet.set_column(col, col, column.width, None, {"hidden": column.hidden})
            self.choices(sheet, col, column, data)
        widths = [0.0 if column.hidden else column.width or 0.0 for column in part.columns]
        drawn = part.chart if part.rows else None
        fit(sheet, widths, chart=drawn is not None)
        if part.hidden:
            sheet.very_hidden()
        sheet.freeze_panes(top + 1, 1 if len(part.columns) > 3 else 0)
        sheet.repeat_rows(top)
        if part.heat and part.rows:
            shade(sheet, part, data)
        if drawn:
            add_chart(self.book, sheet, part, drawn, top, titles, widths)
        if part.protect:
            sheet.protect("", {"autofilter": True, "format_columns": True})

    def rows(self, sheet: Any, part: Sheet, data: tuple[int, int]) -> None:
        """Write the data of a table, cell by cell."""
        for index, row in enumerate(part.rows, start=data[0]):
            for col, (column, value) in enumerate(zip(part.columns, row, strict=True)):
                look: dict[str, Any] = {"bg_color": FAULT} if (index - data[0], col) in part.marks else {}
                if column.open and not (part.only_blanks_open and value not in (None, "")):
                    look |= {"locked": False, "bg_color": look.get("bg_color", OPEN)}
                ready = placed(value, index, data)
                self.cell(sheet, index, col, ready, column.kind, text_wrap=column.wrap, **look)
            wrapped = [(row[col], column.width) for col, column in enumerate(part.columns) if column.wrap]
            self.height(sheet, index, wrapped)

    def height(self, sheet: Any, row: int, wrapped: Sequence[tuple[Value, float | None]]) -> None:
        """Make a row high enough for its wrapped texts; not every program does that when it opens a file."""
        lines = max(
            (wrapped_lines(text, width or WIDEST) for text, width in wrapped if isinstance(text, str)),
            default=1,
        )
        if lines > 1:
            sheet.set_row(row, _LINE * min(lines, _MOST_LINES) + 2)

    def models(self, sheet: Any, part: Sheet, first: int) -> None:
        """Write a row of number cells, one of empty cells and one of texts, between which the data will stand."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        last = first + len(part.rows) - 1
        for col, column in enumerate(part.columns):
            blank: dict[str, Any] = {"locked": False, "bg_color": OPEN} if column.open else {}
            full = {} if part.only_blanks_open else blank
            look = {
                "num_format": FORMATS[column.kind],
                "text_wrap": column.wrap,
                **_aligned("right" if column.kind in NUMERIC else "left"),
            }
            text = {"num_format": "@", "align": "left", "text_wrap": column.wrap}
            for row, properties in ((first, look | full), (first + 1, look | blank), (last, text | full)):
                sheet.write_blank(row, col, None, self.format(**properties))
        paths = f"xl/worksheets/sheet{sheet.index + 1}.xml", f"xl/tables/table{len(self.tables)}.xml"
        kinds = tuple(column.kind for column in part.columns)
        self.fillings.append(Filling(*paths, kinds, part.rows, first, self.locale))
        for row, col, length in long_texts(part.rows):
            self.cuts.append((sheet.get_name(), xl_rowcol_to_cell(first + row, col), length))

    def choices(self, sheet: Any, col: int, column: Column, data: tuple[int, int]) -> None:
        """Offer a column's choices as a list, which lies on a sheet of its own: long lists fit, commas too."""
        if not column.choices and not column.hint:
            return
        options: dict[str, Any] = {"validate": "any"}
        if column.choices:
            area = self.list_of(column.choices)
            options = {
                "validate": "list",
                "source": f"={area}",
                "error_title": self.locale._("Not in the list"),
                "error_message": self.locale._("Please choose one of the values in the list."),
            }
        if column.hint:
            options |= {"input_title": column.title[:32], "input_message": column.hint[:255]}
        sheet.data_validation(data[0], col, data[1], col, options)

    def list_of(self, values: tuple[str, ...]) -> str:
        """Return where a list of choices stands, writing it if it is new."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        if self.lists is None:
            self.lists = self.book.add_worksheet(LISTS)
            self.lists.hide()
            self.names.append(LISTS)
        col = self.list_places.setdefault(values, len(self.list_places))
        for row, value in enumerate(values):
            self.lists.write_string(row, col, clean_text(value)[0])
        first = xl_rowcol_to_cell(0, col, row_abs=True, col_abs=True)
        last = xl_rowcol_to_cell(len(values) - 1, col, row_abs=True, col_abs=True)
        return f"{LISTS}!{first}:{last}"

    def heading(self, sheet: Any, title: str, notes: Sequence[str]) -> int:
        """Write title and notes; return the row where the table begins."""
        row = 0
        if title:
            sheet.set_row(0, 26)
            self.cell(sheet, 0, 0, title, Kind.TEXT, bold=True, font_size=14)
            row = 1
        for note in notes:
            self.cell(sheet, row, 0, note, Kind.TEXT, font_color=QUIET, font_size=9)
            row += 1
        return row + 1 if row else 0

    def header(self, column: Column) -> str:
        """Return a header's text: the title with its unit."""
        if not column.unit:
            return column.title
        form = "{title}（{unit}）" if self.locale.is_chinese else "{title} ({unit})"
        return form.format(title=column.title, unit=column.unit)

    def header_format(self, column: Column, *, filtered: bool) -> Any:
        """Return the look of a header cell, aligned as its column is."""
        return self.format(
            bold=True,
            bg_color=TINT,
            bottom=1,
            bottom_color=RULE,
            # The button of the filter covers the end of a header.
            **(
                {"align": "right", "indent": 2 if filtered else 1}
                if column.kind in NUMERIC
                else {"align": "left"}
            ),
        )

    def form(self, part: Form) -> None:
        """Write a cover: headings, labels and typed values."""
        sheet = self.sheet(part.name, part.title)
        sheet.set_column(0, 0, _LABEL)
        sheet.set_column(1, 1, _SAID)
        sheet.set_row(0, 34)
        self.cell(sheet, 0, 0, part.title, Kind.TEXT, bold=True, font_size=18, font_color=ACCENT)
        if part.subtitle:
            self.cell(sheet, 1, 0, part.subtitle, Kind.TEXT, font_color=QUIET)
        row = 3
        for section in part.sections:
            for col, text in enumerate((section.heading, None)):
                self.cell(sheet, row, col, text, Kind.TEXT, bold=True, bottom=1, bottom_color=RULE)
            sheet.set_row(row, 22)
            for line in section.lines:
                row += 1
                self.line(sheet, row, line)
            row += 2
        if part.protect:
            sheet.protect("", {"format_columns": True, "format_rows": True})

    def line(self, sheet: Any, row: int, line: Line) -> None:
        """Write one line of a cover."""
        self.cell(sheet, row, 0, line.label, Kind.TEXT, font_color=QUIET, text_wrap=True)
        if line.signature:
            sheet.set_row(row, 34)
            self.cell(sheet, row, 1, line.value, Kind.TEXT, bottom=1, bottom_color=INK, valign="bottom")
            return
        look: dict[str, Any] = {"text_wrap": True}
        if line.kind is Kind.DATE:
            look["num_format"] = LONG_DATE[self.locale.language]
        # A number stands at the left of its wide cell, beside its label.
        self.cell(sheet, row, 1, line.value, line.kind, align="left", **look)
        self.height(sheet, row, [(line.label, _LABEL), (line.value, _SAID)])

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
