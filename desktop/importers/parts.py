"""The tables of one sheet, each with its number: below each other, beside each other, or as a person laid them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from desktop.importers.beside import column_groups
from desktop.importers.cut import Layout, Place, cut
from desktop.importers.dumps import columns_of
from desktop.importers.grid import Grid
from desktop.importers.headers import find_header, is_headerless
from desktop.importers.looks import Head, is_header_word, looks_like_data
from desktop.importers.months import period_of
from desktop.importers.options import FOUND_OUT, TableLayout
from desktop.importers.rows import is_remark

_DEEPEST = 40
_MOST_STARTS = 2_000


def find_tables(
    grid: Grid, layouts: Mapping[int, TableLayout] | None = None, file: str = ""
) -> dict[int, Layout]:
    """Return the tables of a grid by their number; what a person laid down comes before what is found.

    A layout without any edge changes the table of its number; one with edges takes its area away from
    the tables that were found there. The file's name tells the columns of some dumps without a header.
    """
    layouts = layouts or {}
    grid = grid.trimmed()
    if not grid.columns:
        return {}
    places = dict(enumerate(_places(Place(grid))))
    taken: dict[int, Place] = {}
    for part, layout in layouts.items():
        if layout.has_area or part not in places:
            taken[part] = _given(grid, layout, places.get(part))
    found: dict[int, Layout] = {}
    for part in sorted({*places, *taken}):
        place = taken.get(part, places.get(part))
        if place is None or (part not in taken and any(_overlap(place, other) for other in taken.values())):
            continue
        table = _table(place, layouts.get(part, FOUND_OUT), file)
        if table is not None:
            found[part] = table
    return found


def _given(grid: Grid, layout: TableLayout, found: Place | None) -> Place:
    """Return the part of the grid that a person marked; edges that are not given are those that were found."""
    top = found.row if found else 0
    left = found.column if found else 0
    bottom = found.row + found.grid.height if found else grid.height
    right = found.column + found.grid.width if found else grid.width
    header = [row - 1 for row in layout.header_rows or ()]
    first = min([layout.first_row - 1 if layout.first_row is not None else top, *header])
    last = layout.last_row if layout.last_row is not None else bottom
    left = layout.first_column if layout.first_column is not None else left
    right = layout.last_column + 1 if layout.last_column is not None else right
    first, left = min(max(first, 0), grid.height), min(max(left, 0), grid.width)
    last, right = min(max(last, first), grid.height), min(max(right, left), grid.width)
    return _part(Place(grid), (first, left, last, right))


def _overlap(one: Place, other: Place) -> bool:
    rows = one.row < other.row + other.grid.height and other.row < one.row + one.grid.height
    columns = one.column < other.column + other.grid.width and other.column < one.column + one.grid.width
    return rows and columns


def _part(place: Place, area: tuple[int, int, int, int]) -> Place:
    """Return the part of a place from its first row and column up to, without, the last."""
    first, left, last, right = area
    return replace(
        place,
        grid=place.grid.window(first, left, last, right),
        row=place.row + first,
        column=place.column + left,
    )


def _places(place: Place, depth: int = 0) -> list[Place]:
    """Return the areas in which a table lies each, from top to bottom and left to right."""
    head = Head.of(place.grid)
    if depth < _DEEPEST:
        groups = column_groups(place.grid, head)
        if len(groups.spans) > 1:
            parts = [_part(place, (0, left, place.grid.height, right)) for left, right in groups.spans]
            return sorted(
                (found for part in parts for found in _places(part, depth + 1)),
                key=lambda found: (found.row, found.column),
            )
        if groups.notes:
            left, right = groups.spans[0]
            told = tuple(note._replace(row=note.row + place.row) for note in groups.notes)
            trimmed = _part(place, (0, left, place.grid.height, right))
            return _places(replace(trimmed, beside=(*place.beside, *told)), depth + 1)
        start = _next_table(place.grid, head)
        if start is not None:
            upper = _part(place, (0, 0, start, place.grid.width))
            lower = _part(place, (start, 0, place.grid.height, place.grid.width))
            beside = [note for note in place.beside if note.row <= lower.row]
            under = [note for note in place.beside if note.row > lower.row]
            return [
                replace(upper, beside=tuple(beside)),
                *_places(replace(lower, beside=tuple(under)), depth + 1),
            ]
    return [place]


def _table(place: Place, layout: TableLayout, file: str) -> Layout | None:
    grid = place.grid
    if not grid.columns or not grid.height:
        return None
    if layout.header_rows is not None:
        rows = sorted({row - 1 - place.row for row in layout.header_rows})
        rows = [row for row in rows if 0 <= row < grid.height]
        return cut(place, rows, layout, None if rows else columns_of(file, Head.of(grid)))
    head = Head.of(grid)
    header = find_header(grid, head)
    if header is None:
        if is_headerless(head):
            return cut(place, (), layout, columns_of(file, head))
        return cut(place, (), layout) if layout.has_area else None
    if _lies_on_its_side(head) and not layout.has_area:
        return None
    table = cut(place, range(header[0], header[1] + 1), layout)
    known = sum(is_header_word(name) for name in table.headers if name)
    if header[1] + 1 >= grid.height and known < 2 and not layout.has_area:
        return None
    return table


def _lies_on_its_side(head: Head) -> bool:
    """Whether the first column holds the headers and each further column a record: read as rows it would be junk."""
    filled = [row for row in head.cells if any(cell is not None for cell in row)]
    first = next((i for i in range(len(filled[0])) if any(row[i] is not None for row in filled)), 0)
    names = [row[first] for row in filled if row[first] is not None]
    known = sum(is_header_word(name) for name in names if name)
    if known < 3 or known < 0.6 * len(names) or len(filled[0]) - first < 2:
        return False
    return not any(is_header_word(cell) for row in filled for cell in row[first + 1 :] if cell)


def _next_table(grid: Grid, head: Head) -> int | None:
    """Return the row in which a second table begins under the first, its title counted in; None if there is none."""
    header = find_header(grid, head)
    if header is None:
        return None
    filled = grid.filled()
    gaps = ((filled <= 1).shift(1).fill_null(False) & (filled >= 2)).arg_true().to_list()
    names = [cell for cell in head.cells[header[1]] if cell is not None]
    for row in [row for row in gaps if row > header[1] + 1][:_MOST_STARTS]:
        if _begins_table(grid, head, header[1], row, names):
            return _with_title(grid, row, header[1] + 1)
    return None


def _begins_table(grid: Grid, head: Head, header: int, row: int, names: list[str]) -> bool:
    """Whether a row after a gap is the head of another table than the one above."""
    under = Head.of(grid.window(row, 0, min(row + 12, grid.height), grid.width))
    cells = [(i, cell) for i, cell in enumerate(under.cells[0]) if cell is not None]
    texts = [cell for _, cell in cells]
    if len(under.cells) < 2 or not any(under.fills[1:3]) or texts == names or len(set(texts)) < len(texts):
        return False
    months = sum(period_of(cell) is not None for cell in texts)
    if any(map(is_remark, texts)):
        return False
    if any(looks_like_data(cell, under.kinds[0][i], months=months > 2) for i, cell in cells):
        return False
    known = sum(is_header_word(cell) for cell in texts) / len(texts)
    typed = [i for i, cell in enumerate(head.cells[header]) if cell is not None and head.contrasts(header, i)]
    misfits = [i for i, cell in cells if i in typed]
    contrast = sum(under.contrasts(0, i) for i, _ in cells)
    if known >= 0.5 and (misfits or not typed or known == 1):
        return True
    blank_above = all(cell is None for cell in grid.row(row - 1))
    return bool(misfits) and contrast > 0 and blank_above and len(texts) >= 2


def _with_title(grid: Grid, row: int, lowest: int) -> int:
    """Return the row in which the title over a second table's header begins."""
    first = row
    while first - 1 > lowest and sum(cell is not None for cell in grid.row(first - 1)) in (1, 2):
        if row - first >= 4:
            break
        first -= 1
    return first
