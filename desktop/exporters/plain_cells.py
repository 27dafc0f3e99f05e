"""The plain cells of many rows at once: most cells of a column are written alike but for their row and their value.

What the first cell of a column looks like is read by a narrow grammar; the others are held to the very same text around
their value. So nothing is plain that the grammar would not have taken, and few cells have to go through it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.letters import column_letters, column_number

if TYPE_CHECKING:
    import polars as pl

NUMBER, TEXT, TRUTH, ERROR = 1, 2, 3, 4
_SHAPES = 6
"""Ways in which the cells at one place of their rows are written, before the grammar is asked about the others."""
_CELL = (
    r'^r="([A-Z]+)([0-9]+)"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    r'(?: ?/>|></c>|><v>([^<]*)</v></c>|><is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>)[ \t\r\n]*$'
)
_CELL_PATTERN = re.compile(_CELL[:-1] + r"\Z")
_NUMERAL = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_SIGNS = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&#10;", "\n"), ("&amp;", "&"))
_KNOWN = "&(?:lt|gt|quot|apos|amp|#10);"


@dataclass(frozen=True, slots=True)
class Styles:
    """What cell styles mean here: how many there are, and which of them no plain cell may have."""

    count: int
    refused: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a cell is written: the text before its row, up to its value, and behind; where, and as what."""

    before: str
    middle: str
    behind: str
    column: int
    style: int
    type: str
    way: str


def plain_cells(lines: pl.DataFrame, strings: pl.Series, styles: Styles) -> tuple[pl.DataFrame, pl.Series]:
    """Return the filled cells of rows (row, place, pieces) in their order, and the rows that are not plain.

    Cells are: row, key (row times 2^14 + column), kind, style, number, text.
    """
    import polars as pl

    groups: dict[tuple[str, str], list[pl.DataFrame]] = {}
    odd: list[pl.Series] = [lines["row"].clear()]
    for at in range(1, int(lines["pieces"].list.len().max() or 1)):  # type: ignore[arg-type]
        cells = lines.select("row", "place", pl.col("pieces").list.get(at, null_on_oob=True).alias("cell"))
        cells = cells.drop_nulls("cell")
        for _ in range(_SHAPES):
            shape = _shape(*cells.row(0)[1:]) if len(cells) else None
            if shape is None:
                break
            told, cells = _shaped(cells, shape)
            groups.setdefault((shape.type, shape.way), []).append(told)
        if len(cells):
            for (kind, way), told in _by_grammar(cells, odd):
                groups.setdefault((kind, way), []).append(told)
    found = [lines.select("row").clear().with_columns(**_no_cells())]
    for (kind, way), parts in groups.items():
        cells = _valued(kind, way, pl.concat(parts), strings)
        allowed = pl.col("style").is_between(0, styles.count - 1) & pl.col("column").is_between(1, 16_384)
        plain = allowed & ~pl.col("style").is_in(sorted(styles.refused)) & pl.col("known")
        cells = cells.with_columns(plain=plain.fill_null(value=False))
        odd.append(cells.filter(~pl.col("plain"))["row"])
        key = pl.col("row") * 16_384 + pl.col("column") - 1
        found.append(cells.select("row", key.alias("key"), "kind", "style", "number", "text"))
    cells = pl.concat(found).sort("key")
    odd.append(cells.filter(pl.col("key").diff() == 0)["row"])
    return cells.filter(pl.col("kind").is_not_null()), pl.concat(odd).unique()


def _no_cells() -> dict[str, pl.Expr]:
    import polars as pl

    types = {"key": pl.Int64, "kind": pl.Int8, "style": pl.Int64, "number": pl.Float64, "text": pl.String}
    return {name: pl.lit(None, dtype=dtype) for name, dtype in types.items()}


def _shape(place: str, cell: str) -> _Shape | None:
    """Return how a cell is written, None for one that the grammar does not know."""
    match = _CELL_PATTERN.match(cell)
    if match is None or match[2] != place:
        return None
    way = "value" if match[5] is not None else "inline" if match[6] is not None else ""
    start, end = match.span(5 if match[5] is not None else 6) if way else (len(cell), len(cell))
    column, style = _column(match[1]), int(match[3] or 0)
    before, middle = cell[: match.start(2)], cell[match.end(2) : start]
    return _Shape(before, middle, cell[end:], column, style, match[4] or "n", way)


