"""What an import and its undo have to say, as values and as the documents of cli.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.errors import NotFound
from desktop.i18n import ENGLISH, Locale
from desktop.importers.fields import field as field_called
from desktop.importers.tables import ConvertedTable, Issue, Refused
from desktop.operations.import_differences import differences_json, no_differences
from desktop.operations.outcomes import no_outcomes
from desktop.operations.reconciliation import Check
from desktop.terms import Severity

if TYPE_CHECKING:
    import polars as pl

    from desktop.exporters.error_rows import ErrorTable
    from desktop.queries.duplicates import DuplicateCluster

DRY_RUN = "dry_run"
REFUSED = "refused"
ISSUES_LISTED = 100_000
"""How many issues the document of a run lists; the error workbook has every rejected row."""

ISSUES_KEPT = 1_000
"""How many issues the database keeps of a run, besides their number by code."""

PROPOSALS_LISTED = 200
ACTIONS = ("created", "updated", "unchanged", "rejected")


@dataclass(frozen=True, slots=True)
class TableResult:
    """What became of one source table: rows read, and how many of them were left out."""

    file: str
    sheet: str | None
    entity: str
    read: int
    created: int
    updated: int
    unchanged: int
    rejected: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The outcome of an import: read = created + updated + unchanged + rejected, always.

    `differences` are the cells that it changes (origin, row, entity, record_id, action, field, before,
    after), bounded; `changed_cells` counts those of existing records in full. `fingerprint` is the hash of
    all that it does, the same for a dry run and the run that follows it.
    `outcomes` say what becomes of each source row (origin, row, action); rejected ones are not in it.
    `corrected` cells were changed by hand before, and `left_out` rows refused by hand.
    `proposals` are the duplicates that it takes part in, if they were asked for.
    """

    run: int | None
    state: str
    totals: dict[str, int]
    entities: dict[str, dict[str, int]]
    tables: tuple[TableResult, ...]
    issues: tuple[Issue, ...]
    refused: tuple[Refused, ...]
    checks: tuple[Check, ...] = ()
    differences: pl.DataFrame = field(default_factory=no_differences, compare=False, repr=False)
    changed_cells: int = 0
    fingerprint: str = ""
    outcomes: pl.DataFrame = field(default_factory=no_outcomes, compare=False, repr=False)
    corrected: int = 0
    left_out: int = 0
    proposals: tuple[DuplicateCluster, ...] | None = None

    @property
    def complete(self) -> bool:
        """Whether everything that was given came in: nothing rejected, nothing refused."""
        return not self.totals["rejected"] and not self.refused

    def to_json(
        self, locale: Locale = ENGLISH, *, issues: int = ISSUES_LISTED, differences: bool = True
    ) -> dict[str, Any]:
        """Return the document of cli.md, `migrate`, without `seconds`: at most so many `issues`, all counted."""
        places = [(table.file, table.sheet) for table in self.tables]
        document: dict[str, Any] = {
            "run": self.run,
            "state": self.state,
            "totals": self.totals,
            "entities": self.entities,
            "tables": [asdict(table) for table in self.tables],
            "issues": [issue_json(issue, locale) for issue in self.issues[:issues]],
            "issue_counts": dict(Counter(issue.code for issue in self.issues).most_common()),
            "refused": [refused_json(refused, locale) for refused in self.refused],
            "checks": [check.to_json() for check in self.checks],
            "changed_cells": self.changed_cells,
            "fingerprint": self.fingerprint,
            "corrected": {"cells": self.corrected, "rows": self.left_out},
        }
        if self.proposals is not None:
            listed = [one.to_json(locale) for one in self.proposals[:PROPOSALS_LISTED]]
            document["duplicates"] = {"count": len(self.proposals), "clusters": listed}
        if differences:
            document["differences"] = differences_json(self.differences, places)
        return document


