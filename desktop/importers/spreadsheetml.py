"""SpreadsheetML 2003, the XML workbooks that many systems write under the name .xls, read as a stream.

A document type definition is refused before anything in it could be expanded or fetched.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.parsers import expat

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.building import MAX_COLUMNS, GridBuilder
from desktop.importers.decoding import Progress, blocks_of_text, document_encoding, no_progress
from desktop.importers.grid import BOOLEAN, DATE, ERROR, NO_VALUE, NUMBER, TEXT, Grid, number_text

SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL = "urn:schemas-microsoft-com:office:excel"
_MAX_TEXT = 1 << 20
_MAX_DEPTH = 200
_MAX_SHEETS = 1_000
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.\d+)?)?Z?")
_ENCODING = re.compile(r"(<\?xml[^>]*?)\s+encoding\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def dtd() -> InvalidInput:
    """Return the error of a document that defines its own entities."""
    return InvalidInput(
        "dtd",
        N_("The file holds a document type definition, which no spreadsheet needs."),
        remedy=N_("Open it in Excel or WPS, save it again as .xlsx and try once more."),
    )


def read_xml_workbook(
    path: Path, progress: Progress = no_progress
) -> tuple[list[tuple[str, bool, Grid]], str]:
    """Return (name, hidden, grid) of every sheet, and the encoding.

    Raises InvalidInput for a document type definition or too many cells, ValueError if it is no XML.
    """
    codec, errors = document_encoding(path)
    book = _Book()
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = book.start
    parser.EndElementHandler = book.end
    parser.CharacterDataHandler = book.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    first = True
    try:
        for block in blocks_of_text(path, codec, errors, progress):
            text = block
            if first and text:
                # The text is handed on as UTF-8, whatever its declaration says it was.
                text, first = _ENCODING.sub(r"\1", text.lstrip("\ufeff \t\r\n"), count=1), False
            parser.Parse(text.encode("utf-8", "surrogatepass"), False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return book.sheets, codec


def _refuse(*_: object) -> None:
    raise dtd()


class _Book:
    """What is gathered while the document's elements go by."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, bool, Grid]] = []
        self._path: list[str] = []
        self._builder: GridBuilder | None = None
        self._name = ""
        self._hidden = False
        self._row = self._column = -1
        self._next_row = self._next_column = 0
        self._type = ""
        self._formula = False
        self._filled = False
        self._across = self._down = 0
        self._parts: list[str] | None = None
        self._length = 0
        self._visible: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take note of an element's beginning."""
        if len(self._path) >= _MAX_DEPTH:
            raise ValueError("too deeply nested")
        space, _, name = tag.rpartition(" ")
        self._path.append(name)
        if space == _EXCEL:
            if name == "Visible" and self._builder is not None:
                self._visible = []
            return
        if space != SPREADSHEET:
            return
        if name == "Worksheet":
            if len(self.sheets) >= _MAX_SHEETS:
                raise ValueError("too many sheets")
            self._builder = GridBuilder()
            self._name = attributes.get(f"{SPREADSHEET} Name", "")[:200]
            self._hidden = False
            self._next_row = 0
        elif self._builder is None:
            return
        elif name == "Row":
            self._start_row(self._builder, attributes)
        elif name == "Cell":
            self._start_cell(self._builder, attributes)
        elif name == "Data" and self._path[-2:-1] == ["Cell"]:
            # A comment has text of the same kind, but stands in an element of its own.
            self._type = attributes.get(f"{SPREADSHEET} Type", "String")
            self._parts, self._length = [], 0

    def end(self, tag: str) -> None:
        """Take note of an element's end."""
        space, _, name = tag.rpartition(" ")
        self._path.pop()
        if space == _EXCEL and self._visible is not None and name == "Visible":
            self._hidden = "hidden" in "".join(self._visible).lower()
            self._visible = None
        if space != SPREADSHEET or self._builder is None:
            return
        if name == "Data" and self._parts is not None and self._path[-1:] == ["Cell"]:
            text, kind = _canonical("".join(self._parts), self._type)
            self._builder.put(self._row, self._column, text, kind)
            self._parts, self._filled = None, True
        elif name == "Cell":
            if self._formula and not self._filled:
                self._builder.put(self._row, self._column, NO_VALUE, ERROR)
            if self._filled and (self._across or self._down):
                self._builder.merge(
                    self._row, self._column, self._row + self._down, self._column + self._across
                )
            self._next_column = self._column + self._across + 1
        elif name == "Worksheet":
            self.sheets.append((self._name, self._hidden, self._builder.finish()))
            self._builder = None

    def text(self, data: str) -> None:
        """Take a piece of character data."""
        if self._visible is not None:
            self._visible.append(data[:20])
        elif self._parts is not None:
            self._length += len(data)
            if self._length <= _MAX_TEXT:
                self._parts.append(data)

    def _start_row(self, builder: GridBuilder, attributes: dict[str, str]) -> None:
        self._row = max(self._next_row, _number(attributes, "Index", self._next_row + 1) - 1)
        self._next_row = self._row + 1 + _number(attributes, "Span", 0)
        self._next_column = 0
        if attributes.get(f"{SPREADSHEET} Hidden") in ("1", "true"):
            builder.hidden_rows.update(range(self._row, min(self._next_row, self._row + 1_000_000)))

    def _start_cell(self, builder: GridBuilder, attributes: dict[str, str]) -> None:
        self._column = max(0, _number(attributes, "Index", self._next_column + 1) - 1)
        self._across = min(_number(attributes, "MergeAcross", 0), MAX_COLUMNS)
        self._down = min(_number(attributes, "MergeDown", 0), 1 << 20)
        self._formula = f"{SPREADSHEET} Formula" in attributes
        self._filled = False


def _number(attributes: dict[str, Any], name: str, default: int) -> int:
    text = attributes.get(f"{SPREADSHEET} {name}", "")
    return int(text) if text.isdigit() and len(text) < 10 else default


def _canonical(text: str, kind: str) -> tuple[str | None, int]:
    if kind == "Number":
        try:
            return number_text(float(text)), NUMBER
        except ValueError:
            return text, TEXT
    if kind == "DateTime":
        moment = _MOMENT.fullmatch(text.strip())
        if moment is None:
            return text, TEXT
        day, clock = moment[1], moment[2]
        if clock in (None, "00:00:00"):
            return day, DATE
        return (clock if day in ("1899-12-31", "1899-12-30") else f"{day}T{clock}"), DATE
    if kind == "Boolean":
        return ("TRUE" if text.strip() in ("1", "true", "True") else "FALSE"), BOOLEAN
    if kind == "Error":
        return text.strip(), ERROR
    return text, TEXT
