"""References in formulas, moved as a spreadsheet moves them when rows are put in.

A formula is split into pieces that can hold no reference (texts, structured references, names, functions) and
references; nothing else of it is touched, so that a formula that refers to nothing moved keeps its very text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.letters import column_letters, column_number

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384

_PIECES = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")
  | (?P<sheet>'(?:[^']|'')+'(?::'(?:[^']|'')+')?!|(?![A-Za-z]{1,3}[0-9]{1,7}:)[A-Za-z_\\\u0080-\uffff][\w.\u0080-\uffff]*(?::[A-Za-z_\u0080-\uffff][\w.\u0080-\uffff]*)?!)
  | (?P<area>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Za-z]{1,3}\$?[0-9]{1,7})?(?![\w.(\u0080-\uffff]))
  | (?P<rows>\$?[0-9]{1,7}:\$?[0-9]{1,7}(?![\w.]))
  | (?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w.(\u0080-\uffff]))
  | (?P<name>[A-Za-z_\\\u0080-\uffff][\w.\\?\u0080-\uffff]*)
  | (?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)
    """,
    re.VERBOSE,
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Insertion:
    """Rows put in after the last row of an area that is filled (`first` to `last`, from 1)."""

    first: int
    last: int
    count: int


class RowMap:
    """Where the rows of one sheet go when rows are put in."""

    def __init__(self, insertions: Sequence[Insertion]) -> None:
        self.insertions = tuple(sorted((one for one in insertions if one.count), key=lambda one: one.last))

    def __bool__(self) -> bool:
        return bool(self.insertions)

    def row(self, row: int) -> int:
        """Return where a row goes."""
        return min(row + sum(one.count for one in self.insertions if one.last < row), LAST_ROW)

    def end(self, row: int, start: int) -> int:
        """Return where an area that begins at `start` ends: one that ends with a filled area grows with it."""
        if row == LAST_ROW:
            return row
        grown = sum(one.count for one in self.insertions if one.last <= row and start <= one.last)
        above = sum(one.count for one in self.insertions if one.last < row and start > one.last)
        return min(row + grown + above, LAST_ROW)

    def area(self, first: int, last: int) -> tuple[int, int]:
        """Return where the rows of an area go."""
        return self.row(first), self.end(last, first)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, all counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """How many rows it has."""
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        """How many columns it has."""
        return self.right - self.left + 1

    @property
    def text(self) -> str:
        """How a part names it: A1:D5, or A1 for a single cell."""
        first = f"{column_letters(self.left)}{self.top}"
        last = f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def meets(self, other: Area) -> bool:
        """Whether two areas share a cell."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )

    def carried(self, rows: RowMap) -> Area:
        """Return where it goes when rows are put in, no larger than it is."""
        return Area(rows.row(self.top), self.left, rows.row(self.bottom), self.right)

    def moved(self, rows: RowMap) -> Area:
        """Return where it goes when rows are put in; one that ends with the filled rows grows with them."""
        top, bottom = rows.area(self.top, self.bottom)
        return Area(top, self.left, bottom, self.right)


def parse_area(text: str) -> Area | None:
    """Return the area that a text such as $A$1:$D$5 names, or None."""
    corners = text.strip().split(":")
    found = [_CORNER.fullmatch(corner) for corner in corners]
    if len(found) > 2 or not all(found):
        return None
    cells = [(int(one[4]), column_number(one[2])) for one in found if one]
    (top, left), (bottom, right) = cells[0], cells[-1]
    if not (1 <= top <= bottom <= LAST_ROW and 1 <= left <= right <= LAST_COLUMN):
        return None
    return Area(top, left, bottom, right)


Visit = Callable[[str | None, str, str], str]
"""(sheet it is qualified with, kind of reference, its text) → the text that takes its place."""


def rewritten(formula: str, visit: Visit) -> str:
    """Return a formula in which each reference was handed to `visit`; structured references are left alone.

    A cell behind a : that belongs to no area as written (Data!B5:Data!B8, A1:INDEX(…)) is of the kind "end".
    """
    out: list[str] = []
    at, depth, sheet, behind = 0, 0, None, False
    while at < len(formula):
        sign = formula[at]
        if depth or sign == "[":
            # Inside brackets: a structured reference or another workbook; ' escapes the next sign.
            if sign == "'" and depth:
                out.append(formula[at : at + 2])
                at += 2
                continue
            depth += (sign == "[") - (sign == "]")
            out.append(sign)
            at += 1
            continue
        match = _PIECES.match(formula, at)
        if match is None:
            out.append(sign)
            sheet, behind = None, sign == ":"
            at += 1
            continue
        kind, text = str(match.lastgroup), match[0]
        if kind == "sheet":
            sheet = unquoted(text[:-1])
            out.append(text)
        else:
            if kind == "area" and behind and ":" not in text:
                kind = "end"
            out.append(visit(sheet, kind, text) if kind in ("area", "end", "rows", "columns") else text)
            sheet, behind = None, False
        at = match.end()
    return "".join(out)


def unquoted(name: str) -> str:
    """Return a sheet's name as it is, from how a formula writes it; two names with a : are a span of sheets."""
    return name[1:-1].replace("':'", ":").replace("''", "'") if name.startswith("'") else name


