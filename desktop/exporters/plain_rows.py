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

from desktop.letters import column_letters

if TYPE_CHECKING:
    import polars as pl

PIECE = 6_000_000
"""Bytes of XML that are looked at together."""
LONGEST = 64_000_000
"""Bytes within which a row, or what stands around the rows, has to end."""
NUMBER, TEXT, TRUTH, ERROR = 1, 2, 3, 4

_ATTRIBUTES = r'(?: [A-Za-z0-9:]+="[^"<&]*")*'
_HEAD = rf"^[ \t\r\n]*(?:<row{_ATTRIBUTES} ?/>[ \t\r\n]*)*<row({_ATTRIBUTES})>[ \t\r\n]*$"
_CELL = (
    r'^r="([A-Z]+)([0-9]+)"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    r'(?: ?/>|></c>|><v>([^<]*)</v></c>|><is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>)[ \t\r\n]*$'
)
_NUMERAL = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_SIGNS = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&#10;", "\n"), ("&amp;", "&"))
_KNOWN = "&(?:lt|gt|quot|apos|amp|#10);"
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_BEYOND = (b"<!", b"<?", b"]]>", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
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


@dataclass(frozen=True, slots=True)
class Styles:
    """What cell styles mean here: how many there are, and which of them no plain cell may have."""

    count: int
    refused: frozenset[int]


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
        if _LOOSE_CELL.search(self.tail) or _LOOSE_ROW.search(self.tail):
            raise Unusual

    def _read_head(self) -> bytes:
        start = self.stream.read(PIECE)
        match = _DECLARATION.match(start)
        if not match:
            raise Unusual
        before = self._looked_at(b"", start[match.end() :])
        at = before.find(b"<row ")
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
        lines = lines.with_columns(row=pl.col("said").str.extract(r' r="([0-9]{1,7})"').cast(pl.Int64))
        numbers = lines["row"]
        if numbers.null_count() or not self._ascending(numbers):
            raise Unusual
        self._check_heads(lines["head"])
        cells = plain_cells(lines.select("row", "pieces"), self.strings, self.styles)
        odd = cells.filter(~pl.col("plain"))["row"].unique()
        hidden = pl.col("head").str.contains('hidden="(?:1|true)"')
        lines = lines.select("row", "raw", plain=~(hidden | pl.col("row").is_in(odd.implode())))
        cells = cells.filter(pl.col("kind").is_not_null() & pl.col("plain"))
        if len(odd):
            cells = cells.filter(~pl.col("row").is_in(odd.implode()))
        return Rows(lines, cells.select("row", "key", "kind", "style", "number", "text"))

    def _ascending(self, numbers: pl.Series) -> bool:
        before, self._row = self._row, int(numbers[-1])
        return int(numbers[0]) > before and bool((numbers.diff().drop_nulls() > 0).all())

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


def plain_cells(lines: pl.DataFrame, strings: pl.Series, styles: Styles) -> pl.DataFrame:
    """Return the cells of rows (row, pieces): key, kind (null: empty), style, number, text, and whether they are plain."""
    import polars as pl

    cells = (
        lines.select("row", pl.col("pieces").list.slice(1).alias("cell")).explode("cell").drop_nulls("cell")
    )
    names = ["letters", "place", "style", "type", "value", "inline"]
    groups = pl.col("cell").str.extract_groups(_CELL).struct.rename_fields(names)
    cells = cells.select("row", groups.alias("found")).unnest("found")
    letters = cells["letters"].unique().drop_nulls()
    columns = {name: _column(name) for name in letters}
    cells = cells.with_columns(
        column=pl.col("letters").replace_strict(columns, default=0, return_dtype=pl.Int64),
        style=pl.when(pl.col("style").is_null())
        .then(0)
        .otherwise(pl.col("style").cast(pl.Int64, strict=False)),
        type=pl.col("type").fill_null("n"),
        right=(pl.col("place").cast(pl.Int64, strict=False) == pl.col("row")).fill_null(value=False),
    ).with_columns(key=pl.col("row") * 16_384 + pl.col("column") - 1)
    cells = _valued(cells, strings)
    style = (pl.col("style") < styles.count).fill_null(value=False) & ~pl.col("style").is_in(
        sorted(styles.refused)
    )
    inside = pl.col("column").is_between(1, 16_384) & (pl.col("key").diff().fill_null(1) > 0)
    filled = pl.col("value").is_not_null() | pl.col("inline").is_not_null()
    known = pl.col("kind").is_not_null() | ~filled | (pl.col("text") == "").fill_null(value=False)
    return cells.with_columns(plain=pl.col("right") & style & inside & known)


def _column(letters: str) -> int:
    column = 0
    for letter in letters[:4]:
        column = column * 26 + ord(letter) - 64
    return column if column_letters(column) == letters else 0


def _valued(cells: pl.DataFrame, strings: pl.Series) -> pl.DataFrame:
    """Add kind, number and text; kind stays null where a cell is empty or not foreseen."""
    import polars as pl

    kind, value = pl.col("type"), pl.col("value")
    index = pl.when((kind == "s") & value.str.contains("^[0-9]{1,9}$")).then(value).cast(pl.Int64)
    cells = cells.with_columns(
        number=pl.when((kind == "n") & value.str.contains(_NUMERAL))
        .then(value)
        .cast(pl.Float64, strict=False),
        index=pl.when(index < len(strings)).then(index),
        own=pl.when(kind == "inlineStr").then(pl.col("inline")).when(kind.is_in(["str", "e"])).then(value),
    )
    cells = cells.with_columns(own=_unescaped(cells["own"]))
    shared = strings.gather(cells["index"]) if len(strings) else pl.Series([None], dtype=pl.String)
    cells = cells.with_columns(shared=shared if len(shared) == len(cells) else pl.lit(None, dtype=pl.String))
    truth = pl.when(value == "1").then(1.0).when(value == "0").then(0.0)
    text = pl.coalesce("shared", "own")
    told = text.is_not_null() & (text != "")
    return cells.with_columns(
        text=text,
        number=pl.when(kind == "b").then(truth).when(pl.col("number").is_finite()).then(pl.col("number")),
    ).with_columns(
        kind=pl.when((kind == "n") & pl.col("number").is_not_null())
        .then(NUMBER)
        .when((kind == "b") & pl.col("number").is_not_null())
        .then(TRUTH)
        .when((kind == "e") & told)
        .then(ERROR)
        .when(kind.is_in(["s", "str", "inlineStr"]) & told)
        .then(TEXT)
    )


def _unescaped(texts: pl.Series) -> pl.Series:
    """Return texts as XML means them; null where one holds what is read with more care."""
    import polars as pl

    frame = texts.alias("t").to_frame()
    if frame.select(pl.col("t").str.contains("_x|\r").any()).item():
        frame = frame.select(pl.when(~pl.col("t").str.contains("_x|\r")).then(pl.col("t")).alias("t"))
    if frame.select(pl.col("t").str.contains("&", literal=True).any()).item():
        known = pl.col("t").str.count_matches(_KNOWN) == pl.col("t").str.count_matches("&", literal=True)
        text = pl.col("t")
        for entity, sign in _SIGNS:
            text = text.str.replace_all(entity, sign, literal=True)
        frame = frame.select(pl.when(known).then(text).alias("t"))
    return frame["t"]
