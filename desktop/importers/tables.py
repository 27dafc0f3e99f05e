"""What passes between the parts of the importer: source tables, mappings, typed rows and issues."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from desktop.importers.options import TablePlace
from desktop.importers.ways import NewField, UpdateRule, ValueChoice, Ways, ways_from_json
from desktop.terms import Severity

if TYPE_CHECKING:
    import polars as pl

ACCEPT = 0.80
"""A column (or a table's entity) is accepted by itself at this confidence or above."""


class Kinds(NamedTuple):
    """How many cells of a column the file itself typed in each way."""

    number: int = 0
    date: int = 0
    text: int = 0
    boolean: int = 0
    error: int = 0

    @property
    def filled(self) -> int:
        """The number of cells that hold anything."""
        return sum(self)


class LeftOut(NamedTuple):
    """How many rows of a sheet are not data: counted, never lost silently."""

    blank: int = 0
    total: int = 0
    note: int = 0


NOTHING_LEFT_OUT = LeftOut()

MOST_LEFT_OUT_ROWS = 5_000
"""How many of a table's rows that are not data are listed one by one; all are counted."""


class LeftOutRow(NamedTuple):
    """A row of a table's area that is not taken as data: its number, why, and the text that stands in it.

    `reason` is blank, total, note, units, title, header (repeated, as on printed pages) or skipped (a
    person left it out).
    """

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class SourceTable:
    """One table as a file holds it: canonical text, with the row numbers that Excel shows.

    `frame` has "row" (Int64, 1-based physical row) and "c0".."cN" (String, null where blank): numbers
    in their shortest form, dates as 2026-03-05 or 2026-03-05T10:20:00, booleans TRUE or FALSE, errors
    as #REF!. `title` is the text that stood above the header. `fingerprint` is the SHA-256 of the
    file's bytes; `warnings` are codes such as "hidden_sheet" or "macros". `part` says which table of its
    sheet it is, counted from 0; c0 stands in the sheet's column `first_column` (A is 0). `hidden` is true
    on a hidden sheet; `hidden_rows` are the numbers of data rows that are hidden or filtered away in the
    file, which are read like the others. `archive` is the SHA-256 of the archive that the file lies in, if
    it lies in one; its name then begins with the archive's. `left_out_rows` lists what was not taken as data, so that a person can take it in.
    """

    file: str
    sheet: str | None
    header_rows: tuple[int, ...]
    headers: tuple[str, ...]
    encoding: str | None
    frame: pl.DataFrame
    kinds: tuple[Kinds, ...]
    fingerprint: str
    title: str = ""
    left_out: LeftOut = NOTHING_LEFT_OUT
    warnings: tuple[str, ...] = ()
    part: int = 0
    hidden: bool = False
    left_out_rows: tuple[LeftOutRow, ...] = ()
    first_column: int = 0
    hidden_rows: tuple[int, ...] = ()
    archive: str = ""

    @property
    def place(self) -> TablePlace:
        """Return which table this is, as read options name it."""
        return TablePlace(self.file, self.sheet, self.part)

    @property
    def header_fingerprint(self) -> str:
        """The key under which a mapping of these headers is remembered."""
        return header_fingerprint(self.headers)


def file_fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's bytes; raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def header_fingerprint(headers: Iterable[str]) -> str:
    """Return the SHA-256 of the headers, whatever their order, case and spacing."""
    names = sorted("".join(header.split()).casefold() for header in headers)
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


@dataclass(frozen=True)
class Refused:
    """A file or sheet that cannot be read as a table: why, and what to do (both gettext ids)."""

    file: str
    sheet: str | None
    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""


@dataclass(frozen=True)
class ReadResult:
    """What came out of a set of files: tables, and what was refused with its reason."""

    tables: list[SourceTable]
    refused: list[Refused]


@dataclass(frozen=True)
class ColumnMapping:
    """What one column means: a field such as "account.name" or None, how sure, and why.

    `reason` is profile, label, synonym, spelling, values, period or "" (not mapped). `period` is set
    for the month columns of a wide target sheet. `alternatives` are the next best (field, confidence).
    """

    index: int
    header: str
    field: str | None
    confidence: float
    reason: str
    period: str | None = None
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class TableMapping(Ways):
    """What a table means: its main entity (None if unknown), the meaning of every column, and its ways.

    `profile` names the confirmed mapping or the known system that was followed, if any.
    """

    table: SourceTable
    entity: str | None
    confidence: float
    columns: tuple[ColumnMapping, ...]
    source_system: str
    profile: str = ""


@dataclass(frozen=True)
class Profile(Ways):
    """A mapping that a person confirmed: header to field, found again by the headers' fingerprint.

    `source_system` is whose export it was, so that single headers are remembered for that system too.
    """

    name: str
    fingerprint: str
    entity: str
    columns: Mapping[str, str | None]
    source_system: str = ""

    @classmethod
    def of(cls, mapping: TableMapping, name: str) -> Profile:
        """Return the profile that would repeat a mapping of a recognised table."""
        if mapping.entity is None:
            raise ValueError("a table of no known entity has no profile")
        columns = {column.header: column.field for column in mapping.columns}
        fingerprint, system = mapping.table.header_fingerprint, mapping.source_system
        return cls(name, fingerprint, mapping.entity, columns, system, **mapping.ways())

    def to_json(self) -> dict[str, Any]:
        """Return the profile as a JSON document, as `migrate --save-profile` writes it."""
        return {
            "name": self.name,
            "fingerprint": self.fingerprint,
            "entity": self.entity,
            "columns": dict(self.columns),
            **({"source_system": self.source_system} if self.source_system else {}),
            **self.ways_json(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Profile:
        """Return the profile that a JSON document describes; KeyError, TypeError or ValueError if it is none."""
        columns = {str(header): name for header, name in document["columns"].items()}
        return cls(
            str(document.get("name", "")),
            str(document.get("fingerprint") or header_fingerprint(columns)),
            str(document["entity"]),
            columns,
            str(document.get("source_system", "")),
            **ways_from_json(document),
        )


@dataclass(frozen=True)
class Issue:
    """One fault of one cell or row: a stable code, what it does, and a gettext message with parameters."""

    file: str
    sheet: str | None
    row: int | None
    column: str | None
    code: str
    severity: Severity
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    value: str | None = None


@dataclass(frozen=True)
class EntityRows:
    """The rows of one entity that a table carries, typed.

    `frame` has "row" (Int64), one column per mapped field (its name without the entity) and "_raw"
    (a JSON object, field to source text, of the cells whose value was left out; else null). Types: text,
    url, email, phone (E.164), enum, ref and period String; integer Int64; number Float64; money Int64
    minor units (scale 2; `Field.scale` says 6 for unit prices); percent Int64 in 1/10000; quantity Int64
    in thousandths; date Date; datetime Datetime("us", "UTC"); boolean Boolean; list List(String).
    `rejected_rows` are not in the frame. A wide target sheet gives one row per person and month, so
    "row" may repeat.
    """

    entity: str
    frame: pl.DataFrame
    rejected_rows: frozenset[int]


@dataclass(frozen=True)
class ConvertedTable:
    """A table with every value decided: rows per entity, every fault of every row, rows read.

    `derived` are fields that no column holds and that others tell (the province of an address): they only
    fill what is blank.
    """

    mapping: TableMapping
    main_entity: str
    entities: tuple[EntityRows, ...]
    issues: tuple[Issue, ...]
    read: int
    derived: frozenset[str] = frozenset()

    def of(self, entity: str) -> EntityRows | None:
        """Return the rows of one entity, if the table carries it."""
        return next((rows for rows in self.entities if rows.entity == entity), None)


__all__ = [
    "ACCEPT",
    "ColumnMapping",
    "ConvertedTable",
    "EntityRows",
    "Issue",
    "Kinds",
    "LeftOut",
    "NewField",
    "Profile",
    "ReadResult",
    "Refused",
    "Severity",
    "SourceTable",
    "TableMapping",
    "UpdateRule",
    "ValueChoice",
    "Ways",
    "file_fingerprint",
    "header_fingerprint",
]
