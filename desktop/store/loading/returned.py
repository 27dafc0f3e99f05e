"""Rows of sheets that were handed out: they name their record, and overwrite nothing that was edited meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
from sqlalchemy import Connection

from desktop.i18n import N_
from desktop.models import Base
from desktop.store.loading import bulk
from desktop.store.loading.batch import Origin, Problem, problems_of
from desktop.store.loading.specs import Spec
from desktop.terms import Severity

SYSTEM = "plumbline"
"""The source system of sheets that this program handed out."""

_GONE = N_("The record of this row does not exist any more; the row is left out.")
_EDITED = N_("Somebody changed this after the sheet was handed out, at {at}; what stands there is kept.")


def assigned(
    rows: pl.DataFrame, spec: Spec, connection: Connection, assign: Callable[[pl.DataFrame], pl.DataFrame]
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return rows with "_id" and "_new": those that name their record have it, the others are assigned one."""
    named, rest, problems = _with_named_records(rows, spec, connection)
    if rest.is_empty():
        return named, problems
    rest = assign(rest)
    if named.is_empty():
        return rest, problems
    return pl.concat([rest, named], how="diagonal_relaxed").sort("_k"), problems


def _with_named_records(
    rows: pl.DataFrame, spec: Spec, connection: Connection
) -> tuple[pl.DataFrame, pl.DataFrame, list[Problem]]:
    """Return the rows that name their record ("_id", "_new"), the others, and those whose record is gone."""
    if "_record" not in rows.columns:
        return rows.clear().with_columns(_id=pl.lit(None, pl.Int64), _new=pl.lit(False)), rows, []
    told, rest = rows.filter(pl.col("_record").is_not_null()), rows.filter(pl.col("_record").is_null())
    aliases = Base.metadata.tables["record_alias"]
    moved = bulk.fetch(connection, aliases, ["table_name", "origin_id", "record_id"])
    moved = moved.filter(pl.col("table_name") == spec.table_name).unique("origin_id", keep="last")
    standing = bulk.fetch(connection, spec.table, ["id"], told["_record"].to_list())
    told = told.join(
        moved.select(pl.col("origin_id").alias("_record"), pl.col("record_id").alias("_survivor")),
        on="_record",
        how="left",
        maintain_order="left",
    )
    here = pl.col("_record").is_in(standing["id"].implode())
    told = told.with_columns(
        pl.when(here).then("_record").otherwise("_survivor").alias("_id"), pl.lit(False).alias("_new")
    ).drop("_survivor")
    lost = told.filter(pl.col("_id").is_null())
    problems = problems_of(lost, spec, None, "record_gone", Severity.ROW, _GONE)
    return told.filter(pl.col("_id").is_not_null()), rest, problems


def guarded(
    rows: pl.DataFrame, spec: Spec, columns: Sequence[str], origins: Sequence[Origin], connection: Connection
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return rows without the cells that would overwrite what was edited after their sheet was handed out.

    A record counts as edited if it has moved on from the version that its sheet names, else from the one that
    its last import left.
    """
    ours = [number for number, origin in enumerate(origins) if origin.source_system == SYSTEM]
    mine = rows.filter(pl.col("_origin").is_in(ours) & ~pl.col("_new"))
    if mine.is_empty():
        return rows, []
    names = [name for name in columns if name in spec.table.c]
    ids = mine["_id"].to_list()
    stored = bulk.fetch(connection, spec.table, ["id", "version", "changed_at", *names], ids)
    stored = stored.rename({name: f"{name}_now" for name in names}).rename({"version": "_at", "id": "_id"})
    if "_version" not in mine.columns:
        mine = mine.with_columns(pl.lit(None, dtype=pl.Int64).alias("_version"))
    unknown = mine.filter(pl.col("_version").is_null())["_id"].to_list()
    expected = pl.coalesce("_version", "_left")
    both = (
        mine.join(stored, on="_id", how="left", maintain_order="left")
        .join(_left(spec, unknown, connection), on="_id", how="left", maintain_order="left")
        .filter(pl.col("_at").ne_missing(expected))
        .with_columns(pl.col("changed_at").dt.strftime("%Y-%m-%d %H:%M UTC").alias("at"))
    )
    problems: list[Problem] = []
    for name in names:
        clash = both.filter(
            pl.col(name).is_not_null()
            & pl.col(f"{name}_now").is_not_null()
            & (pl.col(name).cast(pl.String) != pl.col(f"{name}_now").cast(pl.String))
        )
        if clash.is_empty():
            continue
        if name != "name":
            problems += problems_of(
                clash, spec, name, "edited_since", Severity.CELL, _EDITED, value=name, parameters=("at",)
            )
        rows = rows.with_columns(pl.when(~pl.col("_k").is_in(clash["_k"].implode())).then(name).alias(name))
    return rows, problems


def _left(spec: Spec, ids: Sequence[int], connection: Connection) -> pl.DataFrame:
    """Return the version that the last import of each record left."""
    table = Base.metadata.tables["import_lineage"]
    parts = [
        bulk.fetch_of(connection, table, ["table_name", "action", "version", "undone"], "record_id", one)
        .filter(
            (pl.col("table_name") == spec.table_name) & (pl.col("action") != "unchanged") & ~pl.col("undone")
        )
        .select(pl.lit(one, dtype=pl.Int64).alias("_id"), pl.col("version").max().alias("_left"))
        for one in dict.fromkeys(ids)
    ]
    return pl.concat([pl.DataFrame(schema={"_id": pl.Int64, "_left": pl.Int64}), *parts]).unique("_id")
