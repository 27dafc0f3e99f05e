"""Two large sheets are compared in columns, and only the rows that may differ are left to be compared cell by cell.

Nothing is decided here but that a row says the very same in both files; whatever is not surely the same, or not
plainly written, goes on as XML to the readers that name every changed cell. So a fault here could make verification
slow, but every difference is still found and told by `verify`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.exporters.plain_cells import NUMBER, TRUTH
from desktop.exporters.plain_rows import Rows, RowStream
from desktop.exporters.verify import is_date, shown_digits

if TYPE_CHECKING:
    import polars as pl

MOST_KEPT = 5_000
"""Rows with differences that are kept; more differing cells than are ever listed lie in them."""
MOST_CELLS = 25_000_000
"""Plain cells of one sheet; a sheet of a million rows and twenty columns has fewer."""


class TooMany(Exception):
    """More cells than any report holds."""


@dataclass(slots=True)
class Leftover:
    """The XML of both sheets without the rows that are the same, and how many differing cells were only counted."""

    approved: bytes
    found: bytes
    counted: int
    height: int


@dataclass(slots=True)
class _Side:
    """One sheet while it is walked through: what was read and not yet compared, and what is kept.

    The next piece is read while the one before it is compared: rows of the two files end at different places, so
    that waiting for both would read one after the other.
    """

    stream: RowStream
    pieces: Iterator[Rows]
    pool: ThreadPoolExecutor
    coming: Future[Rows | None] | None = None
    waiting: Rows | None = None
    kept: list[bytes] = field(default_factory=list)
    cells: int = 0
    height: int = 0

    def ahead(self) -> None:
        """Have the next piece read."""
        self.coming = self.pool.submit(next, self.pieces, None)

    def refill(self) -> None:
        import polars as pl

        if self.waiting is None and self.coming is not None:
            self.waiting = self.coming.result()
            self.coming = None
            if self.waiting is not None:
                self.ahead()
                self.cells += len(self.waiting.cells)
                odd = self.waiting.lines.filter(~pl.col("plain"))["row"]
                rows = pl.concat([odd, self.waiting.cells["row"]])
                self.height = int(rows.max()) if len(rows) else self.height  # type: ignore[arg-type]
                if self.cells > MOST_CELLS:
                    raise TooMany

    def taken(self, last: int) -> Rows | None:
        """Return the waiting rows up to `last`, and keep the others waiting."""
        import polars as pl

        rows = self.waiting
        if rows is None or rows.last <= last:
            self.waiting = None
            return rows
        upto, after = pl.col("row") <= last, pl.col("row") > last
        self.waiting = Rows(rows.lines.filter(after), rows.cells.filter(after))
        return Rows(rows.lines.filter(upto), rows.cells.filter(upto))

    def keep(self, rows: Rows | None, wanted: pl.Series) -> None:
        import polars as pl

        if rows is not None and len(wanted):
            for raw in rows.lines.filter(pl.col("row").is_in(wanted.implode()))["raw"]:
                self.kept.append(raw.encode() + b"</row>")

    def leftover(self) -> bytes:
        return self.stream.head + b"".join(self.kept) + self.stream.tail


def leftover(approved: RowStream, found: RowStream, formats: tuple[list[str], list[str]]) -> Leftover:
    """Return what has to be compared cell by cell; raise Unusual or TooMany."""
    dates = [style for style, code in enumerate(formats[0]) if is_date(code)]
    with ThreadPoolExecutor(2, thread_name_prefix="verify") as pool:
        sides = _Side(approved, iter(approved), pool), _Side(found, iter(found), pool)
        counted = _walked(sides, dates)
    height = max(side.height for side in sides)
    return Leftover(sides[0].leftover(), sides[1].leftover(), counted, height)


def _walked(sides: tuple[_Side, _Side], dates: list[int]) -> int:
    """Compare all rows, keep those that may differ, and return how many cells differ beyond the kept ones."""
    counted = 0
    kept = 0
    for side in sides:
        side.ahead()
    while True:
        for side in sides:
            side.refill()
        lasts = [side.waiting.last for side in sides if side.waiting is not None]
        if not lasts:
            break
        ours, theirs = (side.taken(min(lasts)) for side in sides)
        odd, differing, count = _compared(ours, theirs, dates)
        if kept >= MOST_KEPT:
            counted += count
            wanted = odd
        else:
            wanted = odd.append(differing)
            kept += len(differing)
        sides[0].keep(ours, wanted)
        sides[1].keep(theirs, wanted)
    return counted


def _compared(ours: Rows | None, theirs: Rows | None, dates: list[int]) -> tuple[pl.Series, pl.Series, int]:
    """Return the rows that are not plain, the plain ones that differ, and in how many cells these do."""
    import polars as pl

    both = [rows for rows in (ours, theirs) if rows is not None]
    odd = pl.concat([rows.lines.filter(~pl.col("plain"))["row"] for rows in both]).unique()
    left, right = (rows.cells if rows is not None else both[0].cells.clear() for rows in (ours, theirs))
    if len(odd):
        left, right = (cells.filter(~pl.col("row").is_in(odd.implode())) for cells in (left, right))
    if left["key"].equals(right["key"]):
        pairs = left.hstack(right.rename({name: f"{name}_right" for name in right.columns}))
    else:
        pairs = left.join(right, on="key", how="full", coalesce=False)
    other = pairs.filter(~_equal(pairs).fill_null(value=False))
    other = other.filter(~_same(other, dates))
    rows = other.select(pl.coalesce("row", "row_right").alias("row"))["row"]
    return odd, rows.unique(), len(rows)


def _equal(pairs: pl.DataFrame) -> pl.Series:
    """Tell which pairs of cells hold the very same; null where one is missing."""
    import polars as pl

    value = pl.col("text").eq_missing(pl.col("text_right")) & pl.col("number").eq_missing(
        pl.col("number_right")
    )
    return pairs.select((pl.col("kind") == pl.col("kind_right")) & value)["kind"]


def _same(pairs: pl.DataFrame, dates: list[int]) -> pl.Series:
    """Tell which pairs of cells hold the same, as `verify` tells it of two cells."""
    import polars as pl

    a, b = pl.col("number"), pl.col("number_right")
    pairs = pairs.with_columns(
        alike=(pl.col("kind") == pl.col("kind_right")).fill_null(value=False),
        day=pl.col("style").is_in(dates),
        counts=pl.col("kind").is_in([NUMBER, TRUTH]),
    )
    seconds = (a * 86_400.0).round(mode="half_to_even") == (b * 86_400.0).round(mode="half_to_even")
    equal = (
        pl.when(~pl.col("counts"))
        .then(pl.col("text") == pl.col("text_right"))
        .otherwise((a == b) | (pl.col("day") & seconds & (pl.col("kind") == NUMBER)))
        .fill_null(value=False)
    )
    pairs = pairs.with_columns(equal=pl.col("alike") & equal)
    close = pl.col("alike") & ~pl.col("equal") & (pl.col("kind") == NUMBER) & ~pl.col("day")
    # Where digits beyond the fifteenth were dropped, the two numbers are near each other; others are not looked at.
    close = close & ((a - b).abs() <= (a.abs() + b.abs()) * 1e-14)
    at = _true(pairs, close)
    if len(at):
        near = pairs[at].select("number", "number_right").rows()
        same = pl.Series([shown_digits(one) == other for one, other in near])
        return pairs["equal"].scatter(at.filter(same), values=True)
    return pairs["equal"]


def _true(pairs: pl.DataFrame, condition: pl.Expr) -> pl.Series:
    return pairs.select(condition.fill_null(value=False).alias("at"))["at"].arg_true()
