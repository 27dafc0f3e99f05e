"""Workbooks whose large sheets are not read cell by cell: they are compared with another book's in columns (RPT-07)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import IO, TYPE_CHECKING

from desktop.exporters.large_sheets import Leftover, TooMany, leftover
from desktop.exporters.plain_cells import Styles
from desktop.exporters.plain_rows import RowStream, Unusual
from desktop.exporters.stored import (
    LARGEST_FILE,
    LARGEST_STREAM,
    MOST_CELLS,
    Reader,
    StoredBook,
    StoredSheet,
    reading,
)
from desktop.exporters.verify import LONGEST_ALIGNED, Comparison, compare, disguises

if TYPE_CHECKING:
    import polars as pl

_PIECE = 4_000_000
_OVERLAP = 64


class LargeBook:
    """One workbook file, opened: its small sheets are read, its large ones wait to be compared."""

    def __init__(self, content: bytes, name: str) -> None:
        """Raise InvalidInput if it is no readable .xlsx workbook."""
        self.content, self.name = content, name
        with reading(content, name):
            self.reader = Reader(zipfile.ZipFile(BytesIO(content)), name, later=True)
            self.book: StoredBook = self.reader.book()
        self._strings: pl.Series | None = None

    def rows(self, sheet: StoredSheet, *, disguised: bool) -> RowStream:
        """Return a sheet's rows; with `disguised`, formats that lie are left to the slower reader."""
        import polars as pl

        if self._strings is None:
            self._strings = pl.Series(self.reader.texts, dtype=pl.String)
        formats = self.reader.formats
        refused = (style for style, code in enumerate(formats) if not code or (disguised and disguises(code)))
        stream = _Counted(self.reader.stream(sheet.part), self.reader)
        return RowStream(stream, self._strings, Styles(len(formats), frozenset(refused)))

    def filled(self, sheet: StoredSheet, content: bytes | None = None) -> StoredSheet:
        """Return a sheet with the cells of its part, or of what is left of it."""
        self.reader.left, self.reader.cells_left = LARGEST_FILE, MOST_CELLS
        whole = replace(sheet, cells={}, results={}, formats={}, hidden_lines=0)
        self.reader.fill(whole, self.reader.part(sheet.part) if content is None else content)
        return whole

    def found(self, pattern: str) -> Iterator[str]:
        """Yield what fits an ASCII pattern in the XML of the large sheets, such as the numbers of reports."""
        wanted = re.compile(pattern.encode())
        with reading(self.content, self.name):
            for sheet in self.book.sheets.values():
                before = b""
                stream = _Counted(self.reader.stream(sheet.part), self.reader) if sheet.waits else None
                while stream and (piece := stream.read(_PIECE)):
                    yield from (match[0].decode() for match in wanted.finditer(before + piece))
                    before = piece[-_OVERLAP:]


class _Counted:
    """A part as it inflates, with a limit."""

    def __init__(self, stream: IO[bytes], reader: Reader) -> None:
        self.stream, self.reader = stream, reader
        self.left = LARGEST_STREAM

    def read(self, size: int) -> bytes:
        content = self.stream.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise self.reader.too_large()
        return content


def compare_books(approved: LargeBook, found: LargeBook) -> Comparison:
    """Return where `found` differs from `approved`, as `verify.compare` tells it of books that were read whole."""
    ours, theirs = (replace(book, sheets=dict(book.sheets)) for book in (approved.book, found.book))
    for name, sheet in approved.book.sheets.items():
        other = found.book.sheets.get(name)
        if other is not None and (sheet.waits or other.waits):
            with reading(found.content, found.name):
                ours.sheets[name], theirs.sheets[name] = _pair(approved, sheet, found, other)
    return compare(ours, theirs)


def _pair(
    approved: LargeBook, sheet: StoredSheet, found: LargeBook, other: StoredSheet
) -> tuple[StoredSheet, StoredSheet]:
    """Return two sheets with the rows that may differ, or whole where they are low or written unusually."""
    try:
        left = _leftover(approved, sheet, found, other)
    except Unusual:
        return approved.filled(sheet), found.filled(other)
    except TooMany as problem:
        raise found.reader.too_large() from problem
    if left.height <= LONGEST_ALIGNED:
        return approved.filled(sheet), found.filled(other)
    return (
        replace(approved.filled(sheet, left.approved), tall=True),
        replace(found.filled(other, left.found), tall=True, counted=left.counted),
    )


def _leftover(approved: LargeBook, sheet: StoredSheet, found: LargeBook, other: StoredSheet) -> Leftover:
    return leftover(
        approved.rows(sheet, disguised=False),
        found.rows(other, disguised=True),
        (approved.reader.formats, found.reader.formats),
    )
