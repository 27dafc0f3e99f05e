"""Tables as the importer would hand them over, typed by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from desktop.importers.fields import field
from desktop.importers.tables import (
    ColumnMapping,
    ConvertedTable,
    EntityRows,
    Kinds,
    SourceTable,
    TableMapping,
)
from desktop.operations.import_results import ImportResult
from desktop.operations.imports import apply_import
from desktop.store.digest import digest
from desktop.store.workspace import Workspace

TYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "money": pl.Int64(),
    "percent": pl.Int64(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", "UTC"),
    "boolean": pl.Boolean(),
    "list": pl.List(pl.String()),
}


def table(
    entity: str, rows: list[dict[str, Any]], *, source: str = "old", file: str | None = None
) -> ConvertedTable:
    """Return a converted table of one entity; rows are numbered from 2, below a header."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    kinds = {name: field(f"{entity}.{name}") for name in names if name != "_raw"}
    schema = {"row": pl.Int64()} | {
        name: pl.Int64() if found.scaled else TYPES.get(found.type, pl.String())
        for name, found in kinds.items()
    }
    frame = pl.DataFrame(
        [{"row": number, **row} for number, row in enumerate(rows, 2)], schema={**schema, "_raw": pl.String}
    )
    origin = SourceTable(
        file or f"{entity}.csv",
        None,
        (1,),
        tuple(names),
        "utf-8",
        frame.select("row", **{f"c{index}": _text(frame[name]) for index, name in enumerate(names)}),
        tuple(Kinds() for _ in names),
        "0" * 64,
    )
    columns = tuple(
        ColumnMapping(index, name, f"{entity}.{name}", 1.0, "label") for index, name in enumerate(names)
    )
    mapping = TableMapping(origin, entity, 1.0, columns, source)
    return ConvertedTable(mapping, entity, (EntityRows(entity, frame, frozenset()),), (), len(rows))


def _text(values: pl.Series) -> pl.Series:
    """Return values roughly as a file would have them; amounts are in minor units, and so with two decimals."""
    texts = [
        None if value is None else str(Decimal(value) / 100) if isinstance(value, int) else str(value)
        for value in values.to_list()
    ]
    return pl.Series(texts, dtype=pl.String)


def load(workspace: Workspace, *tables: ConvertedTable, **options: Any) -> ImportResult:
    """Import hand-made tables."""
    return workspace.write(lambda work: apply_import(work, tables, **options))


def digest_of(workspace: Workspace) -> str:
    """Return the digest of the whole business."""
    return workspace.read(digest).all


def totals(result: ImportResult) -> tuple[int, int, int, int]:
    """Return (created, updated, unchanged, rejected)."""
    counts = result.totals
    assert counts["read"] == sum(counts[name] for name in ("created", "updated", "unchanged", "rejected"))
    return counts["created"], counts["updated"], counts["unchanged"], counts["rejected"]
