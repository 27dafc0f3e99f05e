"""Large tables: XlsxWriter makes the sheet's frame with model cells, the data is written between them in columns.

The frame holds everything that is not data (title, header, totals, native table, widths, panes, print set-up), so
a large sheet differs from a small one in nothing but in how fast its rows are written. The rows go out a chunk at
a time, so that memory does not grow with the table.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from desktop.exporters.cell_columns import Contents, contents
from desktop.exporters.cells import LONGEST_TEXT, clean_text
from desktop.exporters.layouts import Formula, FrameRows, Kind, Sheet
from desktop.exporters.zipped import PackageWriter
from desktop.i18n import Locale

if TYPE_CHECKING:
    import polars as pl

BIG = 5_000
"""Rows from which a table is written in columns."""
_CELLS = 100_000
"""Cells of a chunk."""
_ESCAPE = "_x[0-9A-Fa-f]{4}_"
_MODEL_CELL = re.compile(rb'<c r="([A-Z]+)\d+" s="(\d+)"')
_TABLE_END = re.compile(rb'( ref="[A-Z]+\d+:[A-Z]+)\d+"')


@dataclass(frozen=True, slots=True)
class Filling:
    """The data of one large sheet: the parts of its sheet and its table, its first row (from 0), and for whom."""

    path: str
    table: str
    kinds: tuple[Kind, ...]
    rows: Sequence[Sequence[Any]]
    first: int
    locale: Locale

    @property
    def last(self) -> int:
        """The row of the last data line, from 0."""
        return self.first + len(self.rows) - 1


def is_big(part: Sheet) -> bool:
    """Whether a table is written in columns: many rows, and each cell looks like the others of its column.

    Texts that look like an escape of the format (_x0041_) need the shared strings, where every reader knows them.
    """
    if len(part.rows) < BIG or part.marks or not part.columns:
        return False
    return not any(isinstance(value, Formula) for value in part.rows[0]) and not _looks_escaped(part.rows)


def _looks_escaped(rows: Sequence[Sequence[Any]]) -> bool:
    if isinstance(rows, FrameRows):
        texts = (series for series in rows.frame.get_columns() if series.dtype.to_python() is str)
        return any(series.str.contains(_ESCAPE).any() for series in texts)
    return any(
        isinstance(value, str) and "_x" in value and bool(re.search(_ESCAPE, value))
        for row in rows
        for value in row
    )


def chunks(filling: Filling) -> Iterator[tuple[int, list[Contents]]]:
    """Yield (first row, cell contents of each column) a chunk at a time."""
    width = len(filling.kinds)
    step = max(_CELLS // width, 100)
    for start in range(0, len(filling.rows), step):
        columns = _columns(filling.rows, start, start + step)
        if len(columns) != width:
            raise ValueError(f"{len(columns)} values for {width} columns")

        yield (
            filling.first + start,
            [
                contents(values, kind, filling.locale)
                for values, kind in zip(columns, filling.kinds, strict=True)
            ],
        )


def _columns(rows: Sequence[Sequence[Any]], start: int, stop: int) -> list[Any]:
    if isinstance(rows, FrameRows):
        return list(rows.frame.slice(start, stop - start).get_columns())
    return list(zip(*rows[start:stop], strict=True))


def long_texts(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[int, int, int]]:
    """Yield (row, column, length in UTF-16 units) of the texts that have to be cut."""
    if isinstance(rows, FrameRows):
        import polars as pl

        for col, series in enumerate(rows.frame.get_columns()):
            if series.dtype == pl.String:
                for row in (series.str.len_bytes() > LONGEST_TEXT).fill_null(value=False).arg_true():
                    yield from _cut(row, col, series[row])
        return
    for row, values in enumerate(rows):
        for col, value in enumerate(values):
            if isinstance(value, str) and len(value) * 2 > LONGEST_TEXT:
                yield from _cut(row, col, value)


def _cut(row: int, col: int, text: str) -> Iterator[tuple[int, int, int]]:
    length = clean_text(text)[1]
    if length:
        yield row, col, length


def filled(package: bytes, fillings: Sequence[Filling]) -> bytes:
    """Return the package with the data of its large sheets in place of the model rows."""
    by_path = {filling.path: filling for filling in fillings}
    by_table = {filling.table: filling for filling in fillings}
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as parts:
        writer = PackageWriter(out)
        for part in parts.infolist():
            filling, table = by_path.get(part.filename), by_table.get(part.filename)
            if filling:
                writer.add_pieces(part.filename, sheet_pieces(parts.read(part), filling))
            elif table:
                writer.add(part.filename, _TABLE_END.sub(rb'\g<1>%d"' % (table.last + 1), parts.read(part)))
            else:
                writer.copy(parts, part)
        writer.close()
    return out.getvalue()


def sheet_pieces(frame: bytes, filling: Filling) -> Iterator[bytes]:
    """Yield the XML of a large sheet: head, rows, tail."""
    begin = frame.index(b'<row r="%d"' % (filling.first + 1))
    end = frame.index(b"</row>", frame.index(b'<row r="%d"' % (filling.last + 1))) + len(b"</row>")
    models = frame[begin:end].split(b"</row>")
    letters = [match[1].decode() for match in _MODEL_CELL.finditer(models[0])]
    styles = [
        tuple(match[2].decode() for match in _MODEL_CELL.finditer(models[index])) for index in (0, 1, -2)
    ]
    yield frame[:begin]
    for first, columns in chunks(filling):
        length = min(len(filling.rows) - (first - filling.first), max(_CELLS // len(letters), 100))
        yield _rows_xml(first, length, columns, letters, styles)
    yield frame[end:]


def _rows_xml(
    first: int, length: int, columns: list[Contents], letters: list[str], styles: list[tuple[str, ...]]
) -> bytes:
    """Return the rows of a chunk; styles are those of numbers, of empty cells and of texts, by column."""
    import polars as pl

    lit = pl.lit
    chunk = pl.DataFrame({"r": pl.int_range(first + 1, first + 1 + length, eager=True)}).cast(pl.String)
    pieces: list[Any] = [lit('<row r="'), pl.col("r"), lit('">')]
    for col, (letter, found) in enumerate(zip(letters, columns, strict=True)):
        number, blank, text = (style[col] for style in styles)
        place: list[Any] = [lit(f'<c r="{letter}'), pl.col("r")]
        blank_cell = [*place, lit(f'" s="{blank}"/>')]
        options: list[tuple[str, list[Any]]] = []
        if found.numbers is not None:
            chunk = chunk.with_columns(found.numbers.alias(f"n{col}"))
            options.append((f"n{col}", [*place, *_number_cell(f"n{col}", number)]))
        if found.texts is not None:
            chunk = chunk.with_columns(found.texts.alias(f"t{col}"))
            options.append((f"t{col}", [*place, *_text_cell(f"t{col}", text, chunk)]))
        if not options:
            pieces += blank_cell
        elif len(options) == 1 and not chunk[options[0][0]].null_count():
            pieces += options[0][1]
        else:
            cell = pl.concat_str(blank_cell)
            for name, made in options:
                cell = pl.when(pl.col(name).is_not_null()).then(pl.concat_str(made)).otherwise(cell)
            pieces.append(cell)
    pieces.append(lit("</row>"))
    # As bytes at once: Python would hold each Han text at two to four bytes a sign in between.
    joined: bytes = chunk.select(pl.concat_str(pieces).str.join("").cast(pl.Binary)).item()
    return joined


def _number_cell(name: str, style: str) -> list[pl.Expr]:
    import polars as pl

    return [pl.lit(f'" s="{style}"><v>'), pl.col(name), pl.lit("</v></c>")]


def _text_cell(name: str, style: str, chunk: pl.DataFrame) -> list[pl.Expr]:
    """Return the pieces of a text cell; blanks at its ends and line ends are kept by a mark of XML."""
    import polars as pl

    keeping = pl.col(name).str.contains(r"^\s|\s$|\n")
    mark = pl.lit("")
    if chunk.select(keeping.any()).item():
        mark = pl.when(keeping).then(pl.lit(' xml:space="preserve"')).otherwise(pl.lit(""))
    return [
        pl.lit(f'" s="{style}" t="inlineStr"><is><t'),
        mark,
        pl.lit(">"),
        pl.col(name),
        pl.lit("</t></is></c>"),
    ]
