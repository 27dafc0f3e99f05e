"""A table as it stands on the screen, sent to Excel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from desktop.exporters.layouts import Column, Kind, Layout, Sheet
from desktop.exporters.workbook import write_sheets
from desktop.i18n import Locale
from desktop.money import to_minor
from desktop.store.workspace import Work

_KINDS = {
    "text": Kind.TEXT,
    "number": Kind.DECIMAL,
    "money": Kind.MONEY,
    "percent": Kind.PERCENT,
    "date": Kind.DATE,
    "instant": Kind.INSTANT,
}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the table: its title in the reader's language and a kind.

    Kinds: text, number, money (a Decimal in yuan), percent (a fraction), date, instant.
    """

    title: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class SentTable:
    """Where the workbook is and how many rows it holds."""

    path: Path
    rows: int


def write_table_sheet(
    work: Work,
    *,
    path: Path,
    title: str,
    columns: Sequence[SheetColumn],
    rows: Sequence[Sequence[Any]],
    locale: Locale,
) -> SentTable:
    """Write rows as one sheet with a native Excel table, and leave an audit entry (PER-05).

    Raises UserError if the file cannot be written (open in Excel, no room).
    """
    kinds = [_KINDS[column.kind] for column in columns]
    sheet = Sheet(
        name=title,
        title=title,
        columns=tuple(Column(column.title, kind) for column, kind in zip(columns, kinds, strict=True)),
        rows=[[_stored(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows],
        notes=(
            locale._("As of {instant} · {rows} rows").format(
                instant=locale.instant(work.now), rows=locale.integer(len(rows))
            ),
        ),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sheets(path, Layout(title=title, sheets=(sheet,), created=work.now, author=work.actor.name), locale)
    work.audit("export_table", title=title, rows=len(rows), file=path.name, sha256=file_hash(path))
    return SentTable(path, len(rows))


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file that was written, for the export log."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _stored(value: Any, kind: Kind) -> Any:
    if kind is Kind.MONEY and isinstance(value, Decimal):
        return to_minor(value)
    return value
