"""Recipes: a migration rehearsed once, kept as a file, and replayed on the fresh export at cut-over (IMP-04).

Only what is different from the rehearsal is asked about: new and missing tables and columns, values that no
one has decided on, corrections whose cell moved on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from desktop.control import Control
from desktop.errors import InvalidInput
from desktop.i18n import ENGLISH, N_, Locale
from desktop.importers.options import TablePlace
from desktop.importers.recipe import MergeDecision, Recipe, RecipeTable
from desktop.importers.tables import SourceTable, TableMapping
from desktop.operations.audit import log_export
from desktop.operations.database import Database
from desktop.operations.migration import Source, read_and_map
from desktop.queries.merge_decisions import find_record, merge_decisions
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is different from the rehearsal and waits for a person; `message` is a gettext id."""

    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def to_json(self, locale: Locale = ENGLISH) -> dict[str, Any]:
        """Return the question as a JSON object."""
        return {
            "code": self.code,
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "message": locale._(self.message).format(**self.params),
        }


@dataclass(frozen=True, slots=True)
class Replay:
    """A fresh export read under a recipe, and what the recipe does not answer."""

    source: Source
    questions: tuple[Question, ...]


_TABLE_NEW = N_("The recipe does not know this table; it is left out.")
_TABLE_MISSING = N_("The recipe's table “{table}” is not in this export.")
_COLUMN_NEW = N_("The recipe does not know the column “{column}”; it is left out. Suggested: {field}.")
_COLUMN_MISSING = N_("The column “{column}” of the recipe is not here any more.")
_VALUE_NEW = N_("“{value}” ({count} rows) did not occur in the rehearsal: what is it?")
_FIX_COLUMN = N_("The column of a corrected cell is gone: “{before}” → “{after}” is not applied.")
_FIX_ROW = N_("The row of a corrected cell was not found again: “{before}” → “{after}” is not applied.")
_FIX_CELL = N_("The cell says “{found}” now, not “{before}”; the correction to “{after}” is not applied.")
_SKIP_ROW = N_("A row that was left out by hand was not found again; nothing is left out.")
_LAYOUT = N_("The recipe says how to read “{file}”, and there is no such file.")
_MERGE = N_("Records that were merged in the rehearsal were not found again: {names}.")
_FIX_MESSAGES = {"column": _FIX_COLUMN, "row": _FIX_ROW, "cell": _FIX_CELL}
_FIX_CODES = {"column": "fix_lost", "row": "fix_lost", "cell": "fix_changed"}


def recipe_of(
    source: Source,
    name: str,
    merges: Iterable[MergeDecision] = (),
    *,
    keep_duplicates: bool = False,
) -> Recipe:
    """Return everything that was decided about a source as a recipe."""
    from desktop.importers.recipe_replay import recipe_table

    tables = []
    for index, mapping in enumerate(source.mappings):
        own = [fix for fix in source.applied if fix.place == mapping.table.place]
        tables.append(recipe_table(mapping, source.original(index), own, _values(mapping)))
    return Recipe(name, tuple(tables), source.options, tuple(merges), keep_duplicates)


def _values(mapping: TableMapping) -> dict[str, list[str]]:
    """Return the different texts of a table's list columns, by field."""
    from desktop.importers.value_maps import values_to_map

    found: dict[str, list[str]] = {}
    if mapping.entity is not None:
        for value in values_to_map(mapping):
            found.setdefault(value.field, []).append(value.value)
    return found


def replay(
    recipe: Recipe,
    paths: Iterable[Path | str],
    control: Control | None = None,
    passwords: Mapping[str, str] | None = None,
) -> Replay:
    """Read files and folders under a recipe: mapped, decided and corrected as in the rehearsal.

    Raises InvalidInput for a path where nothing is.
    """
    from desktop.importers.reader import find_files
    from desktop.importers.recipe_replay import matched, options_for

    given = list(paths)
    files = find_files(given)
    options, lost = options_for(recipe, [file.name for file in files])
    read = read_and_map(given, (), control, replace(options, passwords=dict(passwords or {})))
    questions = [Question("layout_unused", _LAYOUT, {"file": name}, name) for name in lost]
    known = matched(recipe, [mapping.table for mapping in read.mappings])
    mappings = []
    fixes = []
    for index, mapping in enumerate(read.mappings):
        wanted = known.get(index)
        if wanted is None:
            mappings.append(replace(mapping, entity=None, confidence=0.0))
            questions.append(_about("table_new", _TABLE_NEW, mapping.table))
            continue
        mapped, asked = _mapped(wanted, mapping)
        corrected, unsure = _corrected(wanted, mapping.table)
        mappings.append(mapped)
        fixes += corrected
        questions += [*asked, *unsure]
    seen = {id(wanted) for wanted in known.values()}
    for wanted in recipe.tables:
        if id(wanted) not in seen:
            place = TablePlace(wanted.file, wanted.sheet, wanted.part)
            title = " / ".join(part for part in (place.file, place.sheet) if part)
            questions.append(Question("table_missing", _TABLE_MISSING, {"table": title}, *place[:2]))
    return Replay(read.with_mappings(mappings).with_fixes(fixes), tuple(questions))


