"""What single cells look like, and whether a row looks like the rows under it or like their header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from desktop.importers.grid import BOOLEAN, DATE, NUMBER, Grid
from desktop.importers.months import period_of
from desktop.importers.rows import NUMBER_LIKE
from desktop.importers.vocabulary import header_words, normal, without_parentheses

LOOK = 40
"""Rows from the top in which a header is sought."""

_BELOW = 25
_WIDEST = 256
_DATE_LIKE = re.compile(r"\d{2,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?)?(?:[ T].*)?")
_EMAIL_OR_URL = re.compile(r"\S+@\S+\.\S+|https?://\S+")
_UUID = re.compile(r"\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
_BOOLEAN_LIKE = re.compile(r"true|false|wahr|falsch|是|否", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d年?(?:度)?")
_FIRM = re.compile(
    r".{3,}(?:公司|集团|工厂|厂|商行|事务所|研究院|经营部|门市部|合作社|(?:inc|ltd|llc|corp)\.?)",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")

NUMBER_LOOK, DATE_LOOK, ADDRESS_LOOK, ID_LOOK, BOOLEAN_LOOK, FIRM_LOOK, LONG_LOOK, TEXT_LOOK = range(1, 9)
_DATA = frozenset({NUMBER_LOOK, DATE_LOOK, ADDRESS_LOOK, ID_LOOK, LONG_LOOK})


def is_header_word(cell: str) -> bool:
    """Whether a cell is a known header, in either language, or names a month."""
    words = header_words()
    return normal(cell) in words or without_parentheses(cell) in words or period_of(cell) is not None


def look_of(cell: str | None, kind: int) -> int:
    """Return what a cell looks like, 0 if it is blank."""
    if cell is None:
        return 0
    if kind == NUMBER or (kind != DATE and NUMBER_LIKE.fullmatch(cell)):
        return NUMBER_LOOK
    if kind == DATE or _DATE_LIKE.fullmatch(cell):
        return DATE_LOOK
    if kind == BOOLEAN or _BOOLEAN_LIKE.fullmatch(cell):
        return BOOLEAN_LOOK
    if _EMAIL_OR_URL.fullmatch(cell):
        return ADDRESS_LOOK
    if _UUID.fullmatch(cell):
        return ID_LOOK
    if len(cell) > 80:
        return LONG_LOOK
    return FIRM_LOOK if _FIRM.fullmatch(cell) else TEXT_LOOK


def looks_like_data(cell: str, kind: int, *, months: bool = True) -> bool:
    """Whether a cell is a number, a date, an address on the net or a long text: no header.

    Dates that name months are headers where `months` says that several stand in a row.
    """
    look = look_of(cell, kind)
    if look == BOOLEAN_LOOK:
        return kind == BOOLEAN
    if look in (NUMBER_LOOK, DATE_LOOK) and months and period_of(cell) is not None:
        return look == NUMBER_LOOK and kind not in (NUMBER, DATE)
    return look in _DATA


def skeleton(cell: str) -> str:
    """Return a text with words and numbers made alike: HT-2024-001 and HT-2023-17 are the same."""
    return _DIGITS.sub("9", _LETTERS.sub("A", cell))


@dataclass(frozen=True)
class Head:
    """The first rows of a grid, cell by cell: text, kind, and what each looks like."""

    cells: list[list[str | None]]
    kinds: list[list[int]]

    @classmethod
    def of(cls, grid: Grid, rows: int = LOOK + _BELOW) -> Head:
        """Return the head of a grid; of a very wide one its first columns."""
        part = Grid(grid.columns[:_WIDEST], grid.kinds[:_WIDEST])
        return cls(part.head(rows), part.head_kinds(rows))

    @cached_property
    def looks(self) -> list[list[int]]:
        """What every cell looks like."""
        return [
            [look_of(cell, kind) for cell, kind in zip(cells, kinds, strict=True)]
            for cells, kinds in zip(self.cells, self.kinds, strict=True)
        ]

    @cached_property
    def fills(self) -> list[int]:
        """How many cells of each row are filled."""
        return [sum(cell is not None for cell in row) for row in self.cells]

    def below(self, row: int, column: int) -> list[int]:
        """Return the rows under a cell, as far as the head reaches, in which its column is filled."""
        last = min(len(self.cells), row + 1 + _BELOW)
        return [i for i in range(row + 1, last) if self.cells[i][column] is not None]

    def is_kin(self, row: int, column: int) -> bool:
        """Whether a cell is of the same special shape as nearly all cells under it, so that it is data too."""
        cell, look = self.cells[row][column], self.looks[row][column]
        rows = self.below(row, column)
        if cell is None or not rows:
            return False
        if look != TEXT_LOOK:
            alike = sum(self.looks[i][column] == look for i in rows)
            share = 0.6 if look == FIRM_LOOK else 0.8
            return alike >= share * len(rows) and not (
                _YEAR.fullmatch(cell) and not self._years(rows, column)
            )
        shape = skeleton(cell)
        if sum(char.isdigit() for char in cell) < 4 or len(cell) > 40:
            return False
        return sum(skeleton(self.cells[i][column] or "") == shape for i in rows) >= 0.8 * len(rows)

    def is_number_name(self, row: int, column: int) -> bool:
        """Whether a number or year stands over cells that are none, as the name of a column may."""
        cell = self.cells[row][column] or ""
        rows = self.below(row, column)
        if self.looks[row][column] != NUMBER_LOOK or len(cell) > 8 or not rows:
            return False
        if _YEAR.fullmatch(cell):
            return not self._years(rows, column)
        return cell.isdigit() and sum(self.looks[i][column] == NUMBER_LOOK for i in rows) < 0.5 * len(rows)

    def _years(self, rows: Sequence[int], column: int) -> bool:
        return all(_YEAR.fullmatch(self.cells[i][column] or "") for i in rows)

    def contrasts(self, row: int, column: int) -> bool:
        """Whether a cell is a plain text over cells that are mostly numbers, dates or the like."""
        if self.looks[row][column] not in (TEXT_LOOK, FIRM_LOOK):
            return False
        rows = self.below(row, column)
        counts = Counter(
            self.looks[i][column] in _DATA or self.looks[i][column] == BOOLEAN_LOOK for i in rows
        )
        return counts[True] > counts[False]
