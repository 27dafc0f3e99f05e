"""What a workbook's bytes tell that the reading library does not: error cells and hidden rows.

Of .xls and .xlsb the records are walked, of .ods the elements; no value is read here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from xml.parsers import expat

from desktop.importers.grid import NO_VALUE

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
_MOST = 2_000_000


@dataclass
class Marks:
    """Error cells by (row, column) and hidden rows of one sheet, counted from 0; and its extent."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    rows: int = 0
    columns: int = 0


def is_whole(stream: bytes) -> bool:
    """Whether the records of a BIFF stream follow on each other and every part of it is ended.

    A chain of sectors that was broken and still leads somewhere gives rows that are missing or wrong.
    """
    unpack, end = struct.Struct("<HH").unpack_from, len(stream) - 4
    at = depth = 0
    while at <= end:
        kind, length = unpack(stream, at)
        if not kind and not length and not depth:
            break
        if length > _LONGEST_RECORD:
            return False
        if kind in _BEGINNINGS:
            depth += 1
        elif kind == 0x0A:
            depth -= 1
        at += 4 + length
    return at > 0 and depth == 0 and at <= len(stream)


_BEGINNINGS = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
_LONGEST_RECORD = 8_224


def old_book(stream: bytes) -> tuple[list[tuple[str, Marks]], list[str]]:
    """Return (name, marks) of every sheet of a BIFF5 or BIFF8 stream, and codes of what is active in it."""
    sheets: list[tuple[str, Marks]] = []
    warnings: set[str] = set()
    code_page = "cp1252"
    for kind, start, length in _records(stream, 0):
        data = stream[start : start + length]
        if kind == 0x42 and length >= 2:
            number = struct.unpack_from("<H", data)[0]
            code_page = "gb18030" if number == 936 else f"cp{number}"
        elif kind == 0x85 and length >= 8:
            place, _, what, count = struct.unpack_from("<IBBB", data)
            if what in (1, 6):
                warnings.add("macros")
            if what == 0:
                sheets.append((_short_name(data, count, code_page), _old_sheet(stream, place)))
        elif kind == 0x01AE and length > 4 and data[2:4] not in (b"\x01\x04", b"\x01\x3a"):
            warnings.add("external_links")
    return sheets, sorted(warnings)


def _short_name(data: bytes, count: int, code_page: str) -> str:
    """Return a sheet's name: with a flag byte and maybe two bytes each in BIFF8, plain bytes in BIFF5."""
    if len(data) in (8 + count, 8 + 2 * count) and data[7] in (0, 1):
        return data[8:].decode("utf-16-le" if data[7] else "latin-1", "replace")
    try:
        return data[7 : 7 + count].decode(code_page, "replace")
    except LookupError:
        return data[7 : 7 + count].decode("latin-1")


def _records(stream: bytes, at: int) -> list[tuple[int, int, int]]:
    """Return (type, start, length) of the records of one substream that matter here."""
    unpack, end = struct.Struct("<HH").unpack_from, len(stream) - 4
    found: list[tuple[int, int, int]] = []
    depth = 0
    while at <= end:
        kind, length = unpack(stream, at)
        at += 4
        if kind in _WANTED and at + length <= len(stream):
            if kind == 0x0809:
                depth += 1
            found.append((kind, at, length))
            if kind == 0x0A:
                depth -= 1
                if depth <= 0:
                    break
        at += length
    return found


_WANTED = frozenset({0x0809, 0x0A, 0x42, 0x85, 0x01AE, 0x0205, 0x06, 0x0208})


def _old_sheet(stream: bytes, place: int) -> Marks:
    marks = Marks()
    for kind, start, length in _records(stream, place):
        if kind == 0x0208 and length >= 16:
            row, grbit = struct.unpack_from("<H", stream, start)[0], stream[start + 12]
            if grbit & 0x20:
                marks.hidden_rows.add(row)
        elif kind == 0x0205 and length >= 8:
            row, column = struct.unpack_from("<HH", stream, start)
            if stream[start + 7] == 1:
                marks.errors[row, column] = ERRORS.get(stream[start + 6], "#VALUE!")
        elif kind == 0x06 and length >= 14 and stream[start + 12 : start + 14] == b"\xff\xff":
            row, column = struct.unpack_from("<HH", stream, start)
            if stream[start + 6] == 2:
                marks.errors[row, column] = ERRORS.get(stream[start + 8], "#VALUE!")
    return marks


