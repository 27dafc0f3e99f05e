"""Looking through a source table for what is wrong: faults by cell, rows that pass a filter, the next fault."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.i18n import Locale
from desktop.importers.fixes import CellFix, RowSkip, fixed, skipped_rows
from desktop.importers.tables import ConvertedTable, Issue, SourceTable, TableMapping
from desktop.operations.migration import Source

if TYPE_CHECKING:
    import polars as pl

ANY, ROWS, CELLS, NOTES = "any", "row", "cell", "note"
"""Which rows a filter lets through: with any fault, rejected, with a value left out, with a note."""

_RANK = {"row": 0, "cell": 1, "note": 2}

Kind = tuple[str, str | None]
"""A kind of fault: its code and the source column (None: the row as a whole)."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """All faults of one code in one column: how many cells, and the first of them."""

    code: str
    column: str | None
    severity: str
    count: int
    example: Issue

    @property
    def key(self) -> Kind:
        """What `select_rows` takes."""
        return self.code, self.column


@dataclass(frozen=True, slots=True)
class Place:
    """A cell: the row number that Excel shows, and the column's number (-1: the row as a whole)."""

    row: int
    column: int


class Problems:
    """The faults of one table, quick to ask by row, by cell and by kind."""

    def __init__(self, headers: Sequence[str], issues: Iterable[Issue]) -> None:
        numbers = {header: number for number, header in enumerate(headers)}
        placed = [
            (issue.row, numbers.get(issue.column or "", -1), issue)
            for issue in issues
            if issue.row is not None
        ]
        placed.sort(key=lambda one: (one[0], one[1], _RANK[str(one[2].severity)]))
        self._rows = [row for row, _column, _issue in placed]
        self._columns = [column for _row, column, _issue in placed]
        self._issues = [issue for _row, _column, issue in placed]
        self.kinds = _kinds(self._issues)
        self._alike: dict[Kind, Counter[str | None]] = {}

    def __len__(self) -> int:
        return len(self._issues)

    def at_row(self, row: int) -> dict[int, Issue]:
        """Return column number → its worst fault, of one row."""
        found: dict[int, Issue] = {}
        for at in range(bisect_left(self._rows, row), bisect_right(self._rows, row)):
            found.setdefault(self._columns[at], self._issues[at])
        return found

    def alike(self, kind: Kind) -> dict[str | None, int]:
        """Return how many faults of a kind each cell value has."""
        if kind not in self._alike:
            self._alike[kind] = Counter(
                issue.value for issue in self._issues if (issue.code, issue.column) == kind
            )
        return self._alike[kind]

    def rows(self, kind: Kind | None = None, severity: str = ANY) -> list[int]:
        """Return the rows that have faults of a kind or severity, ascending."""
        return sorted(
            {
                row
                for row, issue in zip(self._rows, self._issues, strict=True)
                if _matches(issue, kind, severity)
            }
        )

    def places(self, kind: Kind, like: Issue | None = None) -> list[Place]:
        """Return the cells of a kind of fault, or only those with the value of one of them."""
        return [
            Place(row, column)
            for row, column, issue in zip(self._rows, self._columns, self._issues, strict=True)
            if _matches(issue, kind, ANY) and (like is None or issue.value == like.value)
        ]

    def next(
        self, place: Place, *, forward: bool = True, kind: Kind | None = None, severity: str = ANY
    ) -> Place | None:
        """Return the nearest fault after (or before) a place; None at the end."""
        here = (place.row, place.column)
        at = bisect_left(self._rows, place.row)
        if forward:
            numbers: Iterable[int] = range(at, len(self._rows))
        else:
            numbers = range(bisect_right(self._rows, place.row) - 1, -1, -1)
        for number in numbers:
            one = (self._rows[number], self._columns[number])
            beyond = one > here if forward else one < here
            if beyond and _matches(self._issues[number], kind, severity):
                return Place(*one)
        return None


def _matches(issue: Issue, kind: Kind | None, severity: str) -> bool:
    if kind is not None and (issue.code, issue.column) != kind:
        return False
    return severity == ANY or str(issue.severity) == severity


def _kinds(issues: Iterable[Issue]) -> tuple[ProblemKind, ...]:
    groups: dict[tuple[str, str | None, str], list[Issue]] = {}
    for issue in issues:
        groups.setdefault((issue.code, issue.column, str(issue.severity)), []).append(issue)
    kinds = [
        ProblemKind(code, column, severity, len(members), members[0])
        for (code, column, severity), members in groups.items()
    ]
    return tuple(sorted(kinds, key=lambda kind: (_RANK[kind.severity], -kind.count)))


