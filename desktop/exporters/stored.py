"""What a workbook file stores, cell by cell, read from its own XML without interpretation.

Used to compare a file with the one that was approved, so nothing may be rounded, guessed or dropped:
numbers are the very doubles, dates are their serial numbers, formulas are formulas. Hostile files are
refused before they can hurt (security 1 to 6): parts and inflated bytes are counted, DTDs refused.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from desktop.errors import InvalidInput
from desktop.exporters.shared_strings import plain_strings
from desktop.i18n import N_
from desktop.letters import column_number

Cell = tuple[str, str | float | bool]
"""(kind, value): n number, s text, b truth, e error, f formula."""
Place = tuple[int, int]
"""(row, column), both from 1."""

LARGEST_PART = 200_000_000
LARGEST_FILE = 400_000_000
MOST_PARTS = 2_000
MOST_CELLS = 5_000_000
LARGE_SHEET = 12_000_000
"""Bytes of XML from which a sheet is compared in columns (`large_book`)."""
LARGEST_STREAM = 1_500_000_000
"""Bytes that large sheets may inflate to while they are read piece by piece, never held as a whole."""

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")


@dataclass(slots=True)
class StoredSheet:
    """One worksheet: its cells, what formulas were worked out to, number format codes, and what is hidden.

    `part` is where it lies in the package, and a large one `waits` to be read; `tall` ones hold only the rows that are
    not surely the same in another file, and `counted` further cells differ there.
    """

    name: str
    hidden: bool = False
    cells: dict[Place, Cell] = field(default_factory=dict)
    results: dict[Place, Cell] = field(default_factory=dict)
    formats: dict[Place, str] = field(default_factory=dict)
    hidden_lines: int = 0
    covered: bool = False
    part: str = ""
    waits: bool = False
    tall: bool = False
    counted: int = 0


@dataclass(slots=True)
class StoredBook:
    """One workbook: worksheets in their order, custom properties, defined names, and the date system."""

    sheets: dict[str, StoredSheet] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    dates_1904: bool = False


def properties_of(content: bytes) -> dict[str, str]:
    """Return the custom properties of a workbook, without reading its cells; empty if it is none."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            return Reader(parts, "").properties()
    except (zipfile.BadZipFile, zlib.error, ParseError, ValueError, EOFError, RuntimeError):
        return {}


def read_book(content: bytes, name: str) -> StoredBook:
    """Return what the file stores; raise InvalidInput if it is no readable .xlsx workbook."""
    with reading(content, name), zipfile.ZipFile(BytesIO(content)) as parts:
        return Reader(parts, name).book()


@contextmanager
def reading(content: bytes, name: str) -> Iterator[None]:
    """Say of whatever goes wrong with a damaged or hostile file that it is no readable .xlsx workbook."""
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _refused(
            "workbook_old_or_encrypted",
            N_("{file} is protected by a password or in the old .xls format."),
            N_("Take the password off or save it as .xlsx, then try again."),
            name,
        )
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        ParseError,
        KeyError,
        ValueError,
        IndexError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        struct.error,
    ) as problem:
        raise _refused(
            "workbook_unreadable",
            N_("{file} is not a readable .xlsx workbook."),
            N_("Open it in Excel, save it as .xlsx, and try again."),
            name,
        ) from problem


def _refused(code: str, message: str, remedy: str, name: str) -> InvalidInput:
    return InvalidInput(code, message, remedy=remedy, file=name)


def place_of(reference: str) -> Place:
    """Return the row and column that a reference such as AB12 names."""
    match = _REFERENCE.match(reference)
    if not match:
        raise ValueError(f"no cell reference: {reference}")
    return int(match[2]), column_number(match[1])


