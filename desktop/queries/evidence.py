"""What is kept of a run's sources, and which of their rows the run took in."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from desktop.importers.fixes import Fix, fix_from_json
from desktop.models.imports import Lineage
from desktop.store.loading import bulk
from desktop.store.loading.specs import SPECS
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source table as it was read: its place, what it was, its rows, and how its headers read."""

    file: str
    sheet: str | None
    part: int
    fingerprint: str
    entity: str
    read: int
    headers: tuple[str, ...]
    source_system: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept of a run's sources.

    `ledger` has a line per source row and entity (importers/ledger.py) with `repeats` ("table:row" of the row
    that counts for the same record, else null); `reasons` why rows were rejected and `cells` what was not
    taken over, both with a message as JSON [gettext id, parameters].
    """

    tables: tuple[SourceFacts, ...]
    ledger: pl.DataFrame
    reasons: pl.DataFrame
    cells: pl.DataFrame
    cell_count: int
    fixes: tuple[Fix, ...]


def evidence_of(document: Mapping[str, Any]) -> Evidence:
    """Return what a stored document says."""
    return Evidence(
        tuple(SourceFacts(**{**one, "headers": tuple(one["headers"])}) for one in document["tables"]),
        _unpacked(document["ledger"]),
        _unpacked(document["reasons"]),
        _unpacked(document["cells"]),
        int(document["cell_count"]),
        tuple(fix_from_json(one) for one in document["fixes"]),
    )


_PART = 50_000


_STATE = ("action", "version", "undone")


def lineage_rows(
    work: Work, run_id: int, places: Sequence[tuple[str, str | None]], state: Sequence[str] = _STATE
) -> pl.DataFrame:
    """Return table, entity, row, record_id, action, version and undone of the rows that a run took in.

    `places` are file and sheet of each table; of several tables on one sheet each gets the line. `state`
    are those of the last three that are wanted.
    """
    names = ["file", "sheet", "row", "table_name", "record_id", *state]
    lines = bulk.fetch_of(work.connection, Lineage.metadata.tables["import_lineage"], names, "run_id", run_id)
    entities = {spec.table_name: spec.entity for spec in SPECS.values()}
    known = pl.DataFrame(
        {
            "table": range(len(places)),
            "file": [file[:400] for file, _sheet in places],
            "_sheet": [sheet or "" for _file, sheet in places],
        },
        schema={"table": pl.Int64, "file": pl.String, "_sheet": pl.String},
    )
    parts = [_placed(part, entities, known, state) for part in lines.iter_slices(_PART)]
    return pl.concat(parts) if parts else _placed(lines, entities, known, state)


def _placed(
    lines: pl.DataFrame, entities: dict[str, str], known: pl.DataFrame, state: Sequence[str]
) -> pl.DataFrame:
    """Return lines of lineage with the number of their table and their entity."""
    return (
        lines.filter(pl.col("row").is_not_null() & pl.col("table_name").is_in(list(entities)))
        .with_columns(
            pl.col("table_name").replace_strict(entities, return_dtype=pl.String).alias("entity"),
            pl.col("sheet").fill_null("").alias("_sheet"),
        )
        .join(known, on=["file", "_sheet"])
        .select("table", "entity", "row", "record_id", *state)
    )


def _unpacked(text: str) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(base64.b64decode(text)))