def find_problems(
    mapping: TableMapping, converted: ConvertedTable | None, found_later: Iterable[Issue] = ()
) -> Problems:
    """Return the faults of a table: those of its values, and those that only writing it has shown."""
    issues = list(converted.issues) if converted else []
    known = {(issue.row, issue.column, issue.code) for issue in issues}
    table = mapping.table
    issues += [
        issue
        for issue in found_later
        if (issue.file, issue.sheet) == (table.file, table.sheet)
        and (issue.row, issue.column, issue.code) not in known
    ]
    return Problems(table.headers, issues)


def select_rows(table: SourceTable, *, text: str = "", rows: Collection[int] | None = None) -> pl.Series:
    """Return the positions in the frame of rows that hold a text in any column, and are among `rows`."""
    import polars as pl

    frame = table.frame
    wanted = pl.lit(True)
    if rows is not None:
        wanted = pl.col("row").is_in(pl.Series(sorted(rows), dtype=pl.Int64).implode())
    words = text.strip().casefold()
    if not words and rows is None:
        return pl.int_range(0, frame.height, dtype=pl.UInt32, eager=True)
    if words:
        # Digits and Han have no case: the cells need not be made lower first, which costs most of the time.
        cased = words != text.strip().upper()
        cells = [pl.col(name) for name in frame.columns if name != "row"]
        wanted &= pl.any_horizontal(
            (cell.str.to_lowercase() if cased else cell).str.contains(words, literal=True).fill_null(False)
            for cell in cells
        )
    return frame.select(wanted.alias("wanted"))["wanted"].arg_true()


def position_of(table: SourceTable, row: int) -> int | None:
    """Return where in the frame a row stands, or None."""
    at = int(table.frame["row"].search_sorted(row))
    return at if at < table.frame.height and table.frame["row"][at] == row else None


def describe(issue: Issue, locale: Locale) -> str:
    """Return what is wrong in the reader's language."""
    return locale._(issue.message).format(**issue.params)


def shown_table(source: Source, index: int) -> SourceTable:
    """Return a table with its cells corrected and the rows that are left out by hand still in it."""
    table = source.mappings[index].table
    own = [fix for fix in source.applied if fix.place == table.place]
    if not any(isinstance(fix, RowSkip) for fix in own):
        return table
    cells = [fix for fix in own if isinstance(fix, CellFix)]
    return fixed(source.original(index), cells)[0]


def skipped_of(source: Source, index: int) -> frozenset[int]:
    """Return the rows of a table that are left out by hand."""
    return frozenset(skipped_rows(source.applied, source.mappings[index].table.place))


def mended_of(source: Source, index: int) -> frozenset[tuple[int, int]]:
    """Return row and column of the cells of a table that are corrected."""
    place = source.mappings[index].table.place
    return frozenset(
        (fix.row, fix.column) for fix in source.applied if isinstance(fix, CellFix) and fix.place == place
    )


def mend(source: Source, index: int, changes: Iterable[tuple[Place, str | None]]) -> Source:
    """Return the source with cells of a table corrected (None empties a cell); cells that say so already stay.

    Rows that are left out by hand cannot be corrected: take them in first.
    """
    table = source.mappings[index].table
    wanted = {(place.row, place.column): text for place, text in changes}
    before = _texts(table, wanted)
    fixes = [
        CellFix(*table.place, row, column, before[row, column], text)
        for (row, column), text in wanted.items()
        if (row, column) in before and before[row, column] != text
    ]
    return source.fixed(*fixes) if fixes else source


def skip(source: Source, index: int, rows: Iterable[int], *, out: bool) -> Source:
    """Return the source with rows of a table left out by hand, or taken in again."""
    place = source.mappings[index].table.place
    skips = [RowSkip(*place, row) for row in rows]
    return source.fixed(*skips) if out else source.unfixed(*skips)


def _texts(table: SourceTable, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str | None]:
    """Return what stands in cells; those that the table does not have are left out."""
    import polars as pl

    wanted = list(places)
    rows = pl.Series(sorted({row for row, _column in wanted}), dtype=pl.Int64)
    some = table.frame.filter(pl.col("row").is_in(rows.implode()))
    lines = {line[0]: line[1:] for line in some.iter_rows()}
    return {
        (row, column): lines[row][column]
        for row, column in wanted
        if row in lines and 0 <= column < len(table.headers)
    }
