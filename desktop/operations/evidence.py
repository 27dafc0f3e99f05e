"""What the sources of a run held, kept with the run: the side of a certificate that needs the files.

The files may be gone or changed when a certificate is asked for, so their rows are added up while they are
at hand. The database's side is never kept: it is read when the certificate is made.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from desktop.importers.fixes import Fix
from desktop.importers.ledger import SCHEMA, source_ledger
from desktop.importers.options import TablePlace
from desktop.importers.tables import ConvertedTable, Issue, SourceTable
from desktop.models.imports import ImportEvidence
from desktop.queries.evidence import lineage_rows
from desktop.store.loading.specs import SPECS
from desktop.store.workspace import Work
from desktop.terms import Severity

MOST_CELLS = 100_000
"""How many cells that were not taken over are kept one by one; all are counted."""

_CELLS: dict[str, pl.DataType] = {
    "table": pl.Int64(),
    "row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
}
_REASONS: dict[str, pl.DataType] = {"table": pl.Int64(), "row": pl.Int64(), "reason": pl.String()}


def ledger_of(tables: Sequence[ConvertedTable], originals: Mapping[TablePlace, SourceTable]) -> pl.DataFrame:
    """Return what the text of the tables says, row by row; needs no database."""
    parts = []
    for index, table in enumerate(tables):
        source = table.mapping.table
        parts.append(source_ledger(index, table, originals.get(source.place, source)))
    return pl.concat([pl.DataFrame(schema=SCHEMA), *parts])


def keep_evidence(
    work: Work,
    run_id: int,
    tables: Sequence[ConvertedTable],
    ledger: pl.DataFrame,
    issues: Sequence[Issue],
    fixes: Sequence[Fix],
) -> None:
    """Store what the tables of a run held (`ledger_of`), after its lineage is written."""
    ledger = _with_repeats(ledger, _taken(work, run_id, tables))
    reasons, cells, count = _faults(tables, issues)
    facts = [_facts(table) for table in tables]
    document = {
        "version": 1,
        "tables": facts,
        "ledger": _packed(ledger),
        "reasons": _packed(reasons),
        "cells": _packed(cells),
        "cell_count": count,
        "fixes": [fix.to_json() for fix in fixes],
    }
    work.session.add(ImportEvidence(run_id=run_id, document=document))


def _facts(table: ConvertedTable) -> dict[str, Any]:
    source = table.mapping.table
    return {
        "file": source.file,
        "sheet": source.sheet,
        "part": source.part,
        "fingerprint": source.fingerprint,
        "entity": table.main_entity,
        "read": table.read,
        "headers": list(source.headers),
        "source_system": table.mapping.source_system,
    }


def _taken(work: Work, run_id: int, tables: Sequence[ConvertedTable]) -> pl.DataFrame:
    places = [(table.mapping.table.file, table.mapping.table.sheet) for table in tables]
    lines = lineage_rows(work, run_id, places, ())
    return lines.unique(["table", "entity", "row"], keep="first")


def _with_repeats(ledger: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """Mark what was rejected while loading, and the rows that speak of a record for which another row counts.

    Of several rows for one record the last that has an amount counts, as it does when they are loaded.
    """
    key = ["table", "entity", "row"]
    joined = ledger.join(taken, on=key, how="left", maintain_order="left").with_row_index("_n")
    known = pl.col("entity").is_in([spec.entity for spec in SPECS.values()])
    joined = joined.with_columns(
        (pl.col("rejected") | (known & pl.col("record_id").is_null())).alias("rejected")
    )
    several = joined.filter(
        pl.col("record_id").is_not_null() & pl.struct("entity", "record_id").is_duplicated()
    )
    if several.is_empty():
        return joined.select(*SCHEMA, pl.lit(None, dtype=pl.String).alias("repeats"))
    ranked = several.sort(pl.col("amount").is_not_null(), "_n")
    last = ranked.unique(["entity", "record_id"], keep="last", maintain_order=True).select(
        "entity",
        "record_id",
        pl.col("_n").alias("_last"),
        pl.format("{}:{}", "table", "row").alias("_place"),
    )
    told = joined.join(last, on=["entity", "record_id"], how="left", maintain_order="left")
    repeats = pl.col("_last").is_not_null() & (pl.col("_last") != pl.col("_n"))
    return told.with_columns(pl.when(repeats).then("_place").alias("repeats")).select(*SCHEMA, "repeats")


def _faults(
    tables: Sequence[ConvertedTable], issues: Sequence[Issue]
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Return the reasons of rejected rows, the cells not taken over, and how many these are."""
    places = {(t.mapping.table.file, t.mapping.table.sheet): n for n, t in enumerate(tables)}
    reasons: list[tuple[int, int, str]] = []
    cells: list[tuple[int, int, str | None, str | None, str]] = []
    count = 0
    for issue in issues:
        table = places.get((issue.file, issue.sheet))
        if table is None or issue.row is None or issue.severity is Severity.NOTE:
            continue
        told = json.dumps([issue.message, issue.params], ensure_ascii=False, default=str)
        if issue.severity is Severity.ROW:
            reasons.append((table, issue.row, told))
        else:
            count += 1
            if count <= MOST_CELLS:
                cells.append((table, issue.row, issue.column, issue.value, told))
    return (
        pl.DataFrame(reasons, schema=_REASONS, orient="row"),
        pl.DataFrame(cells, schema=_CELLS, orient="row"),
        count,
    )


def _packed(frame: pl.DataFrame) -> str:
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd")
    return base64.b64encode(stream.getvalue()).decode()
