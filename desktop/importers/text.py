"""From the bytes of a text file to a grid: encoding, separator and rows as Excel would count them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.encoding import find_encoding
from desktop.importers.grid import Grid, text_column

SEPARATORS = (",", "\t", ";", "|", "^", "~")
MAX_WIDTH = 16_384
_BATCH = 50_000
_SEP_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
csv.field_size_limit(1 << 24)


def read_text(path: Path, encoding: str | None = None, separator: str | None = None) -> tuple[Grid, str]:
    """Return the grid and the encoding of a text file; raise InvalidInput if it is no text.

    An encoding or a separator that a person chose is taken as it is.
    """
    content = path.read_bytes()
    if encoding is not None:
        _require_codec(encoding)
    encoding = encoding or find_encoding(content)
    if encoding is None:
        raise InvalidInput(
            "encoding_unknown",
            N_("The file's encoding was not recognised."),
            remedy=N_("Open it in Excel or WPS and save it as .xlsx or as “CSV UTF-8”."),
        )
    text = content.decode(encoding, "replace").removeprefix("\ufeff")
    del content
    found, skip = find_separator(text)
    separator = separator or found
    return _grid(text, separator, skip), encoding.removesuffix(
        "-sig"
    ) if encoding != "utf-8-sig" else "utf-8-sig"


def _require_codec(name: str) -> None:
    try:
        if codecs.lookup(name)._is_text_encoding:
            return
    except LookupError:
        pass
    raise InvalidInput(
        "encoding_unknown",
        N_("There is no encoding named “{name}”."),
        remedy=N_("Choose one such as utf-8, gb18030, big5 or cp1252."),
        name=name,
    )


def find_separator(text: str) -> tuple[str, int]:
    """Return the separator and how many lines (a `sep=` line) come before the table."""
    first = text[:100].split("\n", 1)[0].rstrip("\r")
    told = _SEP_LINE.match(first)
    if told:
        return told[1], 1
    sample = text[:200_000]
    scores = {separator: _score(sample, separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: scores[separator])
    return (best if scores[best] > 0 else ","), 0


def _score(sample: str, separator: str) -> float:
    """How regular the rows are when cut at this separator: agreeing width, weighted by that width."""
    if separator not in sample:
        return 0.0
    widths: Counter[int] = Counter()
    for row in _rows(sample, separator):
        if any(cell.strip() for cell in row):
            widths[len(row)] += 1
        if widths.total() >= 200:
            break
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0
    width, count = max(several.items(), key=lambda item: item[1] * min(item[0], 12) ** 0.5)
    share = count / widths.total()
    return float(share * min(width, 12) ** 0.5) * (1.0 if separator in ",\t;" else 0.9)


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    lines = io.StringIO(text, newline="")
    quoted = csv.reader(_clean(lines), delimiter=separator, skipinitialspace=False)
    try:
        yield from quoted
    except csv.Error:
        return


def _clean(lines: io.StringIO) -> Iterator[str]:
    """Yield lines without zero characters, lone CR counted as a line end too."""
    for line in lines:
        yield line.replace("\x00", "") if "\x00" in line else line


def _grid(text: str, separator: str, skip: int) -> Grid:
    batches: list[pl.DataFrame] = []
    rows: list[list[str]] = []
    width = 0
    lines = _clean(io.StringIO(text, newline=""))
    if _quote_left_open(text, separator):
        reader = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=separator)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) >= _BATCH:
                batches.append(_batch(rows))
                rows = []
    except csv.Error as error:
        raise InvalidInput(
            "damaged",
            N_("Line {line} of the text file cannot be read: a cell is far too long."),
            remedy=N_("Look for a quotation mark that is never closed near that line."),
            line=reader.line_num,
        ) from error
    batches.append(_batch(rows))
    width = max(batch.width for batch in batches)
    if width > MAX_WIDTH:
        raise InvalidInput(
            "too_large",
            N_("The file has more than 16,384 columns."),
            remedy=N_("Check the separator: a table for people has far fewer columns."),
        )
    table = pl.concat(batches, how="diagonal") if len(batches) > 1 else batches[0]
    pairs = [text_column(table[f"c{i}"]) for i in range(width)]
    del table
    # A `sep=` line is a row of its own in a text editor but not in Excel, whose numbers we keep.
    grid = Grid([values for values, _ in pairs], [kinds for _, kinds in pairs])
    if skip:
        grid = Grid([c.slice(skip) for c in grid.columns], [k.slice(skip) for k in grid.kinds])
    return grid


def _quote_left_open(text: str, separator: str) -> bool:
    """Whether a quotation mark that is never closed swallows the rest of the file into one cell."""
    if text.count('"') % 2 == 0:
        return False
    before = swallowed = 0
    reader = csv.reader(_clean(io.StringIO(text, newline="")), delimiter=separator)
    try:
        for _ in reader:
            swallowed, before = reader.line_num - before, reader.line_num
    except csv.Error:
        return True
    return before > 0 and swallowed > 3


def _batch(rows: list[list[str]]) -> pl.DataFrame:
    width = max(map(len, rows), default=0)
    if width > MAX_WIDTH:
        return pl.DataFrame({f"c{i}": pl.Series([], dtype=pl.String) for i in range(width)})
    if any(len(row) != width for row in rows):
        rows = [row + [""] * (width - len(row)) for row in rows]
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pl.DataFrame(
        {f"c{i}": pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)},
    )