@dataclass(frozen=True, slots=True)
class NotReversed:
    """A record that undo left as it is, and why (a gettext id with parameters)."""

    entity: str
    id: int
    why: str
    params: dict[str, Any] = field(default_factory=dict)

    def to_json(self, locale: Locale = ENGLISH) -> dict[str, Any]:
        """Return the line of cli.md, `undo`."""
        params = {key: _said(key, value, locale) for key, value in self.params.items()}
        return {"entity": self.entity, "id": self.id, "why": locale._(self.why).format(**params)}


def _said(key: str, value: Any, locale: Locale) -> Any:
    if isinstance(value, datetime):
        return locale.instant(value)
    if key == "fields":
        return ("、" if locale.is_chinese else ", ").join(_field_label(name, locale) for name in value)
    return locale._(value) if key == "entity" else value


def _field_label(full_name: str, locale: Locale) -> str:
    try:
        return field_called(full_name).label(locale.is_chinese)
    except NotFound:
        return full_name.partition(".")[2]


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What taking a run back did: records reversed, kept because edited since, blocked by others.

    `restored` of the kept ones have had their other cells taken back.
    """

    run: int
    reversed: int
    kept: tuple[NotReversed, ...]
    blocked: tuple[NotReversed, ...]
    restored: int = 0

    def to_json(self, locale: Locale = ENGLISH) -> dict[str, Any]:
        """Return the document of cli.md, `undo`."""
        return {
            "run": self.run,
            "reversed": self.reversed,
            "restored": self.restored,
            "kept": [line.to_json(locale) for line in self.kept],
            "blocked": [line.to_json(locale) for line in self.blocked],
        }


def issue_json(issue: Issue, locale: Locale) -> dict[str, Any]:
    """Return an issue as cli.md has it, its message in the reader's language."""
    return {
        "file": issue.file,
        "sheet": issue.sheet,
        "row": issue.row,
        "column": issue.column,
        "code": issue.code,
        "severity": str(issue.severity),
        "message": locale._(issue.message).format(**issue.params),
        "value": issue.value,
    }


def refused_json(refused: Refused, locale: Locale) -> dict[str, Any]:
    """Return a refused file or sheet as cli.md has it."""
    parts = [locale._(part).format(**refused.params) for part in (refused.message, refused.remedy) if part]
    document: dict[str, Any] = {"file": refused.file, "code": refused.code, "message": " ".join(parts)}
    if refused.sheet is not None:
        document["sheet"] = refused.sheet
    return document


def error_tables(
    tables: Sequence[ConvertedTable], result: ImportResult, locale: Locale = ENGLISH
) -> list[ErrorTable]:
    """Return the rejected rows of each table as they stood in the file, with reasons and cells at fault."""
    from desktop.exporters.error_rows import ErrorRow, ErrorTable

    faults: dict[tuple[str, str | None], dict[int, list[Issue]]] = {}
    for issue in result.issues:
        if issue.severity is Severity.ROW and issue.row is not None:
            faults.setdefault((issue.file, issue.sheet), {}).setdefault(issue.row, []).append(issue)
    found = []
    for table in tables:
        source = table.mapping.table
        wrong = faults.get((source.file, source.sheet), {})
        places = {header: index for index, header in enumerate(source.headers)}
        rows = [
            ErrorRow(
                row[0],
                tuple(row[1:]),
                " ".join(dict.fromkeys(locale._(i.message).format(**i.params) for i in wrong[row[0]])),
                frozenset(places[i.column] for i in wrong[row[0]] if i.column in places),
            )
            for row in source.frame.iter_rows()
            if row[0] in wrong
        ]
        found.append(ErrorTable(source.file, source.sheet, source.headers, tuple(rows)))
    return found


def save_error_rows(
    path: Path, tables: Sequence[ConvertedTable], result: ImportResult, locale: Locale
) -> Path:
    """Write the rejected rows of an import as a workbook to be mended and imported again; return its path."""
    from desktop.exporters.error_rows import write_error_rows

    path.parent.mkdir(parents=True, exist_ok=True)
    write_error_rows(path, error_tables(tables, result, locale), locale)
    return path
