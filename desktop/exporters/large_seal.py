"""Large sheets are sealed, and their seals proven, in columns: what `signature` signs of each cell, never all at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from desktop.exporters.large_book import LargeBook
from desktop.exporters.plain_cells import ERROR, NUMBER, TEXT, TRUTH
from desktop.exporters.plain_rows import Rows, RowStream, Unusual
from desktop.exporters.signature import SEAL_SHEET, Sums, TallSheet, areas_of, said_of
from desktop.exporters.stored import StoredBook, StoredSheet, reading
from desktop.exporters.verify import is_date, shown_digits

if TYPE_CHECKING:
    import polars as pl

_EXACT = 1e12
"""Numbers below it with at most two or six places are what fifteen digits say of them."""
_ROOT = re.compile(rb"<((?:\w+:)?worksheet)[\s>]")


def sealed_book(content: bytes, name: str) -> tuple[StoredBook, dict[str, TallSheet]]:
    """Return a workbook, and its large sheets as their digests; raise InvalidInput if it is no readable one."""
    large = LargeBook(content, name)
    tall: dict[str, TallSheet] = {}
    with reading(content, name):
        seal = large.book.sheets.get(SEAL_SHEET)
        if seal is not None and seal.waits:
            large.book.sheets[SEAL_SHEET] = large.filled(seal)
        # What is there to be filled in is looked at cell by cell.
        slow = {area.sheet for area in areas_of(large.book)}
        for key, sheet in large.book.sheets.items():
            if not sheet.waits or key == SEAL_SHEET:
                continue
            try:
                if key in slow:
                    raise Unusual
                large.book.sheets[key], tall[key] = _tall(large, sheet)
            except Unusual:
                large.book.sheets[key] = large.filled(sheet)
    return large.book, tall


def _tall(book: LargeBook, sheet: StoredSheet) -> tuple[StoredSheet, TallSheet]:
    """Return a sheet with the cells of its rows that are not plain, and what all of its rows come to."""
    stream = book.rows(sheet, disguised=True)
    dates = [style for style, code in enumerate(book.reader.formats) if is_date(code)]
    sums, numbers = Sums(), []
    kept = StoredSheet(sheet.name, sheet.hidden, covered=sheet.covered)
    for rows in stream:
        odd = _odd(book, sheet, stream, rows)
        for mine, theirs in (
            (kept.cells, odd.cells),
            (kept.results, odd.results),
            (kept.formats, odd.formats),
        ):
            mine.update(theirs)  # type: ignore[arg-type]
        _add(sums, _told(rows.cells, dates), odd)
        numbers.append(rows.cells.filter(rows.cells["kind"] == NUMBER).select("row", "key", "number"))
    return kept, TallSheet(tuple(sums.lines(sheet.name)), lambda *area: _total(numbers, *area))


def _odd(book: LargeBook, sheet: StoredSheet, stream: RowStream, rows: Rows) -> StoredSheet:
    """Return the rows that are not plain, as the reader of single cells reads them."""
    raws = [raw.encode() + b"</row>" for raw in rows.lines.filter(~rows.lines["plain"])["raw"]]
    root = _ROOT.search(stream.head)
    if not raws or root is None:
        return StoredSheet(sheet.name)
    return book.filled(sheet, b"%s%s</sheetData></%s>" % (stream.head, b"".join(raws), root[1]))


def _add(sums: Sums, told: pl.DataFrame, odd: StoredSheet) -> None:
    """Add some rows to the digests: the plain ones, and those that are not, in their order."""
    import polars as pl

    if odd.cells:
        more = [(*place, said_of(odd, place).decode("utf-8", "surrogatepass")) for place in odd.cells]
        told = pl.concat([told, pl.DataFrame(more, schema=told.schema, orient="row")]).sort("row", "column")
    whole = told.group_by("row", maintain_order=True).agg(pl.col("said").str.join(""))
    for row, said in whole.iter_rows():
        sums.rows[row] = hashlib.sha256(said.encode()).digest()
    whole = told.group_by("column", maintain_order=True).agg(pl.col("said").str.join(""))
    for column, said in whole.iter_rows():
        sums.columns.setdefault(column, hashlib.sha256()).update(said.encode())


def _told(cells: pl.DataFrame, dates: list[int]) -> pl.DataFrame:
    """Return (row, column, said): of each plain cell what `signature.said_of` says of it."""
    import polars as pl

    number, kind = pl.col("number"), pl.col("kind")
    day = (kind == NUMBER) & pl.col("style").is_in(dates)
    cells = cells.with_columns(
        letter=pl.when(day)
        .then(pl.lit("d"))
        .otherwise(
            kind.replace_strict({NUMBER: "n", TEXT: "s", TRUTH: "b", ERROR: "e"}, return_dtype=pl.String)
        ),
        day=day,
        column=pl.col("key") % 16_384 + 1,
    )
    value = pl.when(kind == TRUTH).then(pl.when(number == 1).then(pl.lit("True")).otherwise(pl.lit("False")))
    cells = cells.with_columns(bits=_bits(cells), value=value.otherwise(pl.col("text")))
    seconds = cells.filter("day")["number"].to_list()
    if seconds:
        moments = pl.Series([str(round(one * 86_400)) for one in seconds])
        at = cells["day"].arg_true()
        cells = cells.with_columns(value=cells["value"].scatter(at, moments))
    bits = pl.when(pl.col("letter") == "n").then(pl.col("bits").cast(pl.String))
    cells = cells.with_columns(value=bits.otherwise(pl.col("value")))
    bar = pl.lit("|")
    size = pl.col("value").str.len_bytes().cast(pl.String)
    said = pl.concat_str("row", bar, "column", bar, "letter", size, bar, "value", pl.lit(";"))
    return cells.select("row", "column", said=said)


def _bits(cells: pl.DataFrame) -> pl.Series:
    """Return the bits of each number, as the fifteen digits that every program keeps say it."""
    import polars as pl

    wanted = cells.select(((pl.col("kind") == NUMBER) & ~pl.col("day")).alias("at"))["at"].to_numpy()
    numbers: Any = cells["number"].fill_null(0.0).to_numpy() + 0.0
    plain = abs(numbers) < _EXACT
    # The double that is nearest to so many hundredths is what their digits say. (polars would divide less exactly.)
    for scale in (100.0, 1_000_000.0):
        whole = (numbers * plain * scale).round()
        wanted = wanted & ~(plain & (abs(whole) < 1e15) & (whole / scale == numbers))
    for at in wanted.nonzero()[0].tolist():
        numbers[at] = shown_digits(float(numbers[at]))
    return pl.Series("bits", (numbers + 0.0).view("uint64"))


def _total(numbers: list[pl.DataFrame], top: int, left: int, bottom: int, right: int) -> float:
    """Return what the plain numbers of an area add up to."""
    import math

    import polars as pl

    def inside() -> Iterator[float]:
        column = pl.col("key") % 16_384 + 1
        for part in numbers:
            yield from part.filter(pl.col("row").is_between(top, bottom) & column.is_between(left, right))[
                "number"
            ]

    return math.fsum(inside())