def _mapped(wanted: RecipeTable, mapping: TableMapping) -> tuple[TableMapping, list[Question]]:
    """Return a table's mapping under the recipe, and what of it the recipe does not answer."""
    from desktop.importers.mapping import suggest_all
    from desktop.importers.recipe_replay import lost_headers, new_headers, profile_for

    table = mapping.table
    profile = profile_for(wanted, table)
    if profile is None:
        return replace(mapping, entity=None, confidence=0.0), []
    (mapped,) = suggest_all([table], [profile])
    guesses = {column.header: column.field for column in mapping.columns}
    questions = []
    for header in new_headers(wanted, table):
        guess = guesses.get(header) or "—"
        questions.append(_about("column_new", _COLUMN_NEW, table, column=header, field=guess))
    for header in lost_headers(wanted, table):
        questions.append(_about("column_missing", _COLUMN_MISSING, table, column=header))
    return mapped, questions + _new_values(wanted, mapped)


def _new_values(wanted: RecipeTable, mapped: TableMapping) -> list[Question]:
    from desktop.importers.value_maps import values_to_map

    questions = []
    for one in values_to_map(mapped):
        if one.is_open and one.field in wanted.values and one.value not in wanted.values[one.field]:
            questions.append(
                _about(
                    "value_new", _VALUE_NEW, mapped.table, column=one.header, value=one.value, count=one.count
                )
            )
    return questions


def _corrected(wanted: RecipeTable, table: SourceTable) -> tuple[list[Any], list[Question]]:
    from desktop.importers.recipe_replay import replayed

    fixes, lost = replayed(wanted, table)
    questions = []
    for one in lost:
        fix = one.fix
        if fix.header is None:
            questions.append(_about("fix_lost", _SKIP_ROW, table, row=fix.row))
            continue
        params: dict[str, Any] = {
            "before": fix.before or "",
            "after": fix.after or "",
            "found": one.found or "",
        }
        questions.append(
            _about(
                _FIX_CODES[one.why],
                _FIX_MESSAGES[one.why],
                table,
                row=one.row,
                column=fix.header,
                value=one.found,
                **params,
            )
        )
    return fixes, questions


def _about(
    code: str,
    message: str,
    table: SourceTable,
    *,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
    **params: Any,
) -> Question:
    told = {"column": column, "value": value} | params
    return Question(code, message, told, table.file, table.sheet, row, column, value)


def replay_merges(work: Work, merges: Sequence[MergeDecision]) -> list[Question]:
    """Carry out the recipe's decisions about duplicates; return those whose records were not found.

    Records that are one already stay so.
    """
    from desktop.operations.duplicates import decide_apart, merge_records

    questions = []
    for one in merges:
        found = [find_record(work, one.entity, keys) for keys in one.records]
        ids = [record for record in found if record is not None]
        different = list(dict.fromkeys(ids))
        if len(ids) < len(one.records) and not (one.action == "merge" and different):
            names = ", ".join(keys.get("name", "?") for keys in one.records)
            questions.append(Question("merge_lost", _MERGE, {"names": names}))
        elif len(different) > 1 and one.action == "apart":
            decide_apart(work, one.entity, different)
        elif len(different) > 1:
            kept = {name: record for name, place in one.kept.items() if (record := found[place]) is not None}
            merge_records(work, one.entity, different[0], different[1:], kept)
    return questions


# files


def save_recipe(workspace: Database, path: Path, source: Source) -> None:
    """Write all that was decided of a migration, with the merges that stand, as a file.

    The merges name records of the database: a recipe that holds some is put on record as an export first.
    """
    recipe = recipe_of(source, path.stem, workspace.read(merge_decisions))
    if recipe.merges:
        fingerprint = hashlib.sha256(_content(recipe)).hexdigest()
        count = len(recipe.merges)
        workspace.write(
            lambda work: log_export(work, "merge_decisions", rows=count, file=path.name, sha256=fingerprint)
        )
    write_recipe(path, recipe)


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe as a file, whole or not at all."""
    from desktop.exporters.saving import save_bytes

    save_bytes(path, _content(recipe))


def _content(recipe: Recipe) -> bytes:
    return (json.dumps(recipe.to_json(), ensure_ascii=False, indent=2) + "\n").encode()


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of a file; raise InvalidInput if it is none."""
    try:
        return Recipe.from_json(json.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InvalidInput(
            "recipe_invalid",
            N_("{file} is not a recipe ({why})."),
            remedy=N_("Make one with: plumbline migrate … --save-recipe FILE"),
            file=path.name,
            why=str(problem)[:200],
        ) from problem