def shifted(formula: str, own: str, maps: dict[str, RowMap], *, keep_relative: bool = False) -> str:
    """Return a formula of the sheet `own` after rows were put in; `maps` are by sheet name in lower case.

    With `keep_relative` an area that ends with the filled rows grows only where its end is fixed with a $:
    in a filled row, SUM(B$5:B5) is a running total, and SUM(B$5:B$5) means all rows.
    """

    def visit(sheet: str | None, kind: str, text: str) -> str:
        rows = maps.get((own if sheet is None else sheet).casefold())
        if not rows or kind == "columns":
            return text
        return _moved(text, kind, rows, keep_relative=keep_relative)

    return rewritten(formula, visit)


def _moved(text: str, kind: str, rows: RowMap, *, keep_relative: bool) -> str:
    parts = text.split(":")
    if kind == "rows":
        numbers = [int(part.lstrip("$")) for part in parts]
        both = rows.area(*numbers)
        return ":".join(
            ("$" if part.startswith("$") else "") + str(end) for part, end in zip(parts, both, strict=True)
        )
    corners = [match for part in parts if (match := _CORNER.fullmatch(part))]
    numbers = [int(corner[4]) for corner in corners]
    ends: tuple[int, ...]
    if kind == "end":
        ends = (rows.end(numbers[0], numbers[0]),)
    elif len(corners) == 1:
        ends = (rows.row(numbers[0]),)
    elif keep_relative and not corners[1][3]:
        ends = (rows.row(numbers[0]), rows.row(numbers[1]))
    else:
        ends = rows.area(numbers[0], numbers[1])
    return ":".join(
        f"{corner[1]}{corner[2]}{corner[3]}{end}" for corner, end in zip(corners, ends, strict=True)
    )


def translated(formula: str, rows: int, columns: int = 0) -> str:
    """Return a formula as it reads when it is copied by some rows and columns."""

    def one(match: re.Match[str]) -> str:
        column = column_number(match[2]) + (0 if match[1] else columns)
        row = int(match[4]) + (0 if match[3] else rows)
        if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
            return "#REF!"
        return f"{match[1]}{column_letters(column)}{match[3]}{row}"

    def visit(_sheet: str | None, kind: str, text: str) -> str:
        if kind in ("area", "end"):
            return _CORNER.sub(one, text)
        if kind == "rows":
            return re.sub(r"(?<![$0-9])[0-9]+", lambda match: str(int(match[0]) + rows), text)
        return re.sub(
            r"(?<![$A-Za-z])[A-Za-z]{1,3}",
            lambda match: column_letters(column_number(match[0]) + columns),
            text,
        )

    return rewritten(formula, visit)
