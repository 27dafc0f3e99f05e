"""Corrections that a person makes to a source before it is imported: cells changed, rows left out (IMP-10).

A fix names its cell by the row that Excel shows and by the column's place, and says what stood there. Where
something else stands there now the fix is stale: it is reported and never applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from desktop.i18n import N_
from desktop.importers.options import TablePlace
from desktop.importers.tables import ConvertedTable, EntityRows, Issue, SourceTable
from desktop.terms import Severity

if TYPE_CHECKING:
    import polars as pl

LEFT_OUT = N_("This row was left out by hand.")


@dataclass(frozen=True, slots=True)
class CellFix:
    """One cell corrected: canonical text before and after, None where blank; `column` counts from 0."""

    file: str
    sheet: str | None
    part: int
    row: int
    column: int
    before: str | None
    after: str | None

    @property
    def place(self) -> TablePlace:
        """The table that the cell is of."""
        return TablePlace(self.file, self.sheet, self.part)

    def to_json(self) -> dict[str, Any]:
        """Return the fix as a JSON object."""
        return _place_json(self) | {"column": self.column, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class RowSkip:
    """One row left out by hand."""

    file: str
    sheet: str | None
    part: int
    row: int

    @property
    def place(self) -> TablePlace:
        """The table that the row is of."""
        return TablePlace(self.file, self.sheet, self.part)

    def to_json(self) -> dict[str, Any]:
        """Return the fix as a JSON object."""
        return _place_json(self)


Fix = CellFix | RowSkip


@dataclass(frozen=True, slots=True)
class StaleFix:
    """A fix that was not applied: its table, column or row is gone, or `found` stands in its cell now.

    `why` is table, column, row or cell.
    """

    fix: Fix
    why: str
    found: str | None = None


def fix_from_json(document: Mapping[str, Any]) -> Fix:
    """Return the fix that a JSON object describes; KeyError, TypeError or ValueError if it is none."""
    sheet = document.get("sheet")
    place = (str(document["file"]), None if sheet is None else str(sheet), int(document.get("part", 0)))
    row = int(document["row"])
    if "column" not in document:
        return RowSkip(*place, row)
    before, after = document.get("before"), document.get("after")
    return CellFix(
        *place,
        row,
        int(document["column"]),
        None if before is None else str(before),
        None if after is None else str(after),
    )


def with_fix(fixes: Iterable[Fix], more: Iterable[Fix]) -> tuple[Fix, ...]:
    """Return fixes with more of them, in their order; `before` of the later ones is what a person saw.

    A cell that was corrected before keeps what the file says as its `before`; one that is given back its
    first text has no fix any more.
    """
    found: dict[tuple[TablePlace, int, int | None], Fix] = {_key(fix): fix for fix in fixes}
    for one in more:
        key = _key(one)
        known = found.get(key)
        if not isinstance(one, CellFix):
            found[key] = one
            continue
        first = known.before if isinstance(known, CellFix) else one.before
        found[key] = replace(one, before=first)
        if first == one.after:
            del found[key]
    return tuple(found.values())


def without(fixes: Iterable[Fix], less: Iterable[Fix]) -> tuple[Fix, ...]:
    """Return fixes without those of the same cells and rows."""
    gone = {_key(fix) for fix in less}
    return tuple(fix for fix in fixes if _key(fix) not in gone)


def fixed(table: SourceTable, fixes: Sequence[Fix]) -> tuple[SourceTable, list[StaleFix]]:
    """Return one table with its own fixes applied, and those that are stale."""
    import polars as pl

    cells = {(fix.row, fix.column): fix for fix in fixes if isinstance(fix, CellFix)}
    skips = {fix.row: fix for fix in fixes if isinstance(fix, RowSkip)}
    rows = list({row for row, _column in cells} | set(skips))
    touched = table.frame.with_row_index("_at").filter(pl.col("row").is_in(rows))
    positions = dict(zip(touched["row"].to_list(), touched["_at"].to_list(), strict=True))
    frame, stale = _with_cells(table, cells, positions)
    stale += [StaleFix(skip, "row") for row, skip in skips.items() if row not in positions]
    gone = [row for row in skips if row in positions]
    if gone:
        frame = frame.filter(~pl.col("row").is_in(gone))
    return replace(table, frame=frame), stale


def _with_cells(
    table: SourceTable, cells: Mapping[tuple[int, int], CellFix], positions: Mapping[int, int]
) -> tuple[pl.DataFrame, list[StaleFix]]:
    """Return the frame with cells corrected where they hold what their fix says they held."""
    import polars as pl

    frame, stale = table.frame, []
    columns: dict[int, list[tuple[int, str | None]]] = {}
    for (row, column), fix in cells.items():
        if not 0 <= column < len(table.headers):
            stale.append(StaleFix(fix, "column"))
        elif row not in positions:
            stale.append(StaleFix(fix, "row"))
        elif (now := frame[f"c{column}"][positions[row]]) != fix.before:
            stale.append(StaleFix(fix, "cell", now))
        else:
            columns.setdefault(column, []).append((positions[row], fix.after))
    for column, changes in columns.items():
        changed = pl.DataFrame(
            changes,
            schema={"_at": frame.with_row_index("_at").schema["_at"], "_after": pl.String},
            orient="row",
        )
        name = f"c{column}"
        frame = (
            frame.with_row_index("_at")
            .join(changed.with_columns(_hit=pl.lit(True)), on="_at", how="left", maintain_order="left")
            .with_columns(pl.when("_hit").then("_after").otherwise(name).alias(name))
            .drop("_at", "_after", "_hit")
        )
    return frame, stale


def skipped_rows(fixes: Iterable[Fix], place: TablePlace) -> list[int]:
    """Return the rows of a table that were left out by hand, in their order."""
    return sorted({fix.row for fix in fixes if isinstance(fix, RowSkip) and fix.place == place})


def with_skipped(table: ConvertedTable, rows: Sequence[int]) -> ConvertedTable:
    """Return a converted table in which rows left out by hand count as read and rejected, with a reason."""
    if not rows:
        return table
    source = table.mapping.table
    issues = [Issue(source.file, source.sheet, row, None, "left_out", Severity.ROW, LEFT_OUT) for row in rows]
    entities = tuple(
        EntityRows(one.entity, one.frame, one.rejected_rows | frozenset(rows))
        if one.entity == table.main_entity
        else one
        for one in table.entities
    )
    both = sorted([*table.issues, *issues], key=lambda issue: issue.row or 0)
    return replace(table, entities=entities, issues=tuple(both), read=table.read + len(rows))


def _key(fix: Fix) -> tuple[TablePlace, int, int | None]:
    return fix.place, fix.row, fix.column if isinstance(fix, CellFix) else None


def _place_json(fix: Fix) -> dict[str, Any]:
    return {"file": fix.file, "sheet": fix.sheet, "part": fix.part, "row": fix.row}
