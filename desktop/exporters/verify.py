"""Compares a workbook with the one that was approved, cell by cell and without tolerance (RPT-07).

Programs that open and save a workbook (Excel, LibreOffice, WPS) rewrite its bytes but not what its
cells hold; a person who changes a cell does. Values are compared, and number formats only where they
make a cell say something else than it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from difflib import SequenceMatcher
from operator import itemgetter

from desktop.exporters.stored import Cell, Place, StoredBook, StoredSheet
from desktop.i18n import N_
from desktop.letters import column_letters

MOST_LISTED = 500
LONGEST_ALIGNED = 4_000
"""Rows of sheets in which rows put in and taken out are looked for."""
_MANY = 12
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)

HIDDEN_SHEETS = N_("Sheets are hidden: {names}.")
HIDDEN_LINES = N_("Rows or columns are hidden on: {names}.")
COVERED = N_("Pictures or text boxes that may cover cells lie on: {names}.")
CUT_LIST = N_("Only the first {n} differences are listed.")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a file is not what was approved; an empty text is an empty cell."""

    sheet: str
    cell: str
    approved: str
    found: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader should know that changes no cell; a gettext id with its parameters."""

    template: str
    names: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences (the first `MOST_LISTED` of them), their number, and notes."""

    differences: tuple[Difference, ...]
    count: int
    notes: tuple[Note, ...]


def compare(approved: StoredBook, found: StoredBook) -> Comparison:
    """Return where `found` differs from `approved`: sheets, rows, cells, formulas put in."""
    differences: list[Difference] = []
    if approved.dates_1904 != found.dates_1904:
        differences.append(Difference("", "", _system(approved), _system(found)))
    for name, sheet in approved.sheets.items():
        other = found.sheets.get(name)
        if other is None:
            differences.append(Difference(name, "", name, ""))
        else:
            differences.extend(_sheet_differences(sheet, other))
    differences.extend(Difference(name, "", "", name) for name in found.sheets if name not in approved.sheets)
    if not differences and list(approved.sheets) != list(found.sheets):
        differences.append(Difference("", "", ", ".join(approved.sheets), ", ".join(found.sheets)))
    # Tall sheets come with the rows that may differ; what differs beyond the most that are listed is counted there.
    count = len(differences) + sum(sheet.counted for sheet in found.sheets.values())
    return Comparison(tuple(differences[:MOST_LISTED]), count, tuple(_notes(approved, found, count)))


def _system(book: StoredBook) -> str:
    return "1904" if book.dates_1904 else "1900"


def _notes(approved: StoredBook, found: StoredBook, count: int) -> Iterator[Note]:
    ours = {sheet.name for sheet in approved.sheets.values() if sheet.hidden}
    # A settlement sheet goes out with hidden columns.
    lines = {sheet.name: sheet.hidden_lines for sheet in approved.sheets.values()}
    sheets = found.sheets.values()
    for template, names in (
        (HIDDEN_SHEETS, [sheet.name for sheet in sheets if sheet.hidden and sheet.name not in ours]),
        (HIDDEN_LINES, [sheet.name for sheet in sheets if sheet.hidden_lines > lines.get(sheet.name, 0)]),
        (COVERED, [sheet.name for sheet in sheets if sheet.covered]),
    ):
        if names:
            yield Note(template, names=", ".join(names))
    if count > MOST_LISTED:
        yield Note(CUT_LIST, n=MOST_LISTED)


def _sheet_differences(approved: StoredSheet, found: StoredSheet) -> list[Difference]:
    plain = list(_cell_differences(approved, found))
    heights = [max((row for row, _ in sheet.cells), default=0) for sheet in (approved, found)]
    if len(plain) < _MANY or approved.tall or max(heights) > LONGEST_ALIGNED:
        return plain
    aligned = list(_aligned(approved, found, heights))
    # Rows put in or taken out shift everything below; tell that rather than every shifted cell.
    return aligned if aligned and len(aligned) < len(plain) else plain


def _cell_differences(approved: StoredSheet, found: StoredSheet) -> Iterator[Difference]:
    for place in sorted(approved.cells.keys() | found.cells.keys()):
        yield from _at(approved, place, found, place)


def _at(approved: StoredSheet, here: Place, found: StoredSheet, there: Place) -> Iterator[Difference]:
    before, after = approved.cells.get(here), found.cells.get(there)
    code = approved.formats.get(here) or found.formats.get(there, "")
    if not _same(before, after, code):
        yield Difference(approved.name, _address(here), _shown(before, code), _shown(after, code))
    elif before and before[0] == "f" and not _same_result(approved, here, found, there):
        results = (approved.results.get(here), found.results.get(there))
        yield Difference(approved.name, _address(here), *(_shown(result, code) for result in results))
    elif after and after[0] == "n" and disguises(found.formats.get(there, "")):
        look = found.formats[there]
        yield Difference(
            approved.name, _address(here), _shown(before, code), f"{_shown(after, code)} → {look}"
        )


