"""From a text file to a grid: encoding, separator and rows as Excel would count them, read piece by piece."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.decoding import Progress, no_progress
from desktop.importers.encoding import find_file_encoding
from desktop.importers.fixed import find_edges, fixed_rows
from desktop.importers.grid import Grid, text_column
from desktop.importers.looks import is_header_word
from desktop.importers.separators import LONG_SEPARATORS, Cutting, find_cutting, odd_rows, quoted_rows

MAX_WIDTH = 16_384
_BATCH = 20_000
_SAMPLE = 200_000
_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*(?:[\[{"\d-]|\]\s*$))')
_SQL = re.compile(
    r"^\s*(?:create\s+(?:table|database|view|procedure|index|unique)|insert\s+into|drop\s+table|alter\s+table|go\s*$|commit\s*;)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True)
class _Text:
    """A text file that can be read from its beginning any number of times."""

    path: Path
    encoding: str
    progress: Progress = no_progress

    @contextmanager
    def lines(self) -> Iterator[Iterator[str]]:
        """Open the file as lines; what does not decode becomes the replacement character."""
        size = self.path.stat().st_size
        with self.path.open("rb") as raw:
            stream = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")
            first = stream.readline().removeprefix("\ufeff")

            def told() -> Iterator[str]:
                yield first
                while block := list(itertools.islice(stream, _BATCH)):
                    self.progress(raw.tell(), size)
                    yield from block

            yield told()

    def sample(self) -> str:
        """Return the beginning."""
        with self.path.open("rb") as raw:
            stream = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")
            return stream.read(_SAMPLE).removeprefix("\ufeff")

    def quotes(self) -> int:
        """Return the number of quotation marks."""
        total = 0
        with self.path.open("rb") as raw:
            stream = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")
            while block := stream.read(1 << 20):
                total += block.count('"')
        return total


def read_text(
    path: Path, encoding: str | None = None, separator: str | None = None, progress: Progress = no_progress
) -> tuple[Grid, str]:
    """Return the grid and the encoding of a text file; raise InvalidInput if it is no text.

    An encoding or a separator that a person chose is taken as it is.
    """
    if encoding is not None:
        _require_codec(encoding)
    found = encoding or find_file_encoding(path)
    if found is None:
        raise InvalidInput(
            "encoding_unknown",
            N_("The file's encoding was not recognised."),
            remedy=N_("Open it in Excel or WPS and save it as .xlsx or as “CSV UTF-8”."),
        )
    text = _Text(path, found, progress)
    sample = text.sample()
    refuse_other_text(sample)
    cutting = find_cutting(sample)
    if separator:
        return _grid(text, Cutting(separator, cutting.row_end, cutting.skip)), found
    if cutting.width < 3 or cutting.share < 0.3:
        edges = () if "\t" in sample[:2000].strip() else find_edges(sample)
        if len(edges) > 1:
            with text.lines() as lines:
                return _collect(fixed_rows(lines, edges)), found
        if _is_prose(sample, cutting):
            raise not_rows()
    return _grid(text, cutting), found


def refuse_other_text(sample: str) -> None:
    """Raise InvalidInput for text of another kind than rows: JSON, a database script."""
    if _JSON.match(sample) and (len(sample) >= _SAMPLE or sample.rstrip()[-1:] in "]}"):
        raise InvalidInput(
            "not_a_table",
            N_("This is a JSON document, not a table."),
            remedy=N_("Export the data as .xlsx or CSV from the program that wrote it."),
        )
    if len(_SQL.findall(sample)) >= 3:
        raise InvalidInput(
            "not_a_table",
            N_("This is a database script (SQL), not a table."),
            remedy=N_("Run it in a database and read that database, or export its tables as .xlsx or CSV."),
        )


def not_rows() -> InvalidInput:
    """Return the error of a text that is written in sentences."""
    return InvalidInput(
        "not_a_table",
        N_("This is running text, not rows of a table."),
        remedy=N_("Leave it out, or choose the separator if it is a table after all."),
    )


def _is_prose(sample: str, cutting: Cutting) -> bool:
    """Whether a text is sentences: hardly two lines of equal width, and no known header among them."""
    lines = [line.strip() for line in sample.splitlines() if line.strip()][:400]
    if len(lines) < 3 or (cutting.width > 4 and cutting.share >= 0.1):
        return False
    if cutting.share >= 0.5 and cutting.width > 1:
        return False
    for line in lines[:40]:
        cells = [cell.strip(' "') for cell in line.split(cutting.separator)]
        if sum(is_header_word(cell) for cell in cells if cell) >= min(2, len(cells)):
            return False
    sentences = sum(bool(re.search(r"[.。;；:：!?]$|[,，。] ?\S|\w \w+ \w+ \w", line)) for line in lines)
    return sentences >= 0.3 * len(lines) and statistics.median(map(len, lines)) > 15


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


def _grid(text: _Text, cutting: Cutting) -> Grid:
    with text.lines() as lines:
        for _ in range(cutting.skip):
            next(lines, "")
        if len(cutting.separator) > 1 or cutting.separator in LONG_SEPARATORS:
            return _collect(odd_rows(lines, cutting.separator, cutting.row_end))
        rows = quoted_rows(lines, cutting.separator, quotes=not _quote_left_open(text, cutting))
        try:
            return _collect(rows)
        except csv.Error as error:
            raise InvalidInput(
                "damaged",
                N_("Line {line} of the text file cannot be read: a cell is far too long."),
                remedy=N_("Look for a quotation mark that is never closed near that line."),
                line=getattr(rows, "line_num", 0),
            ) from error


def _quote_left_open(text: _Text, cutting: Cutting) -> bool:
    """Whether a quotation mark that is never closed swallows the rest of the file into one cell."""
    if text.quotes() % 2 == 0:
        return False
    before = swallowed = 0
    with text.lines() as lines:
        reader = csv.reader((line.replace("\x00", "") for line in lines), delimiter=cutting.separator)
        try:
            for _ in reader:
                swallowed, before = reader.line_num - before, reader.line_num
        except csv.Error:
            return True
    return before > 0 and swallowed > 3


def _collect(rows: Iterator[list[str]]) -> Grid:
    """Return rows as a grid, a batch at a time: a million rows as Python lists would take gigabytes."""
    texts: list[list[pl.Series]] = []
    kinds: list[list[pl.Series]] = []
    height = 0
    while batch := list(itertools.islice(rows, _BATCH)):
        width = max(map(len, batch))
        if width > MAX_WIDTH:
            raise InvalidInput(
                "too_large",
                N_("The file has more than 16,384 columns."),
                remedy=N_("Check the separator: a table for people has far fewer columns."),
            )
        while len(texts) < width:
            blank = text_column(pl.Series([None], dtype=pl.String).new_from_index(0, height))
            texts.append([blank[0]] if height else [])
            kinds.append([blank[1]] if height else [])
        for index, column in enumerate(itertools.zip_longest(*batch)):
            text, kind = text_column(pl.Series(column, dtype=pl.String))
            texts[index].append(text)
            kinds[index].append(kind)
        for index in range(width, len(texts)):
            blank = text_column(pl.Series([None], dtype=pl.String).new_from_index(0, len(batch)))
            texts[index].append(blank[0])
            kinds[index].append(blank[1])
        height += len(batch)
    return Grid([_joined(parts) for parts in texts], [_joined(parts) for parts in kinds])


def _joined(parts: list[pl.Series]) -> pl.Series:
    """Return the pieces of one column as one, each column's pieces let go before the next is joined."""
    column = pl.concat(parts, rechunk=True)
    parts.clear()
    return column
