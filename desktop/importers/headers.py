"""Where a table begins and ends in a sheet: title, one- to three-row head, data, totals, footers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from desktop.importers.grid import BOOLEAN, DATE, NUMBER, TEXT, Grid, count_kinds
from desktop.importers.months import period_of
from desktop.importers.rows import (
    NUMBER_LIKE,
    UNIT_CELL,
    fill_down,
    footer_rows,
    is_unit_row,
    repeated_heads,
    total_rows,
)
from desktop.importers.tables import Kinds, LeftOut, LeftOutRow
from desktop.importers.vocabulary import entity_named, header_words, normal, without_parentheses

_LOOK = 40
"""Rows from the top in which a header is sought."""

_DATE_LIKE = re.compile(r"\d{2,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?)?(?:[ T].*)?")
_EMAIL_OR_URL = re.compile(r"\S+@\S+\.\S+|https?://\S+")


@dataclass(frozen=True)
class Layout:
    """A table found in a grid: header rows (0-based), headers, title above, the rows that are data."""

    header_rows: tuple[int, ...]
    headers: tuple[str, ...]
    title: str
    frame: pl.DataFrame
    kinds: tuple[Kinds, ...]
    left_out: LeftOut
    left_out_rows: tuple[LeftOutRow, ...] = ()
    first_column: int = 0


def find_table(grid: Grid) -> Layout | None:
    """Return the table of a grid, or None if it holds no table (nothing, or a title alone)."""
    grid = grid.trimmed()
    if not grid.columns:
        return None
    head = grid.head(_LOOK + 25)
    kinds = grid.head_kinds(_LOOK + 25)
    best = _best_row(head, kinds)
    if best is None:
        return None
    top, bottom = _span(head, kinds, grid, best)
    parts = [_filled(head[row], row, grid, is_last=row == bottom) for row in range(top, bottom + 1)]
    headers = [_join([row[column] for row in parts]) for column in range(grid.width)]
    if bottom + 1 >= grid.height and sum(is_header_word(header) for header in headers if header) < 2:
        return None
    title = " ".join(cell for row in head[:top] for cell in row if cell)[:500]
    return _cut(grid, (top, bottom), headers, title)


def is_header_word(cell: str) -> bool:
    """Whether a cell is a known header, in either language, or names a month."""
    words = header_words()
    return normal(cell) in words or without_parentheses(cell) in words or period_of(cell) is not None


def looks_like_data(cell: str, kind: int, *, months: bool = True) -> bool:
    """Whether a cell is a number, a date, an address on the net or a long text: no header.

    Dates that name months are headers where `months` says that several stand in a row.
    """
    if kind in (NUMBER, DATE, BOOLEAN):
        return not months or period_of(cell) is None
    return bool(
        NUMBER_LIKE.fullmatch(cell)
        or (_DATE_LIKE.fullmatch(cell) and (not months or period_of(cell) is None))
        or _EMAIL_OR_URL.fullmatch(cell)
        or len(cell) > 80
    )


def _best_row(head: list[list[str | None]], kinds: list[list[int]]) -> int | None:
    best, best_score = None, 0.0
    fills = [sum(cell is not None for cell in row) for row in head]
    for index, row in enumerate(head[:_LOOK]):
        count = fills[index]
        if not count:
            continue
        width = max(fills[index : index + 20])
        cells = [(cell, kinds[index][i]) for i, cell in enumerate(row) if cell is not None]
        months = sum(period_of(cell) is not None for cell, _ in cells)
        data = sum(looks_like_data(cell, kind, months=months > 2) for cell, kind in cells)
        textish = 1 - data / count
        known = sum(is_header_word(cell) for cell, kind in cells if months > 2 or kind == TEXT) / count
        if textish < 0.6 and known < 0.4:
            continue
        if count == 1 and width > 1 and (known == 0 or index + 1 < len(head)):
            continue
        distinct = len({cell for cell, _ in cells}) / count
        labels = sum(":" in cell[:12] or "：" in cell[:12] for cell, _ in cells) / count
        fill = count / width
        score = 2 * fill + 2 * textish + distinct + 3 * known * min(1, count / 3) - labels - 0.06 * index
        if fill < 0.3 and known < 0.5:
            continue
        if score > best_score + 1e-9:
            best, best_score = index, score
    return best


def _span(head: list[list[str | None]], kinds: list[list[int]], grid: Grid, best: int) -> tuple[int, int]:
    top = bottom = best
    while top > 0 and bottom - top < 2 and _is_parent(head, kinds, grid, top - 1, top):
        top -= 1
    while bottom + 1 < len(head) and bottom - top < 2 and _is_parent(head, kinds, grid, bottom, bottom + 1):
        bottom += 1
    return top, bottom


def _is_parent(
    head: list[list[str | None]], kinds: list[list[int]], grid: Grid, upper: int, lower: int
) -> bool:
    """Whether `upper` groups the columns that `lower` names."""
    above, below = head[upper], head[lower]
    if not any(above) or not any(below):
        return False
    for row, index in ((above, upper), (below, lower)):
        cells = [(cell, kinds[index][i]) for i, cell in enumerate(row) if cell is not None]
        if any(looks_like_data(cell, kind) for cell, kind in cells):
            return False
        if any(len(cell) > 40 or re.search(r"[:：]\s*\S", cell) for cell, _ in cells):
            return False
    if all(UNIT_CELL.fullmatch(cell) for cell in below if cell is not None):
        return False
    used = [i for i in range(len(above)) if above[i] is not None or below[i] is not None]
    across = [
        (first, last)
        for row0, first, row1, last in grid.merged
        if row0 == upper
        and row1 == upper
        and last > first
        and first < len(above)
        and above[first] is not None
    ]
    full = [pair for pair in across if pair[1] - pair[0] + 1 >= max(2, len(used))]
    if full and sum(cell is not None for cell in above) == 1:
        return False
    if _strays(above, below, upper, grid):
        return False
    if any(any(cell is not None for cell in below[first : last + 1]) for first, last in across):
        return True
    down = [
        first for row0, first, row1, last in grid.merged if row0 == upper and row1 >= lower and first == last
    ]
    if down and any(below[i] is not None and above[i] is None for i in used):
        return True
    if grid.merged:
        return False
    # Without merge marks (text files): each row fills exactly the other's gaps, under a group's name.
    gaps_above = [i for i in used if above[i] is None]
    gaps_below = [i for i in used if below[i] is None]
    after = head[lower + 1] if lower + 1 < len(head) else []
    data_in_gaps = [i for i in gaps_below if i < len(after) and after[i] is not None]
    return bool(
        sum(cell is not None for cell in above) > 1
        and gaps_above
        and gaps_below
        and len(data_in_gaps) * 2 >= len(gaps_below)
        and sum(is_header_word(below[i] or "") for i in used) >= 1
    )


def _strays(above: list[str | None], below: list[str | None], upper: int, grid: Grid) -> bool:
    """Whether words of a preamble stand over named columns: a lone cell over another that names no group."""
    merged = {
        column
        for row0, first, row1, last in grid.merged
        if row0 <= upper <= row1
        for column in range(first, last + 1)
    }
    for column, (cell, under) in enumerate(zip(above, below, strict=True)):
        stands_over = cell is not None and under is not None and column not in merged and cell != under
        if stands_over and not is_header_word(cell or "") and entity_named(cell or "") is None:
            return True
    return False


def _filled(row: list[str | None], index: int, grid: Grid, *, is_last: bool) -> list[str | None]:
    """Return a header row with group names spread over the columns they stand for."""
    filled = list(row)
    for first_row, first, last_row, last in grid.merged:
        if first_row <= index <= last_row and first < len(filled):
            origin = row[first] if first_row == index else None
            if origin is not None:
                for column in range(first, min(last, len(filled) - 1) + 1):
                    filled[column] = origin
    if not grid.merged and not is_last:
        group: str | None = None
        for column, cell in enumerate(row):
            group = cell if cell is not None else group
            filled[column] = group
    return filled


def _join(parts: Sequence[str | None]) -> str:
    names: list[str] = []
    for part in parts:
        text = " ".join((part or "").split())
        if text and text not in names:
            names.append(text)
    return "/".join(names)


def _distinct(headers: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    used = set(headers)
    names: list[str] = []
    for header in headers:
        if not header:
            names.append("")
            continue
        seen[header] = seen.get(header, 0) + 1
        name = header
        while seen[header] > 1:
            name = f"{header} ({seen[header]})"
            if name not in used:
                break
            seen[header] += 1
        used.add(name)
        names.append(name)
    return tuple(names)


def _cut(grid: Grid, span: tuple[int, int], headers: list[str], title: str) -> Layout:
    top, bottom = span
    start = bottom + 1
    columns = [column.slice(start) for column in grid.columns]
    kinds = [kind.slice(start) for kind in grid.kinds]
    height = len(columns[0])
    frame = pl.DataFrame({f"c{i}": column for i, column in enumerate(columns)})
    frame = fill_down(frame, kinds, grid, start)
    frame = frame.with_columns(pl.int_range(start + 1, start + 1 + height, dtype=pl.Int64).alias("row"))
    notes: set[int] = set()
    if height and is_unit_row(frame.row(0)[:-1]):
        headers = [
            f"{header}({unit.strip('()（）[] ')})"
            if header and unit and not re.search(r"[(（]", header)
            else header
            for header, unit in zip(headers, frame.row(0)[:-1], strict=True)
        ]
        notes.add(0)
    parts = [header.rsplit("/", 1)[-1] for header in headers]
    width = len(headers)
    filled = frame.select(
        pl.sum_horizontal([pl.col(f"c{i}").is_not_null().cast(pl.Int32) for i in range(width)]).alias("n")
    )["n"]
    blank = filled == 0
    totals = total_rows(frame, kinds, width)
    notes |= repeated_heads(frame, headers, parts) | footer_rows(frame, kinds, filled, width)
    notes -= totals
    left = (
        pl.Series([i in totals or i in notes for i in range(height)], dtype=pl.Boolean)
        if totals or notes
        else None
    )
    keep = ~blank & ~left if left is not None else ~blank
    frame = frame.filter(keep).select("row", *(f"c{i}" for i in range(width)))
    counted = tuple(count_kinds(kind.filter(keep)) for kind in kinds)
    return Layout(
        tuple(range(top, bottom + 1)),
        _distinct(headers),
        title,
        frame,
        counted,
        LeftOut(int(blank.sum()), len(totals), len(notes)),
    )
