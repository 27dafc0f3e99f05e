"""The rows of a large sheet, read in columns straight from its XML: those that say nothing but plain values.

A row is *plain* where its very text follows one narrow grammar, so that the reader of single cells (`stored`) could
read nothing else from it; every other row is handed on as it stands. What the grammar does not foresee in the sheet
around the rows (comments, other encodings, rows out of order) raises Unusual: then that reader reads it all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from desktop.exporters.plain_cells import Styles, plain_cells

if TYPE_CHECKING:
    import polars as pl

PIECE = 8_000_000
"""Bytes of XML that are looked at together."""
LONGEST = 64_000_000
"""Bytes within which a row, or what stands around the rows, has to end."""

_ATTRIBUTES = r'(?: [A-Za-z0-9:]+="[^"<&]*")*'
_HEAD = rf"^[ \t\r\n]*(?:<row{_ATTRIBUTES} ?/>[ \t\r\n]*)*<row({_ATTRIBUTES})>[ \t\r\n]*$"
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_BEYOND = (b"]]>", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_MARKUP = re.compile(b"<[!?]")
_DECLARATION = re.compile(
    rb"^(?:\xef\xbb\xbf)?(?:<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?i:utf-8)[\"'])?"
    rb"(?: standalone=[\"'](?:yes|no)[\"'])? ?\?>)?"
)
_LOOSE_CELL = re.compile(rb"<c[\s/>]")
_LOOSE_ROW = re.compile(rb"<row(?![^<>]* r=)")


class Readable(Protocol):
    """Bytes that come piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""


class Unusual(Exception):
    """The sheet is written as no spreadsheet program writes it; it has to be read cell by cell."""


@dataclass(slots=True)
class Rows:
    """Some whole rows: `lines` (row, raw, plain), and the `cells` of the plain ones by `key`, row times 2^14 + column."""

    lines: pl.DataFrame
    cells: pl.DataFrame

    @property
    def last(self) -> int:
        """The number of the last row."""
        return int(self.lines["row"][-1])


class RowStream:
    """Reads one sheet part; `head` and `tail`, what stands around the rows, are known when all rows were read."""

    def __init__(self, stream: Readable, strings: pl.Series, styles: Styles) -> None:
        self.stream, self.strings, self.styles = stream, strings, styles
        self.head, self.tail, self.size = b"", b"", 0
        self._patterns: set[str] = set()
        self._row = 0

    def __iter__(self) -> Iterator[Rows]:
        """Yield the rows, some megabytes at a time, in ascending order."""
        rest = self._read_head()
        while b"</sheetData>" not in rest:
            whole, end, rest = rest.rpartition(b"</row>")
            if end:
                yield self._rows(whole + end)
            piece = self.stream.read(PIECE)
            if not piece or len(rest) > LONGEST:
                raise Unusual
            rest = self._looked_at(rest, piece)
        body, end, rest = rest.partition(b"</sheetData>")
        whole, stop, loose = body.rpartition(b"</row>")
        if stop:
            yield self._rows(whole + stop)
        while piece := self.stream.read(PIECE):
            rest = self._looked_at(rest, piece)
            if len(rest) > LONGEST:
                raise Unusual
        self.tail = loose + (end if self._row or loose else b"") + rest
        self._no_markup(self.tail)
        if _LOOSE_CELL.search(self.tail) or _LOOSE_ROW.search(self.tail):
            raise Unusual

    def _read_head(self) -> bytes:
        start = self.stream.read(PIECE)
        match = _DECLARATION.match(start)
        if not match:
            raise Unusual
        before = self._looked_at(b"", start[match.end() :])
        at = before.find(b"<row ")
        self._no_markup(before[:at] if at >= 0 else before)
        if at < 0 and len(start) < PIECE and b"<row" not in start and not _LOOSE_CELL.search(start):
            self.head = start
            return b"</sheetData>"
        if at < 0 or not before[:at].rstrip().endswith(b"<sheetData>") or _LOOSE_CELL.search(before[:at]):
            raise Unusual
        self.head = start[: match.end()] + before[:at]
        return before[at:]

    def _looked_at(self, before: bytes, piece: bytes) -> bytes:
        """Return the text so far with a piece more; nothing in it may be but elements and plain signs."""
        self.size += len(piece)
        if len(piece.translate(None, _CONTROLS)) != len(piece) or any(
            mark in piece or mark in before[-2:] + piece[:2] for mark in _BEYOND
        ):
            raise Unusual
        return before + piece

    def _rows(self, xml: bytes) -> Rows:
        import polars as pl

        try:
            text = pl.Series("raw", [xml], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.PolarsError as problem:
            raise Unusual from problem
        raw = text.str.split("</row>").explode()
        lines = raw.head(len(raw) - 1).to_frame().with_columns(pieces=pl.col("raw").str.split("<c "))
        lines = lines.with_columns(head=pl.col("pieces").list.first())
        lines = lines.with_columns(said=pl.col("head").str.extract(_HEAD))
        lines = lines.with_columns(place=pl.col("said").str.extract(r' r="([0-9]{1,7})"'))
        lines = lines.with_columns(row=pl.col("place").cast(pl.Int64))
        numbers = lines["row"]
        if numbers.null_count() or not self._ascending(numbers):
            raise Unusual
        self._check_heads(lines["head"])
        cells, odd = plain_cells(lines.select("row", "place", "pieces"), self.strings, self.styles)
        hidden = pl.col("head").str.contains('hidden="(?:1|true)"')
        lines = lines.select("row", "raw", plain=~(hidden | pl.col("row").is_in(odd.implode())))
        # A comment may begin in no plain row, and where none begins the rows below are in none.
        if lines.select((~pl.col("plain") & pl.col("raw").str.contains("<[!?]")).any()).item():
            raise Unusual
        odd = lines.filter(~pl.col("plain"))["row"]
        if len(odd):
            cells = cells.filter(~pl.col("row").is_in(odd.implode()))
        return Rows(lines, cells)

    def _ascending(self, numbers: pl.Series) -> bool:
        before, self._row = self._row, int(numbers[-1])
        return int(numbers[0]) > before and bool((numbers.diff().drop_nulls() > 0).all())

    def _no_markup(self, around: bytes) -> None:
        if _MARKUP.search(around):
            raise Unusual

    def _check_heads(self, heads: pl.Series) -> None:
        """Raise Unusual where a row's tag names an attribute twice, or one of an unknown namespace."""
        for pattern in set(heads.str.replace_all('="[^"<&]*"', "").unique()) - self._patterns:
            for tag in re.findall("<row([^>]*)>", pattern):
                names = tag.rstrip("/").split()
                spaces = {name.rpartition(":")[0] for name in names} - {""}
                if len(set(names)) != len(names) or any(
                    name.count(":") > 1 or name.startswith((":", "xml")) or name[:1].isdigit()
                    for name in names
                ):
                    raise Unusual
                if any(b" xmlns:%s=" % space.encode() not in self.head for space in spaces):
                    raise Unusual
                if any(not re.fullmatch("[A-Za-z][A-Za-z0-9]*", name.rpartition(":")[2]) for name in names):
                    raise Unusual
                if "r" not in names:
                    raise Unusual
            self._patterns.add(pattern)
