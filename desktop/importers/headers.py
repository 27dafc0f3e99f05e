"""Which rows of a sheet are a table's head: one to three rows that name columns, or none at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop.importers.grid import TEXT, Grid
from desktop.importers.looks import LONG_LOOK, LOOK, TEXT_LOOK, Head, is_header_word, looks_like_data
from desktop.importers.months import period_of
from desktop.importers.rows import UNIT_CELL, is_total
from desktop.importers.vocabulary import entity_named

_PLACEHOLDER = re.compile(r"(?:column|unnamed:?|field|列|字段)\s*_?\d+", re.IGNORECASE)
"""Names that a program gave to columns without one; the real header may stand further down."""


def find_header(grid: Grid, head: Head) -> tuple[int, int] | None:
    """Return the first and last row of a grid's header (0-based), or None if no row is one."""
    best = _best_row(head)
    return None if best is None else _span(head.cells, head.kinds, grid, best)


def is_headerless(head: Head) -> bool:
    """Whether rows without any header are a table: of equal width, and alike from the first row on."""
    filled = [index for index, fill in enumerate(head.fills) if fill]
    if len(filled) < 2:
        return False
    width = max(head.fills)
    first = next((index for index in filled if head.fills[index] >= max(2, 0.6 * width)), None)
    if first is None:
        return width == 1 and len(filled) >= 5 and _is_kin_row(head, filled[0])
    rows = [index for index in filled if index >= first]
    full = sum(head.fills[index] >= 0.5 * width for index in rows)
    return full >= 2 and full >= 0.6 * len(rows) and _is_kin_row(head, first)


def _is_kin_row(head: Head, row: int) -> bool:
    """Whether a row is data like the rows under it, by the columns that have a shape to tell by."""
    columns = [i for i, cell in enumerate(head.cells[row]) if cell is not None]
    kin = sum(head.is_kin(row, i) for i in columns if head.looks[row][i] != LONG_LOOK)
    contrast = sum(head.contrasts(row, i) for i in columns)
    deep = max((len(head.below(row, i)) for i in columns), default=0)
    if deep < 2:
        return 0 < kin == len(columns)
    return kin > contrast and kin >= 0.15 * len(columns)


def _best_row(head: Head) -> int | None:
    best, best_score = None, 0.0
    first_dense, only_known = True, False
    for index, count in enumerate(head.fills[:LOOK]):
        score = _score(head, index, only_known=only_known) if count else None
        if score is None:
            # Under rows of data no header follows, unless its words are known.
            only_known = only_known or (best is None and _is_data_row(head, index))
            continue
        if first_dense and count >= 3 and count >= 0.6 * max(head.fills[index : index + 20]):
            score, first_dense = score + 0.4, False
        if score > best_score + 1e-9:
            best, best_score = index, score
    return best


def _is_data_row(head: Head, index: int) -> bool:
    count = head.fills[index]
    return count >= 0.6 * max(head.fills[index : index + 20]) and count > 0 and _is_kin_row(head, index)


def _score(head: Head, index: int, *, only_known: bool = False) -> float | None:
    """Return how much a row is like a header, None if it cannot be one."""
    row, count = head.cells[index], head.fills[index]
    width = max(head.fills[index : index + 20])
    cells = [(i, cell, head.kinds[index][i]) for i, cell in enumerate(row) if cell is not None]
    months = sum(period_of(cell) is not None for _, cell, _ in cells)
    known = sum(is_header_word(cell) for _, cell, kind in cells if months > 2 or kind == TEXT) / count
    texts = sum(head.looks[index][i] == TEXT_LOOK for i, _, _ in cells)
    data = sum(
        looks_like_data(cell, kind, months=months > 2) and not (texts and head.is_number_name(index, i))
        for i, cell, kind in cells
    )
    textish = 1 - data / count
    fill = count / width
    if only_known and known < 0.5:
        return None
    if (textish < 0.6 and known < 0.4) or (fill < 0.3 and known < 0.5):
        return None
    if count == 1 and max(head.fills) > 1 and (known == 0 or index + 1 < len(head.cells)):
        return None
    if known < 0.4 and months <= 2 and (_is_kin_row(head, index) or is_total(cells[0][1])):
        return None
    distinct = len({cell for _, cell, _ in cells}) / count
    labels = sum(":" in cell[:12] or "：" in cell[:12] for _, cell, _ in cells) / count
    empty = 0.0
    if all(_PLACEHOLDER.fullmatch(cell) for _, cell, _ in cells) and _words_under(head, index):
        empty = 1.0
    contrast = sum(head.contrasts(index, i) for i, _, _ in cells) / count
    score = 2 * fill + 2 * textish + distinct + contrast + 3 * known * min(1, count / 3)
    return score - labels - 2 * empty - 0.06 * index


def _words_under(head: Head, index: int) -> bool:
    """Whether known header words stand in some row further down."""
    rows = range(index + 1, min(LOOK, len(head.cells)))
    return any(sum(is_header_word(cell) for cell in head.cells[row] if cell) >= 2 for row in rows)


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


def spread_names(row: list[str | None], index: int, grid: Grid, *, is_last: bool) -> list[str | None]:
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


def join_names(parts: Sequence[str | None]) -> str:
    """Return one header from the texts above each other, each said once."""
    names: list[str] = []
    for part in parts:
        text = " ".join((part or "").split())
        if text and text not in names:
            names.append(text)
    return "/".join(names)


def distinct_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Return headers of which none occurs twice; blank ones stay blank."""
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
