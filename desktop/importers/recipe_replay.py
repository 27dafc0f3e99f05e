"""Replaying a recipe: its tables and cells found again in an export of another day.

Nothing depends on where the export lies or on the numbers in its files' names. A corrected cell is found again
by its row's key, by the rest of its row, and only then by its row number; where its text is another one by now,
or the row is gone, that is asked about and nothing is guessed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from desktop.importers.fixes import CellFix, Fix, RowSkip
from desktop.importers.options import ReadOptions, TablePlace
from desktop.importers.recipe import Recipe, RecipeFix, RecipeTable
from desktop.importers.tables import Profile, SourceTable, TableMapping

MOST_VALUES = 400
"""Different values of a list column that a recipe remembers; a column with more is no list."""

_ALIKE = 0.5
"""Share of common headers above which two tables may be the same one, of two exports."""

_KEYS = ("external_id", "number", "code", "credit_code", "login")
_NUMBERS = re.compile(r"\d+")
_BETWEEN = re.compile(r"[\s_.\-()（）【】\[\]年月日]+")


def recipe_table(
    mapping: TableMapping, original: SourceTable, fixes: Iterable[Fix], values: Mapping[str, Sequence[str]]
) -> RecipeTable:
    """Return what was decided about one table; `original` is the table as its file holds it."""
    profile = None
    if mapping.entity is not None:
        title = " / ".join(part for part in (mapping.table.file, mapping.table.sheet) if part)
        profile = Profile.of(mapping, title[:400])
    keys = key_columns(mapping)
    rows = _Rows(original)
    return RecipeTable(
        original.file,
        original.sheet,
        original.part,
        original.headers,
        profile,
        {name: tuple(texts[:MOST_VALUES]) for name, texts in values.items()},
        tuple(rows.anchored(fix, keys) for fix in fixes),
    )


def key_columns(mapping: TableMapping) -> list[int]:
    """Return the columns that identify a row: record ids, document numbers, codes, or else its name."""
    fields = {column.field: column.index for column in mapping.columns if column.field}
    found = [fields[full] for key in _KEYS if (full := f"{mapping.entity}.{key}") in fields]
    name = fields.get(f"{mapping.entity}.name")
    return found or ([] if name is None else [name])


class _Rows:
    """The rows of a table, found by their numbers, their keys, or the rest of their cells."""

    def __init__(self, table: SourceTable) -> None:
        self.table = table
        self.rows = table.frame.rows()
        self.at = {row[0]: index for index, row in enumerate(self.rows)}
        self._keys: dict[tuple[int, ...], dict[tuple[str, ...], list[int]]] = {}
        self._rests: dict[int | None, dict[str, list[int]]] = {}

    def anchored(self, fix: Fix, keys: Sequence[int]) -> RecipeFix:
        """Return a fix with what its row can be found again by."""
        column = fix.column if isinstance(fix, CellFix) else None
        cells = self.rows[self.at[fix.row]][1:]
        headers = self.table.headers
        key = {headers[i]: str(cells[i]) for i in keys if i != column and cells[i] is not None}
        return RecipeFix(
            fix.row,
            None if column is None else headers[column],
            fix.before if isinstance(fix, CellFix) else None,
            fix.after if isinstance(fix, CellFix) else None,
            key,
            self._rest(cells, column),
        )

    def find(self, fix: RecipeFix, column: int | None) -> list[int]:
        """Return the places of the rows that a fix may mean, by the surest sign that finds any."""
        by_key = self._by_key(fix)
        if by_key:
            return by_key
        if column not in self._rests:
            index: dict[str, list[int]] = {}
            for place, row in enumerate(self.rows):
                index.setdefault(self._rest(row[1:], column), []).append(place)
            self._rests[column] = index
        by_rest = self._rests[column].get(fix.rest, [])
        if by_rest or fix.key:
            return by_rest
        return [self.at[fix.row]] if fix.row in self.at else []

    def _by_key(self, fix: RecipeFix) -> list[int]:
        columns = tuple(i for i, header in enumerate(self.table.headers) if header in fix.key)
        if not columns or len(columns) < len(fix.key):
            return []
        if columns not in self._keys:
            index: dict[tuple[str, ...], list[int]] = {}
            for place, row in enumerate(self.rows):
                index.setdefault(tuple(str(row[i + 1]) for i in columns), []).append(place)
            self._keys[columns] = index
        wanted = tuple(fix.key[self.table.headers[i]] for i in columns)
        return self._keys[columns].get(wanted, [])

    def _rest(self, cells: Sequence[Any], column: int | None) -> str:
        """Return the hash of a row's other cells, whatever the order of its columns."""
        told = sorted(
            f"{header}={cells[i]}"
            for i, header in enumerate(self.table.headers)
            if i != column and cells[i] is not None
        )
        return hashlib.sha256("\x1f".join(told).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class LostFix:
    """A fix that could not be replayed: its row is gone or not unique, its column is gone, or its cell moved on."""

    fix: RecipeFix
    why: str
    row: int | None = None
    found: str | None = None


def replayed(wanted: RecipeTable, table: SourceTable) -> tuple[list[Fix], list[LostFix]]:
    """Return the recipe's fixes as fixes of another export's table, and those that do not fit any more."""
    rows = _Rows(table) if wanted.fixes else None
    columns = {_folded(header): index for index, header in enumerate(table.headers)}
    fixes: list[Fix] = []
    lost: list[LostFix] = []
    for fix in wanted.fixes:
        assert rows is not None
        column = None if fix.header is None else columns.get(_folded(fix.header))
        if fix.header is not None and column is None:
            lost.append(LostFix(fix, "column"))
            continue
        places = rows.find(fix, column)
        if column is not None:
            places = [p for p in places if rows.rows[p][column + 1] == fix.before] or places
        if len(places) != 1:
            lost.append(LostFix(fix, "row"))
            continue
        row = rows.rows[places[0]]
        if column is None:
            fixes.append(RowSkip(table.file, table.sheet, table.part, row[0]))
        elif row[column + 1] == fix.before:
            fixes.append(CellFix(*table.place, row[0], column, fix.before, fix.after))
        elif row[column + 1] != fix.after:
            lost.append(LostFix(fix, "cell", row[0], row[column + 1]))
    return fixes, lost


def matched(recipe: Recipe, tables: Sequence[SourceTable]) -> dict[int, RecipeTable]:
    """Return which table of the recipe each table of a new export is, the surest pairs first."""
    pairs = [
        (score, -place, -index)
        for place, wanted in enumerate(recipe.tables)
        for index, table in enumerate(tables)
        if (score := _likeness(wanted, table)) > _ALIKE
    ]
    found: dict[int, RecipeTable] = {}
    used: set[int] = set()
    for _score, place, index in sorted(pairs, reverse=True):
        if -index not in found and -place not in used:
            found[-index] = recipe.tables[-place]
            used.add(-place)
    return found


def _likeness(wanted: RecipeTable, table: SourceTable) -> float:
    ours, theirs = {_folded(h) for h in wanted.headers}, {_folded(h) for h in table.headers}
    common = len(ours & theirs) / max(1, len(ours | theirs))
    if common <= _ALIKE:
        return 0.0
    same_file = 0.2 if name_pattern(wanted.file) == name_pattern(table.file) else 0.0
    same_sheet = 0.1 if name_pattern(wanted.sheet or "") == name_pattern(table.sheet or "") else 0.0
    return common + same_file + same_sheet + (0.05 if wanted.part == table.part else 0.0)


def name_pattern(name: str) -> str:
    """Return what a file's or sheet's name is without its folder, its dates and numbers."""
    plain = PurePosixPath(name).name.casefold()
    stem, dot, suffix = plain.rpartition(".")
    return _BETWEEN.sub("", _NUMBERS.sub("", stem if dot else plain)) + (dot + suffix if dot else "")


def profile_for(wanted: RecipeTable, table: SourceTable) -> Profile | None:
    """Return the recipe's mapping of a table under the headers that the new export has."""
    if wanted.profile is None:
        return None
    known = {_folded(header): name for header, name in wanted.profile.columns.items()}
    columns = {header: known.get(_folded(header)) for header in table.headers}
    return replace(wanted.profile, fingerprint=table.header_fingerprint, columns=columns)


def options_for(recipe: Recipe, files: Sequence[str]) -> tuple[ReadOptions, list[str]]:
    """Return the recipe's way of reading under the new files' names, and the files it cannot find."""
    by_pattern: dict[str, list[str]] = {}
    for name in files:
        by_pattern.setdefault(name_pattern(name), []).append(name)
    options = recipe.options
    decided = {place.file for place in options.layouts} | set(options.encodings) | set(options.separators)
    renamed: dict[str, str] = {}
    for name in sorted(decided):
        now = [name] if name in files else by_pattern.get(name_pattern(name), [])
        if len(now) == 1:
            renamed[name] = now[0]
    return (
        replace(
            options,
            layouts={
                TablePlace(renamed[place.file], place.sheet, place.part): layout
                for place, layout in options.layouts.items()
                if place.file in renamed
            },
            encodings={renamed[name]: one for name, one in options.encodings.items() if name in renamed},
            separators={renamed[name]: one for name, one in options.separators.items() if name in renamed},
        ),
        sorted(decided - set(renamed)),
    )


def new_headers(wanted: RecipeTable, table: SourceTable) -> list[str]:
    """Return the headers of a new export that the recipe has never seen."""
    known = {_folded(header) for header in wanted.headers}
    return [header for header in table.headers if header and _folded(header) not in known]


def lost_headers(wanted: RecipeTable, table: SourceTable) -> list[str]:
    """Return the mapped headers of the recipe that a new export does not have."""
    here = {_folded(header) for header in table.headers}
    mapped = wanted.profile.columns if wanted.profile else {}
    return [header for header in wanted.headers if mapped.get(header) and _folded(header) not in here]


def _folded(header: str) -> str:
    return "".join(header.split()).casefold()
