"""Records that were merged: found under the keys of all they were made of, and not undone by old news (beyond 6)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Table

from desktop.models import Base
from desktop.models.base import as_json
from desktop.store.loading import bulk
from desktop.store.loading.specs import Spec

_NAMES = [
    "merge_id",
    "table_name",
    "record_id",
    "origin_id",
    "source_system",
    "external_id",
    "row_key",
    "name_key",
    "image",
]


def aliases(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """Return the keys and last known cells of all that was merged into records of a table."""
    found = bulk.fetch(connection, Base.metadata.tables["record_alias"], _NAMES).filter(
        pl.col("table_name") == table.name
    )
    return [
        {**row, "image": json.loads(row["image"] or "{}")}
        for row in found.sort("merge_id").iter_rows(named=True)
    ]


def alias_lines(connection: Connection, spec: Spec, columns: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return a register line for every set of keys under which a merged record goes on being known."""
    lines = []
    for alias in aliases(connection, spec.table):
        known = {
            **alias["image"],
            **{name: alias[name] for name in ("external_id", "row_key", "name_key", "source_system")},
        }
        lines.append({name: known.get(name) for name in columns} | {"id": alias["record_id"]})
    data = {name: [_as_frame(line[name], kind) for line in lines] for name, kind in columns.items()}
    return pl.DataFrame(data, schema=columns)


def _as_frame(value: Any, kind: pl.DataType) -> Any:
    if isinstance(value, str) and isinstance(kind, pl.Datetime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(kind, pl.Date):
        return date.fromisoformat(value)
    return value


def without_old_news(
    rows: pl.DataFrame, spec: Spec, columns: Sequence[str], connection: Connection
) -> pl.DataFrame:
    """Return the rows (with "_id") without cells that still say what their source said before a merge.

    A person chose among those values; a source that only repeats itself does not reopen the choice.
    """
    known = aliases(connection, spec.table)
    if not known or rows.is_empty():
        return rows
    merged = {alias["record_id"] for alias in known}
    numbered = rows.with_row_index("_at")
    touched = numbered.filter(pl.col("_id").is_in(list(merged)) & ~pl.col("_new"))
    if touched.is_empty():
        return rows
    blank: dict[str, list[int]] = {name: [] for name in (*columns, "_raw")}
    for row in touched.iter_rows(named=True):
        images = _images_of(row, known)
        if row["_raw"] and any(image.get("raw_values") == json.loads(row["_raw"]) for image in images):
            blank["_raw"].append(row["_at"])
        for name in columns:
            value = row.get(name)
            if value is not None and any(image.get(name) == as_json(value) for image in images):
                blank[name].append(row["_at"])
    for name, at in blank.items():
        if at:
            hit = pl.int_range(pl.len()).is_in(at)
            rows = rows.with_columns(pl.when(hit).then(None).otherwise(pl.col(name)).alias(name))
    return rows


def _images_of(row: dict[str, Any], known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells as the row's own record last had them, before it was merged."""
    own = [alias for alias in known if alias["record_id"] == row["_id"]]
    if row.get("external_id") is not None:
        keyed = [
            a for a in own if (a["source_system"], a["external_id"]) == (row["_source"], row["external_id"])
        ]
        if keyed:
            return [alias["image"] for alias in keyed]
    named = [a for a in own if row.get("name_key") is not None and a["name_key"] == row["name_key"]]
    return [alias["image"] for alias in named or own]


def merged_away(connection: Connection, table: Table, ids: Sequence[int]) -> dict[int, int]:
    """Return the merge in which each of the records went, for those that are gone because they were merged."""
    wanted = set(ids)
    found = {}
    for alias in aliases(connection, table):
        if alias["origin_id"] in wanted and alias["origin_id"] != alias["record_id"]:
            found[alias["origin_id"]] = alias["merge_id"]
    return found