def _same(before: Cell | None, after: Cell | None, code: str) -> bool:
    """Whether two cells hold the same; a moment is the same to the second.

    A time of day has no exact double, and programs write its last digits each in their own way; LibreOffice
    keeps fifteen digits of any number.
    """
    if before == after:
        return True
    if not before or not after or before[0] != "n" or after[0] != "n":
        return False
    if not is_date(code):
        # What a copy may have lost is what lies beyond fifteen digits; what was there before may not change.
        return float(after[1]) in (float(before[1]), shown_digits(float(before[1])))
    return round(float(before[1]) * 86_400) == round(float(after[1]) * 86_400)


def _same_result(approved: StoredSheet, here: Place, found: StoredSheet, there: Place) -> bool:
    """Whether a formula shows what it did, to the millionth: every program adds in its own order.

    One that shows nothing is worked out when the file is opened.
    """
    before, after = approved.results.get(here), found.results.get(there)
    if after is None:
        return True
    if before and after and before[0] == after[0] == "n":
        return round(float(before[1]), 6) == round(float(after[1]), 6)
    return before == after


def shown_digits(number: float) -> float:
    """Return a number to the 15 digits that a spreadsheet shows and that every program keeps when it saves."""
    kept = float(f"{number:.15g}")
    if kept == number:
        return number
    text = repr(number)
    # A sixteenth digit of 5 is a tie to LibreOffice, which rounds the digits it would write, not the double itself.
    digits = text.partition("e")[0].replace(".", "").lstrip("-0")
    return (
        float(_FIFTEEN.plus(Decimal(text)))
        if len(digits) == _FIFTEEN.prec + 1 and digits[-1] == "5"
        else kept
    )


def _aligned(approved: StoredSheet, found: StoredSheet, heights: list[int]) -> Iterator[Difference]:
    """Yield the differences with rows put in and taken out told as such."""
    ours, theirs = _rows(approved, heights[0]), _rows(found, heights[1])
    before, after = (
        [_row_key(sheet, cells, row) for row, cells in enumerate(rows, start=1)]
        for sheet, rows in ((approved, ours), (found, theirs))
    )
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        common = min(b - a, d - c) if tag == "replace" else 0
        for step in range(common):
            columns = {column for column, _ in (*ours[a + step], *theirs[c + step])}
            for column in sorted(columns):
                yield from _at(approved, (a + step + 1, column), found, (c + step + 1, column))
        for row in range(a + common, b):
            yield Difference(approved.name, f"{row + 1}:{row + 1}", _row_text(approved, ours[row], row), "")
        for row in range(c + common, d):
            yield Difference(approved.name, f"{row + 1}:{row + 1}", "", _row_text(found, theirs[row], row))


def _rows(sheet: StoredSheet, height: int) -> list[tuple[tuple[int, Cell], ...]]:
    rows: list[list[tuple[int, Cell]]] = [[] for _ in range(height)]
    for (row, column), cell in sheet.cells.items():
        rows[row - 1].append((column, cell))
    return [tuple(sorted(row, key=itemgetter(0))) for row in rows]


def _row_key(sheet: StoredSheet, cells: tuple[tuple[int, Cell], ...], row: int) -> tuple[object, ...]:
    """Return what makes two rows the same row: moments count to the second."""
    return tuple(
        (column, _row_number(float(cell[1]), sheet.formats.get((row, column), "")))
        if cell[0] == "n"
        else (column, cell)
        for column, cell in cells
    )


def _row_number(number: float, code: str) -> float:
    return round(number * 86_400) if is_date(code) else shown_digits(number)


def _row_text(sheet: StoredSheet, cells: tuple[tuple[int, Cell], ...], row: int) -> str:
    return " | ".join(_shown(cell, sheet.formats.get((row + 1, column), "")) for column, cell in cells) or "␣"


def _address(place: Place) -> str:
    return f"{column_letters(place[1])}{place[0]}"


_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")


def disguises(code: str) -> bool:
    """Whether a number format shows something else than the number: nothing, or digits of its own."""
    if not code or (code.startswith("#") and code[1:].isdigit()):
        return False
    literals = "".join(piece for piece in _QUOTED.findall(code) if piece[0] in '"\\')
    if any(sign.isdigit() for sign in literals):
        return True
    bare = _BRACKETS.sub("", _QUOTED.sub("", code.split(";", maxsplit=1)[0])).casefold()
    return "general" not in bare and not re.search("[0#?@ymdhse]", bare)


def is_date(code: str) -> bool:
    """Whether a number format shows a serial number as a date."""
    if code.startswith("#") and code[1:].isdigit():
        return 14 <= int(code[1:]) <= 22
    bare = _BRACKETS.sub("", _QUOTED.sub("", code.split(";", maxsplit=1)[0])).casefold()
    return "y" in bare or ("d" in bare and "m" in bare)


def _shown(cell: Cell | None, code: str) -> str:
    """Return a cell as a person can compare it: dates as ISO, numbers with every digit."""
    if cell is None:
        return ""
    kind, value = cell
    if kind == "b":
        return str(value).upper()
    if kind != "n":
        return str(value)
    number = float(value)
    if is_date(code) and 61 <= number < 2_958_466:
        moment = datetime(1899, 12, 30) + timedelta(seconds=round(number * 86_400))
        return moment.isoformat(" ") if number % 1 else moment.date().isoformat()
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
