"""Sheets that this program handed out and people filled in: gap sheets and field kits come back by themselves.

They are known by columns that a person does not see: the record or visit that a row is about, the version it
had, and which cells were open. Lists and instructions of the same workbook are no tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from desktop.i18n import N_
from desktop.importers.fields import fields_of
from desktop.importers.tables import (
    ColumnMapping,
    ConvertedTable,
    EntityRows,
    ReadResult,
    Refused,
    SourceTable,
    TableMapping,
)

RECORD, VERSION, OPEN, ENTRY = "plumbline.record", "plumbline.version", "plumbline.open", "plumbline.entry"
"""Headers of hidden columns: a record's id, its version, its open fields, and the id of a new entry."""

SETTLEMENT = "plumbline.contract"
"""Header of the hidden column of settlement sheets, which come back another way."""

SYSTEM = "plumbline"
"""The source system of what such sheets bring; its cells never overwrite what was edited meanwhile."""

_KINDS = {RECORD: "account", ENTRY: "activity"}


def is_returned(table: SourceTable) -> bool:
    """Whether this program handed the sheet out."""
    return any(header in table.headers for header in _KINDS)


def returned_mapping(table: SourceTable) -> TableMapping:
    """Return what a returned sheet means: its headers are the fields' own labels. Rows left blank are dropped."""
    entity = next(kind for header, kind in _KINDS.items() if header in table.headers)
    labels = {label: item.full_name for item in fields_of(entity) for label in (item.label_zh, item.label_en)}
    labels[ENTRY] = "activity.external_id"
    columns = tuple(
        ColumnMapping(index, header, name, 1.0 if name else 0.0, "label" if name else "")
        for index, header in enumerate(table.headers)
        for name in [labels.get(header)]
    )
    if entity == "activity":
        table = _without_blank_entries(table)
    return TableMapping(table, entity, 1.0, columns, SYSTEM)


def _without_blank_entries(table: SourceTable) -> SourceTable:
    """Drop the prepared lines into which nobody wrote anything; what was prepared stands in every line."""
    first = [header for header in table.headers if header == ENTRY]
    constant = [
        f"c{index}"
        for index in range(len(table.headers))
        if table.headers[index] not in first and table.frame[f"c{index}"].null_count() == 0
    ]
    written = [
        pl.col(f"c{index}").is_not_null()
        for index, header in enumerate(table.headers)
        if header not in first and f"c{index}" not in constant
    ]
    if not written:
        return table
    return replace(table, frame=table.frame.filter(pl.any_horizontal(written)))


def own_tables(found: ReadResult) -> ReadResult:
    """Return what was read without the lists and instructions that came with returned sheets."""
    settled = [table for table in found.tables if SETTLEMENT in table.headers]
    if settled:
        files = {table.file for table in settled}
        told = [
            Refused(
                table.file,
                table.sheet,
                "settlement_sheet",
                N_("This is a settlement sheet that comes back from finance, no source of records."),
                remedy=N_("Drop it on the Reports page, or run: plumbline settle FILE."),
            )
            for table in settled
        ]
        return own_tables(
            ReadResult(
                [table for table in found.tables if table.file not in files],
                [*[refused for refused in found.refused if refused.file not in files], *told],
            )
        )
    ours = {table.file for table in found.tables if is_returned(table)}
    if not ours:
        return found
    return ReadResult(
        [table for table in found.tables if table.file not in ours or is_returned(table)],
        [refused for refused in found.refused if refused.file not in ours or refused.sheet is None],
    )


def with_records(table: ConvertedTable) -> ConvertedTable:
    """Return a converted sheet whose rows say which record they are about ("_record") and its "_version"."""
    source = table.mapping.table
    if RECORD not in source.headers:
        return table
    told = source.frame.select(
        "row",
        _whole(source, RECORD).alias("_record"),
        _whole(source, VERSION).alias("_version"),
    )
    entities = tuple(
        EntityRows(
            one.entity, one.frame.join(told, on="row", how="left", maintain_order="left"), one.rejected_rows
        )
        if one.entity == table.main_entity
        else one
        for one in table.entities
    )
    return replace(table, entities=entities)


def _whole(table: SourceTable, header: str) -> pl.Expr:
    if header not in table.headers:
        return pl.lit(None, dtype=pl.Int64)
    return (
        pl.col(f"c{table.headers.index(header)}").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    )


@dataclass(frozen=True, slots=True)
class FillRate:
    """How many of a gap sheet's open cells were filled in."""

    file: str
    sheet: str | None
    open: int
    filled: int

    @property
    def rate(self) -> float:
        """The share, 1.0 where nothing was open."""
        return self.filled / self.open if self.open else 1.0


def fill_rates(tables: Sequence[SourceTable]) -> list[FillRate]:
    """Return the fill rate of every gap sheet among tables."""
    rates = []
    for table in tables:
        if OPEN not in table.headers:
            continue
        labels = {
            name: index
            for index, header in enumerate(table.headers)
            for item in fields_of("account")
            if header in (item.label_zh, item.label_en)
            for name in [item.name]
        }
        opened = filled = 0
        for row in table.frame.iter_rows():
            for name in (row[table.headers.index(OPEN) + 1] or "").split(","):
                if name in labels:
                    opened += 1
                    filled += row[labels[name] + 1] is not None
        rates.append(FillRate(table.file, table.sheet, opened, filled))
    return rates
