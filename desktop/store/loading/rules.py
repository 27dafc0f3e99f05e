"""The rules by which a person lets an import change existing records, field by field (IMP-10).

They are exceptions: a load without any overwrites what a row fills, and does nothing of this.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl
from sqlalchemy import Connection

from desktop.models.imports import ImportRun
from desktop.store.loading import bulk
from desktop.store.loading.batch import Origin
from desktop.store.loading.chosen import columns_of
from desktop.store.loading.custom import CustomFields
from desktop.store.loading.specs import Spec

MODIFIED = "updated_at"
"""The field in which a source says when it last changed a record."""


def held_back(
    rows: pl.DataFrame,
    spec: Spec,
    columns: Sequence[str],
    origins: Sequence[Origin],
    connection: Connection,
    custom: CustomFields,
    derived: Collection[str] = (),
) -> pl.DataFrame:
    """Return the rows (with "_id") without the cells that their table's rules keep from updating anything.

    "fill_blank" lets a cell only fill what is blank. "newest" lets it through if its row's last change in
    the source is later than the record's; a row that does not say when it was changed only fills blanks.
    Columns that some origins derive and others hold are looked at here, too; `derived` are those of all.
    """
    rules = _rules(spec, columns, origins, derived)
    if not rules:
        return rows
    names = sorted({name for one in rules.values() for name in one})
    stored = _stored(spec, names, rows, connection, custom)
    told = rows.join(stored, left_on="_id", right_on="id", how="left", maintain_order="left")
    newer = (pl.col("_modified") > pl.col("_changed_old")).fill_null(False)
    no_time = pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    modified = pl.col(MODIFIED) if MODIFIED in rows.columns else no_time
    told = told.with_columns(modified.alias("_modified")).with_columns(newer.alias("_newer"))
    for name in names:
        blanks = [index for index, one in rules.items() if one.get(name) == "fill_blank"]
        newest = [index for index, one in rules.items() if one.get(name) == "newest"]
        told = told.with_columns(_ruled(name, blanks, newest).alias(name))
    return told.select(rows.columns)


def derived_columns(
    rows: pl.DataFrame, spec: Spec, columns: Sequence[str], origins: Sequence[Origin]
) -> frozenset[str]:
    """Return the columns whose values no origin of the rows holds itself: they only fill blanks, in every row."""
    prefix = f"{spec.entity}."
    by_column: dict[str, set[int]] = {}
    for index, origin in enumerate(origins):
        for name in origin.derived:
            if name.startswith(prefix):
                for column in columns_of(spec, name.removeprefix(prefix)):
                    by_column.setdefault(column, set()).add(index)
    return frozenset(
        column
        for column, deriving in by_column.items()
        if column in columns
        and deriving.issuperset(rows.filter(pl.col(column).is_not_null())["_origin"].unique().to_list())
    )


def _rules(
    spec: Spec, columns: Sequence[str], origins: Sequence[Origin], derived: Collection[str]
) -> dict[int, dict[str, str]]:
    """Return per origin the rule of each column that has one other than to overwrite."""
    prefix = f"{spec.entity}."
    found: dict[int, dict[str, str]] = {}
    for index, origin in enumerate(origins):
        own = {
            column: rule
            for name, rule in (*((name, "fill_blank") for name in origin.derived), *origin.rules.items())
            if rule != "overwrite" and name.startswith(prefix)
            for column in columns_of(spec, name.removeprefix(prefix))
            if column in columns and (column not in derived or name in origin.rules)
        }
        if "newest" in own.values() and MODIFIED in columns:
            own[MODIFIED] = "newest"
        if own:
            found[index] = own
    return found


def _stored(
    spec: Spec, names: Sequence[str], rows: pl.DataFrame, connection: Connection, custom: CustomFields
) -> pl.DataFrame:
    """Return the stored values as "<name>_old", and when each record was last changed as "_changed_old".

    Where an import was the last to change a record, that is when its source had changed it.
    """
    known = rows.filter(~pl.col("_new"))["_id"].unique().to_list()
    own = [MODIFIED] if MODIFIED in spec.table.c else []
    wanted = list(dict.fromkeys(["id", "changed_at", *own, *(n for n in names if n in spec.table.c)]))
    stored = bulk.fetch(connection, spec.table, wanted, known)
    stored = stored.join(custom.stored(spec, custom.names(spec, names), known), on="id", how="left")
    imports = bulk.fetch(connection, ImportRun.metadata.tables["import_run"], ["at"])["at"]
    changed = pl.col("changed_at")
    if own:
        changed = (
            pl.when(changed.is_in(imports.implode())).then(pl.coalesce(MODIFIED, changed)).otherwise(changed)
        )
    return stored.select("id", changed.alias("_changed_old"), *(pl.col(n).alias(f"{n}_old") for n in names))


def _ruled(name: str, blanks: Sequence[int], newest: Sequence[int]) -> pl.Expr:
    """Return a column's cells as its rules leave them, in the order of the rows of each record."""
    value, old = pl.col(name), pl.col(f"{name}_old")
    filled = value.is_not_null()
    first = filled.cast(pl.Int32).cum_sum().over("_id") <= 1
    may_fill = old.is_null() & first
    latest = pl.col("_modified").filter(filled).max().over("_id")
    may_renew = (pl.col("_newer") | pl.col("_new")) & (pl.col("_modified") == latest)
    undated = pl.col("_modified").is_null()
    return (
        pl.when(pl.col("_origin").is_in(list(blanks)) & ~may_fill)
        .then(None)
        .when(
            pl.col("_origin").is_in(list(newest))
            & ~pl.when(undated).then(may_fill).otherwise(may_renew.fill_null(False) | may_fill)
        )
        .then(None)
        .otherwise(value)
    )
