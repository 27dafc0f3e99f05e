"""Is a settlement sheet the one that went out, and if not: which cells did finance fill in, which are others? (PER-07, RPT-07)

Rows may be sorted and deleted, so each is held to the row of its contract.
"""

from __future__ import annotations

import re
from dataclasses import replace

from desktop.exporters.signature import Area
from desktop.exporters.stored import Place, StoredBook, StoredSheet, place_of
from desktop.exporters.verify import Comparison, Difference, Note, compare
from desktop.i18n import ENGLISH, N_, Locale
from desktop.letters import column_letters
from desktop.queries.settlement_files import CONTRACT
from desktop.queries.settlements import FIELDS, TITLES

ROWS_GONE = N_("Rows of these contracts were deleted: {names}.")
SHEET_NUMBER = re.compile(r"S(\d{6,})-[0-9A-F]{16}")
_MOST_NAMED = 10
_ONE = re.compile(r"([A-Z]+)([0-9]+)")


def finances_own(book: StoredBook) -> Area | None:
    """Return the cells of a settlement sheet that are there for finance to fill in; None if it is none."""
    titles = {language._(TITLES[key]) for language in (ENGLISH, Locale("zh_CN")) for key in FIELDS}
    for name, sheet in book.sheets.items():
        head = next((place for place, cell in sheet.cells.items() if cell == ("s", CONTRACT)), None)
        if head is None:
            continue
        row, contract = head
        rows = [place[0] for place in sheet.cells if place[1] == contract and place[0] > row]
        columns = [
            place[1] for place, (_kind, text) in sheet.cells.items() if place[0] == row and text in titles
        ]
        if rows and columns:
            return Area(name, row + 1, max(rows), tuple(sorted(columns)))
    return None


def compare_sheets(registered: StoredBook, found: StoredBook) -> tuple[Comparison, Comparison]:
    """Return how the locked cells of a file differ from those that went out, and how finance's own do."""
    area = finances_own(registered)
    ours = registered.sheets.get(area.sheet) if area else None
    theirs = found.sheets.get(area.sheet) if area else None
    if area is None or ours is None or theirs is None:
        return compare(registered, found), Comparison((), 0, ())
    came_from, gone, aligned, kept = _aligned(area, ours, theirs)
    mine, other = _only(kept, area, False), _only(aligned, area, False)
    locked = compare(
        replace(registered, sheets={**registered.sheets, area.sheet: mine}),
        replace(found, sheets={**found.sheets, area.sheet: other}),
    )
    mine, other = _only(kept, area, True), _only(aligned, area, True)
    filled = compare(StoredBook(sheets={area.sheet: mine}), StoredBook(sheets={area.sheet: other}))
    notes = locked.notes
    if gone:
        names = ", ".join(gone[:_MOST_NAMED]) + (" …" if len(gone) > _MOST_NAMED else "")
        notes = (*notes, Note(ROWS_GONE, names=names))
    return (
        replace(_placed(locked, area.sheet, came_from), notes=notes),
        replace(_placed(filled, area.sheet, came_from), notes=()),
    )


def _aligned(
    area: Area, ours: StoredSheet, theirs: StoredSheet
) -> tuple[dict[int, int], list[str], StoredSheet, StoredSheet]:
    """Return where each row stands in the file, contracts whose rows are gone, and both sheets row by row.

    A row that was put in, or occurs twice, comes after those that went out.
    """
    head = area.first - 1
    column = next(place[1] for place, cell in ours.cells.items() if cell == ("s", CONTRACT))
    sent = {str(cell[1]): place[0] for place, cell in ours.cells.items() if _in(place, column, area)}
    goes: dict[int, int] = {}
    taken: set[int] = set()
    spare = area.last
    for row in sorted({place[0] for place in theirs.cells}):
        contract = theirs.cells.get((row, column))
        target = sent.get(str(contract[1])) if contract else None
        if row <= head:
            goes[row] = row
        elif target is None or target in taken:
            spare += 1
            goes[row] = spare
        else:
            goes[row] = target
            taken.add(target)
    gone = [row for row in sent.values() if row not in taken]
    names = [str(ours.cells.get((row, 1), ("s", str(row)))[1]) for row in gone]
    left = set(gone)
    kept = replace(ours, cells={place: cell for place, cell in ours.cells.items() if place[0] not in left})
    moved = replace(
        theirs,
        cells={(goes[row], col): cell for (row, col), cell in theirs.cells.items()},
        results={(goes.get(row, row), col): cell for (row, col), cell in theirs.results.items()},
        formats={(goes.get(row, row), col): code for (row, col), code in theirs.formats.items()},
    )
    return {target: row for row, target in goes.items()}, names, moved, kept


def _in(place: Place, column: int, area: Area) -> bool:
    return place[1] == column and area.first <= place[0] <= area.last


def _only(sheet: StoredSheet, area: Area, wanted: bool) -> StoredSheet:
    """Return a sheet with finance's own cells alone, or without them; its rows need no aligning any more (`tall`)."""
    cells = {place: cell for place, cell in sheet.cells.items() if area.holds(place) is wanted}
    return replace(sheet, cells=cells, tall=True)


def _placed(found: Comparison, sheet: str, came_from: dict[int, int]) -> Comparison:
    """Return differences with the rows that the file itself has."""

    def where(one: Difference) -> Difference:
        if one.sheet != sheet or not _ONE.fullmatch(one.cell):
            return one
        row, column = place_of(one.cell)
        return replace(one, cell=f"{column_letters(column)}{came_from.get(row, row)}")

    return replace(found, differences=tuple(map(where, found.differences)))