def _shaped(cells: pl.DataFrame, shape: _Shape) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cells that are written like this, with their values, and the others."""
    import polars as pl

    cell, place = pl.col("cell"), pl.col("place")
    around = pl.concat_str(pl.lit(shape.before), place, pl.lit(shape.middle))
    if shape.way:
        said = cells.select(cell.str.strip_prefix(around).str.strip_suffix(shape.behind)).to_series()
        taken = len((shape.before + shape.middle + shape.behind).encode())
        # Only a cell that lost what is before and behind the value is that much shorter.
        lost = cells["cell"].str.len_bytes() - said.str.len_bytes() == cells["place"].str.len_bytes() + taken
        fits = lost & ~said.str.contains("<", literal=True)
    else:
        said = pl.Series("said", [None], dtype=pl.String).new_from_index(0, len(cells))
        fits = cells.select(cell == around).to_series()
    told = pl.DataFrame({"row": cells["row"], "said": said})
    if fits.all():
        cells = cells.clear()
    else:
        told, cells = told.filter(fits), cells.filter(~fits)
    column, style = (pl.lit(number, dtype=pl.Int64) for number in (shape.column, shape.style))
    return told.with_columns(column=column, style=style), cells


def _by_grammar(cells: pl.DataFrame, odd: list[pl.Series]) -> list[tuple[tuple[str, str], pl.DataFrame]]:
    """Read cells one by one; rows of those that the grammar does not know are added to the odd ones."""
    import polars as pl

    names = ["letters", "number", "style", "type", "value", "inline"]
    groups = pl.col("cell").str.extract_groups(_CELL).struct.rename_fields(names)
    cells = cells.select("row", "place", groups.alias("found")).unnest("found")
    letters = cells["letters"].unique().drop_nulls()
    columns = {name: _column(name) for name in letters}
    right = (pl.col("number") == pl.col("place")).fill_null(value=False)
    odd.append(cells.filter(~right)["row"])
    way = pl.when(pl.col("value").is_not_null()).then(pl.lit("value"))
    cells = cells.filter(right).select(
        "row",
        said=pl.coalesce("value", "inline"),
        column=pl.col("letters").replace_strict(columns, default=0, return_dtype=pl.Int64),
        style=pl.col("style").fill_null("0").cast(pl.Int64, strict=False),
        type=pl.col("type").fill_null("n"),
        way=way.when(pl.col("inline").is_not_null()).then(pl.lit("inline")).otherwise(pl.lit("")),
    )
    parts = cells.partition_by("type", "way", as_dict=True)
    return [((str(kind), str(way)), part.drop("type", "way")) for (kind, way), part in parts.items()]


def _column(letters: str) -> int:
    column = column_number(letters[:4])
    return column if column_letters(column) == letters else 0


def _valued(type_: str, way: str, cells: pl.DataFrame, strings: pl.Series) -> pl.DataFrame:
    """Add kind (null: empty or not foreseen), number, text, and whether what the cell says is known."""
    import polars as pl

    said = cells["said"]
    number, text, kind = pl.Series([None], dtype=pl.Float64), pl.Series([None], dtype=pl.String), None
    if type_ == "n" and way == "value":
        number = said.cast(pl.Float64, strict=False)
        fine = said.str.contains(_NUMERAL) & number.is_finite().fill_null(value=False)
        number, kind = _only(number, fine), NUMBER
    elif type_ == "b" and way == "value":
        number, kind = said.replace_strict({"1": 1.0, "0": 0.0}, default=None, return_dtype=pl.Float64), TRUTH
    elif type_ == "s" and way == "value":
        index = _only(said, said.str.contains("^[0-9]{1,9}$")).cast(pl.Int64)
        text = strings.gather(_only(index, index < len(strings))) if len(strings) else text
        kind = TEXT
    elif (type_ == "inlineStr" and way == "inline") or (type_ in ("str", "e") and way == "value"):
        text, kind = _unescaped(said), ERROR if type_ == "e" else TEXT
    cells = cells.with_columns(
        number=number if len(number) == len(cells) else pl.lit(None, dtype=pl.Float64),
        text=text if len(text) == len(cells) else pl.lit(None, dtype=pl.String),
    )
    told = pl.col("number").is_not_null() | (pl.col("text") != "").fill_null(value=False)
    cells = cells.with_columns(kind=pl.when(told).then(pl.lit(kind, dtype=pl.Int8)))
    return cells.with_columns(known=told | (pl.col("text") == "").fill_null(value=False) | pl.lit(way == ""))


def _only(series: pl.Series, wanted: pl.Series) -> pl.Series:
    """Return a series with null where it is not wanted."""
    return series if wanted.all() else series.set(~wanted.fill_null(value=False), None)


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
            if frame.select(pl.col("t").str.contains(entity, literal=True).any()).item():
                text = text.str.replace_all(entity, sign, literal=True)
        frame = frame.select(pl.when(known).then(text).alias("t"))
    return frame["t"]