def _plain(text: str) -> str:
    """Undo the _xHHHH_ escapes of the format, and see every line end as one sign."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


class Reader:
    """Reads one package; strict and transitional namespaces alike, by local names."""

    def __init__(self, parts: zipfile.ZipFile, name: str, *, later: bool = False) -> None:
        self.parts, self.name = parts, name
        self.later = later
        self.texts: list[str] = []
        self.formats: list[str] = []
        self.left = LARGEST_FILE
        self.cells_left = MOST_CELLS
        if len(parts.infolist()) > MOST_PARTS:
            raise self.too_large()
        self.names = {part.filename.lstrip("/").casefold(): part.filename for part in parts.infolist()}

    def too_large(self) -> InvalidInput:
        return _refused(
            "workbook_too_large",
            N_("{file} unpacks to far more than any report holds."),
            N_("It was not opened. Ask its sender for the file as it was exported."),
            self.name,
        )

    def part(self, path: str) -> bytes | None:
        """Return a part's bytes, counted while they inflate; None if there is no such part."""
        found = self.names.get(path.lstrip("/").casefold())
        if found is None:
            return None
        with self.parts.open(found) as stream:
            content = stream.read(min(LARGEST_PART, self.left) + 1)
        if len(content) > min(LARGEST_PART, self.left):
            raise self.too_large()
        self.left -= len(content)
        return content

    def stream(self, path: str) -> IO[bytes]:
        """Return a part to be read piece by piece; the caller counts."""
        return self.parts.open(self.names[path.lstrip("/").casefold()])

    def _is_large(self, path: str) -> bool:
        found = self.names.get(path.lstrip("/").casefold())
        return found is not None and self.parts.getinfo(found).file_size > LARGE_SHEET

    def elements(self, content: bytes) -> Iterator[tuple[str, Any]]:
        """Yield (start | end, element); entities and DTDs are refused."""
        from defusedxml.ElementTree import iterparse

        yield from iterparse(BytesIO(content), events=("start", "end"), forbid_dtd=True)

    def relations(self, path: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a part: id → (kind, path of the target)."""
        folder, _, file = path.rpartition("/")
        content = self.part(f"{folder}/_rels/{file}.rels")
        found: dict[str, tuple[str, str]] = {}
        for event, element in self.elements(content) if content else ():
            if (
                event == "end"
                and _local(element.tag) == "Relationship"
                and element.get("TargetMode") != "External"
            ):
                kind = element.get("Type", "").rpartition("/")[2]
                found[element.get("Id", "")] = (kind, joined_path(folder, element.get("Target", "")))
        return found

    def book(self) -> StoredBook:
        """Read the whole workbook."""
        main = next(
            (path for kind, path in self.relations("").values() if kind == "officeDocument"),
            "xl/workbook.xml",
        )
        content = self.part(main)
        if content is None:
            raise KeyError(main)
        relations = self.relations(main)
        by_kind = dict(relations.values())
        self.texts = self.strings(by_kind.get("sharedStrings"))
        self.formats = self.number_formats(by_kind.get("styles"))
        book = StoredBook(properties=self.properties())
        for event, element in self.elements(content):
            if event != "end":
                continue
            if _local(element.tag) == "workbookPr":
                book.dates_1904 = element.get("date1904") in ("1", "true")
            elif _local(element.tag) == "definedName":
                book.names[element.get("name", "")] = element.text or ""
            elif _local(element.tag) == "sheet":
                target = next(value for key, value in element.attrib.items() if _local(key) == "id")
                sheet = StoredSheet(
                    _plain(element.get("name", "")), element.get("state", "visible") != "visible"
                )
                book.sheets[sheet.name] = sheet
                kind, path = relations[target]
                if kind == "worksheet":
                    sheet.part, sheet.covered = path, self.is_covered(path)
                    sheet.waits = self.later and self._is_large(path)
                    if not sheet.waits:
                        self.fill(sheet, self.part(path))
        if not book.sheets:
            raise ValueError("no sheets")
        return book

    def properties(self) -> dict[str, str]:
        """Return the custom document properties as text."""
        content = self.part("docProps/custom.xml")
        found: dict[str, str] = {}
        for event, element in self.elements(content) if content else ():
            if event == "end" and _local(element.tag) == "property":
                found[element.get("name", "")] = _plain("".join(element.itertext()))
        return found

    def strings(self, path: str | None) -> list[str]:
        """Return the shared strings; rich text as its plain text, without phonetic hints."""
        content = self.part(path) if path else None
        found = plain_strings(content) if content else None
        if found is not None:
            return [_plain(text) for text in found]
        found = []
        for event, element in self.elements(content) if content else ():
            if event == "end" and _local(element.tag) == "si":
                found.append(_rich(element))
                element.clear()
        return found

    def number_formats(self, path: str | None) -> list[str]:
        """Return the number format code of each cell style; built-in ones as their number."""
        content = self.part(path) if path else None
        codes: dict[str, str] = {}
        styles: list[str] = []
        inside = False
        for event, element in self.elements(content) if content else ():
            tag = _local(element.tag)
            if tag == "cellXfs":
                inside = event == "start"
            elif event == "end" and tag == "numFmt":
                codes[element.get("numFmtId", "")] = element.get("formatCode", "")
            elif event == "end" and tag == "xf" and inside:
                styles.append(element.get("numFmtId", "0"))
        return [codes.get(style, f"#{style}") for style in styles]

    def fill(self, sheet: StoredSheet, content: bytes | None) -> None:
        """Read one worksheet's cells."""
        if content is None:
            raise KeyError(sheet.name)
        row = column = 0
        for event, element in self.elements(content):
            tag = _local(element.tag)
            if event == "start":
                if tag == "row":
                    row, column = int(element.get("r", row + 1)), 0
                    sheet.hidden_lines += element.get("hidden") in ("1", "true")
                elif tag == "col":
                    sheet.hidden_lines += element.get("hidden") in ("1", "true")
            elif tag == "c":
                place = place_of(element.get("r")) if element.get("r") else (row, column + 1)
                column = place[1]
                self.keep(sheet, place, element)
                element.clear()
            elif tag == "row":
                element.clear()

    def is_covered(self, path: str) -> bool:
        """Whether pictures or text boxes lie on a worksheet."""
        drawings = [target for kind, target in self.relations(path).values() if kind == "drawing"]
        return any(
            _local(element.tag) in ("sp", "pic", "cxnSp")
            for target in drawings
            for _, element in self.elements(self.part(target) or b"")
        )

    def keep(self, sheet: StoredSheet, place: Place, element: Any) -> None:
        """Store one cell, unless it is empty."""
        cell = _cell(element, self.texts)
        if cell is None:
            return
        self.cells_left -= 1
        if self.cells_left < 0:
            raise self.too_large()
        sheet.cells[place] = cell
        if cell[0] == "f" and (result := _cell(element, self.texts, result=True)):
            sheet.results[place] = result
        style = int(element.get("s", "0"))
        if style < len(self.formats):
            sheet.formats[place] = self.formats[style]


def _cell(element: Any, strings: list[str], *, result: bool = False) -> Cell | None:
    kind = element.get("t", "n")
    value: str | None = None
    formula: str | None = None
    inline: Any = None
    for child in element:
        tag = _local(child.tag)
        if tag == "v":
            value = child.text or ""
        elif tag == "f":
            # A shared formula is written out once and named by number in the other cells.
            formula = child.text or f"#{child.get('t', '')} {child.get('si', '')}"
        elif tag == "is":
            inline = child
    if formula is not None and not result:
        return "f", f"={formula}"
    if kind == "inlineStr" and inline is not None:
        return _text(_rich(inline))
    if value is None or (value == "" and kind != "str"):
        return None
    if kind == "s":
        return _text(strings[int(value)])
    if kind == "b":
        return "b", value in ("1", "true")
    if kind == "e":
        return "e", value
    if kind == "n":
        number = float(value)
        if not math.isfinite(number):  # Python reads "nan", the format knows no such number.
            raise ValueError(value)
        return "n", number
    return _text(_plain(value))


def _text(text: str) -> Cell | None:
    return ("s", text) if text else None


def _rich(element: Any) -> str:
    """Return the text of plain or rich text: every t that is not a phonetic hint."""
    pieces = []
    for child in element:
        tag = _local(child.tag)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag == "r":
            pieces.extend(part.text or "" for part in child if _local(part.tag) == "t")
    return _plain("".join(pieces))


def joined_path(folder: str, target: str) -> str:
    """Return the path of a relation's target; absolute ones begin with a slash."""
    if target.startswith("/"):
        return target.lstrip("/")
    pieces = [piece for piece in folder.split("/") if piece]
    for piece in target.split("/"):
        if piece == "..":
            pieces = pieces[:-1]
        elif piece not in ("", "."):
            pieces.append(piece)
    return "/".join(pieces)