class BinarySheet:
    """Walks the records of an .xlsb sheet part, block by block."""

    def __init__(self) -> None:
        self.marks = Marks()
        self._rest = b""
        self._row = 0

    def feed(self, block: bytes) -> None:
        """Take the next block of the part."""
        data = self._rest + block
        at = 0
        while True:
            head = _record_head(data, at)
            if head is None or head[1] + head[2] > len(data):
                break
            kind, start, length = head
            self._record(kind, data, start, length)
            at = start + length
        self._rest = data[at:]
        if len(self._rest) > 1 << 26:
            raise ValueError("a record is far too long")

    def _record(self, kind: int, data: bytes, start: int, length: int) -> None:
        if kind == 0 and length >= 13:
            self._row = int.from_bytes(data[start : start + 4], "little")
            self.marks.rows = max(self.marks.rows, self._row + 1)
            if data[start + 11] & 0x10:
                self.marks.hidden_rows.add(self._row)
        elif 1 <= kind <= 11 and length >= 8:
            column = int.from_bytes(data[start : start + 4], "little")
            self.marks.columns = max(self.marks.columns, column + 1)
            if kind in (3, 11) and length >= 9:
                self.marks.errors[self._row, column] = ERRORS.get(data[start + 8], "#VALUE!")


def _record_head(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return (type, start, length) of the .xlsb record at a place, or None if its head is not all there."""
    if at >= len(data):
        return None
    kind = data[at]
    at += 1
    if kind & 0x80:
        if at >= len(data):
            return None
        kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
        at += 1
    length = 0
    for shift in (0, 7, 14, 21):
        if at >= len(data):
            return None
        byte = data[at]
        at += 1
        length |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return kind, at, length


def binary_sheet_names(workbook: bytes) -> list[tuple[str, str]]:
    """Return (relation, name) of every sheet that an .xlsb directory lists."""
    found: list[tuple[str, str]] = []
    at = 0
    while (head := _record_head(workbook, at)) is not None and head[1] + head[2] <= len(workbook):
        kind, start, length = head
        if kind == 156 and length > 12:
            relation, after = _wide(workbook, start + 8)
            found.append((relation, _wide(workbook, after)[0]))
        at = start + length
    return found


def _wide(data: bytes, at: int) -> tuple[str, int]:
    count = int.from_bytes(data[at : at + 4], "little")
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * min(count, 10_000)
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


class OpenSheets:
    """Walks the elements of an .ods content part: marks of every table, by name, and which is hidden."""

    def __init__(self) -> None:
        self.tables: dict[str, Marks] = {}
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._marks: Marks | None = None
        self._row = self._column = 0
        self._rows = self._columns = 1
        self._error: list[str] | None = None
        self._depth = 0

    def feed(self, block: bytes, *, last: bool = False) -> None:
        """Take the next block; ValueError if it is no XML."""
        try:
            self._parser.Parse(block, last)
        except expat.ExpatError as error:
            raise ValueError(str(error)) from error

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self._depth += 1
            if self._depth == 1:
                self._marks = self.tables.setdefault(attributes.get("table:name", ""), Marks())
                self._row = 0
        elif self._marks is None or self._depth != 1:
            return
        elif tag == "table:table-row":
            self._rows = _repeats(attributes, "table:number-rows-repeated")
            self._column = 0
            if attributes.get("table:visibility") in ("collapse", "filter") and self._rows < 100_000:
                self._marks.hidden_rows.update(range(self._row, self._row + self._rows))
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._columns = _repeats(attributes, "table:number-columns-repeated")
            if attributes.get("calcext:value-type") == "error" or attributes.get(
                "table:formula", ""
            ).startswith("of:=#"):
                self._error = []

    def _end(self, tag: str) -> None:
        if tag == "table:table":
            self._depth -= 1
            if self._depth == 0:
                self._marks = None
        elif self._marks is None or self._depth != 1:
            return
        elif tag == "table:table-row":
            self._row += self._rows
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            if self._error is not None:
                self._put("".join(self._error).strip())
                self._error = None
            self._column += self._columns

    def _put(self, text: str) -> None:
        assert self._marks is not None
        error = text if text.startswith("#") and len(text) < 20 else ODS_ERRORS.get(text[:7], "#VALUE!")
        for row in range(self._row, self._row + min(self._rows, 1000)):
            for column in range(self._column, self._column + min(self._columns, 1000)):
                if len(self._marks.errors) < _MOST:
                    self._marks.errors[row, column] = error if text else NO_VALUE

    def _text(self, data: str) -> None:
        if self._error is not None:
            self._error.append(data[:40])


ODS_ERRORS = {
    "Err:502": "#VALUE!",
    "Err:503": "#NUM!",
    "Err:508": "#NAME?",
    "Err:524": "#REF!",
    "Err:532": "#DIV/0!",
}
"""What LibreOffice writes for errors that have no sign of their own."""


def _repeats(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return max(1, int(text)) if text.isdigit() and len(text) < 9 else 1
